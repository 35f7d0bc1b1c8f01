-- The security log is searched by event too: the newest of one name, through an index of their own.
CREATE INDEX security_log_event ON security_log (tenant_id, event, id);
