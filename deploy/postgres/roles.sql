-- The roles and the database of Ouvira. Run once by a superuser, before the first `ouvira migrate`:
--
--     psql --set ON_ERROR_STOP=1 --file roles.sql
--
-- Postgres 15 or newer. No role has a password: give each one as your server asks for it (\password, certificates, an
-- identity service). None is a superuser, none bypasses row-level security, none is a member of another of them.
--
-- The embedded server runs this file too, statement by statement: a statement ends with the semicolon that ends its
-- line, and there is no other semicolon in it.

-- Owns and migrates everything. It makes databases, since a tenant may have one of its own.
CREATE ROLE ouvira_owner LOGIN NOSUPERUSER CREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

-- Takes the database of a tenant that is erased from under whoever is still connected to it.
GRANT pg_signal_backend TO ouvira_owner;

-- Serves: owns nothing, sees rows of the tenant in scope alone.
CREATE ROLE ouvira_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

-- Reads the outbox of all tenants, and nothing else of theirs.
CREATE ROLE ouvira_worker LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

-- Reads and writes the catalog, admits tenants at the gate and changes their state.
CREATE ROLE ouvira_control LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

-- Nothing is found by an unqualified name until the gate has opened a scope. Times without a zone mean UTC.
ALTER ROLE ouvira_owner SET search_path = pg_catalog, pg_temp;
ALTER ROLE ouvira_app SET search_path = pg_catalog, pg_temp;
ALTER ROLE ouvira_worker SET search_path = pg_catalog, pg_temp;
ALTER ROLE ouvira_control SET search_path = pg_catalog, pg_temp;
ALTER ROLE ouvira_owner SET timezone = 'UTC';
ALTER ROLE ouvira_app SET timezone = 'UTC';
ALTER ROLE ouvira_worker SET timezone = 'UTC';
ALTER ROLE ouvira_control SET timezone = 'UTC';

-- No request holds a lock or a connection for long, whatever becomes of its client.
ALTER ROLE ouvira_app SET statement_timeout = '30s';
ALTER ROLE ouvira_app SET lock_timeout = '10s';
ALTER ROLE ouvira_app SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE ouvira_worker SET statement_timeout = '60s';
ALTER ROLE ouvira_worker SET lock_timeout = '10s';
ALTER ROLE ouvira_worker SET idle_in_transaction_session_timeout = '60s';

-- Short queries by key: compiling them costs more than it gives.
ALTER ROLE ouvira_app SET jit = off;

-- A suspension waits for writes in flight, each of which ends by the limits above.
ALTER ROLE ouvira_control SET statement_timeout = '120s';
ALTER ROLE ouvira_control SET lock_timeout = '90s';
ALTER ROLE ouvira_control SET idle_in_transaction_session_timeout = '60s';

-- A migration may run long, but while it waits for a table everybody behind it waits too.
ALTER ROLE ouvira_owner SET lock_timeout = '30s';
ALTER ROLE ouvira_owner SET idle_in_transaction_session_timeout = '5min';

-- Texts are compared by their bytes: fast, and the same before and after an upgrade of the operating system.
CREATE DATABASE ouvira OWNER ouvira_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C';
REVOKE ALL ON DATABASE ouvira FROM PUBLIC;
GRANT CONNECT ON DATABASE ouvira TO ouvira_app, ouvira_worker, ouvira_control;
