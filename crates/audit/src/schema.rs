// @generated automatically by Diesel CLI.

diesel::table! {
    activity_log (tenant_id, id, at, retention_days) {
        tenant_id -> Uuid,
        id -> Uuid,
        at -> Timestamptz,
        retention_days -> Int2,
        actor_kind -> Text,
        actor_id -> Uuid,
        via -> Nullable<Text>,
        via_id -> Nullable<Uuid>,
        action -> Text,
        object_kind -> Text,
        object_id -> Uuid,
        company_id -> Nullable<Uuid>,
        changes -> Jsonb,
        request_id -> Text,
        personal -> Nullable<Jsonb>,
        salt -> Nullable<Bytea>,
        public_hash -> Bytea,
        personal_hash -> Bytea,
        txid -> Int8,
    }
}

diesel::table! {
    audit_checkpoints (tenant_id, size) {
        tenant_id -> Uuid,
        size -> Int8,
        root -> Bytea,
        edge -> Bytea,
        txid -> Int8,
        row_id -> Uuid,
        log_position -> Nullable<Int8>,
        log_size -> Nullable<Int8>,
        log_path -> Nullable<Bytea>,
        note -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    audit_leaves (tenant_id, position) {
        tenant_id -> Uuid,
        position -> Int8,
        log -> Text,
        row_id -> Uuid,
        retention_days -> Int2,
        public_hash -> Bytea,
        personal_hash -> Bytea,
        leaf_hash -> Bytea,
    }
}

diesel::table! {
    audit_nodes (tenant_id, level, index) {
        tenant_id -> Uuid,
        level -> Int2,
        index -> Int8,
        hash -> Bytea,
    }
}

diesel::table! {
    notification_preferences (tenant_id, user_id, kind) {
        tenant_id -> Uuid,
        user_id -> Uuid,
        kind -> Text,
        in_app -> Bool,
        email -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    notification_tickets (tenant_id, hash) {
        tenant_id -> Uuid,
        hash -> Bytea,
        user_id -> Uuid,
        session_id -> Uuid,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    notifications (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        user_id -> Uuid,
        kind -> Text,
        data -> Jsonb,
        in_app -> Bool,
        read_at -> Nullable<Timestamptz>,
        mailed_at -> Nullable<Timestamptz>,
        txid -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    security_log (tenant_id, id, at, retention_days) {
        tenant_id -> Uuid,
        id -> Uuid,
        at -> Timestamptz,
        retention_days -> Int2,
        actor_kind -> Text,
        actor_id -> Uuid,
        via -> Nullable<Text>,
        via_id -> Nullable<Uuid>,
        event -> Text,
        outcome -> Text,
        user_id -> Nullable<Uuid>,
        details -> Jsonb,
        request_id -> Text,
        personal -> Nullable<Jsonb>,
        salt -> Nullable<Bytea>,
        public_hash -> Bytea,
        personal_hash -> Bytea,
        txid -> Int8,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    activity_log,
    audit_checkpoints,
    audit_leaves,
    audit_nodes,
    notification_preferences,
    notification_tickets,
    notifications,
    security_log,
);
