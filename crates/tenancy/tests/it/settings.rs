//! Settings of a tenant: who changes them, from which version, and who hears of it.

use std::sync::Arc;

use ouvira_common::{
    db::{DbError, Refusal},
    id::TenantId,
    locale::Locale,
    permission::Scope,
    ports::{PermissionChecker, TenantName, TenantResolver as _},
    problem::{Code, Failure as _},
    settings::SignupPolicy,
    tenant::PlacementMode,
    testing::fakes::{AllowAll, DenyAll, FixedRights},
};
use ouvira_tenancy::{Edit, SettingsEdit, TenancyError, permission::TENANT_SETTINGS};
use uuid::Uuid;

use crate::support::Platform;

fn closed() -> SettingsEdit {
    SettingsEdit {
        signup: Edit::To(SignupPolicy::Closed),
        locale: Edit::To(Locale::De),
        ..SettingsEdit::default()
    }
}

fn owner() -> Arc<dyn PermissionChecker> {
    Arc::new(FixedRights::of([(TENANT_SETTINGS, Scope::Tenant)]))
}

#[tokio::test]
async fn an_owner_changes_them_and_every_node_hears_of_it() {
    let platform = Platform::new().await;
    for mode in PlacementMode::ALL {
        let slug = format!("acme-{}", mode.as_str());
        let tenant = platform.tenant(&slug, mode).await;
        let ctx = platform.signed_in(&slug).await;
        let tenancy = platform.tenancy(owner());
        let before = tenancy.read_settings(&ctx, tenant.id).await.unwrap();
        assert_eq!(before.version, 1);

        let after = tenancy.update_settings(&ctx, tenant.id, Some(1), closed()).await.unwrap();
        assert_eq!((after.version, after.updated_at), (2, ctx.now()));
        assert_eq!(after.settings.signup, SignupPolicy::Closed);
        assert_eq!(tenancy.read_settings(&ctx, tenant.id).await.unwrap(), after);
        assert_eq!(platform.resolve(&slug).await.settings, after.settings);
        let elsewhere = platform.directory().resolve(TenantName::Slug(&slug)).await.unwrap();
        assert_eq!(elsewhere.settings, after.settings);
        assert_eq!(tenancy.read(&ctx, tenant.id).await.unwrap().settings, after.settings);
    }
    assert_eq!(
        platform.audit.actions().iter().filter(|action| **action == "tenant.settings_changed").count(),
        3
    );
    let changed = platform.audit.activities().pop().unwrap().changes;
    assert_eq!(changed.0.keys().copied().collect::<Vec<_>>(), ["locale", "signup"]);
}

#[tokio::test]
async fn an_edit_names_the_version_it_was_made_from_and_no_change_raises_none() {
    let platform = Platform::new().await;
    let tenant = platform.tenant("acme", PlacementMode::Shared).await;
    let (ctx, tenancy) = (platform.signed_in("acme").await, platform.tenancy(owner()));
    tenancy.update_settings(&ctx, tenant.id, None, closed()).await.unwrap();
    let stale = tenancy.update_settings(&ctx, tenant.id, Some(1), SettingsEdit::default()).await.unwrap_err();
    assert_eq!(stale.code(), Code::VersionMismatch);
    let same = tenancy.update_settings(&ctx, tenant.id, Some(2), closed()).await.unwrap();
    assert_eq!(same.version, 2);
}

#[tokio::test]
async fn people_without_the_permission_see_them_and_change_nothing() {
    let platform = Platform::new().await;
    let tenant = platform.tenant("acme", PlacementMode::Shared).await;
    let (ctx, tenancy) = (platform.signed_in("acme").await, platform.tenancy(Arc::new(DenyAll)));
    let denied = tenancy.update_settings(&ctx, tenant.id, None, closed()).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    assert_eq!(tenancy.read_settings(&ctx, tenant.id).await.unwrap().version, 1);
}

#[tokio::test]
async fn another_tenant_is_as_a_random_one() {
    let platform = Platform::new().await;
    platform.tenant("acme", PlacementMode::Shared).await;
    let other = platform.tenant("other", PlacementMode::Shared).await;
    let (ctx, tenancy) = (platform.signed_in("acme").await, platform.tenancy(Arc::new(AllowAll)));
    for id in [other.id, TenantId(Uuid::max())] {
        assert!(matches!(tenancy.read(&ctx, id).await, Err(TenancyError::NotFound)));
        assert!(matches!(tenancy.read_settings(&ctx, id).await, Err(TenancyError::NotFound)));
        assert!(matches!(
            tenancy.update_settings(&ctx, id, None, closed()).await,
            Err(TenancyError::NotFound)
        ));
    }
}

#[tokio::test]
async fn a_suspended_tenants_settings_stay_as_they_are() {
    let platform = Platform::new().await;
    let tenant = platform.tenant("acme", PlacementMode::Shared).await;
    let (ctx, tenancy) = (platform.signed_in("acme").await, platform.tenancy(owner()));
    platform.tenants.suspend(&platform.ctx(), tenant.id).await.unwrap();
    let refused = tenancy.update_settings(&ctx, tenant.id, None, closed()).await.unwrap_err();
    assert!(matches!(refused, TenancyError::Db(DbError::Refused(Refusal::TenantSuspended))));
    let resolved = platform.directory().resolve(TenantName::Slug("acme")).await.unwrap();
    assert_eq!(resolved.settings_version, 1);
}
