DROP TABLE object_grants, invitations, tenant_roles, membership_roles, memberships, role_permissions, roles, permissions,
    company_tree;
