//! Suspending, resuming, deleting, renaming, listing.

use std::{sync::Arc, time::Duration};

use diesel_async::SimpleAsyncConnection as _;
use ouvira_common::{
    db::{DbError, Refusal},
    id::TenantId,
    page::{Limit, PageRequest},
    problem::{Code, Failure as _},
    tenant::{PlacementMode, TenantState},
    testing::becomes_so,
};
use ouvira_tenancy::{GRACE, TenantChanges};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::support::{Platform, column, notes, write_note};

#[tokio::test]
async fn a_suspended_tenant_is_refused_on_the_next_request_of_a_warm_node() {
    let platform = Platform::new().await;
    for mode in PlacementMode::ALL {
        let tenant = platform.tenant(&format!("acme-{}", mode.as_str()), mode).await;
        let (db, ctx) = (platform.db(), platform.open(tenant.slug.as_str()).await);
        write_note(&db, &ctx, "before").await.unwrap();

        let suspended = platform.tenants.suspend(&platform.ctx(), tenant.id).await.unwrap();
        assert_eq!((suspended.state, suspended.version), (TenantState::Suspended, 2));
        for refused in [notes(&db, &ctx).await.map(|_| ()), write_note(&db, &ctx, "after").await] {
            assert!(matches!(refused, Err(DbError::Refused(Refusal::TenantSuspended))), "{refused:?}");
        }
        assert_eq!(platform.tenants.suspend(&platform.ctx(), tenant.id).await.unwrap().version, 2);

        platform.tenants.resume(&platform.ctx(), tenant.id).await.unwrap();
        assert_eq!(notes(&db, &ctx).await.unwrap(), ["before"]);
    }
    let expected = ["tenant.created", "tenant.suspended", "tenant.resumed"];
    assert_eq!(platform.audit.actions(), expected.repeat(3));
}

