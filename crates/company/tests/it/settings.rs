use std::{collections::BTreeMap, sync::Arc};

use ouvira_common::{
    locale::Locale,
    permission::Scope,
    problem::Code,
    settings::TenantSettings,
    tenant::PlacementMode,
    testing::{TestTenant, fakes::FixedRights},
};
use ouvira_company::{
    MIGRATIONS,
    model::Edit,
    permission::{COMPANY_READ, COMPANY_SETTINGS},
    settings::SettingsEdit,
};

use crate::support::{House, any_company, code};

fn in_zone(name: &str) -> SettingsEdit {
    SettingsEdit { timezone: Edit::To(name.to_owned()), ..SettingsEdit::default() }
}

#[tokio::test]
async fn what_nobody_decided_has_the_tenants_default() {
    let settings = TenantSettings {
        locale: Locale::Fr,
        timezone: "Europe/Paris".to_owned(),
        ..TenantSettings::default()
    };
    let tenant = TestTenant::with_settings(PlacementMode::Shared, MIGRATIONS, settings).await;
    let house = House { tenant, ..House::new(PlacementMode::Shared).await };
    let ctx = house.somebody().await;
    let company = house.found(&ctx, "Acme", None).await;
    let settings = house.companies().read_settings(&ctx, company.id).await.unwrap();
    assert_eq!(
        (settings.locale, settings.timezone.name(), settings.currency.code()),
        (Locale::Fr, "Europe/Paris", "EUR")
    );
    assert_eq!((settings.version, settings.updated_at), (1, company.created_at));
    assert!(!settings.require_two_factor && settings.features.is_empty() && settings.logo_url.is_none());
}

#[tokio::test]
async fn settings_are_changed_and_put_back_in_every_placement() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.somebody().await;
        let companies = house.companies();
        let company = house.found(&ctx, "Acme", None).await;
        let edit = SettingsEdit {
            currency: Edit::To("CHF".to_owned()),
            require_two_factor: Edit::To(true),
            features: Edit::To(BTreeMap::from([("beta.billing".to_owned(), Some(true))])),
            logo_url: Edit::To("https://example.com/logo.svg".to_owned()),
            ..in_zone("Europe/Zurich")
        };
        let changed = companies.update_settings(&ctx, company.id, Some(1), edit).await.unwrap();
        assert_eq!((changed.version, changed.currency.code(), changed.require_two_factor), (2, "CHF", true));
        assert_eq!(companies.read_settings(&ctx, company.id).await.unwrap(), changed);
        let again =
            companies.update_settings(&ctx, company.id, None, in_zone("Europe/Zurich")).await.unwrap();
        assert_eq!(again.version, 2, "nothing changed");

        let reset = SettingsEdit {
            locale: Edit::Reset,
            timezone: Edit::Reset,
            currency: Edit::Reset,
            require_two_factor: Edit::Reset,
            features: Edit::Reset,
            replace_features: true,
            logo_url: Edit::Reset,
        };
        let reset = companies.update_settings(&ctx, company.id, Some(2), reset).await.unwrap();
        assert_eq!((reset.version, reset.timezone.name(), reset.logo_url), (3, "UTC", None));
        assert_eq!(house.audit.actions()[1..], ["company_settings.updated", "company_settings.updated"]);
    }
}

#[tokio::test]
async fn two_first_edits_at_once_have_one_winner() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let companies = house.companies();
    let company = house.found(&ctx, "Acme", None).await;
    let zones = ["Europe/Paris", "Europe/Berlin", "Europe/London"];
    let edits = zones.map(|zone| companies.update_settings(&ctx, company.id, Some(1), in_zone(zone)));
    let outcomes = futures_util::future::join_all(edits).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        assert_eq!(code(outcome), Code::VersionMismatch);
    }
}

#[tokio::test]
async fn members_read_settings_and_only_who_may_changes_them() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let company = house.found(&ctx, "Acme", None).await;
    let rights = Arc::new(FixedRights::default());
    let companies = house.companies_with(rights.clone());
    assert_eq!(code(companies.read_settings(&ctx, company.id).await), Code::NotFound);
    rights.give(COMPANY_READ, Scope::Company(company.id));
    assert!(companies.read_settings(&ctx, company.id).await.is_ok());
    let change = || companies.update_settings(&ctx, company.id, None, in_zone("Europe/Paris"));
    assert_eq!(code(change().await), Code::PermissionDenied);
    rights.give(COMPANY_SETTINGS, Scope::Company(company.id));
    assert!(change().await.is_ok());
    assert_eq!(code(house.companies().read_settings(&ctx, any_company()).await), Code::NotFound);
}
