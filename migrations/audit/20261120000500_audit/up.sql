-- The logs, and notices to users.
--
-- A log row is written once and has its final format from the start. Its public fields and its personal ones are hashed
-- apart, the personal ones with a salt of the row's own; both hashes are what gets sealed. Forgetting a person sets
-- `personal` and `salt` to null, and what was sealed still proves the rest.
--
-- The keys hold what a partitioned table would be partitioned by: the class of retention and the time.

CREATE TABLE activity_log (
    tenant_id      uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id             uuid        NOT NULL,
    at             timestamptz NOT NULL,
    retention_days smallint    NOT NULL,
    actor_kind     text        NOT NULL,
    actor_id       uuid        NOT NULL,
    -- What let the actor in, when it was not a session of their own.
    via            text,
    via_id         uuid,
    action         text        NOT NULL,
    object_kind    text        NOT NULL,
    object_id      uuid        NOT NULL,
    company_id     uuid,
    changes        jsonb       NOT NULL,
    request_id     text        NOT NULL,
    personal       jsonb,
    salt           bytea,
    public_hash    bytea       NOT NULL,
    personal_hash  bytea       NOT NULL,
    -- The transaction that wrote it: rows below the oldest one still running are complete, and may be sealed.
    txid           bigint      NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    CONSTRAINT activity_log_pkey PRIMARY KEY (tenant_id, id, at, retention_days),
    CONSTRAINT activity_log_retention_days CHECK (retention_days IN (90, 365, 2557)),
    CONSTRAINT activity_log_actor_kind CHECK (actor_kind IN ('user', 'service_account', 'operator', 'system')),
    CONSTRAINT activity_log_via CHECK (via IN ('open', 'service', 'grant', 'job', 'provisioning')),
    CONSTRAINT activity_log_salt CHECK ((personal IS NULL) = (salt IS NULL) AND length(salt) = 16),
    CONSTRAINT activity_log_hashes CHECK (length(public_hash) = 32 AND length(personal_hash) = 32)
);
-- One index a filter; the newest come first through each of them.
CREATE INDEX activity_log_actor ON activity_log (tenant_id, actor_id, id);
CREATE INDEX activity_log_action ON activity_log (tenant_id, action, id);
CREATE INDEX activity_log_object_kind ON activity_log (tenant_id, object_kind, id);
CREATE INDEX activity_log_object ON activity_log (tenant_id, object_id, id);
CREATE INDEX activity_log_company ON activity_log (tenant_id, company_id, id) WHERE company_id IS NOT NULL;
CREATE INDEX activity_log_sealing ON activity_log (tenant_id, txid, id);
-- Finds the tenants with new rows; costs next to nothing to keep, since transactions come in order.
CREATE INDEX activity_log_txid ON activity_log USING brin (txid) WITH (pages_per_range = 16);

