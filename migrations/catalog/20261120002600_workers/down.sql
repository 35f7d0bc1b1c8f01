DROP FUNCTION ouvira_catalog.applied_versions();
DROP VIEW ouvira_catalog.background;
DROP TABLE ouvira_catalog.workers;
