DROP FUNCTION ouvira_core.revoke_grant(uuid, uuid);
