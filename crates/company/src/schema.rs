// @generated automatically by Diesel CLI.

diesel::table! {
    companies (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        name_folded -> Text,
        legal_name -> Nullable<Text>,
        tax_id -> Nullable<Text>,
        parent_id -> Nullable<Uuid>,
        status -> Text,
        version -> Int8,
        deleted_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    company_settings (tenant_id, company_id) {
        tenant_id -> Uuid,
        company_id -> Uuid,
        locale -> Text,
        timezone -> Text,
        currency -> Text,
        require_two_factor -> Bool,
        features -> Jsonb,
        logo_url -> Nullable<Text>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    company_words (tenant_id, word, company_id) {
        tenant_id -> Uuid,
        word -> Text,
        company_id -> Uuid,
    }
}

diesel::allow_tables_to_appear_in_same_query!(companies, company_settings, company_words,);
