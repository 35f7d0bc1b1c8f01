DROP INDEX known_devices_last_used_at;
DROP INDEX sessions_ended_at;
