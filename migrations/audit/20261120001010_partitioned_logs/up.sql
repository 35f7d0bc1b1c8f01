-- In the common tables the logs are partitioned: by class of retention, then by month, so that what is over goes by
-- dropping a partition. A tenant's own schema or database keeps plain tables: a thousand schemas times twelve months would
-- be a hundred thousand relations. Months are made ahead by the worker; what belongs to none of them goes to the rest of
-- its class, so that nothing is refused for want of a partition.
--
-- Nobody gets a grant on a partition: naming one would pass by the policy of its table.

DO $$
DECLARE
    log        text;
    days       int;
    month      date;
    definition text;
    indexes    text[];
BEGIN
    IF current_schema() <> 'ouvira_shared' OR current_database() ~ '^ouvira_t_[0-9a-f]{32}$' THEN
        RETURN;
    END IF;
    FOREACH log IN ARRAY ARRAY['activity_log', 'security_log'] LOOP
        SELECT array_agg(pg_get_indexdef(i.indexrelid) ORDER BY i.indexrelid) INTO indexes
          FROM pg_index i WHERE i.indrelid = log::regclass AND NOT i.indisprimary;
        EXECUTE format('ALTER TABLE %I RENAME TO %I', log, log || '_plain');
        EXECUTE format(
            'CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY LIST (retention_days)',
            log, log || '_plain');
        FOREACH days IN ARRAY ARRAY[90, 365, 2557] LOOP
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES IN (%s) PARTITION BY RANGE (at)',
                log || '_' || days, log, days);
            EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', log || '_' || days || '_rest', log || '_' || days);
            FOR month IN
                EXECUTE format('SELECT DISTINCT date_trunc(''month'', at AT TIME ZONE ''UTC'')::date FROM %I '
                    'WHERE retention_days = %s UNION SELECT date_trunc(''month'', now() AT TIME ZONE ''UTC'')::date '
                    '+ make_interval(months => n) FROM generate_series(0, 3) n', log || '_plain', days)
            LOOP
                EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                    log || '_' || days || to_char(month, '_YYYYMM'), log || '_' || days,
                    month::text || ' 00:00:00+00', (month + interval '1 month')::date::text || ' 00:00:00+00');
            END LOOP;
        END LOOP;
        EXECUTE format('INSERT INTO %I SELECT * FROM %I', log, log || '_plain');
        EXECUTE format('DROP TABLE %I', log || '_plain');
        EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I PRIMARY KEY (tenant_id, id, at, retention_days)', log, log || '_pkey');
        FOREACH definition IN ARRAY indexes LOOP
            EXECUTE replace(definition, log || '_plain', log);
        END LOOP;
        EXECUTE format('GRANT SELECT, INSERT ON %I TO ouvira_app', log);
    END LOOP;
END $$;
