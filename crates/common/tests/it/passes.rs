use chrono::Duration;
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use ouvira_common::{
    context::{Pass, RequestContext},
    db::{Db, DbError, Refusal, SessionScope},
    id::{GrantId, OperatorId, SessionId},
    principal::Principal,
    tenant::PlacementMode,
    testing::{TestTenant, TestUser},
};
use uuid::Uuid;

use crate::notes;

async fn refusal(db: &Db, ctx: &RequestContext) -> Option<Refusal> {
    let read = db.read(ctx, async |tx| notes::read(tx).await).await;
    let write = db.write(ctx, async |tx| notes::write(tx, "let in").await).await;
    let nothing = db.read(ctx, async |_| Ok::<_, DbError>(())).await;
    match (read, write, nothing) {
        (Ok(_), Ok(()), Ok(())) => None,
        (Err(DbError::Refused(a)), Err(DbError::Refused(b)), Err(DbError::Refused(c)))
            if a == b && b == c =>
        {
            Some(a)
        }
        other => panic!("reading, writing and doing nothing are refused alike: {other:?}"),
    }
}

#[tokio::test]
async fn a_session_passes_until_it_its_user_or_its_tenant_ends() {
    for mode in PlacementMode::ALL {
        let tenant = TestTenant::new(mode, notes::MIGRATIONS).await;
        let (db, elsewhere) = (tenant.db(), tenant.another_db(1));
        let ada = tenant.user().await;
        let ctx = tenant.context(&ada);
        assert_eq!(refusal(&db, &ctx).await, None);
        assert_eq!(refusal(&elsewhere, &ctx).await, None);

        // Ended through one process, refused by the other on its next request.
        let ended: Result<(), DbError> = db
            .write(&ctx, async |tx| {
                tx.end_session(ada.session);
                Ok(())
            })
            .await;
        ended.unwrap();
        assert_eq!(refusal(&elsewhere, &ctx).await, Some(Refusal::PassEnded), "{mode:?}");

        let again = tenant.session_of(ada.id).await;
        let ctx = tenant.context(&again);
        assert_eq!(refusal(&elsewhere, &ctx).await, None);
        let switched_off: Result<(), DbError> = db
            .write(&tenant.job(), async |tx| {
                tx.admit_user(ada.id, false);
                Ok(())
            })
            .await;
        switched_off.unwrap();
        assert_eq!(refusal(&elsewhere, &ctx).await, Some(Refusal::PassEnded), "{mode:?}");

        let ctx = tenant.context(&tenant.user().await);
        tenant.set_state("active", "suspended").await;
        assert_eq!(refusal(&elsewhere, &ctx).await, Some(Refusal::TenantSuspended), "{mode:?}");
        assert_eq!(refusal(&elsewhere, &tenant.open()).await, Some(Refusal::TenantSuspended));
        assert_eq!(refusal(&elsewhere, &tenant.job()).await, None, "the worker goes on");
        tenant.set_state("suspended", "active").await;
        assert_eq!(refusal(&elsewhere, &ctx).await, None);
    }
}

#[tokio::test]
async fn a_session_to_enrol_with_opens_nothing_else() {
    let tenant = TestTenant::new(PlacementMode::Shared, notes::MIGRATIONS).await;
    let user = TestUser { id: tenant.user().await.id, session: SessionId::new_at(tenant.now()) };
    let expires_at = tenant.now() + Duration::hours(1);
    let opened: Result<(), DbError> = tenant
        .db()
        .write(&tenant.job(), async |tx| {
            tx.open_session(user.session, user.id, SessionScope::Enrol, expires_at);
            Ok(())
        })
        .await;
    opened.unwrap();
    assert_eq!(refusal(&tenant.db(), &tenant.context(&user)).await, Some(Refusal::EnrolmentOnly));
    let enrolling =
        tenant.with_pass(Principal::user(user.id), Pass::Session { id: user.session, enrolment: true });
    assert_eq!(refusal(&tenant.db(), &enrolling).await, None);
}

