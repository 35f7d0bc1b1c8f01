-- Signing in: what was sent to be proven, what proves it, which devices are signed in, and what is counted against guessing.
--
-- No secret is here in the clear. Codes are keyed hashes; tokens are made from the tenant's data key and the row's id, and
-- leave nothing to be read; what has to be read again is sealed for its row. An address is kept twice: sealed as it was typed,
-- and as a keyed hash of its folded form, which is what it is looked up and counted by.

-- A code on its way to an address.
CREATE TABLE challenges (
    tenant_id      uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id             uuid        NOT NULL,
    purpose        text        NOT NULL,
    -- Whose; null while the address may belong to nobody.
    user_id        uuid,
    channel        text        NOT NULL,
    address_hash   bytea       NOT NULL,
    address_sealed bytea       NOT NULL,
    -- Of the newest code alone; of nothing that anybody was sent when the challenge is a decoy.
    code_hash      bytea       NOT NULL,
    -- The address has an account: its holder is told so, and no code fits.
    decoy          boolean     NOT NULL,
    -- Wrong codes; a new code does not reset them.
    tries          smallint    NOT NULL DEFAULT 0,
    sends          smallint    NOT NULL DEFAULT 1,
    resend_at      timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    used_at        timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT challenges_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT challenges_purpose CHECK (purpose IN ('signup', 'email_change', 'phone_change')),
    CONSTRAINT challenges_channel CHECK (channel IN ('sms', 'email')),
    CONSTRAINT challenges_hashes CHECK (length(address_hash) = 32 AND length(code_hash) = 32)
);
CREATE INDEX challenges_expires_at ON challenges (tenant_id, expires_at);

-- A link or a token that works once.
CREATE TABLE one_time_tokens (
    tenant_id      uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id             uuid        NOT NULL,
    purpose        text        NOT NULL,
    user_id        uuid,
    -- The address that whoever shows the token has proven, or will have.
    channel        text,
    address_sealed bytea,
    expires_at     timestamptz NOT NULL,
    used_at        timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT one_time_tokens_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT one_time_tokens_purpose CHECK (purpose IN ('signup', 'password_reset', 'email_verification')),
    CONSTRAINT one_time_tokens_channel CHECK (channel IN ('sms', 'email')),
    CONSTRAINT one_time_tokens_whom CHECK (user_id IS NOT NULL OR address_sealed IS NOT NULL),
    CONSTRAINT one_time_tokens_address CHECK ((channel IS NULL) = (address_sealed IS NULL))
);
CREATE INDEX one_time_tokens_user ON one_time_tokens (tenant_id, user_id, purpose) WHERE used_at IS NULL;
CREATE INDEX one_time_tokens_expires_at ON one_time_tokens (tenant_id, expires_at);

-- What somebody signs in with. A password has the issuer 'password' and its user's id as subject; a passkey, an API key or an
-- identity at another provider is one more row.
CREATE TABLE credentials (
    tenant_id    uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id           uuid        NOT NULL,
    user_id      uuid        NOT NULL,
    issuer       text        NOT NULL,
    subject      text        NOT NULL,
    -- A hash in PHC string format.
    secret       text,
    -- Raised when the secret is replaced: a login that checked the former one does not go through.
    version      bigint      NOT NULL DEFAULT 1,
    last_used_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT credentials_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT credentials_subject UNIQUE (tenant_id, issuer, subject),
    CONSTRAINT credentials_password CHECK (issuer <> 'password' OR (secret IS NOT NULL AND subject = user_id::text))
);
CREATE INDEX credentials_user ON credentials (tenant_id, user_id);

-- A time-based second factor (RFC 6238), one a user.
CREATE TABLE totp_factors (
    tenant_id     uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id            uuid        NOT NULL,
    user_id       uuid        NOT NULL,
    secret_sealed bytea       NOT NULL,
    -- Null until a code has shown that the secret arrived.
    confirmed_at  timestamptz,
    -- The last time step that was accepted; none is accepted twice.
    last_step     bigint      NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT totp_factors_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT totp_factors_user UNIQUE (tenant_id, user_id)
);

CREATE TABLE backup_codes (
    tenant_id  uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id         uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    code_hash  bytea       NOT NULL,
    used_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT backup_codes_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT backup_codes_code UNIQUE (tenant_id, user_id, code_hash),
    CONSTRAINT backup_codes_hash CHECK (length(code_hash) = 32)
);

-- A login whose first factor was right and whose second one is awaited.
CREATE TABLE login_challenges (
    tenant_id  uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id         uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    -- What was proven so far (RFC 8176), separated by spaces.
    amr        text        NOT NULL,
    -- Whether the first factor came from a device that was not known.
    new_device boolean     NOT NULL,
    tries      smallint    NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT login_challenges_pkey PRIMARY KEY (tenant_id, id)
);
CREATE INDEX login_challenges_user ON login_challenges (tenant_id, user_id) WHERE used_at IS NULL;
CREATE INDEX login_challenges_expires_at ON login_challenges (tenant_id, expires_at);

-- A signed-in device. The gate has its own row, which says whether it still passes; this one says the rest.
CREATE TABLE sessions (
    tenant_id           uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id                  uuid        NOT NULL,
    user_id             uuid        NOT NULL,
    scope               text        NOT NULL,
    -- How the holder proved who they are (RFC 8176), separated by spaces, and when.
    amr                 text        NOT NULL,
    auth_time           timestamptz NOT NULL,
    -- Refresh tokens are made from the secret and the number of the present one; none is kept.
    secret_sealed       bytea       NOT NULL,
    n                   bigint      NOT NULL DEFAULT 1,
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
    CONSTRAINT sessions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT sessions_scope CHECK (scope IN ('full', 'enrol')),
    CONSTRAINT sessions_expires_at CHECK (expires_at <= absolute_expires_at),
    CONSTRAINT sessions_end CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
    CONSTRAINT sessions_end_reason CHECK (
        end_reason IN ('logout', 'ended', 'refresh_reused', 'password_changed', 'factor_changed', 'account'))
);
CREATE INDEX sessions_user ON sessions (tenant_id, user_id, id) WHERE ended_at IS NULL;
CREATE INDEX sessions_absolute_expires_at ON sessions (tenant_id, absolute_expires_at);

-- Devices that somebody signed in from: an attacker's failures do not slow them down, and a new one is announced.
CREATE TABLE known_devices (
    tenant_id    uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    user_id      uuid        NOT NULL,
    -- A keyed hash of what tells devices apart.
    device       bytea       NOT NULL,
    last_used_at timestamptz NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT known_devices_pkey PRIMARY KEY (tenant_id, user_id, device),
    CONSTRAINT known_devices_device CHECK (length(device) = 32)
);

-- What is counted against guessing and against cost: failures, codes sent, codes checked. The subject is a keyed hash of the
-- account, address or number that they are counted for, so that one that nobody has is counted like any other.
CREATE TABLE attempts (
    tenant_id     uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    kind          text        NOT NULL,
    subject       bytea       NOT NULL,
    count         integer     NOT NULL,
    -- When counting begins anew.
    resets_at     timestamptz NOT NULL,
    blocked_until timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT attempts_pkey PRIMARY KEY (tenant_id, kind, subject),
    CONSTRAINT attempts_subject CHECK (length(subject) = 32)
);
CREATE INDEX attempts_resets_at ON attempts (tenant_id, resets_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON challenges, one_time_tokens, credentials, totp_factors, backup_codes,
    login_challenges, sessions, known_devices, attempts TO ouvira_app;
