// @generated automatically by Diesel CLI.

diesel::table! {
    company_tree (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        parent_id -> Nullable<Uuid>,
        removed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        second_factor -> Bool,
    }
}

diesel::table! {
    invitations (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        company_id -> Nullable<Uuid>,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        role_ids -> Array<Nullable<Uuid>>,
        message -> Nullable<Text>,
        status -> Text,
        token_hash -> Bytea,
        invited_by -> Uuid,
        invited_by_kind -> Text,
        expires_at -> Timestamptz,
        accepted_at -> Nullable<Timestamptz>,
        accepted_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    membership_roles (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        membership_id -> Uuid,
        role_id -> Uuid,
        custom_role_id -> Nullable<Uuid>,
        granted_by -> Nullable<Uuid>,
        expires_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        company_id -> Uuid,
    }
}

diesel::table! {
    memberships (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        user_id -> Uuid,
        company_id -> Uuid,
        status -> Text,
        title -> Nullable<Text>,
        joined_at -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    object_grants (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        user_id -> Nullable<Uuid>,
        role_id -> Nullable<Uuid>,
        custom_role_id -> Nullable<Uuid>,
        permission_id -> Uuid,
        custom_permission_id -> Nullable<Uuid>,
        object_type -> Text,
        object_id -> Uuid,
        granted_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    permissions (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        code -> Text,
        name -> Text,
        description -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    role_permissions (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        role_id -> Uuid,
        permission_id -> Uuid,
        custom_permission_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    roles (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        company_id -> Nullable<Uuid>,
        code -> Text,
        name -> Text,
        name_folded -> Text,
        description -> Nullable<Text>,
        inherits -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    tenant_roles (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        user_id -> Uuid,
        role_id -> Uuid,
        custom_role_id -> Nullable<Uuid>,
        granted_by -> Nullable<Uuid>,
        expires_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    company_tree,
    invitations,
    membership_roles,
    memberships,
    object_grants,
    permissions,
    role_permissions,
    roles,
    tenant_roles,
);
