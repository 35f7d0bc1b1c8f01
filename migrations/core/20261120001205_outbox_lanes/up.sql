-- What waits for somebody else's server waits in a lane of its own: a thousand receivers that do not answer delay no mail.
ALTER TABLE ouvira_core.outbox ADD COLUMN lane text NOT NULL
    GENERATED ALWAYS AS (CASE WHEN left(topic, 8) = 'webhook.' THEN 'slow' ELSE 'prompt' END) STORED;

DROP INDEX ouvira_core.outbox_due;
CREATE INDEX outbox_due ON ouvira_core.outbox (lane, tenant_id, available_at) WHERE done_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_dead ON ouvira_core.outbox (tenant_id, dead_at) WHERE dead_at IS NOT NULL;
