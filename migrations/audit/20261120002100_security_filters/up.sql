-- The security log is searched by event and by outcome too: the newest of each, through an index of their own.
CREATE INDEX security_log_event ON security_log (tenant_id, event, id);
CREATE INDEX security_log_outcome ON security_log (tenant_id, outcome, id);
