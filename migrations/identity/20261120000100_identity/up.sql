-- People of a tenant.

-- An address stands in one of three ways: verified by its holder; on record, written down by an administrator
-- (neither verified nor claimed_until); or claimed by a person who has not proven it, until claimed_until. Only the
-- first two are unique. The folded address is what is compared, '' when there is none: "C" sorts it alike in every
-- database, and lets a page go on after it.
CREATE TABLE users (
    tenant_id           uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id                  uuid        NOT NULL,
    email               text,
    email_folded        text        COLLATE "C" NOT NULL DEFAULT '',
    email_verified      boolean     NOT NULL DEFAULT false,
    email_claimed_until timestamptz,
    phone               text        COLLATE "C",
    phone_verified      boolean     NOT NULL DEFAULT false,
    phone_claimed_until timestamptz,
    first_name          text        NOT NULL DEFAULT '',
    last_name           text        NOT NULL DEFAULT '',
    locale              text        NOT NULL,
    timezone            text        NOT NULL,
    active              boolean     NOT NULL DEFAULT true,
    two_factor_enabled  boolean     NOT NULL DEFAULT false,
    last_login_at       timestamptz,
    version             bigint      NOT NULL DEFAULT 1,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    deleted_at          timestamptz,
    CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT users_email_folded_check CHECK ((email IS NULL) = (email_folded = '')),
    CONSTRAINT users_email_standing_check
        CHECK ((email IS NOT NULL OR NOT email_verified) AND (email_claimed_until IS NULL OR (email IS NOT NULL AND NOT email_verified))),
    CONSTRAINT users_phone_standing_check
        CHECK ((phone IS NOT NULL OR NOT phone_verified) AND (phone_claimed_until IS NULL OR (phone IS NOT NULL AND NOT phone_verified))),
    CONSTRAINT users_locale_check CHECK (locale IN ('en', 'fr', 'de'))
);

-- Who holds an address: one user at most.
CREATE UNIQUE INDEX users_email_held ON users (tenant_id, email_folded)
    WHERE email IS NOT NULL AND email_claimed_until IS NULL AND deleted_at IS NULL;
CREATE UNIQUE INDEX users_phone_held ON users (tenant_id, phone)
    WHERE phone IS NOT NULL AND phone_claimed_until IS NULL AND deleted_at IS NULL;

-- The list by address, which also finds who merely claims one, and whose claims have lapsed. The list by creation is
-- the primary key's (ids are UUIDv7).
CREATE INDEX users_by_email ON users (tenant_id, email_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX users_by_phone ON users (tenant_id, phone) WHERE phone IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX users_active ON users (tenant_id, active, id) WHERE deleted_at IS NULL;
CREATE INDEX users_email_lapsing ON users (tenant_id, email_claimed_until) WHERE email_claimed_until IS NOT NULL;
CREATE INDEX users_phone_lapsing ON users (tenant_id, phone_claimed_until) WHERE phone_claimed_until IS NOT NULL;

-- An index in the form of a table: the words a user is found by. Row-level security lets only plain comparisons use
-- an index, so a search is a range of "C"-sorted tokens. It is rewritten with its user and has no life of its own,
-- hence neither id nor times.
CREATE TABLE user_search_tokens (
    tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    user_id   uuid NOT NULL,
    token     text COLLATE "C" NOT NULL,
    CONSTRAINT user_search_tokens_pkey PRIMARY KEY (tenant_id, user_id, token),
    CONSTRAINT user_search_tokens_user_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
        ON DELETE CASCADE DEFERRABLE
);
CREATE INDEX user_search_tokens_token ON user_search_tokens (tenant_id, token, user_id);

GRANT SELECT, INSERT, UPDATE ON users TO ouvira_app;
GRANT SELECT, INSERT, DELETE ON user_search_tokens TO ouvira_app;
