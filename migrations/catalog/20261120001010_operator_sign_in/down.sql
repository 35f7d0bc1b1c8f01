ALTER TABLE ouvira_catalog.operator_grants DROP COLUMN session_id;
DROP INDEX ouvira_catalog.operator_grants_running;
DROP TABLE ouvira_catalog.operator_attempts;
DROP TABLE ouvira_catalog.operator_backup_codes;
DROP TABLE ouvira_catalog.operator_totp_factors;
DROP TABLE ouvira_catalog.operator_login_challenges;
DROP TABLE ouvira_catalog.operator_sessions;
DROP TABLE ouvira_catalog.catalog_key;
