-- Rows of one tenant, up to a number each; what is there is left as it is. Ids are numbers, those of the log begin with the
-- time, as UUIDv7 do.
BEGIN;
SET LOCAL app.tenant_id TO :tenant;
SET LOCAL work_mem TO '64MB';

CREATE FUNCTION pg_temp.numbered(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT lpad(to_hex(n), 32, '0')::uuid $$;

INSERT INTO users (id, email, email_folded, email_verified, first_name, locale, timezone, active)
SELECT pg_temp.numbered(n), format('person%s@example.com', n), format('person%s@example.com', n), true, 'Person', 'en', 'UTC',
       n % 20 <> 0
  FROM generate_series(1, :users) n
 WHERE NOT EXISTS (SELECT FROM users u WHERE u.tenant_id = :tenant AND u.id = pg_temp.numbered(n));
INSERT INTO user_search_tokens (user_id, token)
SELECT id, unnest(ARRAY[email_folded, 'person', 'example.com']) FROM users WHERE tenant_id = :tenant AND first_name = 'Person'
ON CONFLICT DO NOTHING;
INSERT INTO ouvira_core.gate_users (tenant_id, user_id, active)
SELECT tenant_id, id, active FROM users WHERE tenant_id = :tenant
ON CONFLICT DO NOTHING;

INSERT INTO companies (id, name, name_folded, parent_id, status)
SELECT pg_temp.numbered(n), 'Branch ' || n, 'branch ' || n, :root, CASE WHEN n % 10 = 0 THEN 'archived' ELSE 'active' END
  FROM generate_series(1, :companies) n
UNION ALL
SELECT pg_temp.numbered(1000000000 + n), 'Level ' || n, 'level ' || n,
       CASE WHEN n = 1 THEN :root ELSE pg_temp.numbered(1000000000 + n - 1) END, 'active'
  FROM generate_series(1, :deep) n
ON CONFLICT DO NOTHING;
INSERT INTO company_words (word, company_id)
SELECT word, id FROM companies, unnest(string_to_array(name_folded, ' ')) word WHERE tenant_id = :tenant
ON CONFLICT DO NOTHING;
INSERT INTO company_tree (id, parent_id)
SELECT id, parent_id FROM companies WHERE tenant_id = :tenant ORDER BY id
ON CONFLICT DO NOTHING;
-- What nodes know of the tree is over.
UPDATE ouvira_core.gate_tenants SET rights_epoch = rights_epoch + 1 WHERE tenant_id = :tenant;

-- A row each millisecond, the last one a minute ago.
INSERT INTO activity_log (id, at, retention_days, actor_kind, actor_id, action, object_kind, object_id, company_id, changes,
                          request_id, public_hash, personal_hash)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid, at, 365,
       'user', pg_temp.numbered(n % :actors), CASE WHEN n % 100 = 0 THEN 'company.deleted' ELSE 'company.updated' END,
       CASE WHEN n % 10 = 0 THEN 'user' ELSE 'company' END, pg_temp.numbered(n % :companies), pg_temp.numbered(n % :companies),
       '{"name": {"from": "A", "to": "B"}}', n::text, sha256(n::text::bytea), sha256(n::text::bytea)
  FROM (SELECT n, now() - interval '1 minute' - (:rows - n) * interval '1 millisecond' AS at
          FROM generate_series((SELECT count(*) FROM activity_log WHERE tenant_id = :tenant) + 1, :rows) n) row;
DROP FUNCTION pg_temp.numbered(bigint);
COMMIT;
