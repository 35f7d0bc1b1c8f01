-- What the worker finds rows by that nobody needs any more. A refresh touches none of these columns, so that it stays a change
-- within its page.
CREATE INDEX sessions_ended_at ON sessions (tenant_id, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX known_devices_last_used_at ON known_devices (tenant_id, last_used_at);
