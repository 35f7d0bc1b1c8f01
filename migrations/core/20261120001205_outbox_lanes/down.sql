DROP INDEX ouvira_core.outbox_dead;
DROP INDEX ouvira_core.outbox_due;
CREATE INDEX outbox_due ON ouvira_core.outbox (tenant_id, available_at) WHERE done_at IS NULL AND dead_at IS NULL;
ALTER TABLE ouvira_core.outbox DROP COLUMN lane;
