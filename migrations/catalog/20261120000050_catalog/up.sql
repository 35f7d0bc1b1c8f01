-- The catalog: the control plane's own tables, in one database. They belong to no tenant, so no row-level security is on
-- them: ouvira_control reads and writes them, ouvira_app sees the view tenant_directory and nothing else.

CREATE SCHEMA ouvira_catalog;
GRANT USAGE ON SCHEMA ouvira_catalog TO ouvira_app, ouvira_control;

-- Where tenants' tables live: the unit of migrations. Many tenants are in the shared one; a schema or database is made
-- under its tenant's id, a spare one under that of the tenant to come.
CREATE TABLE ouvira_catalog.placements (
    id          uuid        NOT NULL,
    tenant_id   uuid,
    mode        text        NOT NULL,
    -- NULL: the database that the catalog is in.
    database    text,
    schema_name text        NOT NULL,
    state       text        NOT NULL,
    -- Names the migrations that were applied: a cache of the placement's own ledger.
    history     text        NOT NULL DEFAULT '',
    migrated_at timestamptz,
    -- Why the last attempt to make or migrate it failed.
    error       text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT placements_pkey PRIMARY KEY (id),
    CONSTRAINT placements_place_key UNIQUE NULLS NOT DISTINCT (database, schema_name),
    CONSTRAINT placements_mode_check CHECK (mode IN ('shared', 'schema', 'database')),
    CONSTRAINT placements_state_check CHECK (state IN ('making', 'spare', 'ready')),
    CONSTRAINT placements_tenant_check CHECK ((mode = 'shared') = (tenant_id IS NULL)),
    CONSTRAINT placements_database_check CHECK (
        CASE mode WHEN 'database' THEN database ~ '^ouvira_t_[0-9a-f]{32}$' ELSE database IS NULL END),
    CONSTRAINT placements_schema_name_check CHECK (
        CASE mode WHEN 'schema' THEN schema_name ~ '^t_[0-9a-f]{32}$' ELSE schema_name = 'ouvira_shared' END)
);
CREATE INDEX placements_history ON ouvira_catalog.placements (history, id);
CREATE INDEX placements_spare ON ouvira_catalog.placements (created_at) WHERE state = 'spare';

INSERT INTO ouvira_catalog.placements (id, mode, schema_name, state)
VALUES ('00000000-0000-0000-0000-000000000000', 'shared', 'ouvira_shared', 'ready');

CREATE TABLE ouvira_catalog.tenants (
    id           uuid        NOT NULL,
    slug         text        NOT NULL,
    name         text        NOT NULL,
    state        text        NOT NULL,
    placement_id uuid        NOT NULL,
    epoch        bigint      NOT NULL DEFAULT 1,
    -- Seals the tenant's secret fields; itself wrapped by a key of the deployment. Gone once the tenant is purged.
    data_key     bytea,
    data_key_kid text,
    -- Whom to make the first administrator, sealed; only while provisioning, so that whoever finds it unfinished can
    -- finish it.
    request      bytea,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    deleted_at   timestamptz,
    purge_at     timestamptz,
    version      bigint      NOT NULL DEFAULT 1,
    CONSTRAINT tenants_pkey PRIMARY KEY (id),
    CONSTRAINT tenants_placement_fkey FOREIGN KEY (placement_id) REFERENCES ouvira_catalog.placements (id),
    CONSTRAINT tenants_slug_check CHECK (slug ~ '^[a-z][a-z0-9-]{1,40}[a-z0-9]$'),
    CONSTRAINT tenants_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT tenants_state_check CHECK (state IN ('provisioning', 'active', 'suspended', 'deleting', 'purged')),
    CONSTRAINT tenants_data_key_check CHECK ((data_key IS NULL) = (state = 'purged')),
    CONSTRAINT tenants_request_check CHECK (request IS NULL OR state = 'provisioning'),
    CONSTRAINT tenants_purge_check CHECK ((purge_at IS NOT NULL) = (state = 'deleting'))
);
-- A purged tenant lets go of its slug.
CREATE UNIQUE INDEX tenants_slug_key ON ouvira_catalog.tenants (slug) WHERE state <> 'purged';
CREATE INDEX tenants_placement ON ouvira_catalog.tenants (placement_id);
CREATE INDEX tenants_unfinished ON ouvira_catalog.tenants (created_at) WHERE state = 'provisioning';
CREATE INDEX tenants_purge ON ouvira_catalog.tenants (purge_at) WHERE state = 'deleting';

