-- The roles that are held in one company, in the order of their ids: without its company beside a role, a page of a large
-- company's was found by walking through everybody's. A membership stays in its company, so the two cannot come apart.
ALTER TABLE membership_roles ADD COLUMN company_id uuid;
UPDATE membership_roles r SET company_id = m.company_id
  FROM memberships m WHERE m.tenant_id = r.tenant_id AND m.id = r.membership_id;
ALTER TABLE membership_roles ALTER COLUMN company_id SET NOT NULL;

DROP INDEX memberships_of_company;
ALTER TABLE memberships ADD CONSTRAINT memberships_of_company UNIQUE (tenant_id, company_id, id);
ALTER TABLE membership_roles DROP CONSTRAINT membership_roles_membership;
ALTER TABLE membership_roles ADD CONSTRAINT membership_roles_membership FOREIGN KEY (tenant_id, company_id, membership_id)
    REFERENCES memberships (tenant_id, company_id, id) ON DELETE CASCADE DEFERRABLE;
CREATE INDEX membership_roles_of_company ON membership_roles (tenant_id, company_id, id);
