-- Organisations in a tree, and what each decided for itself.

CREATE TABLE companies (
    tenant_id   uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    id          uuid        NOT NULL,
    name        text        NOT NULL,
    -- How the name is compared.
    name_folded text        COLLATE "C" NOT NULL,
    legal_name  text,
    tax_id      text,
    parent_id   uuid,
    status      text        NOT NULL DEFAULT 'active',
    version     bigint      NOT NULL DEFAULT 1,
    -- Deleted ones can be restored for a while; until then they count for nothing.
    deleted_at  timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT companies_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT companies_parent FOREIGN KEY (tenant_id, parent_id) REFERENCES companies (tenant_id, id) DEFERRABLE,
    CONSTRAINT companies_status CHECK (status IN ('active', 'archived')),
    CONSTRAINT companies_name_length CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT companies_not_its_own_parent CHECK (parent_id <> id)
);
-- Siblings have different names; roots are siblings of one another.
CREATE UNIQUE INDEX companies_name ON companies (tenant_id, parent_id, name_folded) NULLS NOT DISTINCT
    WHERE deleted_at IS NULL;
CREATE INDEX companies_live ON companies (tenant_id, id) WHERE deleted_at IS NULL;
CREATE INDEX companies_children ON companies (tenant_id, parent_id, id) WHERE deleted_at IS NULL;
CREATE INDEX companies_archived ON companies (tenant_id, id) WHERE deleted_at IS NULL AND status = 'archived';

-- The words by which a company is found: folded, one row each. Search is by prefix with plain comparisons, which an
-- index can serve under row-level security.
CREATE TABLE company_words (
    tenant_id  uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    word       text        COLLATE "C" NOT NULL,
    company_id uuid        NOT NULL,
    CONSTRAINT company_words_pkey PRIMARY KEY (tenant_id, word, company_id),
    CONSTRAINT company_words_company FOREIGN KEY (tenant_id, company_id) REFERENCES companies (tenant_id, id)
        ON DELETE CASCADE DEFERRABLE
);
CREATE INDEX company_words_company ON company_words (tenant_id, company_id);

-- No row: everything has its default.
CREATE TABLE company_settings (
    tenant_id          uuid        NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    company_id         uuid        NOT NULL,
    locale             text        NOT NULL,
    timezone           text        NOT NULL,
    currency           text        NOT NULL,
    require_two_factor boolean     NOT NULL,
    features           jsonb       NOT NULL,
    logo_url           text,
    version            bigint      NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT company_settings_pkey PRIMARY KEY (tenant_id, company_id),
    CONSTRAINT company_settings_company FOREIGN KEY (tenant_id, company_id) REFERENCES companies (tenant_id, id)
        ON DELETE CASCADE DEFERRABLE,
    CONSTRAINT company_settings_locale CHECK (locale IN ('en', 'fr', 'de')),
    CONSTRAINT company_settings_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT company_settings_features CHECK (jsonb_typeof(features) = 'object'),
    CONSTRAINT company_settings_logo_url CHECK (logo_url LIKE 'https://%')
);

GRANT SELECT, INSERT, UPDATE, DELETE ON companies, company_words, company_settings TO ouvira_app;
