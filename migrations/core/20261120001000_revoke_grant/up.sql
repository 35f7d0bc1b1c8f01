-- An operator's leave to act in a tenant ends before its time: they signed out, or were switched off.
CREATE FUNCTION ouvira_core.revoke_grant(p_tenant uuid, p_grant uuid) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH revoked AS (
        UPDATE ouvira_core.gate_grants SET revoked_at = now()
         WHERE tenant_id = p_tenant AND grant_id = p_grant AND revoked_at IS NULL
        RETURNING 1)
    SELECT EXISTS (SELECT FROM revoked)
$$;
REVOKE ALL ON FUNCTION ouvira_core.revoke_grant(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ouvira_core.revoke_grant(uuid, uuid) TO ouvira_control;
