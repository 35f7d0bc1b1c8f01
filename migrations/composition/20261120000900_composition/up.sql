-- References across domains, where the whole product is installed: an id that refers to nothing, or to a row of another
-- tenant, is refused by the database. No foreign key: logs, which outlive what they speak of; and columns such as
-- granted_by and invited_by, which may name an operator, who is no user of the tenant.

-- auth → identity
ALTER TABLE challenges       ADD CONSTRAINT challenges_user_fkey       FOREIGN KEY (tenant_id, user_id) REFERENCES users DEFERRABLE;
ALTER TABLE one_time_tokens  ADD CONSTRAINT one_time_tokens_user_fkey  FOREIGN KEY (tenant_id, user_id) REFERENCES users DEFERRABLE;
ALTER TABLE credentials      ADD CONSTRAINT credentials_user_fkey      FOREIGN KEY (tenant_id, user_id) REFERENCES users DEFERRABLE;
ALTER TABLE totp_factors     ADD CONSTRAINT totp_factors_user_fkey     FOREIGN KEY (tenant_id, user_id) REFERENCES users DEFERRABLE;
ALTER TABLE backup_codes     ADD CONSTRAINT backup_codes_user_fkey     FOREIGN KEY (tenant_id, user_id) REFERENCES users DEFERRABLE;
ALTER TABLE login_challenges ADD CONSTRAINT login_challenges_user_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users DEFERRABLE;
ALTER TABLE sessions         ADD CONSTRAINT sessions_user_fkey         FOREIGN KEY (tenant_id, user_id) REFERENCES users DEFERRABLE;
ALTER TABLE known_devices    ADD CONSTRAINT known_devices_user_fkey    FOREIGN KEY (tenant_id, user_id) REFERENCES users DEFERRABLE;

-- access_control → identity, company
ALTER TABLE memberships   ADD CONSTRAINT memberships_user_fkey          FOREIGN KEY (tenant_id, user_id) REFERENCES users DEFERRABLE;
ALTER TABLE tenant_roles  ADD CONSTRAINT tenant_roles_user_fkey         FOREIGN KEY (tenant_id, user_id) REFERENCES users DEFERRABLE;
ALTER TABLE object_grants ADD CONSTRAINT object_grants_user_fkey        FOREIGN KEY (tenant_id, user_id) REFERENCES users DEFERRABLE;
ALTER TABLE invitations   ADD CONSTRAINT invitations_accepted_by_fkey   FOREIGN KEY (tenant_id, accepted_by) REFERENCES users DEFERRABLE;
ALTER TABLE company_tree  ADD CONSTRAINT company_tree_company_fkey      FOREIGN KEY (tenant_id, id) REFERENCES companies DEFERRABLE;

-- audit → identity
ALTER TABLE notifications ADD CONSTRAINT notifications_user_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users DEFERRABLE;
