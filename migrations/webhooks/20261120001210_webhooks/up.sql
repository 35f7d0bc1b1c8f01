-- Addresses of a tenant's own that are told of events.
CREATE TABLE webhooks (
    tenant_id     uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id            uuid        NOT NULL,
    url           text        NOT NULL,
    description   text,
    -- Names of events; `*` is all of them, later ones included.
    events        text[]      NOT NULL,
    status        text        NOT NULL,
    paused_reason text,
    paused_at     timestamptz,
    -- Attempts that failed since the last one that did not, and since when that is.
    failures      integer     NOT NULL DEFAULT 0,
    failing_since timestamptz,
    -- Sealed. The former one signs too until former_until.
    secret        bytea       NOT NULL,
    former_secret bytea,
    former_until  timestamptz,
    version       bigint      NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhooks_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT webhooks_url_check CHECK (length(url) <= 2000),
    CONSTRAINT webhooks_events_check CHECK (cardinality(events) BETWEEN 1 AND 100),
    CONSTRAINT webhooks_status_check CHECK (status IN ('active', 'paused')),
    CONSTRAINT webhooks_paused_check CHECK (
        (status = 'paused') = (paused_at IS NOT NULL) AND (paused_at IS NULL) = (paused_reason IS NULL)
        AND paused_reason IN ('manual', 'failures', 'gone')),
    CONSTRAINT webhooks_failing_check CHECK ((failures > 0) = (failing_since IS NOT NULL)),
    CONSTRAINT webhooks_former_check CHECK ((former_secret IS NULL) = (former_until IS NULL))
);

-- What was sent, or is to be: one row for each webhook that an event concerns, so that no receiver waits for another. It
-- has no foreign key to the webhook: deleting one with a million deliveries is a matter of one row, and the worker removes
-- what is old.
CREATE TABLE webhook_deliveries (
    tenant_id       uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id              uuid        NOT NULL,
    webhook_id      uuid        NOT NULL,
    -- The header webhook-id: the same at every attempt and replay.
    event_id        uuid        NOT NULL,
    event           text        NOT NULL,
    -- The body, byte for byte as it is signed.
    payload         text        NOT NULL,
    status          text        NOT NULL,
    attempts        integer     NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    last_attempt_at timestamptz,
    response_code   integer,
    -- The beginning of what the receiver said.
    response_body   text,
    error           text,
    duration_ms     integer,
    replay_of       uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT webhook_deliveries_status_check CHECK (status IN ('pending', 'succeeded', 'failed', 'skipped')),
    CONSTRAINT webhook_deliveries_next_check CHECK (next_attempt_at IS NULL OR status = 'pending')
);
-- An event is handed to a webhook once, however often it is handled.
CREATE UNIQUE INDEX webhook_deliveries_once ON webhook_deliveries (tenant_id, webhook_id, event_id) WHERE replay_of IS NULL;
CREATE INDEX webhook_deliveries_list ON webhook_deliveries (tenant_id, webhook_id, id);
CREATE INDEX webhook_deliveries_status ON webhook_deliveries (tenant_id, webhook_id, status, id);

GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks, webhook_deliveries TO ouvira_app;
