DROP INDEX invitations_pending;
DROP INDEX tenant_roles_lapsing;
DROP INDEX membership_roles_lapsing;
DROP INDEX company_tree_second_factor;
ALTER TABLE company_tree DROP COLUMN second_factor;