CREATE TABLE ouvira_catalog.tenant_domains (
    domain     text        NOT NULL,
    tenant_id  uuid        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tenant_domains_pkey PRIMARY KEY (domain),
    CONSTRAINT tenant_domains_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES ouvira_catalog.tenants (id) ON DELETE CASCADE,
    -- Host names as they come in a request, in lower case (RFC 1123 §2.1).
    CONSTRAINT tenant_domains_domain_check CHECK (
        length(domain) <= 253 AND domain ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$')
);
CREATE INDEX tenant_domains_tenant ON ouvira_catalog.tenant_domains (tenant_id);

CREATE TABLE ouvira_catalog.operators (
    id            uuid        NOT NULL,
    email         text        NOT NULL,
    email_folded  text        NOT NULL,
    password_hash text        NOT NULL,
    active        boolean     NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    version       bigint      NOT NULL DEFAULT 1,
    CONSTRAINT operators_pkey PRIMARY KEY (id),
    CONSTRAINT operators_email_key UNIQUE (email_folded)
);

-- An operator's time-limited leave to act in one tenant; the tenant's gate has its own row of it.
CREATE TABLE ouvira_catalog.operator_grants (
    id          uuid        NOT NULL,
    operator_id uuid        NOT NULL,
    tenant_id   uuid        NOT NULL,
    reason      text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    revoked_at  timestamptz,
    CONSTRAINT operator_grants_pkey PRIMARY KEY (id),
    CONSTRAINT operator_grants_operator_fkey FOREIGN KEY (operator_id) REFERENCES ouvira_catalog.operators (id),
    CONSTRAINT operator_grants_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES ouvira_catalog.tenants (id),
    CONSTRAINT operator_grants_reason_check CHECK (char_length(reason) BETWEEN 1 AND 500),
    CONSTRAINT operator_grants_expires_check CHECK (expires_at > created_at)
);
CREATE INDEX operator_grants_operator ON ouvira_catalog.operator_grants (operator_id, id);
CREATE INDEX operator_grants_tenant ON ouvira_catalog.operator_grants (tenant_id, id);

-- What was done in the catalog, in the transaction that did it. Nobody changes or removes a row.
CREATE TABLE ouvira_catalog.operator_log (
    id          uuid        NOT NULL,
    at          timestamptz NOT NULL,
    -- NULL: the command line.
    operator_id uuid,
    action      text        NOT NULL,
    object_type text        NOT NULL,
    object_id   text        NOT NULL,
    tenant_id   uuid,
    details     jsonb       NOT NULL DEFAULT '{}',
    ip          inet,
    request_id  text,
    CONSTRAINT operator_log_pkey PRIMARY KEY (id),
    CONSTRAINT operator_log_operator_fkey FOREIGN KEY (operator_id) REFERENCES ouvira_catalog.operators (id)
);
CREATE INDEX operator_log_operator ON ouvira_catalog.operator_log (operator_id, id);
CREATE INDEX operator_log_tenant ON ouvira_catalog.operator_log (tenant_id, id);

-- Ed25519 keys of the access tokens. A key is published when it is made, signs from activates_at until a newer one does,
-- and verifies until retires_at.
CREATE TABLE ouvira_catalog.signing_keys (
    kid             text        NOT NULL,
    -- PKCS#8, wrapped by a key of the deployment.
    private_key     bytea       NOT NULL,
    private_key_kid text        NOT NULL,
    public_key      bytea       NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    activates_at    timestamptz NOT NULL,
    retires_at      timestamptz,
    CONSTRAINT signing_keys_pkey PRIMARY KEY (kid),
    CONSTRAINT signing_keys_public_key_check CHECK (octet_length(public_key) = 32)
);

-- What a serving node may know: one row for each domain of a tenant, one for a tenant without. A tenant being made is
-- not in it, and so answers nowhere.
CREATE VIEW ouvira_catalog.tenant_directory AS
    SELECT t.id, t.slug, t.name, t.state, t.epoch, t.data_key, t.data_key_kid, p.mode, p.database, d.domain,
           t.created_at, t.updated_at, t.version
      FROM ouvira_catalog.tenants t
      JOIN ouvira_catalog.placements p ON p.id = t.placement_id
      LEFT JOIN ouvira_catalog.tenant_domains d ON d.tenant_id = t.id
     WHERE t.state NOT IN ('provisioning', 'purged');

GRANT SELECT ON ouvira_catalog.tenant_directory TO ouvira_app;
GRANT SELECT, INSERT, UPDATE ON
    ouvira_catalog.placements, ouvira_catalog.tenants, ouvira_catalog.operators, ouvira_catalog.operator_grants
    TO ouvira_control;
GRANT SELECT, INSERT, DELETE ON ouvira_catalog.tenant_domains TO ouvira_control;
GRANT SELECT, INSERT, UPDATE, DELETE ON ouvira_catalog.signing_keys TO ouvira_control;
GRANT SELECT, INSERT ON ouvira_catalog.operator_log TO ouvira_control;
