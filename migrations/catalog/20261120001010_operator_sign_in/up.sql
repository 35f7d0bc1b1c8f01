-- How operators sign in: their sessions, second factors, and what is counted against guessing.

-- The catalog's own data key, as a tenant has one: seals operators' secrets; itself wrapped by a key of the deployment.
CREATE TABLE ouvira_catalog.catalog_key (
    only_one     boolean     NOT NULL DEFAULT true,
    data_key     bytea       NOT NULL,
    data_key_kid text        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT catalog_key_pkey PRIMARY KEY (only_one),
    CONSTRAINT catalog_key_only_one_check CHECK (only_one)
);

CREATE TABLE ouvira_catalog.operator_sessions (
    id                  uuid        NOT NULL,
    operator_id         uuid        NOT NULL,
    scope               text        NOT NULL,
    -- Authentication methods (RFC 8176), separated by spaces.
    amr                 text        NOT NULL,
    auth_time           timestamptz NOT NULL,
    -- From which refresh tokens are made; n is the number of the present one.
    secret_sealed       bytea       NOT NULL,
    n                   bigint      NOT NULL DEFAULT 1,
    rotated_at          timestamptz NOT NULL,
    -- A keyed hash of network and program.
    device              bytea       NOT NULL,
    ip                  inet,
    user_agent          text,
    expires_at          timestamptz NOT NULL,
    absolute_expires_at timestamptz NOT NULL,
    ended_at            timestamptz,
    end_reason          text,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT operator_sessions_pkey PRIMARY KEY (id),
    CONSTRAINT operator_sessions_operator_fkey FOREIGN KEY (operator_id) REFERENCES ouvira_catalog.operators (id),
    CONSTRAINT operator_sessions_scope_check CHECK (scope IN ('full', 'enrol')),
    CONSTRAINT operator_sessions_device_check CHECK (octet_length(device) = 32),
    CONSTRAINT operator_sessions_ended_check CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX operator_sessions_device ON ouvira_catalog.operator_sessions (operator_id, device);
CREATE INDEX operator_sessions_live ON ouvira_catalog.operator_sessions (operator_id) WHERE ended_at IS NULL;

-- A login whose password was right, waiting for the second factor.
CREATE TABLE ouvira_catalog.operator_login_challenges (
    id          uuid        NOT NULL,
    operator_id uuid        NOT NULL,
    tries       smallint    NOT NULL DEFAULT 0,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT operator_login_challenges_pkey PRIMARY KEY (id),
    CONSTRAINT operator_login_challenges_operator_fkey
        FOREIGN KEY (operator_id) REFERENCES ouvira_catalog.operators (id)
);
CREATE INDEX operator_login_challenges_operator ON ouvira_catalog.operator_login_challenges (operator_id);
CREATE INDEX operator_login_challenges_lapsed ON ouvira_catalog.operator_login_challenges (expires_at);

CREATE TABLE ouvira_catalog.operator_totp_factors (
    operator_id   uuid        NOT NULL,
    secret_sealed bytea       NOT NULL,
    -- NULL: not on yet.
    confirmed_at  timestamptz,
    -- The last time step that was accepted: none is accepted twice.
    last_step     bigint      NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT operator_totp_factors_pkey PRIMARY KEY (operator_id),
    CONSTRAINT operator_totp_factors_operator_fkey FOREIGN KEY (operator_id) REFERENCES ouvira_catalog.operators (id)
);

CREATE TABLE ouvira_catalog.operator_backup_codes (
    operator_id uuid        NOT NULL,
    code_hash   bytea       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT operator_backup_codes_pkey PRIMARY KEY (operator_id, code_hash),
    CONSTRAINT operator_backup_codes_operator_fkey FOREIGN KEY (operator_id) REFERENCES ouvira_catalog.operators (id)
);

-- What is counted against guessing, for keyed hashes of whom it concerns.
CREATE TABLE ouvira_catalog.operator_attempts (
    kind          text        NOT NULL,
    subject       bytea       NOT NULL,
    count         integer     NOT NULL,
    resets_at     timestamptz NOT NULL,
    blocked_until timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT operator_attempts_pkey PRIMARY KEY (kind, subject)
);
CREATE INDEX operator_attempts_lapsed ON ouvira_catalog.operator_attempts (resets_at);

-- The session in which leave was taken: it ends with it.
ALTER TABLE ouvira_catalog.operator_grants
    ADD COLUMN session_id uuid,
    ADD CONSTRAINT operator_grants_session_fkey
        FOREIGN KEY (session_id) REFERENCES ouvira_catalog.operator_sessions (id) ON DELETE SET NULL;
CREATE INDEX operator_grants_running ON ouvira_catalog.operator_grants (operator_id, expires_at) WHERE revoked_at IS NULL;
CREATE INDEX operator_grants_session ON ouvira_catalog.operator_grants (session_id);

GRANT SELECT, INSERT ON ouvira_catalog.catalog_key TO ouvira_control;
GRANT SELECT, INSERT, UPDATE, DELETE ON
    ouvira_catalog.operator_sessions, ouvira_catalog.operator_login_challenges,
    ouvira_catalog.operator_totp_factors, ouvira_catalog.operator_backup_codes, ouvira_catalog.operator_attempts
    TO ouvira_control;
