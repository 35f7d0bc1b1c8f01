//! Provisioning: one call, one winner, nothing half made.

use std::sync::Arc;

use async_trait::async_trait;
use diesel_async::SimpleAsyncConnection as _;
use ouvira_common::{
    context::{Origin, RequestContext},
    db::{DbError, KeyRefusal, Tx},
    id::UserId,
    idempotency::{Answer, Claim, Key},
    permission::SystemRole,
    ports::{CredentialError, Credentials, HashedPassword, ResolveError, TenantName, TenantResolver as _},
    problem::{Code, Failure as _, FieldCode, FieldError, FieldErrors},
    secret::Secret,
    tenant::{PlacementMode, TenantState},
    testing::fakes::Told,
    time::Clock as _,
};
use ouvira_tenancy::{
    NewAdministrator, NewTenant, Operators, PlatformContext, TenancyError, TenantDeps, Tenants,
};

use crate::support::{Platform, ada, column, new_tenant, notes, write_note};

#[tokio::test]
async fn one_call_makes_a_tenant_that_answers_in_every_placement() {
    let platform = Platform::new().await;
    for mode in PlacementMode::ALL {
        let slug = format!("acme-{}", mode.as_str());
        let made = platform.tenants.create(&platform.ctx(), new_tenant(&slug, mode)).await.unwrap();
        assert_eq!(made.tenant.state, TenantState::Active);
        assert_eq!(made.tenant.placement.mode, mode);

        let admin = made.admin_user_id.unwrap();
        assert_eq!(platform.credentials.password_of(admin).as_deref(), Some("correct horse battery staple"));
        assert!(platform.grants.told().contains(&Told::TenantRole(admin, SystemRole::Owner)));

        let ctx = platform.open(&slug).await;
        write_note(&platform.db(), &ctx, "hello").await.unwrap();
        assert_eq!(notes(&platform.db(), &ctx).await.unwrap(), ["hello"]);
    }
    assert_eq!(platform.audit.actions(), ["tenant.created"; 3]);
}

#[tokio::test]
async fn a_foreign_tenants_rows_are_not_there() {
    let platform = Platform::new().await;
    let db = platform.db();
    let mut slugs = Vec::new();
    for mode in PlacementMode::ALL {
        for name in ["one", "two"] {
            let slug = format!("{name}-{}", mode.as_str());
            platform
                .tenants
                .create(&platform.ctx(), NewTenant { admin: None, ..new_tenant(&slug, mode) })
                .await
                .unwrap();
            write_note(&db, &platform.open(&slug).await, &slug).await.unwrap();
            slugs.push(slug);
        }
    }
    for slug in slugs {
        assert_eq!(notes(&db, &platform.open(&slug).await).await.unwrap(), [slug]);
    }
}

#[tokio::test]
async fn a_tenants_own_tables_take_nobody_elses_rows() {
    let platform = Platform::new().await;
    let other = platform.tenant("other", PlacementMode::Shared).await;
    for mode in [PlacementMode::Schema, PlacementMode::Database] {
        let tenant = platform.tenant(&format!("own-{}", mode.as_str()), mode).await;
        let mut owner = platform.connection("owner", tenant.placement.database.as_deref()).await;
        let schema = ouvira_tenancy::schema_name(mode, tenant.id);
        let insert = |id| format!("INSERT INTO {schema}.notes (tenant_id, text) VALUES ('{id}', 'x')");
        owner.batch_execute("SET app.maintenance TO 'on'").await.unwrap();
        assert!(owner.batch_execute(&insert(tenant.id)).await.is_ok());
        assert!(owner.batch_execute(&insert(other.id)).await.is_err());
    }
}

#[tokio::test]
async fn of_two_calls_at_once_one_wins() {
    let platform = Platform::new().await;
    for mode in PlacementMode::ALL {
        let slug = format!("race-{}", mode.as_str());
        let create = |who: &str| {
            let admin = NewAdministrator { email: format!("{who}@{slug}.example.com"), ..ada(&slug) };
            let new = NewTenant { admin: Some(admin), ..new_tenant(&slug, mode) };
            let ctx = platform.ctx();
            let tenants = platform.tenants.clone();
            async move { tenants.create(&ctx, new).await }
        };
        let outcomes = tokio::join!(create("a"), create("b"), create("c"));
        let outcomes = [outcomes.0, outcomes.1, outcomes.2];
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert_eq!(
            outcomes.iter().filter(|outcome| matches!(outcome, Err(TenancyError::SlugTaken))).count(),
            2
        );
    }
    assert_eq!(platform.users.all().len(), 3);
}

