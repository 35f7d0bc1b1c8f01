-- The gate: what every scoped transaction passes before it may see a row.
--
-- These tables stand outside the placements, one set per database. The serving role has no grant on any of them: it
-- reads and writes them through the functions below, which run as the owner and take the tenant from the
-- transaction's own scope, never from an argument (but for gate(), which is what sets the scope).

CREATE SCHEMA ouvira_core;
GRANT USAGE ON SCHEMA ouvira_core TO ouvira_app, ouvira_worker, ouvira_control;

CREATE TABLE ouvira_core.gate_tenants (
    tenant_id        uuid   PRIMARY KEY,
    state            text   NOT NULL CHECK (state IN ('provisioning', 'active', 'suspended', 'deleting', 'moved')),
    schema_name      text   NOT NULL CHECK (schema_name ~ '^(ouvira_shared|t_[0-9a-f]{32})$'),
    placement_epoch  bigint NOT NULL DEFAULT 1,
    rights_epoch     bigint NOT NULL DEFAULT 1,
    settings_version bigint NOT NULL DEFAULT 1
);

CREATE TABLE ouvira_core.gate_users (
    tenant_id      uuid    NOT NULL REFERENCES ouvira_core.gate_tenants ON DELETE CASCADE,
    user_id        uuid    NOT NULL,
    active         boolean NOT NULL,
    rights_version bigint  NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, user_id)
);

CREATE TABLE ouvira_core.gate_sessions (
    tenant_id  uuid        NOT NULL,
    session_id uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    scope      text        NOT NULL CHECK (scope IN ('full', 'enrol')),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, session_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES ouvira_core.gate_users ON DELETE CASCADE
);
CREATE INDEX gate_sessions_user ON ouvira_core.gate_sessions (tenant_id, user_id) WHERE revoked_at IS NULL;

CREATE TABLE ouvira_core.gate_grants (
    tenant_id   uuid        NOT NULL REFERENCES ouvira_core.gate_tenants ON DELETE CASCADE,
    grant_id    uuid        NOT NULL,
    operator_id uuid        NOT NULL,
    expires_at  timestamptz NOT NULL,
    revoked_at  timestamptz,
    PRIMARY KEY (tenant_id, grant_id)
);

