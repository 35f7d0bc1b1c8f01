DROP INDEX membership_roles_of_company;
ALTER TABLE membership_roles DROP CONSTRAINT membership_roles_membership;
ALTER TABLE membership_roles ADD CONSTRAINT membership_roles_membership FOREIGN KEY (tenant_id, membership_id)
    REFERENCES memberships ON DELETE CASCADE DEFERRABLE;
ALTER TABLE memberships DROP CONSTRAINT memberships_of_company;
CREATE INDEX memberships_of_company ON memberships (tenant_id, company_id, id);
ALTER TABLE membership_roles DROP COLUMN company_id;
