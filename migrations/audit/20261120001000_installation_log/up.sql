-- The tree of the installation: its leaves are the roots of the tenants' trees. One, in the common database, outside of
-- the placements; written by the worker alone, which only ever adds to it.

CREATE SCHEMA ouvira_seal;
GRANT USAGE ON SCHEMA ouvira_seal TO ouvira_worker;

CREATE TABLE ouvira_seal.leaves (
    position   bigint      PRIMARY KEY,
    tenant_id  uuid        NOT NULL,
    -- Of the tenant's tree.
    size       bigint      NOT NULL,
    root       bytea       NOT NULL CHECK (length(root) = 32),
    leaf_hash  bytea       NOT NULL CHECK (length(leaf_hash) = 32),
    created_at timestamptz NOT NULL
);
CREATE INDEX leaves_tenant ON ouvira_seal.leaves (tenant_id, position);

CREATE TABLE ouvira_seal.nodes (
    level smallint NOT NULL,
    index bigint   NOT NULL,
    hash  bytea    NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, index)
);

CREATE TABLE ouvira_seal.checkpoints (
    size       bigint      PRIMARY KEY,
    root       bytea       NOT NULL CHECK (length(root) = 32),
    edge       bytea       NOT NULL,
    note       text        NOT NULL,
    created_at timestamptz NOT NULL
);

-- The keys that signed checkpoints, private parts wrapped by the deployment's key. The last one signs.
CREATE TABLE ouvira_seal.signing_keys (
    id         uuid        PRIMARY KEY,
    name       text        NOT NULL,
    verifier   text        NOT NULL,
    wrapped_by text        NOT NULL,
    wrapped    bytea       NOT NULL,
    created_at timestamptz NOT NULL
);

GRANT SELECT, INSERT ON ouvira_seal.leaves, ouvira_seal.nodes, ouvira_seal.checkpoints, ouvira_seal.signing_keys
    TO ouvira_worker;

-- Rows of transactions below this are sealed in that database (empty: the common one). Only says where to look.
CREATE TABLE ouvira_seal.horizons (
    database text        PRIMARY KEY,
    txid     bigint      NOT NULL,
    noted_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON ouvira_seal.horizons TO ouvira_worker;
