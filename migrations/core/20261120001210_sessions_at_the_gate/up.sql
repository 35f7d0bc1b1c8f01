-- A session is extended with every refresh. As plpgsql the statement is planned once for a connection, not once for a call.
CREATE OR REPLACE FUNCTION ouvira_core.extend_session(p_session uuid, p_scope text, p_expires_at timestamptz) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE ouvira_core.gate_sessions SET scope = p_scope, expires_at = p_expires_at
     WHERE tenant_id = ouvira_core.current_tenant() AND session_id = p_session AND revoked_at IS NULL;
    RETURN FOUND;
END $$;

-- auth: sessions that are long over are forgotten. One that still passes is not, whoever asks.
CREATE FUNCTION ouvira_core.forget_sessions(p_sessions uuid[]) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM ouvira_core.gate_sessions
     WHERE tenant_id = ouvira_core.current_tenant() AND session_id = ANY (p_sessions)
       AND (revoked_at IS NOT NULL OR expires_at <= now())
$$;

REVOKE ALL ON FUNCTION ouvira_core.forget_sessions(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ouvira_core.forget_sessions(uuid[]) TO ouvira_app;
