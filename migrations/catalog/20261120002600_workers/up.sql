-- Who works in the background, as each says itself every few seconds: what the readiness of a node is told by. A worker
-- that ends in order takes its row away; that of one that died grows old.
CREATE TABLE ouvira_catalog.workers (
    -- Host, process and a random part.
    name       text        NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now(),
    -- Whether the last checkpoint of the record could be kept outside of the database, and when that was tried.
    storage    text,
    storage_at timestamptz,
    CONSTRAINT workers_pkey PRIMARY KEY (name),
    CONSTRAINT workers_name_check CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT workers_storage_check CHECK (storage IN ('ok', 'unavailable') AND storage_at IS NOT NULL OR storage IS NULL)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON ouvira_catalog.workers TO ouvira_worker;

-- The same, and whether the outbox is behind, for who may read neither. An event that is tried again is due again only
-- after its pause: one that has been due for five minutes is one that nobody took up.
CREATE VIEW ouvira_catalog.background AS
SELECT EXISTS (SELECT FROM ouvira_catalog.workers WHERE seen_at > now() - interval '30 seconds') AS alive,
       EXISTS (SELECT FROM ouvira_core.outbox
                WHERE done_at IS NULL AND dead_at IS NULL AND available_at < now() - interval '5 minutes') AS behind,
       -- Of whoever tried last.
       coalesce((SELECT storage FROM ouvira_catalog.workers WHERE storage IS NOT NULL
                  ORDER BY storage_at DESC LIMIT 1), 'ok') AS storage;
GRANT SELECT ON ouvira_catalog.background TO ouvira_control;

-- What was applied to the schemas that there is one of, after their own ledgers: a node asks before it serves.
CREATE FUNCTION ouvira_catalog.applied_versions() RETURNS TABLE (place text, version text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ledger text;
BEGIN
    FOR ledger IN SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE c.relname = 'schema_migrations' AND n.nspname LIKE 'ouvira\_%'
    LOOP
        RETURN QUERY EXECUTE format('SELECT %L::text, m.version FROM %I.schema_migrations m', ledger, ledger);
    END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION ouvira_catalog.applied_versions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ouvira_catalog.applied_versions() TO ouvira_control;