#[tokio::test]
async fn a_slug_is_taken_once_and_some_never() {
    let platform = Platform::new().await;
    platform.tenant("acme", PlacementMode::Shared).await;
    let again = platform.tenants.create(&platform.ctx(), new_tenant("acme", PlacementMode::Shared)).await;
    assert_eq!(again.unwrap_err().code(), Code::SlugTaken);
    let reserved = platform.tenants.create(&platform.ctx(), new_tenant("api", PlacementMode::Shared)).await;
    assert_eq!(reserved.unwrap_err().code(), Code::SlugReserved);
    let malformed = platform.tenants.create(&platform.ctx(), new_tenant("No!", PlacementMode::Shared)).await;
    assert_eq!(malformed.unwrap_err().fields()[0].pointer, "/slug");
}

/// Refuses every password.
struct Strict;

#[async_trait]
impl Credentials for Strict {
    async fn hash(
        &self,
        _ctx: &RequestContext,
        _password: &Secret,
    ) -> Result<HashedPassword, CredentialError> {
        Err(FieldErrors(vec![FieldError::new("/password", FieldCode::CommonPassword)]).into())
    }

    async fn set(&self, _tx: &mut Tx, _user: UserId, _password: &HashedPassword) -> Result<(), DbError> {
        panic!("nothing was hashed")
    }
}

#[tokio::test]
async fn a_password_that_is_refused_leaves_nothing() {
    let platform = Platform::new().await;
    let tenants = Tenants::new(TenantDeps { credentials: Arc::new(Strict), ..platform.deps() });
    let refused =
        tenants.create(&platform.ctx(), new_tenant("acme", PlacementMode::Schema)).await.unwrap_err();
    assert_eq!(refused.fields()[0].pointer, "/admin/password");
    let mut control = platform.connection("control", None).await;
    assert!(column(&mut control, "SELECT slug FROM ouvira_catalog.tenants").await.unwrap().is_empty());
    let own = "SELECT id FROM ouvira_catalog.placements WHERE mode <> 'shared'";
    assert!(column(&mut control, own).await.unwrap().is_empty());
}

/// The database goes away while the administrator is being made.
struct Failing;

#[async_trait]
impl Credentials for Failing {
    async fn hash(
        &self,
        _ctx: &RequestContext,
        password: &Secret,
    ) -> Result<HashedPassword, CredentialError> {
        Ok(HashedPassword(password.clone()))
    }

    async fn set(&self, _tx: &mut Tx, _user: UserId, _password: &HashedPassword) -> Result<(), DbError> {
        Err(DbError::Unavailable("pulled the plug".to_owned()))
    }
}

#[tokio::test]
async fn what_was_interrupted_does_not_answer_and_the_same_call_completes_it() {
    let platform = Platform::new().await;
    for mode in PlacementMode::ALL {
        let slug = format!("half-{}", mode.as_str());
        let failing = Tenants::new(TenantDeps { credentials: Arc::new(Failing), ..platform.deps() });
        assert!(failing.create(&platform.ctx(), new_tenant(&slug, mode)).await.is_err());
        let resolved = platform.directory().resolve(TenantName::Slug(&slug)).await;
        assert_eq!(resolved.unwrap_err(), ResolveError::NotFound);

        let other = NewTenant { admin: None, ..new_tenant(&slug, mode) };
        assert!(matches!(
            platform.tenants.create(&platform.ctx(), other).await,
            Err(TenancyError::SlugTaken)
        ));

        // The fake keeps people in memory, which no transaction rolls back.
        let made = platform.tenants.create(&platform.ctx(), new_tenant(&slug, mode)).await.unwrap();
        assert_eq!(made.tenant.state, TenantState::Active);
        assert!(made.admin_user_id.is_some());
        let ctx = platform.open(&slug).await;
        write_note(&platform.db(), &ctx, "hello").await.unwrap();
    }
}

