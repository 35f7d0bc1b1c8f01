DROP SCHEMA ouvira_catalog CASCADE;
