DROP INDEX security_log_outcome;
DROP INDEX security_log_event;
