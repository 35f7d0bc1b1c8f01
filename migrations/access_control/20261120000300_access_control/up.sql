-- Access control: what a tenant adds to the system's own permissions and roles, and who holds what where.
--
-- System permissions and roles live in code under fixed ids (UUIDv5) and have no rows here. A column that may name
-- either kind stands without a foreign key; beside it a `custom_…` column repeats it where it is the tenant's own and
-- carries the key. So a role that is held cannot be deleted, and a grant cannot outlive its role, by constraint.

-- The companies as a tree: what a role needs to reach down it. Written by the port, with the company's own rows.
CREATE TABLE company_tree (
    tenant_id  uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id         uuid        NOT NULL,
    parent_id  uuid,
    removed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT company_tree_parent FOREIGN KEY (tenant_id, parent_id) REFERENCES company_tree DEFERRABLE,
    CONSTRAINT company_tree_not_below_itself CHECK (parent_id <> id)
);
CREATE INDEX company_tree_children ON company_tree (tenant_id, parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE permissions (
    tenant_id   uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id          uuid        NOT NULL,
    code        text        NOT NULL,
    name        text        NOT NULL,
    description text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    version     bigint      NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT permissions_code UNIQUE (tenant_id, code)
);

CREATE TABLE roles (
    tenant_id   uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id          uuid        NOT NULL,
    company_id  uuid,
    code        text        NOT NULL,
    name        text        NOT NULL,
    name_folded text        NOT NULL,
    description text,
    inherits    boolean     NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    version     bigint      NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT roles_company FOREIGN KEY (tenant_id, company_id) REFERENCES company_tree DEFERRABLE
);
CREATE UNIQUE INDEX roles_code_of_tenant ON roles (tenant_id, code) WHERE company_id IS NULL;
CREATE UNIQUE INDEX roles_code_of_company ON roles (tenant_id, company_id, code) WHERE company_id IS NOT NULL;
CREATE INDEX roles_name ON roles (tenant_id, name_folded);

CREATE TABLE role_permissions (
    tenant_id            uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id                   uuid        NOT NULL,
    role_id              uuid        NOT NULL,
    permission_id        uuid        NOT NULL,
    custom_permission_id uuid,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT role_permissions_once UNIQUE (tenant_id, role_id, permission_id),
    CONSTRAINT role_permissions_role FOREIGN KEY (tenant_id, role_id) REFERENCES roles ON DELETE CASCADE DEFERRABLE,
    CONSTRAINT role_permissions_permission FOREIGN KEY (tenant_id, custom_permission_id)
        REFERENCES permissions ON DELETE CASCADE DEFERRABLE,
    CONSTRAINT role_permissions_custom CHECK (custom_permission_id = permission_id)
);
CREATE INDEX role_permissions_custom_permission ON role_permissions (tenant_id, custom_permission_id)
    WHERE custom_permission_id IS NOT NULL;

CREATE TABLE memberships (
    tenant_id  uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id         uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    company_id uuid        NOT NULL,
    status     text        NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    title      text,
    joined_at  timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version    bigint      NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT memberships_once UNIQUE (tenant_id, user_id, company_id),
    CONSTRAINT memberships_company FOREIGN KEY (tenant_id, company_id) REFERENCES company_tree DEFERRABLE
);
CREATE INDEX memberships_of_company ON memberships (tenant_id, company_id, id);

CREATE TABLE membership_roles (
    tenant_id      uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id             uuid        NOT NULL,
    membership_id  uuid        NOT NULL,
    role_id        uuid        NOT NULL,
    custom_role_id uuid,
    granted_by     uuid,
    expires_at     timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT membership_roles_once UNIQUE (tenant_id, membership_id, role_id),
    CONSTRAINT membership_roles_membership FOREIGN KEY (tenant_id, membership_id)
        REFERENCES memberships ON DELETE CASCADE DEFERRABLE,
    CONSTRAINT membership_roles_role FOREIGN KEY (tenant_id, custom_role_id) REFERENCES roles DEFERRABLE,
    CONSTRAINT membership_roles_custom CHECK (custom_role_id = role_id)
);
CREATE INDEX membership_roles_of_role ON membership_roles (tenant_id, role_id);
CREATE INDEX membership_roles_custom_role ON membership_roles (tenant_id, custom_role_id) WHERE custom_role_id IS NOT NULL;

CREATE TABLE tenant_roles (
    tenant_id      uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id             uuid        NOT NULL,
    user_id        uuid        NOT NULL,
    role_id        uuid        NOT NULL,
    custom_role_id uuid,
    granted_by     uuid,
    expires_at     timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT tenant_roles_once UNIQUE (tenant_id, user_id, role_id),
    CONSTRAINT tenant_roles_role FOREIGN KEY (tenant_id, custom_role_id) REFERENCES roles DEFERRABLE,
    CONSTRAINT tenant_roles_custom CHECK (custom_role_id = role_id)
);
CREATE INDEX tenant_roles_of_role ON tenant_roles (tenant_id, role_id);
CREATE INDEX tenant_roles_custom_role ON tenant_roles (tenant_id, custom_role_id) WHERE custom_role_id IS NOT NULL;

-- The token is kept only as a keyed hash. Its roles are a wish: what is given is decided when it is accepted.
CREATE TABLE invitations (
    tenant_id       uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id              uuid        NOT NULL,
    company_id      uuid,
    email           text,
    phone           text,
    role_ids        uuid[]      NOT NULL DEFAULT '{}',
    message         text,
    status          text        NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'accepted', 'revoked')),
    token_hash      bytea       NOT NULL,
    invited_by      uuid        NOT NULL,
    invited_by_kind text        NOT NULL CHECK (invited_by_kind IN ('user', 'service_account', 'operator', 'system')),
    expires_at      timestamptz NOT NULL,
    accepted_at     timestamptz,
    accepted_by     uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    version         bigint      NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT invitations_token UNIQUE (tenant_id, token_hash),
    CONSTRAINT invitations_company FOREIGN KEY (tenant_id, company_id) REFERENCES company_tree DEFERRABLE,
    CONSTRAINT invitations_one_address CHECK (num_nonnulls(email, phone) = 1),
    CONSTRAINT invitations_accepted CHECK ((status = 'accepted') = (accepted_at IS NOT NULL))
);
CREATE INDEX invitations_of_company ON invitations (tenant_id, company_id, id);

