DROP TABLE ouvira_catalog.idempotency_keys;
