-- One tenant of P11's size, written as the owner in maintenance: 100,000 users, a company tree 10 deep and 10,000 wide, and
-- what people hold there. `psql --set tenant=… --set member=… --set viewer=…`, the last two being ids of system roles.

BEGIN;
SET LOCAL search_path TO ouvira_shared, pg_temp;
SET LOCAL app.maintenance TO 'on';
SELECT set_config('app.tenant_id', :'tenant', true);

-- UUIDv7 in the order of their numbers; `kind` keeps those of one table apart from another's.
CREATE FUNCTION pg_temp.id(kind int, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(1700000000000 + number), 12, '0') || '7' || lpad(to_hex(kind), 3, '0') || '8000' || lpad(to_hex(number), 12, '0'))::uuid
$$;

INSERT INTO users (id, email, email_folded, email_verified, first_name, last_name, locale, timezone, active)
SELECT pg_temp.id(1, n), format('person-%s@example.com', n), format('person-%s@example.com', n), true,
       'First' || n % 1000, 'Last' || n % 5000, 'en', 'UTC', n % 20 <> 0
  FROM generate_series(1, 100000) n;
INSERT INTO user_search_tokens (user_id, token)
SELECT pg_temp.id(1, n), token
  FROM generate_series(1, 100000) n,
       unnest(ARRAY[format('person-%s@example.com', n), 'first' || n % 1000, 'last' || n % 5000]) token;

-- 1 is the top, 2 to 10001 stand below it, and below each thousandth of those there is a chain of eight more.
CREATE TEMPORARY TABLE tree ON COMMIT DROP AS
SELECT 1 AS n, NULL::bigint AS parent
 UNION ALL SELECT n, 1 FROM generate_series(2, 10001) n
 UNION ALL SELECT 10001 + 8 * (top / 1000 - 1) + level, CASE level WHEN 1 THEN top ELSE 10001 + 8 * (top / 1000 - 1) + level - 1 END
             FROM generate_series(1000, 10000, 1000) top, generate_series(1, 8) level;
INSERT INTO companies (id, name, name_folded, parent_id, status)
SELECT pg_temp.id(2, n), 'Company ' || n, 'company ' || n, pg_temp.id(2, parent), CASE WHEN n % 50 = 0 THEN 'archived' ELSE 'active' END
  FROM tree ORDER BY n;
INSERT INTO company_words (word, company_id)
SELECT word, pg_temp.id(2, n) FROM tree, unnest(ARRAY['company', n::text]) word;
INSERT INTO company_tree (id, parent_id) SELECT pg_temp.id(2, n), pg_temp.id(2, parent) FROM tree ORDER BY n;

INSERT INTO permissions (id, code, name)
SELECT pg_temp.id(3, n), 'thing' || n || '.do', 'Do thing ' || n FROM generate_series(1, 200) n;
INSERT INTO roles (id, company_id, code, name, name_folded, inherits)
SELECT pg_temp.id(4, n), CASE WHEN n % 2 = 0 THEN pg_temp.id(2, n) END, 'role-' || n, 'Role ' || n, 'role ' || n, n % 4 = 0
  FROM generate_series(1, 1000) n;
INSERT INTO role_permissions (id, role_id, permission_id, custom_permission_id)
SELECT pg_temp.id(5, 10 * n + p), pg_temp.id(4, n), pg_temp.id(3, (n + p) % 200 + 1), pg_temp.id(3, (n + p) % 200 + 1)
  FROM generate_series(1, 1000) n, generate_series(0, 9) p;

-- Everybody is a member of one company, and every second one of the top too; each with a role.
INSERT INTO memberships (id, user_id, company_id, joined_at)
SELECT pg_temp.id(6, n), pg_temp.id(1, n), pg_temp.id(2, n % 10000 + 2), now() FROM generate_series(1, 100000) n
 UNION ALL
SELECT pg_temp.id(6, 100000 + n), pg_temp.id(1, 2 * n), pg_temp.id(2, 1), now() FROM generate_series(1, 50000) n;
INSERT INTO membership_roles (id, membership_id, company_id, role_id, expires_at)
SELECT pg_temp.id(7, n), pg_temp.id(6, n), pg_temp.id(2, CASE WHEN n <= 100000 THEN n % 10000 + 2 ELSE 1 END), :'member', CASE WHEN n % 100 = 0 THEN now() + interval '30 days' END
  FROM generate_series(1, 150000) n;
INSERT INTO tenant_roles (id, user_id, role_id, custom_role_id)
SELECT pg_temp.id(8, n), pg_temp.id(1, 5 * n), pg_temp.id(4, 2 * (n % 500) + 1), pg_temp.id(4, 2 * (n % 500) + 1)
  FROM generate_series(1, 20000) n;
INSERT INTO tenant_roles (id, user_id, role_id)
SELECT pg_temp.id(9, n), pg_temp.id(1, 7 * n), :'viewer' FROM generate_series(1, 10000) n;

INSERT INTO invitations (id, company_id, email, role_ids, status, token_hash, invited_by, invited_by_kind, expires_at, accepted_at)
SELECT pg_temp.id(10, n), CASE WHEN n % 10 <> 0 THEN pg_temp.id(2, n % 10000 + 1) END, format('guest-%s@example.com', n), '{}',
       (ARRAY['accepted', 'revoked', 'pending', 'pending'])[n % 4 + 1], decode(lpad(to_hex(n), 64, '0'), 'hex'), pg_temp.id(1, 1), 'user',
       now() + make_interval(days => 15 - n % 30), CASE WHEN n % 4 = 0 THEN now() END
  FROM generate_series(1, 20000) n;
INSERT INTO object_grants (id, user_id, permission_id, custom_permission_id, object_type, object_id)
SELECT pg_temp.id(11, n), pg_temp.id(1, n), pg_temp.id(3, n % 200 + 1), pg_temp.id(3, n % 200 + 1), 'invoice', pg_temp.id(12, n % 5000)
  FROM generate_series(1, 20000) n;
COMMIT;
ANALYZE;
