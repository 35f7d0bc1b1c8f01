DROP FUNCTION ouvira_core.forget_sessions(uuid[]);

CREATE OR REPLACE FUNCTION ouvira_core.extend_session(p_session uuid, p_scope text, p_expires_at timestamptz) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH extended AS (
        UPDATE ouvira_core.gate_sessions SET scope = p_scope, expires_at = p_expires_at
         WHERE tenant_id = ouvira_core.current_tenant() AND session_id = p_session AND revoked_at IS NULL
        RETURNING 1)
    SELECT EXISTS (SELECT FROM extended)
$$;