#[tokio::test]
async fn what_was_interrupted_after_the_first_rows_is_completed_without_a_second_administrator() {
    let platform = Platform::new().await;
    for (mode, state_at_gate) in PlacementMode::ALL.into_iter().zip(["provisioning", "active", "active"]) {
        let slug = format!("late-{}", mode.as_str());
        let made = platform.tenants.create(&platform.ctx(), new_tenant(&slug, mode)).await.unwrap();
        // Back to where a crash could have left it; the request is still in a row that was never activated.
        let failing = Tenants::new(TenantDeps { credentials: Arc::new(Failing), ..platform.deps() });
        let twin = format!("twin-{}", mode.as_str());
        assert!(failing.create(&platform.ctx(), new_tenant(&twin, mode)).await.is_err());
        let id = platform.tenants.find_by_slug(&twin).await.unwrap().id;
        let people = platform.users.all().len();
        let gate =
            format!("SELECT ouvira_core.set_tenant_state('{id}', '{{provisioning}}', '{state_at_gate}')");
        let database = platform.tenants.find(id).await.unwrap().placement.database;
        platform.connection("control", database.as_deref()).await.batch_execute(&gate).await.unwrap();

        let finished = platform.tenants.finish_all(&platform.ctx()).await.unwrap();
        assert_eq!(finished.len(), 1);
        assert_eq!(finished[0].tenant.id, id);
        assert!(finished[0].admin_user_id.is_some());
        assert_eq!(platform.users.all().len(), people);
        assert_ne!(made.tenant.id, id);
        assert!(platform.tenants.finish_all(&platform.ctx()).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_process_without_the_owners_hand_leaves_own_placements_to_another() {
    let platform = Platform::new().await;
    let serving = Tenants::new(TenantDeps { placements: None, ..platform.deps() });
    let accepted =
        serving.create(&platform.ctx(), new_tenant("later", PlacementMode::Database)).await.unwrap();
    assert_eq!(accepted.tenant.state, TenantState::Provisioning);
    assert_eq!(accepted.admin_user_id, None);
    assert!(serving.finish_all(&platform.ctx()).await.unwrap()[0].admin_user_id.is_none());

    let finished = platform.tenants.finish_all(&platform.ctx()).await.unwrap();
    let admin = finished[0].admin_user_id.unwrap();
    assert_eq!(platform.credentials.password_of(admin).as_deref(), Some("correct horse battery staple"));
    write_note(&platform.db(), &platform.open("later").await, "hello").await.unwrap();
}

#[tokio::test]
async fn the_request_is_forgotten_once_it_is_fulfilled() {
    let platform = Platform::new().await;
    platform.tenant("acme", PlacementMode::Shared).await;
    let mut control = platform.connection("control", None).await;
    let kept =
        column(&mut control, "SELECT 1 FROM ouvira_catalog.tenants WHERE request IS NOT NULL").await.unwrap();
    assert!(kept.is_empty());
    let logged = column(&mut control, "SELECT action FROM ouvira_catalog.operator_log").await.unwrap();
    assert_eq!(logged, ["tenant.created"]);
}

/// A call that was interrupted at any point is completed by the next one with the same key; without, the slug is taken.
#[tokio::test]
async fn a_key_finds_the_tenant_again_that_was_begun_under_it() {
    let platform = Platform::new().await;
    let operators = Operators::new(platform.catalog());
    let hash = HashedPassword(Secret::new("hash".to_owned()));
    for mode in PlacementMode::ALL {
        let slug = format!("keyed-{}", mode.as_str());
        let operator =
            operators.create(&platform.ctx(), &format!("{slug}@example.com"), &hash).await.unwrap().id;
        let under = |body: &str| {
            let claim = Claim::new(Key::parse("k").unwrap(), &["POST", "/tenants", mode.as_str()]);
            claim.note_body(body.as_bytes());
            let ctx = PlatformContext::operator(operator, Origin::default(), platform.clock.now());
            (ctx.with_claim(claim.clone()), claim)
        };
        let (ctx, _) = under("a");
        let made = platform.tenants.create(&ctx, new_tenant(&slug, mode)).await.unwrap();

        // Nobody was answered.
        let (ctx, claim) = under("a");
        let again = platform.tenants.create(&ctx, new_tenant(&slug, mode)).await.unwrap();
        assert_eq!((again.tenant.id, again.admin_user_id), (made.tenant.id, made.admin_user_id));
        let answer = Answer { status: 201, headers: Vec::new(), body: b"made".to_vec() };
        platform.tenants.keep_answer(&ctx, &claim, &answer).await.unwrap();

        let (ctx, claim) = under("a");
        let answered = platform.tenants.create(&ctx, new_tenant(&slug, mode)).await.unwrap_err();
        assert!(matches!(answered, TenancyError::Db(DbError::Key(KeyRefusal::Answered))), "{answered:?}");
        assert_eq!(claim.found(), Some(answer));
        let (ctx, _) = under("b");
        let reused = platform.tenants.create(&ctx, new_tenant(&slug, mode)).await.unwrap_err();
        assert!(matches!(reused, TenancyError::Db(DbError::Key(KeyRefusal::Reused))), "{reused:?}");
        let keyless = platform.tenants.create(&platform.ctx(), new_tenant(&slug, mode)).await.unwrap_err();
        assert_eq!(keyless.code(), Code::SlugTaken);
    }
}
