//! Operators and their leave to act in a tenant.

use chrono::Duration;
use ouvira_common::{
    context::{Origin, Pass, RequestContext},
    db::SessionScope,
    id::{OperatorId, SessionId, TenantId},
    page::{Limit, PageRequest},
    ports::{
        CountedFailure, HashedPassword, NewOperatorGrant, NewOperatorLogin, NewOperatorSession,
        OperatorAccounts as _, OperatorGrants as _, OperatorLookup, OperatorProof,
        OperatorSecondFactors as _, OperatorSessions as _, PasswordProof,
    },
    principal::Principal,
    problem::{Code, Failure as _},
    secret::Secret,
    tenant::PlacementMode,
    text::Email,
    time::{Clock as _, Timestamp},
};
use ouvira_tenancy::{Operators, PlatformContext};
use uuid::Uuid;

use crate::support::{Platform, column, notes};

fn hash(text: &str) -> HashedPassword {
    HashedPassword(Secret::new(text))
}

#[tokio::test]
async fn an_address_is_one_operators_in_whatever_case() {
    let platform = Platform::new().await;
    let operators = Operators::new(platform.catalog());
    let root = operators.create(&platform.ctx(), "Root@Example.com", &hash("h1")).await.unwrap();
    assert_eq!(root.email, "Root@Example.com");
    let again = operators.create(&platform.ctx(), "root@example.COM", &hash("h2")).await.unwrap_err();
    assert_eq!(again.code(), Code::EmailTaken);
    let nobody = operators.create(&platform.ctx(), "root", &hash("h3")).await.unwrap_err();
    assert_eq!(nobody.fields()[0].pointer, "/email");
}

fn lookup(email: &str) -> OperatorLookup {
    let email = Email::parse("/", email).ok();
    OperatorLookup { email, device: [1; 32], own: [2; 32], foreign: vec![[3; 32]] }
}

#[tokio::test]
async fn only_active_operators_can_be_signed_in() {
    let platform = Platform::new().await;
    let operators = Operators::new(platform.catalog());
    let root = operators.create(&platform.ctx(), "root@example.com", &hash("h1")).await.unwrap();
    let store = platform.operator_store();
    let now = platform.clock.now();
    let found = async || store.look_up(&lookup("ROOT@example.com"), now).await.unwrap().account;
    let account = found().await.unwrap();
    assert_eq!((account.id, account.email.as_str()), (root.id, "root@example.com"));
    assert_eq!(account.password.0.expose(), "h1");
    assert!(store.look_up(&lookup("nobody"), now).await.unwrap().account.is_none());

    operators.set_password(&platform.ctx(), root.id, &hash("h2")).await.unwrap();
    assert_eq!(found().await.unwrap().password.0.expose(), "h2");
    operators.set_active(&platform.ctx(), root.id, false).await.unwrap();
    assert!(found().await.is_none());
    assert!(store.account(root.id).await.unwrap().is_none());
    assert_eq!(operators.find(root.id).await.unwrap().version, 3);

    let mut control = platform.connection("control", None).await;
    let logged =
        column(&mut control, "SELECT action FROM ouvira_catalog.operator_log ORDER BY id").await.unwrap();
    assert_eq!(logged, ["operator.created", "operator.password_changed", "operator.deactivated"]);
}

#[tokio::test]
async fn failures_delay_the_next_try_and_a_success_forgets_those_of_its_device() {
    let platform = Platform::new().await;
    let operators = Operators::new(platform.catalog());
    let root = operators.create(&platform.ctx(), "root@example.com", &hash("h")).await.unwrap();
    let (store, ctx) = (platform.operator_store(), platform.ctx());
    let own = CountedFailure { subject: [2; 32], free: 3, longest: 900 };
    let facts = async || store.look_up(&lookup("root@example.com"), ctx.now).await.unwrap();
    for _ in 0..2 {
        store.note_failure(&ctx, Some(root.id), &[own]).await.unwrap();
        assert_eq!(facts().await.own_delay, None);
    }
    store.note_failure(&ctx, Some(root.id), &[own]).await.unwrap();
    assert_eq!(facts().await.own_delay, Some(ctx.now + Duration::seconds(1)));

    let proof = |version| PasswordProof {
        version,
        rehashed: None,
        forgotten: own.subject,
        delaying: vec![own.subject],
    };
    let session = session(root.id, ctx.now);
    let delayed = store.open(&ctx, &session, &OperatorProof::Password(proof(1))).await.unwrap();
    assert!(!delayed, "a failure came meanwhile that forbids it");
    let later = PlatformContext { now: ctx.now + Duration::seconds(2), ..ctx.clone() };
    let stale = store.open(&later, &session, &OperatorProof::Password(proof(7))).await.unwrap();
    assert!(!stale, "the password was changed meanwhile");
    assert!(store.open(&later, &session, &OperatorProof::Password(proof(1))).await.unwrap());
    let facts = store.look_up(&lookup("root@example.com"), ctx.now).await.unwrap();
    assert_eq!((facts.own_delay, facts.known_device), (None, true));
}

