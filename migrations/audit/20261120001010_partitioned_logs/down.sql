DO $$
DECLARE
    log        text;
    definition text;
    indexes    text[];
BEGIN
    IF current_schema() <> 'ouvira_shared' OR current_database() ~ '^ouvira_t_[0-9a-f]{32}$' THEN
        RETURN;
    END IF;
    FOREACH log IN ARRAY ARRAY['activity_log', 'security_log'] LOOP
        SELECT array_agg(pg_get_indexdef(i.indexrelid) ORDER BY i.indexrelid) INTO indexes
          FROM pg_index i WHERE i.indrelid = log::regclass AND NOT i.indisprimary;
        EXECUTE format('ALTER TABLE %I RENAME TO %I', log, log || '_parted');
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', log, log || '_parted');
        EXECUTE format('INSERT INTO %I SELECT * FROM %I', log, log || '_parted');
        EXECUTE format('DROP TABLE %I CASCADE', log || '_parted');
        EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I PRIMARY KEY (tenant_id, id, at, retention_days)', log, log || '_pkey');
        FOREACH definition IN ARRAY indexes LOOP
            EXECUTE replace(replace(definition, log || '_parted', log), ' ON ONLY ', ' ON ');
        END LOOP;
        EXECUTE format('GRANT SELECT, INSERT ON %I TO ouvira_app', log);
    END LOOP;
END $$;
