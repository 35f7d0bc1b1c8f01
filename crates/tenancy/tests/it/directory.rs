//! From names to tenants, through the cache.

use std::{sync::Arc, time::Duration};

use diesel_async::SimpleAsyncConnection as _;
use ouvira_common::{
    id::TenantId,
    locale::Locale,
    ports::{ResolveError, TenantName, TenantResolver as _},
    sealing::WrappingKeys,
    tenant::{PlacementMode, TenantState},
    testing::becomes_so,
};
use ouvira_tenancy::{CacheLimits, Directory, TenantChanges};
use uuid::Uuid;

use crate::support::{Platform, new_tenant};

#[tokio::test]
async fn a_tenant_is_found_by_slug_domain_and_id_with_one_data_key() {
    let platform = Platform::new().await;
    for mode in PlacementMode::ALL {
        let tenant = platform.tenant(&format!("acme-{}", mode.as_str()), mode).await;
        let domain = format!("{}.example.com", mode.as_str());
        let changes = TenantChanges { domains: Some(vec![domain.to_uppercase()]), name: None };
        let after =
            platform.tenants.update(&platform.ctx(), tenant.id, changes, Some(tenant.version)).await.unwrap();
        assert_eq!(after.domains.join(" "), domain);

        let names =
            [TenantName::Slug(tenant.slug.as_str()), TenantName::Domain(&domain), TenantName::Id(tenant.id)];
        let mut keys = Vec::new();
        for name in names {
            let resolved = platform.directory().resolve(name).await.unwrap();
            assert_eq!(resolved.id, tenant.id);
            assert_eq!(resolved.state, TenantState::Active);
            assert_eq!(resolved.placement, tenant.placement);
            assert_eq!(resolved.settings_version, 1);
            keys.push(*resolved.data_key.expose());
        }
        assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let platform = Platform::new().await;
    for name in [
        TenantName::Slug("nobody"),
        TenantName::Domain("nobody.example"),
        TenantName::Id(TenantId(Uuid::max())),
    ] {
        assert_eq!(platform.directory.resolve(name).await.unwrap_err(), ResolveError::NotFound);
    }
}

#[tokio::test]
async fn a_name_that_was_unknown_is_known_a_moment_after_its_tenant_is_made() {
    let platform = Platform::new().await;
    let limits = CacheLimits { unknown: Duration::from_millis(50), ..CacheLimits::default() };
    let node = Directory::new(&platform.endpoint("app"), Arc::clone(&platform.keys), limits);
    assert!(node.resolve(TenantName::Slug("acme")).await.is_err());
    platform.tenant("acme", PlacementMode::Shared).await;
    let known = async || node.resolve(TenantName::Slug("acme")).await.is_ok();
    assert!(becomes_so(Duration::from_secs(10), known).await);
}

#[tokio::test]
async fn settings_come_from_the_tenants_own_database() {
    let platform = Platform::new().await;
    for mode in PlacementMode::ALL {
        let tenant = platform.tenant(&format!("acme-{}", mode.as_str()), mode).await;
        let before = platform.resolve(tenant.slug.as_str()).await;
        let ctx = crate::support::job(Arc::clone(&before));
        let written: Result<(), ouvira_common::db::DbError> = platform
            .db()
            .write(&ctx, async |tx| {
                let write =
                    "SELECT ouvira_core.write_settings('{\"locale\": \"fr\", \"later\": 1}', 1, now())";
                tx.batch_execute(write).await?;
                Ok(())
            })
            .await;
        written.unwrap();

        let after = platform.directory.resolve_anew(tenant.id).await.unwrap();
        assert_eq!((before.settings.locale, before.settings_version), (Locale::En, 1));
        assert_eq!((after.settings.locale, after.settings_version), (Locale::Fr, 2));
        // The cache has it from then on.
        assert_eq!(platform.resolve(tenant.slug.as_str()).await.settings_version, 2);
    }
}

#[tokio::test]
async fn without_its_wrapping_key_a_tenant_is_unavailable_not_unknown() {
    let platform = Platform::new().await;
    platform.tenant("acme", PlacementMode::Shared).await;
    let keys = Arc::new(WrappingKeys::single("k2", [8; 32]));
    let node = Directory::new(&platform.endpoint("app"), keys, CacheLimits::default());
    assert!(matches!(node.resolve(TenantName::Slug("acme")).await, Err(ResolveError::Unavailable(_))));
}

#[tokio::test]
async fn a_data_key_does_not_open_in_another_tenants_place() {
    let platform = Platform::new().await;
    let one = platform.tenant("one", PlacementMode::Shared).await;
    let two = platform.tenant("two", PlacementMode::Shared).await;
    let swap = format!(
        "UPDATE ouvira_catalog.tenants t SET data_key = o.data_key FROM ouvira_catalog.tenants o \
         WHERE t.id = '{}' AND o.id = '{}'",
        one.id, two.id
    );
    platform.connection("control", None).await.batch_execute(&swap).await.unwrap();
    assert!(matches!(
        platform.directory().resolve(TenantName::Id(one.id)).await,
        Err(ResolveError::Unavailable(_))
    ));
    assert!(platform.directory().resolve(TenantName::Id(two.id)).await.is_ok());
}

#[tokio::test]
async fn a_stale_answer_outlives_the_catalog() {
    let platform = Platform::new().await;
    platform.tenant("acme", PlacementMode::Shared).await;
    let limits = CacheLimits { fresh: Duration::ZERO, ..CacheLimits::default() };
    let node = Directory::new(&platform.endpoint("app"), Arc::clone(&platform.keys), limits);
    node.resolve(TenantName::Slug("acme")).await.unwrap();
    let revoke = "REVOKE SELECT ON ouvira_catalog.tenant_directory FROM ouvira_app";
    platform.connection("owner", None).await.batch_execute(revoke).await.unwrap();
    assert!(node.resolve(TenantName::Slug("acme")).await.is_ok());
    assert!(node.resolve(TenantName::Slug("other")).await.is_err());
}

#[tokio::test]
async fn a_tenant_being_made_is_resolved_by_nobody() {
    let platform = Platform::new().await;
    let deps = ouvira_tenancy::TenantDeps { placements: None, ..platform.deps() };
    let serving = ouvira_tenancy::Tenants::new(deps);
    let made = serving.create(&platform.ctx(), new_tenant("later", PlacementMode::Schema)).await.unwrap();
    let resolved = platform.directory().resolve(TenantName::Id(made.tenant.id)).await;
    assert_eq!(resolved.unwrap_err(), ResolveError::NotFound);
}