CREATE TABLE ouvira_core.tenant_settings (
    tenant_id  uuid        PRIMARY KEY REFERENCES ouvira_core.gate_tenants ON DELETE CASCADE,
    settings   jsonb       NOT NULL DEFAULT '{}',
    version    bigint      NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- The scope -----------------------------------------------------------------------------------------------------

-- The tenant of the running transaction; raises outside of one, so that a write through these functions cannot
-- happen without a scope.
CREATE FUNCTION ouvira_core.current_tenant() RETURNS uuid
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
    IF tenant IS NULL THEN
        RAISE EXCEPTION 'no tenant scope is open' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN tenant;
END $$;

-- One row lets the caller in; no row refuses, and then no scope is set. A write holds the tenant's advisory lock
-- shared until it ends: whoever suspends or moves the tenant takes it exclusively and so waits for writes in flight.
-- The lock comes first and the read after it (VOLATILE: every statement has its own snapshot), or the state read
-- could be the one from before a suspension.
CREATE FUNCTION ouvira_core.gate(
    p_tenant uuid, p_epoch bigint, p_write boolean, p_pass text, p_pass_id uuid, p_principal uuid, p_enrolment boolean)
    RETURNS TABLE (tenant_id uuid, schema_name text, rights_epoch bigint, rights_version bigint, settings_version bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_write THEN
        PERFORM pg_advisory_xact_lock_shared(uuid_hash_extended(p_tenant, 0));
    END IF;
    CASE p_pass
    WHEN 'session' THEN
        RETURN QUERY
            SELECT t.tenant_id, t.schema_name, t.rights_epoch, u.rights_version, t.settings_version
              FROM ouvira_core.gate_tenants t
              JOIN ouvira_core.gate_sessions s ON s.tenant_id = t.tenant_id AND s.session_id = p_pass_id
              JOIN ouvira_core.gate_users u ON u.tenant_id = t.tenant_id AND u.user_id = s.user_id
             WHERE t.tenant_id = p_tenant AND t.state = 'active' AND t.placement_epoch = p_epoch
               AND s.user_id = p_principal AND s.revoked_at IS NULL AND s.expires_at > now()
               AND (s.scope = 'full' OR p_enrolment) AND u.active;
    WHEN 'grant' THEN
        RETURN QUERY
            SELECT t.tenant_id, t.schema_name, t.rights_epoch, 0::bigint, t.settings_version
              FROM ouvira_core.gate_tenants t
              JOIN ouvira_core.gate_grants g ON g.tenant_id = t.tenant_id AND g.grant_id = p_pass_id
             WHERE t.tenant_id = p_tenant AND t.state = 'active' AND t.placement_epoch = p_epoch
               AND g.operator_id = p_principal AND g.revoked_at IS NULL AND g.expires_at > now();
    ELSE
        RETURN QUERY
            SELECT t.tenant_id, t.schema_name, t.rights_epoch, 0::bigint, t.settings_version
              FROM ouvira_core.gate_tenants t
             WHERE t.tenant_id = p_tenant AND t.placement_epoch = p_epoch
               AND CASE p_pass WHEN 'open' THEN t.state = 'active'
                               WHEN 'job' THEN t.state <> 'moved'
                               WHEN 'provisioning' THEN t.state = 'provisioning'
                               ELSE false END;
    END CASE;
END $$;

-- Why gate() gave no row. Asked only after a refusal.
CREATE FUNCTION ouvira_core.gate_refusal(
    p_tenant uuid, p_epoch bigint, p_pass text, p_pass_id uuid, p_principal uuid, p_enrolment boolean)
    RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant ouvira_core.gate_tenants;
BEGIN
    SELECT * INTO tenant FROM ouvira_core.gate_tenants t WHERE t.tenant_id = p_tenant;
    IF NOT FOUND OR tenant.state = 'moved' OR tenant.placement_epoch <> p_epoch THEN
        RETURN 'placement_changed';
    ELSIF tenant.state <> 'active' AND p_pass NOT IN ('job', 'provisioning') THEN
        RETURN 'tenant_suspended';
    ELSIF p_pass = 'session' AND NOT p_enrolment AND EXISTS (
            SELECT FROM ouvira_core.gate_sessions s
              JOIN ouvira_core.gate_users u ON u.tenant_id = s.tenant_id AND u.user_id = s.user_id
             WHERE s.tenant_id = p_tenant AND s.session_id = p_pass_id AND s.user_id = p_principal
               AND s.scope = 'enrol' AND s.revoked_at IS NULL AND s.expires_at > now() AND u.active) THEN
        RETURN 'enrolment_only';
    END IF;
    RETURN 'pass_ended';
END $$;

-- Written by the domains, in the same transaction as their own rows ----------------------------------------------

-- identity: a user begins, is switched off, is switched on again.
CREATE FUNCTION ouvira_core.put_user(p_user uuid, p_active boolean) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO ouvira_core.gate_users (tenant_id, user_id, active)
    VALUES (ouvira_core.current_tenant(), p_user, p_active)
    ON CONFLICT (tenant_id, user_id) DO UPDATE SET active = excluded.active
$$;

-- auth: a session begins, becomes a full one, lives longer, ends.
CREATE FUNCTION ouvira_core.open_session(p_session uuid, p_user uuid, p_scope text, p_expires_at timestamptz) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO ouvira_core.gate_sessions (tenant_id, session_id, user_id, scope, expires_at)
    VALUES (ouvira_core.current_tenant(), p_session, p_user, p_scope, p_expires_at)
$$;

CREATE FUNCTION ouvira_core.extend_session(p_session uuid, p_scope text, p_expires_at timestamptz) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH extended AS (
        UPDATE ouvira_core.gate_sessions SET scope = p_scope, expires_at = p_expires_at
         WHERE tenant_id = ouvira_core.current_tenant() AND session_id = p_session AND revoked_at IS NULL
        RETURNING 1)
    SELECT EXISTS (SELECT FROM extended)
$$;

CREATE FUNCTION ouvira_core.end_session(p_session uuid) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH ended AS (
        UPDATE ouvira_core.gate_sessions SET revoked_at = now()
         WHERE tenant_id = ouvira_core.current_tenant() AND session_id = p_session AND revoked_at IS NULL
        RETURNING 1)
    SELECT EXISTS (SELECT FROM ended)
$$;

-- Ends every session of a user, but for p_except when it is not null.
CREATE FUNCTION ouvira_core.end_sessions(p_user uuid, p_except uuid) RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH ended AS (
        UPDATE ouvira_core.gate_sessions SET revoked_at = now()
         WHERE tenant_id = ouvira_core.current_tenant() AND user_id = p_user AND revoked_at IS NULL
           AND session_id IS DISTINCT FROM p_except
        RETURNING 1)
    SELECT count(*) FROM ended
$$;

-- access_control: rights changed. The tenant's row lock serialises what must not race (the last owner, cycles in the
-- tree); the answer is the epoch from before, so that whoever decided on an older one can decide anew.
CREATE FUNCTION ouvira_core.raise_rights_epoch() RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE ouvira_core.gate_tenants SET rights_epoch = rights_epoch + 1
     WHERE tenant_id = ouvira_core.current_tenant()
    RETURNING rights_epoch - 1
$$;

CREATE FUNCTION ouvira_core.raise_rights_version(p_user uuid) RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE ouvira_core.gate_users SET rights_version = rights_version + 1
     WHERE tenant_id = ouvira_core.current_tenant() AND user_id = p_user
    RETURNING rights_version - 1
$$;

-- tenancy: settings. A write names the version it was made from; no row means somebody was faster.
CREATE FUNCTION ouvira_core.read_settings() RETURNS TABLE (settings jsonb, version bigint, updated_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.settings, s.version, s.updated_at FROM ouvira_core.tenant_settings s
     WHERE s.tenant_id = ouvira_core.current_tenant()
$$;

CREATE FUNCTION ouvira_core.write_settings(p_settings jsonb, p_version bigint, p_at timestamptz)
    RETURNS TABLE (version bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
        UPDATE ouvira_core.tenant_settings s SET settings = p_settings, version = s.version + 1, updated_at = p_at
         WHERE s.tenant_id = ouvira_core.current_tenant() AND s.version = p_version
        RETURNING s.version;
    IF FOUND THEN
        UPDATE ouvira_core.gate_tenants t SET settings_version = t.settings_version + 1
         WHERE t.tenant_id = ouvira_core.current_tenant();
    END IF;
END $$;

-- Control: the functions that make a tenant's gate row or change its state, for ouvira_control alone -------------

CREATE FUNCTION ouvira_core.admit_tenant(p_tenant uuid, p_schema text, p_settings jsonb) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO ouvira_core.gate_tenants (tenant_id, state, schema_name) VALUES (p_tenant, 'provisioning', p_schema);
    INSERT INTO ouvira_core.tenant_settings (tenant_id, settings) VALUES (p_tenant, p_settings);
$$;

-- Changes the state under the exclusive lock, which waits for every write in flight: that is the fence.
CREATE FUNCTION ouvira_core.set_tenant_state(p_tenant uuid, p_from text[], p_to text) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(uuid_hash_extended(p_tenant, 0));
    UPDATE ouvira_core.gate_tenants SET state = p_to WHERE tenant_id = p_tenant AND state = ANY (p_from);
    RETURN FOUND;
END $$;

CREATE FUNCTION ouvira_core.put_grant(p_tenant uuid, p_grant uuid, p_operator uuid, p_expires_at timestamptz) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO ouvira_core.gate_grants (tenant_id, grant_id, operator_id, expires_at)
    VALUES (p_tenant, p_grant, p_operator, p_expires_at)
$$;

-- The outbox: what leaves the transaction that wrote it, handled by the worker, at least once ---------------------

CREATE TABLE ouvira_core.outbox (
    id           uuid        PRIMARY KEY,
    -- No foreign key: it would lock the tenant's row on every write of the tenant.
    tenant_id    uuid        NOT NULL,
    topic        text        NOT NULL CHECK (length(topic) <= 100),
    payload      jsonb       NOT NULL,
    request_id   text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    available_at timestamptz NOT NULL DEFAULT now(),
    attempts     integer     NOT NULL DEFAULT 0,
    last_error   text,
    done_at      timestamptz,
    dead_at      timestamptz
);
-- By tenant first: the worker takes a few of each, so that a flood of one does not starve the others.
CREATE INDEX outbox_due ON ouvira_core.outbox (tenant_id, available_at) WHERE done_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_done ON ouvira_core.outbox (done_at) WHERE done_at IS NOT NULL;
GRANT SELECT, UPDATE, DELETE ON ouvira_core.outbox TO ouvira_worker;

CREATE FUNCTION ouvira_core.publish(p_id uuid, p_topic text, p_payload jsonb, p_request_id text) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO ouvira_core.outbox (id, tenant_id, topic, payload, request_id)
    VALUES (p_id, ouvira_core.current_tenant(), p_topic, p_payload, p_request_id)
$$;

-- Who may call what ---------------------------------------------------------------------------------------------

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ouvira_core FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    ouvira_core.current_tenant(),
    ouvira_core.gate(uuid, bigint, boolean, text, uuid, uuid, boolean),
    ouvira_core.gate_refusal(uuid, bigint, text, uuid, uuid, boolean),
    ouvira_core.put_user(uuid, boolean),
    ouvira_core.open_session(uuid, uuid, text, timestamptz),
    ouvira_core.extend_session(uuid, text, timestamptz),
    ouvira_core.end_session(uuid),
    ouvira_core.end_sessions(uuid, uuid),
    ouvira_core.raise_rights_epoch(),
    ouvira_core.raise_rights_version(uuid),
    ouvira_core.read_settings(),
    ouvira_core.write_settings(jsonb, bigint, timestamptz),
    ouvira_core.publish(uuid, text, jsonb, text)
    TO ouvira_app;
GRANT EXECUTE ON FUNCTION
    ouvira_core.admit_tenant(uuid, text, jsonb),
    ouvira_core.set_tenant_state(uuid, text[], text),
    ouvira_core.put_grant(uuid, uuid, uuid, timestamptz)
    TO ouvira_control;