fn session(operator: OperatorId, now: Timestamp) -> NewOperatorSession {
    NewOperatorSession {
        id: SessionId::new_at(now),
        operator,
        scope: SessionScope::Full,
        amr: "pwd".to_owned(),
        secret_sealed: vec![1],
        device: [1; 32],
        expires_at: now + Duration::minutes(30),
        absolute_expires_at: now + Duration::hours(8),
    }
}

#[tokio::test]
async fn what_is_over_of_signing_in_is_forgotten_and_a_device_stays_known() {
    let platform = Platform::new().await;
    let operators = Operators::new(platform.catalog());
    let root = operators.create(&platform.ctx(), "root@example.com", &hash("h")).await.unwrap();
    let (store, ctx) = (platform.operator_store(), platform.ctx());
    let at = |days| PlatformContext { now: ctx.now + Duration::days(days), ..ctx.clone() };
    let proof = || {
        let proof = PasswordProof { version: 1, rehashed: None, forgotten: [9; 32], delaying: vec![] };
        OperatorProof::Password(proof)
    };
    for _ in 0..2 {
        assert!(store.open(&ctx, &session(root.id, ctx.now), &proof()).await.unwrap());
    }
    let login = NewOperatorLogin { id: Uuid::from_u128(7), operator: root.id, expires_at: ctx.now };
    let OperatorProof::Password(password) = proof() else { unreachable!() };
    assert!(store.begin(&ctx, login, &password).await.unwrap());
    let failure = CountedFailure { subject: [7; 32], free: 1, longest: 900 };
    store.note_failure(&ctx, None, &[failure]).await.unwrap();

    let forget = async |days| operators.forget_lapsed(&at(days)).await.unwrap();
    let known =
        async |days| store.look_up(&lookup("root@example.com"), at(days).now).await.unwrap().known_device;
    assert_eq!(forget(0).await, 0, "nothing is over");
    assert_eq!(forget(2).await, 1, "the counter, a day after the failure");
    assert_eq!(forget(8).await, 1, "the login that nobody finished");
    assert_eq!(forget(31).await, 1, "a session; the other one is the last of its device");
    assert!(known(31).await);
    assert_eq!(forget(401).await, 1, "the device");
    assert!(!known(401).await);
    assert_eq!(forget(800).await, 0);
}

#[tokio::test]
async fn leave_ends_with_the_session_it_was_taken_in_and_with_its_operator() {
    let platform = Platform::new().await;
    let operators = Operators::new(platform.catalog());
    let root = operators.create(&platform.ctx(), "root@example.com", &hash("h")).await.unwrap();
    let store = platform.operator_store();
    let ctx = PlatformContext::operator(root.id, Origin::default(), platform.ctx().now);
    for mode in PlacementMode::ALL {
        let tenant = platform.tenant(&format!("acme-{}", mode.as_str()), mode).await;
        let resolved = platform.resolve(tenant.slug.as_str()).await;
        let acting = |id| {
            let principal = Principal::operator(root.id);
            RequestContext::new(resolved.clone(), principal, Pass::Grant(id), Origin::default(), ctx.now)
        };
        let db = platform.db();
        let new = session(root.id, ctx.now);
        let version = operators.find(root.id).await.unwrap().version;
        let proof = PasswordProof { version, rehashed: None, forgotten: [2; 32], delaying: vec![] };
        assert!(store.open(&ctx, &new, &OperatorProof::Password(proof)).await.unwrap());
        let leave = |session| NewOperatorGrant {
            operator: root.id,
            session,
            tenant: tenant.id,
            reason: "Ticket 7".to_owned(),
            minutes: 15,
        };
        let in_session = platform.tenants.grant(&ctx, &leave(Some(new.id))).await.unwrap();
        let other = platform.tenants.grant(&ctx, &leave(None)).await.unwrap();
        assert!(notes(&db, &acting(in_session.id)).await.is_ok());

        assert!(store.end(&ctx, new.id, "logout").await.unwrap());
        assert!(!store.end(&ctx, new.id, "logout").await.unwrap());
        assert!(notes(&db, &acting(in_session.id)).await.is_err());
        assert!(notes(&db, &acting(other.id)).await.is_ok());
        let refused = platform.tenants.grant(&ctx, &leave(Some(new.id))).await.unwrap_err();
        assert_eq!(refused.code(), Code::TokenInvalid, "a session that ended takes no leave");

        operators.set_active(&platform.ctx(), root.id, false).await.unwrap();
        assert!(notes(&db, &acting(other.id)).await.is_err());
        assert!(platform.tenants.grant(&ctx, &leave(None)).await.is_err());
        operators.set_active(&platform.ctx(), root.id, true).await.unwrap();
        assert!(notes(&db, &acting(other.id)).await.is_err(), "what was revoked stays so");
    }
}