#[tokio::test]
async fn a_suspension_waits_for_a_write_in_flight() {
    let platform = Platform::new().await;
    for mode in PlacementMode::ALL {
        let tenant = platform.tenant(&format!("acme-{}", mode.as_str()), mode).await;
        let (db, ctx) = (platform.db(), platform.open(tenant.slug.as_str()).await);
        let (inside, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let writing = {
            let (db, ctx, inside, go_on) = (db.clone(), ctx.clone(), Arc::clone(&inside), Arc::clone(&go_on));
            tokio::spawn(async move {
                let written: Result<(), DbError> = db
                    .write(&ctx, async |tx| {
                        tx.batch_execute("INSERT INTO notes (text) VALUES ('in flight')").await?;
                        inside.notify_one();
                        go_on.notified().await;
                        Ok(())
                    })
                    .await;
                written
            })
        };
        inside.notified().await;
        let suspending = {
            let (tenants, ctx) = (platform.tenants.clone(), platform.ctx());
            tokio::spawn(async move { tenants.suspend(&ctx, tenant.id).await })
        };
        let database = tenant.placement.database.as_deref();
        let mut watching = platform.connection("control", database).await;
        let waits = async || {
            let pids = column(&mut watching, "SELECT pid FROM pg_locks WHERE NOT granted").await;
            !pids.unwrap().is_empty()
        };
        assert!(becomes_so(Duration::from_secs(10), waits).await);
        assert!(!suspending.is_finished());

        go_on.notify_one();
        writing.await.unwrap().unwrap();
        suspending.await.unwrap().unwrap();
        assert!(write_note(&db, &ctx, "too late").await.is_err());
        platform.tenants.resume(&platform.ctx(), tenant.id).await.unwrap();
        assert_eq!(notes(&db, &ctx).await.unwrap(), ["in flight"]);
    }
}

#[tokio::test]
async fn an_interrupted_suspension_is_completed_by_the_next() {
    let platform = Platform::new().await;
    let tenant = platform.tenant("acme", PlacementMode::Shared).await;
    let at_gate = format!("SELECT ouvira_core.set_tenant_state('{}', '{{active}}', 'suspended')", tenant.id);
    platform.connection("control", None).await.batch_execute(&at_gate).await.unwrap();
    assert_eq!(platform.tenants.find(tenant.id).await.unwrap().state, TenantState::Active);
    platform.tenants.suspend(&platform.ctx(), tenant.id).await.unwrap();
    assert_eq!(platform.tenants.find(tenant.id).await.unwrap().state, TenantState::Suspended);
}

#[tokio::test]
async fn a_deleted_tenant_is_refused_and_can_be_brought_back() {
    let platform = Platform::new().await;
    let tenant = platform.tenant("acme", PlacementMode::Schema).await;
    let (db, ctx) = (platform.db(), platform.open("acme").await);
    let stale = platform.tenants.delete(&platform.ctx(), tenant.id, Some(7)).await.unwrap_err();
    assert_eq!(stale.code(), Code::VersionMismatch);
    let deleted = platform.tenants.delete(&platform.ctx(), tenant.id, Some(1)).await.unwrap();
    assert_eq!(deleted.state, TenantState::Deleting);
    assert_eq!(deleted.purge_at, Some(platform.ctx().now + GRACE));
    assert!(matches!(notes(&db, &ctx).await, Err(DbError::Refused(Refusal::TenantSuspended))));
    assert_eq!(
        platform.tenants.suspend(&platform.ctx(), tenant.id).await.unwrap_err().code(),
        Code::Conflict
    );

    let back = platform.tenants.resume(&platform.ctx(), tenant.id).await.unwrap();
    assert_eq!((back.state, back.deleted_at, back.purge_at), (TenantState::Active, None, None));
    assert!(notes(&db, &ctx).await.is_ok());
}

#[tokio::test]
async fn a_change_names_the_version_it_was_made_from() {
    let platform = Platform::new().await;
    let tenant = platform.tenant("acme", PlacementMode::Shared).await;
    let rename = |name: &str| TenantChanges { name: Some(name.to_owned()), domains: None };
    let renamed = platform.tenants.update(&platform.ctx(), tenant.id, rename("New"), Some(1)).await.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.version), ("New", 2));
    let stale =
        platform.tenants.update(&platform.ctx(), tenant.id, rename("Newer"), Some(1)).await.unwrap_err();
    assert_eq!(stale.code(), Code::VersionMismatch);
    let same = platform.tenants.update(&platform.ctx(), tenant.id, rename("New"), None).await.unwrap();
    assert_eq!(same.version, 2);
    let nobody = platform.tenants.update(&platform.ctx(), TenantId(Uuid::max()), rename("X"), None).await;
    assert_eq!(nobody.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn a_domain_is_one_tenants() {
    let platform = Platform::new().await;
    let one = platform.tenant("one", PlacementMode::Shared).await;
    let two = platform.tenant("two", PlacementMode::Shared).await;
    let domains = |names: &[&str]| TenantChanges {
        domains: Some(names.iter().map(|&name| name.to_owned()).collect()),
        name: None,
    };
    platform
        .tenants
        .update(&platform.ctx(), one.id, domains(&["a.example", "b.example"]), None)
        .await
        .unwrap();
    let taken =
        platform.tenants.update(&platform.ctx(), two.id, domains(&["b.example"]), None).await.unwrap_err();
    assert_eq!(taken.code(), Code::NameTaken);
    platform.tenants.update(&platform.ctx(), one.id, domains(&["a.example"]), None).await.unwrap();
    let given =
        platform.tenants.update(&platform.ctx(), two.id, domains(&["b.example"]), None).await.unwrap();
    assert_eq!(given.domains, ["b.example"]);
    let wrong = platform
        .tenants
        .update(&platform.ctx(), two.id, domains(&["b.example", "no"]), None)
        .await
        .unwrap_err();
    assert_eq!(wrong.fields()[0].pointer, "/domains/1");
}

#[tokio::test]
async fn tenants_are_listed_by_slug_in_pages() {
    let platform = Platform::new().await;
    for slug in ["ccc", "aaa", "bbb"] {
        platform.tenant(slug, PlacementMode::Shared).await;
    }
    let first = PageRequest { limit: Limit::new(2).unwrap(), after: None, count: true };
    let page = platform.tenants.list(&first).await.unwrap();
    assert_eq!(page.items.iter().map(|tenant| tenant.slug.as_str()).collect::<Vec<_>>(), ["aaa", "bbb"]);
    assert_eq!(page.total, Some(3));
    let rest = platform.tenants.list(&PageRequest { after: page.next, ..first }).await.unwrap();
    assert_eq!(rest.items.iter().map(|tenant| tenant.slug.as_str()).collect::<Vec<_>>(), ["ccc"]);
    assert_eq!(rest.next, None);
    let strange = PageRequest { after: Some(serde_json::json!([1])), ..PageRequest::default() };
    assert_eq!(platform.tenants.list(&strange).await.unwrap_err().code(), Code::InvalidParameter);
}
