REVOKE SELECT (id, mode, database) ON ouvira_catalog.tenant_directory FROM ouvira_worker;
DROP TABLE ouvira_catalog.schedules;
REVOKE USAGE ON SCHEMA ouvira_catalog FROM ouvira_worker;