CREATE TABLE security_log (
    tenant_id      uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id             uuid        NOT NULL,
    at             timestamptz NOT NULL,
    retention_days smallint    NOT NULL,
    actor_kind     text        NOT NULL,
    actor_id       uuid        NOT NULL,
    via            text,
    via_id         uuid,
    event          text        NOT NULL,
    outcome        text        NOT NULL,
    user_id        uuid,
    details        jsonb       NOT NULL,
    request_id     text        NOT NULL,
    personal       jsonb,
    salt           bytea,
    public_hash    bytea       NOT NULL,
    personal_hash  bytea       NOT NULL,
    txid           bigint      NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    CONSTRAINT security_log_pkey PRIMARY KEY (tenant_id, id, at, retention_days),
    CONSTRAINT security_log_retention_days CHECK (retention_days IN (90, 365, 2557)),
    CONSTRAINT security_log_actor_kind CHECK (actor_kind IN ('user', 'service_account', 'operator', 'system')),
    CONSTRAINT security_log_via CHECK (via IN ('open', 'service', 'grant', 'job', 'provisioning')),
    CONSTRAINT security_log_outcome CHECK (outcome IN ('success', 'failure')),
    CONSTRAINT security_log_salt CHECK ((personal IS NULL) = (salt IS NULL) AND length(salt) = 16),
    CONSTRAINT security_log_hashes CHECK (length(public_hash) = 32 AND length(personal_hash) = 32)
);
CREATE INDEX security_log_user ON security_log (tenant_id, user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX security_log_sealing ON security_log (tenant_id, txid, id);
CREATE INDEX security_log_txid ON security_log USING brin (txid) WITH (pages_per_range = 16);

-- The tenant's tree. Every row of both logs becomes one leaf, in the order of their transactions; positions have no gaps.
-- A leaf stays when retention drops its row: the tree is for ever.
CREATE TABLE audit_leaves (
    tenant_id      uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    position       bigint      NOT NULL,
    log            text        NOT NULL,
    row_id         uuid        NOT NULL,
    retention_days smallint    NOT NULL,
    public_hash    bytea       NOT NULL,
    personal_hash  bytea       NOT NULL,
    leaf_hash      bytea       NOT NULL,
    CONSTRAINT audit_leaves_pkey PRIMARY KEY (tenant_id, position),
    CONSTRAINT audit_leaves_row UNIQUE (tenant_id, row_id),
    CONSTRAINT audit_leaves_log CHECK (log IN ('activity', 'security')),
    CONSTRAINT audit_leaves_hashes
        CHECK (length(public_hash) = 32 AND length(personal_hash) = 32 AND length(leaf_hash) = 32)
);

-- Every eighth level of its inner nodes.
CREATE TABLE audit_nodes (
    tenant_id uuid     NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    level     smallint NOT NULL,
    index     bigint   NOT NULL,
    hash      bytea    NOT NULL,
    CONSTRAINT audit_nodes_pkey PRIMARY KEY (tenant_id, level, index),
    CONSTRAINT audit_nodes_hash CHECK (length(hash) = 32)
);

-- How large the tree was when, and its root then. The last one is what it grows on from.
CREATE TABLE audit_checkpoints (
    tenant_id    uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    size         bigint      NOT NULL,
    root         bytea       NOT NULL,
    -- Hashes along the right edge, one after the other.
    edge         bytea       NOT NULL,
    -- The last row that was sealed.
    txid         bigint      NOT NULL,
    row_id       uuid        NOT NULL,
    -- Where the root stands in the tree of the installation: leaf, size and path there, and its signed checkpoint.
    log_position bigint,
    log_size     bigint,
    log_path     bytea,
    note         text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT audit_checkpoints_pkey PRIMARY KEY (tenant_id, size),
    CONSTRAINT audit_checkpoints_root CHECK (length(root) = 32),
    CONSTRAINT audit_checkpoints_log CHECK (num_nulls(log_position, log_size, log_path, note) IN (0, 4))
);
CREATE INDEX audit_checkpoints_signed ON audit_checkpoints (tenant_id, size) WHERE note IS NOT NULL;

-- Titles and bodies are made for the reader from kind and data.
CREATE TABLE notifications (
    tenant_id  uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id         uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    kind       text        NOT NULL,
    data       jsonb       NOT NULL,
    -- Whether it is in its user's list; one that is only mailed is not.
    in_app     boolean     NOT NULL,
    read_at    timestamptz,
    mailed_at  timestamptz,
    txid       bigint      NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT notifications_pkey PRIMARY KEY (tenant_id, id)
);
CREATE INDEX notifications_user ON notifications (tenant_id, user_id, id) WHERE in_app;
CREATE INDEX notifications_unread ON notifications (tenant_id, user_id, id) WHERE in_app AND read_at IS NULL;
CREATE INDEX notifications_stream ON notifications (tenant_id, user_id, txid, id) WHERE in_app;

-- Tickets to a user's stream, hashed; taken away when used.
CREATE TABLE notification_tickets (
    tenant_id  uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    hash       bytea       NOT NULL,
    user_id    uuid        NOT NULL,
    session_id uuid        NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT notification_tickets_pkey PRIMARY KEY (tenant_id, hash)
);
CREATE INDEX notification_tickets_user ON notification_tickets (tenant_id, user_id);

-- What a user decided about one kind of notification. No row: in the list, not mailed.
CREATE TABLE notification_preferences (
    tenant_id  uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    user_id    uuid        NOT NULL,
    kind       text        NOT NULL,
    in_app     boolean     NOT NULL,
    email      boolean     NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT notification_preferences_pkey PRIMARY KEY (tenant_id, user_id, kind)
);

-- Who serves can add to the logs and never change them.
GRANT SELECT, INSERT ON activity_log, security_log, audit_leaves, audit_nodes, audit_checkpoints TO ouvira_app;
GRANT UPDATE (log_position, log_size, log_path, note) ON audit_checkpoints TO ouvira_app;
GRANT SELECT, INSERT ON notifications TO ouvira_app;
GRANT UPDATE (read_at, mailed_at, updated_at) ON notifications TO ouvira_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON notification_preferences, notification_tickets TO ouvira_app;