-- A permission on one object, for one user or for whoever holds a role where the object belongs.
CREATE TABLE object_grants (
    tenant_id            uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id                   uuid        NOT NULL,
    user_id              uuid,
    role_id              uuid,
    custom_role_id       uuid,
    permission_id        uuid        NOT NULL,
    custom_permission_id uuid,
    object_type          text        NOT NULL,
    object_id            uuid        NOT NULL,
    granted_by           uuid,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT object_grants_one_holder CHECK (num_nonnulls(user_id, role_id) = 1),
    CONSTRAINT object_grants_role FOREIGN KEY (tenant_id, custom_role_id) REFERENCES roles ON DELETE CASCADE DEFERRABLE,
    CONSTRAINT object_grants_permission FOREIGN KEY (tenant_id, custom_permission_id)
        REFERENCES permissions ON DELETE CASCADE DEFERRABLE,
    CONSTRAINT object_grants_custom_role CHECK (custom_role_id = role_id),
    CONSTRAINT object_grants_custom_permission CHECK (custom_permission_id = permission_id)
);
CREATE UNIQUE INDEX object_grants_once_a_user ON object_grants (tenant_id, user_id, object_type, object_id, permission_id)
    WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX object_grants_once_a_role ON object_grants (tenant_id, role_id, object_type, object_id, permission_id)
    WHERE role_id IS NOT NULL;
CREATE INDEX object_grants_of_object ON object_grants (tenant_id, object_type, object_id);
CREATE INDEX object_grants_of_custom_role ON object_grants (tenant_id, custom_role_id) WHERE custom_role_id IS NOT NULL;
CREATE INDEX object_grants_of_custom_permission ON object_grants (tenant_id, custom_permission_id)
    WHERE custom_permission_id IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON
    company_tree, permissions, roles, role_permissions, memberships, membership_roles, tenant_roles, invitations,
    object_grants
    TO ouvira_app;
