-- Answers under an Idempotency-Key, kept for a day. What was answered is sealed with the tenant's data key, and of the key
-- and of what was asked there is a keyed hash: destroying the tenant's key leaves nothing to read. Without a foreign key to
-- the tenant, as the outbox: it would lock the tenant's row.
CREATE TABLE ouvira_core.idempotency_keys (
    tenant_id   uuid        NOT NULL,
    key         bytea       NOT NULL CHECK (octet_length(key) = 32),
    fingerprint bytea       NOT NULL CHECK (octet_length(fingerprint) = 32),
    answer      bytea       NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX idempotency_keys_expiry ON ouvira_core.idempotency_keys (expires_at);
GRANT SELECT (tenant_id, key, expires_at), DELETE ON ouvira_core.idempotency_keys TO ouvira_worker;

-- Takes a key for the running transaction. No row: another transaction has it. A row of nulls: it is ours. The lock comes
-- first and the read after it (VOLATILE: every statement has its own snapshot), so that an answer that was committed just
-- before the lock was free is seen.
CREATE FUNCTION ouvira_core.claim_key(p_key bytea, p_lock bigint, p_at timestamptz)
    RETURNS TABLE (fingerprint bytea, answer bytea)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant uuid := ouvira_core.current_tenant();
BEGIN
    IF pg_try_advisory_xact_lock(p_lock) THEN
        RETURN QUERY
            SELECT k.fingerprint, k.answer
              FROM (VALUES (1)) AS one
              LEFT JOIN ouvira_core.idempotency_keys k
                ON k.tenant_id = tenant AND k.key = p_key AND k.expires_at > p_at;
    END IF;
END $$;

-- Keeps an answer under a key that the running transaction has taken; one that has expired makes room.
CREATE FUNCTION ouvira_core.keep_answer(
    p_key bytea, p_fingerprint bytea, p_answer bytea, p_at timestamptz, p_expires_at timestamptz) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM ouvira_core.idempotency_keys
     WHERE tenant_id = ouvira_core.current_tenant() AND key = p_key AND expires_at <= p_at;
    INSERT INTO ouvira_core.idempotency_keys (tenant_id, key, fingerprint, answer, expires_at)
    VALUES (ouvira_core.current_tenant(), p_key, p_fingerprint, p_answer, p_expires_at);
$$;

REVOKE ALL ON FUNCTION
    ouvira_core.claim_key(bytea, bigint, timestamptz),
    ouvira_core.keep_answer(bytea, bytea, bytea, timestamptz, timestamptz)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    ouvira_core.claim_key(bytea, bigint, timestamptz),
    ouvira_core.keep_answer(bytea, bytea, bytea, timestamptz, timestamptz)
    TO ouvira_app;