#[tokio::test]
async fn operators_are_listed_in_pages() {
    let platform = Platform::new().await;
    let operators = Operators::new(platform.catalog());
    for number in 0..5 {
        operators.create(&platform.ctx(), &format!("o{number}@example.com"), &hash("h")).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut page = PageRequest { limit: Limit::new(2).unwrap(), ..PageRequest::default() };
    loop {
        let answer = operators.list(&page).await.unwrap();
        seen.extend(answer.items.into_iter().map(|operator| operator.email));
        page.after = answer.next;
        if page.after.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..5).map(|number| format!("o{number}@example.com")).collect::<Vec<_>>());
}

fn leave(operator: OperatorId, tenant: TenantId, reason: &str, minutes: u32) -> NewOperatorGrant {
    NewOperatorGrant { operator, session: None, tenant, reason: reason.to_owned(), minutes }
}

#[tokio::test]
async fn a_grant_opens_the_tenants_gate_to_its_operator_alone_and_ends() {
    let platform = Platform::new().await;
    let operators = Operators::new(platform.catalog());
    let root = operators.create(&platform.ctx(), "root@example.com", &hash("h")).await.unwrap();
    let other = operators.create(&platform.ctx(), "other@example.com", &hash("h")).await.unwrap();
    for mode in PlacementMode::ALL {
        let tenant = platform.tenant(&format!("acme-{}", mode.as_str()), mode).await;
        let ctx = PlatformContext::operator(root.id, Origin::default(), platform.ctx().now);
        let grant = platform.tenants.grant(&ctx, &leave(root.id, tenant.id, "Ticket 7", 15)).await.unwrap();
        let resolved = platform.resolve(tenant.slug.as_str()).await;
        let acting = |operator, id| {
            let principal = Principal::operator(operator);
            RequestContext::new(resolved.clone(), principal, Pass::Grant(id), Origin::default(), ctx.now)
        };
        assert!(notes(&platform.db(), &acting(root.id, grant.id)).await.is_ok());
        assert!(notes(&platform.db(), &acting(other.id, grant.id)).await.is_err());

        let late = PlatformContext { now: ctx.now - chrono::Duration::minutes(20), ..ctx.clone() };
        let lapsed = platform.tenants.grant(&late, &leave(root.id, tenant.id, "Ticket 6", 15)).await.unwrap();
        assert!(notes(&platform.db(), &acting(root.id, lapsed.id)).await.is_err());
    }
}

#[tokio::test]
async fn a_grant_has_a_reason_and_an_end() {
    let platform = Platform::new().await;
    let operators = Operators::new(platform.catalog());
    let root = operators.create(&platform.ctx(), "root@example.com", &hash("h")).await.unwrap();
    let tenant = platform.tenant("acme", PlacementMode::Shared).await;
    let refused =
        platform.tenants.grant(&platform.ctx(), &leave(root.id, tenant.id, " ", 481)).await.unwrap_err();
    let pointers: Vec<&str> = refused.fields().iter().map(|field| field.pointer.as_str()).collect();
    assert_eq!(pointers, ["/reason", "/minutes"]);
    let nowhere = leave(root.id, TenantId(Uuid::max()), "Ticket 7", 15);
    let refused = platform.tenants.grant(&platform.ctx(), &nowhere).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.fields()[0].pointer.as_str()),
        (Code::UnknownReference, "/tenant_id")
    );
    platform.tenants.suspend(&platform.ctx(), tenant.id).await.unwrap();
    let leave = leave(root.id, tenant.id, "Ticket 7", 15);
    let refused = platform.tenants.grant(&platform.ctx(), &leave).await.unwrap_err();
    assert_eq!(refused.code(), Code::Conflict);
}
