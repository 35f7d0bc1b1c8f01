DROP INDEX security_log_event;