#[tokio::test]
async fn sessions_that_are_over_forged_or_anothers_do_not_pass() {
    let tenant = TestTenant::new(PlacementMode::Shared, notes::MIGRATIONS).await;
    let (ada, bob) = (tenant.user().await, tenant.user().await);
    let ended = Some(Refusal::PassEnded);
    let swapped = TestUser { id: ada.id, session: bob.session };
    assert_eq!(refusal(&tenant.db(), &tenant.context(&swapped)).await, ended);
    let unknown = TestUser { id: ada.id, session: SessionId(Uuid::from_u128(1)) };
    assert_eq!(refusal(&tenant.db(), &tenant.context(&unknown)).await, ended);
    tenant
        .owner_sql(&format!(
            "UPDATE ouvira_core.gate_sessions SET expires_at = now() WHERE session_id = '{}'",
            ada.session
        ))
        .await;
    assert_eq!(refusal(&tenant.db(), &tenant.context(&ada)).await, ended);
    assert_eq!(
        refusal(&tenant.db(), &tenant.provisioning()).await,
        ended,
        "only while it is being provisioned"
    );

    let elsewhere = TestTenant::new(PlacementMode::Shared, notes::MIGRATIONS).await;
    assert_eq!(refusal(&elsewhere.db(), &elsewhere.context(&bob)).await, ended, "not at another tenant");
}

#[tokio::test]
async fn an_operator_passes_by_a_grant_while_it_lasts() {
    let tenant = TestTenant::new(PlacementMode::Shared, notes::MIGRATIONS).await;
    let (grant, operator) = (GrantId(Uuid::from_u128(5)), OperatorId(Uuid::from_u128(6)));
    let ctx = tenant.with_pass(Principal::operator(operator), Pass::Grant(grant));
    assert_eq!(refusal(&tenant.db(), &ctx).await, Some(Refusal::PassEnded));
    let id = tenant.tenant().id;
    let put =
        format!("SELECT ouvira_core.put_grant('{id}', '{grant}', '{operator}', now() + interval '1 minute')");
    tenant.connection("control").await.batch_execute(&put).await.unwrap();
    assert_eq!(refusal(&tenant.db(), &ctx).await, None);
    tenant
        .owner_sql(&format!(
            "UPDATE ouvira_core.gate_grants SET revoked_at = now() WHERE grant_id = '{grant}'"
        ))
        .await;
    assert_eq!(refusal(&tenant.db(), &ctx).await, Some(Refusal::PassEnded));
}

#[tokio::test]
async fn without_a_scope_nothing_is_found_read_or_written() {
    for mode in PlacementMode::ALL {
        let tenant = TestTenant::new(mode, notes::MIGRATIONS).await;
        let written: Result<(), DbError> =
            tenant.db().write(&tenant.job(), async |tx| notes::write(tx, "kept").await).await;
        written.unwrap();
        let mut conn = tenant.connection("app").await;
        let unqualified = diesel::sql_query("SELECT * FROM notes").execute(&mut conn).await;
        assert!(unqualified.unwrap_err().to_string().contains("does not exist"), "{mode:?}");
        let schema = tenant.schema();
        let seen = diesel::sql_query(format!("SELECT * FROM {schema}.notes")).execute(&mut conn).await;
        assert_eq!(seen, Ok(0), "{mode:?}");
        let deleted = diesel::sql_query(format!("DELETE FROM {schema}.notes")).execute(&mut conn).await;
        assert_eq!(deleted, Ok(0), "{mode:?}");
        let id = tenant.tenant().id;
        let insert =
            format!("INSERT INTO {schema}.notes (tenant_id, id, text) VALUES ('{id}', '{id}', 'forged')");
        assert!(diesel::sql_query(insert).execute(&mut conn).await.is_err(), "{mode:?}");
        for table in
            ["gate_tenants", "gate_users", "gate_sessions", "gate_grants", "tenant_settings", "outbox"]
        {
            let peek =
                diesel::sql_query(format!("SELECT * FROM ouvira_core.{table}")).execute(&mut conn).await;
            assert!(peek.unwrap_err().to_string().contains("permission denied"), "{table}");
        }
        for write in ["put_user('%', true)", "raise_rights_epoch()", "end_sessions('%', NULL)"] {
            let call = format!("SELECT ouvira_core.{}", write.replace('%', &id.to_string()));
            let called = diesel::sql_query(call).execute(&mut conn).await;
            assert!(called.unwrap_err().to_string().contains("no tenant scope is open"), "{write}");
        }
        assert_eq!(notes::all(&tenant).await, ["kept"]);
    }
}
