// @generated automatically by Diesel CLI.

diesel::table! {
    user_search_tokens (tenant_id, user_id, token) {
        tenant_id -> Uuid,
        user_id -> Uuid,
        token -> Text,
    }
}

diesel::table! {
    users (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        email -> Nullable<Text>,
        email_folded -> Text,
        email_verified -> Bool,
        email_claimed_until -> Nullable<Timestamptz>,
        phone -> Nullable<Text>,
        phone_verified -> Bool,
        phone_claimed_until -> Nullable<Timestamptz>,
        first_name -> Text,
        last_name -> Text,
        locale -> Text,
        timezone -> Text,
        active -> Bool,
        two_factor_enabled -> Bool,
        last_login_at -> Nullable<Timestamptz>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(user_search_tokens, users,);
