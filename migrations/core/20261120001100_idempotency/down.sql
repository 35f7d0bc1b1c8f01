DROP FUNCTION ouvira_core.keep_answer(bytea, bytea, bytea, timestamptz, timestamptz);
DROP FUNCTION ouvira_core.claim_key(bytea, bigint, timestamptz);
DROP TABLE ouvira_core.idempotency_keys;
