-- Companies that are entered only with a second factor. Told by the company domain, with its settings.
ALTER TABLE company_tree ADD COLUMN second_factor boolean NOT NULL DEFAULT false;
CREATE INDEX company_tree_second_factor ON company_tree (tenant_id, id) WHERE second_factor;

-- Lists by who holds what, and what has lapsed: each filter has its index.
CREATE INDEX membership_roles_lapsing ON membership_roles (tenant_id, expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX tenant_roles_lapsing ON tenant_roles (tenant_id, expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX invitations_pending ON invitations (tenant_id, expires_at) WHERE status = 'pending';
