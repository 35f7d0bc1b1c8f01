// @generated automatically by Diesel CLI.

pub mod ouvira_catalog {
    diesel::table! {
        ouvira_catalog.catalog_key (only_one) {
            only_one -> Bool,
            data_key -> Bytea,
            data_key_kid -> Text,
            created_at -> Timestamptz,
        }
    }

    diesel::table! {
        ouvira_catalog.idempotency_keys (key) {
            key -> Bytea,
            fingerprint -> Bytea,
            tenant_id -> Nullable<Uuid>,
            answer -> Nullable<Bytea>,
            expires_at -> Timestamptz,
        }
    }

    diesel::table! {
        ouvira_catalog.operator_attempts (kind, subject) {
            kind -> Text,
            subject -> Bytea,
            count -> Int4,
            resets_at -> Timestamptz,
            blocked_until -> Nullable<Timestamptz>,
            created_at -> Timestamptz,
            updated_at -> Timestamptz,
        }
    }

    diesel::table! {
        ouvira_catalog.operator_backup_codes (operator_id, code_hash) {
            operator_id -> Uuid,
            code_hash -> Bytea,
            created_at -> Timestamptz,
        }
    }

    diesel::table! {
        ouvira_catalog.operator_grants (id) {
            id -> Uuid,
            operator_id -> Uuid,
            tenant_id -> Uuid,
            reason -> Text,
            created_at -> Timestamptz,
            expires_at -> Timestamptz,
            revoked_at -> Nullable<Timestamptz>,
            session_id -> Nullable<Uuid>,
        }
    }

    diesel::table! {
        ouvira_catalog.operator_log (id) {
            id -> Uuid,
            at -> Timestamptz,
            operator_id -> Nullable<Uuid>,
            action -> Text,
            object_type -> Text,
            object_id -> Text,
            tenant_id -> Nullable<Uuid>,
            details -> Jsonb,
            ip -> Nullable<Inet>,
            request_id -> Nullable<Text>,
        }
    }

    diesel::table! {
        ouvira_catalog.operator_login_challenges (id) {
            id -> Uuid,
            operator_id -> Uuid,
            tries -> Int2,
            expires_at -> Timestamptz,
            used_at -> Nullable<Timestamptz>,
            created_at -> Timestamptz,
        }
    }

    diesel::table! {
        ouvira_catalog.operator_sessions (id) {
            id -> Uuid,
            operator_id -> Uuid,
            scope -> Text,
            amr -> Text,
            auth_time -> Timestamptz,
            secret_sealed -> Bytea,
            n -> Int8,
            rotated_at -> Timestamptz,
            device -> Bytea,
            ip -> Nullable<Inet>,
            user_agent -> Nullable<Text>,
            expires_at -> Timestamptz,
            absolute_expires_at -> Timestamptz,
            ended_at -> Nullable<Timestamptz>,
            end_reason -> Nullable<Text>,
            created_at -> Timestamptz,
            updated_at -> Timestamptz,
        }
    }

    diesel::table! {
        ouvira_catalog.operator_totp_factors (operator_id) {
            operator_id -> Uuid,
            secret_sealed -> Bytea,
            confirmed_at -> Nullable<Timestamptz>,
            last_step -> Int8,
            created_at -> Timestamptz,
            updated_at -> Timestamptz,
        }
    }

    diesel::table! {
        ouvira_catalog.operators (id) {
            id -> Uuid,
            email -> Text,
            email_folded -> Text,
            password_hash -> Text,
            active -> Bool,
            created_at -> Timestamptz,
            updated_at -> Timestamptz,
            version -> Int8,
        }
    }

    diesel::table! {
        ouvira_catalog.placements (id) {
            id -> Uuid,
            tenant_id -> Nullable<Uuid>,
            mode -> Text,
            database -> Nullable<Text>,
            schema_name -> Text,
            state -> Text,
            history -> Text,
            migrated_at -> Nullable<Timestamptz>,
            error -> Nullable<Text>,
            created_at -> Timestamptz,
            updated_at -> Timestamptz,
        }
    }

    diesel::table! {
        ouvira_catalog.signing_keys (kid) {
            kid -> Text,
            private_key -> Bytea,
            private_key_kid -> Text,
            public_key -> Bytea,
            created_at -> Timestamptz,
            activates_at -> Timestamptz,
            retires_at -> Nullable<Timestamptz>,
        }
    }

    diesel::table! {
        ouvira_catalog.tenant_domains (domain) {
            domain -> Text,
            tenant_id -> Uuid,
            created_at -> Timestamptz,
        }
    }

    diesel::table! {
        ouvira_catalog.tenants (id) {
            id -> Uuid,
            slug -> Text,
            name -> Text,
            state -> Text,
            placement_id -> Uuid,
            epoch -> Int8,
            data_key -> Nullable<Bytea>,
            data_key_kid -> Nullable<Text>,
            request -> Nullable<Bytea>,
            created_at -> Timestamptz,
            updated_at -> Timestamptz,
            deleted_at -> Nullable<Timestamptz>,
            purge_at -> Nullable<Timestamptz>,
            version -> Int8,
        }
    }

    diesel::joinable!(operator_backup_codes -> operators (operator_id));
    diesel::joinable!(operator_grants -> operator_sessions (session_id));
    diesel::joinable!(operator_grants -> operators (operator_id));
    diesel::joinable!(operator_grants -> tenants (tenant_id));
    diesel::joinable!(operator_log -> operators (operator_id));
    diesel::joinable!(operator_login_challenges -> operators (operator_id));
    diesel::joinable!(operator_sessions -> operators (operator_id));
    diesel::joinable!(operator_totp_factors -> operators (operator_id));
    diesel::joinable!(tenant_domains -> tenants (tenant_id));
    diesel::joinable!(tenants -> placements (placement_id));

    diesel::allow_tables_to_appear_in_same_query!(
        catalog_key,
        idempotency_keys,
        operator_attempts,
        operator_backup_codes,
        operator_grants,
        operator_log,
        operator_login_challenges,
        operator_sessions,
        operator_totp_factors,
        operators,
        placements,
        signing_keys,
        tenant_domains,
        tenants,
    );
}
