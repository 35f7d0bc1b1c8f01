-- The tables behind the measured routes as one customer alone would have them: the columns, keys and indexes of the
-- service's, without tenant, row-level security and gate.

CREATE SCHEMA bench;

CREATE TABLE bench.users (
    id                 uuid        PRIMARY KEY,
    email              text,
    email_folded       text        COLLATE "C" NOT NULL,
    email_verified     boolean     NOT NULL,
    phone              text,
    phone_verified     boolean     NOT NULL,
    first_name         text        NOT NULL,
    last_name          text        NOT NULL,
    locale             text        NOT NULL,
    timezone           text        NOT NULL,
    active             boolean     NOT NULL,
    two_factor_enabled boolean     NOT NULL,
    last_login_at      timestamptz,
    version            bigint      NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_email ON bench.users (email_folded);

CREATE TABLE bench.sessions (
    id               uuid        PRIMARY KEY,
    user_id          uuid        NOT NULL REFERENCES bench.users,
    authenticated_at timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL
);

CREATE TABLE bench.companies (
    id          uuid        PRIMARY KEY,
    name        text        NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    name_folded text        COLLATE "C" NOT NULL,
    legal_name  text,
    tax_id      text,
    parent_id   uuid        REFERENCES bench.companies CHECK (parent_id <> id),
    status      text        NOT NULL CHECK (status IN ('active', 'archived')),
    version     bigint      NOT NULL,
    deleted_at  timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX companies_name ON bench.companies (parent_id, name_folded) NULLS NOT DISTINCT
    WHERE deleted_at IS NULL;
CREATE INDEX companies_live ON bench.companies (id) WHERE deleted_at IS NULL;
CREATE INDEX companies_children ON bench.companies (parent_id, id) WHERE deleted_at IS NULL;
CREATE INDEX companies_archived ON bench.companies (id) WHERE deleted_at IS NULL AND status = 'archived';

CREATE TABLE bench.memberships (
    id         uuid        PRIMARY KEY,
    user_id    uuid        NOT NULL,
    company_id uuid        NOT NULL REFERENCES bench.companies,
    status     text        NOT NULL CHECK (status IN ('active', 'suspended')),
    title      text,
    joined_at  timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version    bigint      NOT NULL DEFAULT 1,
    UNIQUE (user_id, company_id)
);
CREATE INDEX memberships_of_company ON bench.memberships (company_id, id);

CREATE TABLE bench.membership_roles (
    id            uuid        PRIMARY KEY,
    membership_id uuid        NOT NULL REFERENCES bench.memberships,
    role_id       uuid        NOT NULL,
    granted_by    uuid,
    expires_at    timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (membership_id, role_id)
);
CREATE INDEX membership_roles_of_role ON bench.membership_roles (role_id);

CREATE TABLE bench.activity_log (
    id             uuid        NOT NULL,
    at             timestamptz NOT NULL,
    retention_days smallint    NOT NULL CHECK (retention_days IN (90, 365, 2557)),
    actor_kind     text        NOT NULL,
    actor_id       uuid        NOT NULL,
    action         text        NOT NULL,
    object_kind    text        NOT NULL,
    object_id      uuid        NOT NULL,
    company_id     uuid,
    changes        jsonb       NOT NULL,
    request_id     text        NOT NULL,
    personal       jsonb,
    salt           bytea       CHECK (length(salt) = 16),
    public_hash    bytea       NOT NULL CHECK (length(public_hash) = 32),
    personal_hash  bytea       NOT NULL CHECK (length(personal_hash) = 32),
    txid           bigint      NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    PRIMARY KEY (id, at, retention_days)
);
CREATE INDEX activity_log_actor ON bench.activity_log (actor_id, id);
CREATE INDEX activity_log_action ON bench.activity_log (action, id);
CREATE INDEX activity_log_object_kind ON bench.activity_log (object_kind, id);
CREATE INDEX activity_log_object ON bench.activity_log (object_id, id);
CREATE INDEX activity_log_company ON bench.activity_log (company_id, id) WHERE company_id IS NOT NULL;
CREATE INDEX activity_log_txid ON bench.activity_log (txid);

CREATE TABLE bench.outbox (
    id           uuid        PRIMARY KEY,
    topic        text        NOT NULL,
    payload      jsonb       NOT NULL,
    request_id   text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    available_at timestamptz NOT NULL DEFAULT now(),
    attempts     integer     NOT NULL DEFAULT 0,
    last_error   text,
    done_at      timestamptz,
    dead_at      timestamptz
);
CREATE INDEX outbox_due ON bench.outbox (available_at) WHERE done_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_done ON bench.outbox (done_at) WHERE done_at IS NOT NULL;

CREATE TABLE bench.refreshed_sessions (
    id                  uuid        PRIMARY KEY,
    user_id             uuid        NOT NULL,
    scope               text        NOT NULL CHECK (scope IN ('full', 'enrol')),
    amr                 text        NOT NULL,
    auth_time           timestamptz NOT NULL,
    secret_sealed       bytea       NOT NULL,
    n                   bigint      NOT NULL,
    rotated_at          timestamptz NOT NULL,
    ip                  inet,
    user_agent          text,
    last_used_at        timestamptz NOT NULL,
    expires_at          timestamptz NOT NULL,
    absolute_expires_at timestamptz NOT NULL,
    ended_at            timestamptz,
    end_reason          text,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    CHECK (expires_at <= absolute_expires_at),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX refreshed_sessions_user ON bench.refreshed_sessions (user_id, id) WHERE ended_at IS NULL;
CREATE INDEX refreshed_sessions_absolute_expires_at ON bench.refreshed_sessions (absolute_expires_at);

CREATE TABLE bench.gate_sessions (
    session_id uuid        PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES bench.users,
    scope      text        NOT NULL CHECK (scope IN ('full', 'enrol')),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX gate_sessions_user ON bench.gate_sessions (user_id) WHERE revoked_at IS NULL;
