-- What operators were answered under an Idempotency-Key, for a day. A row with a tenant and no answer: the tenant was begun
-- under the key, and whoever sends it again completes it. Keys are hashes of the operator and the key.
CREATE TABLE ouvira_catalog.idempotency_keys (
    key         bytea       NOT NULL,
    fingerprint bytea       NOT NULL,
    tenant_id   uuid,
    answer      bytea,
    expires_at  timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (key),
    CONSTRAINT idempotency_keys_key_check CHECK (octet_length(key) = 32),
    CONSTRAINT idempotency_keys_state_check CHECK (tenant_id IS NOT NULL OR answer IS NOT NULL)
);
CREATE INDEX idempotency_keys_expiry ON ouvira_catalog.idempotency_keys (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON ouvira_catalog.idempotency_keys TO ouvira_control;
