use chrono::Duration;
use diesel_async::SimpleAsyncConnection as _;
use ouvira_common::{
    context::RequestContext,
    db::{Db, DbError, KeyRefusal},
    entropy::OsEntropy,
    idempotency::{Answer, Claim, Key},
    tenant::PlacementMode,
    testing::TestTenant,
};

use crate::notes;

fn claim(key: &str, body: &str) -> Claim {
    let claim = Claim::new(Key::parse(key).unwrap(), &["POST", "/notes"]);
    claim.note_body(body.as_bytes());
    claim
}

fn answer(text: &str) -> Answer {
    Answer { status: 201, headers: Vec::new(), body: text.as_bytes().to_vec() }
}

/// Writes a note under the claim; the answer is the caller's to give.
async fn write(db: &Db, ctx: &RequestContext, claim: &Claim, text: &str) -> Result<(), DbError> {
    let ctx = ctx.clone().with_claim(claim.clone());
    db.write(&ctx, async |tx| {
        notes::write(tx, text).await?;
        notes::write_deferred(tx, &format!("{text}, deferred"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_effect_and_its_answer_are_one_transaction() {
    for mode in PlacementMode::ALL {
        let tenant = TestTenant::new(mode, notes::MIGRATIONS).await;
        let ctx = tenant.context(&tenant.user().await);
        let first = claim("k", "body");
        write(&tenant.db(), &ctx, &first, "one").await.unwrap();
        assert!(first.is_waiting());
        assert!(notes::all(&tenant).await.is_empty(), "not before its answer");

        // Somebody else meanwhile, and somebody with the same key who is somebody else.
        let meanwhile = write(&tenant.db(), &ctx, &claim("k", "body"), "two").await;
        assert!(matches!(meanwhile, Err(DbError::Key(KeyRefusal::InProgress))), "{meanwhile:?}");
        let other = tenant.context(&tenant.user().await);
        let theirs = claim("k", "body");
        write(&tenant.db(), &other, &theirs, "theirs").await.unwrap();
        theirs.give_up().await;

        first.conclude(&answer("one"), &OsEntropy).await.unwrap();
        assert_eq!(notes::all(&tenant).await, ["one", "one, deferred"]);

        let again = claim("k", "body");
        let refused = write(&tenant.db(), &ctx, &again, "two").await;
        assert!(matches!(refused, Err(DbError::Key(KeyRefusal::Answered))), "{refused:?}");
        assert_eq!(again.found(), Some(answer("one")));
        let another = write(&tenant.db(), &ctx, &claim("k", "another"), "two").await;
        assert!(matches!(another, Err(DbError::Key(KeyRefusal::Reused))), "{another:?}");
        assert_eq!(notes::all(&tenant).await, ["one", "one, deferred"]);
    }
}

#[tokio::test]
async fn without_an_answer_there_was_no_effect_and_the_key_is_free() {
    for mode in PlacementMode::ALL {
        let tenant = TestTenant::new(mode, notes::MIGRATIONS).await;
        let ctx = tenant.context(&tenant.user().await);
        let db = tenant.another_db(1);
        // The client went away: the claim is dropped, the transaction with it, and its connection is free for the next.
        drop({
            let claim = claim("k", "body");
            write(&db, &ctx, &claim, "one").await.unwrap();
            claim
        });
        // Refused by the use case: the key is free at once.
        let refused = claim("k", "body");
        let under = ctx.clone().with_claim(refused.clone());
        let outcome: Result<(), DbError> = db.write(&under, async |_| Err(DbError::Contention)).await;
        assert!(matches!(outcome, Err(DbError::Contention)) && !refused.is_waiting());

        let again = claim("k", "body");
        write(&db, &ctx, &again, "two").await.unwrap();
        again.conclude(&answer("two"), &OsEntropy).await.unwrap();
        assert_eq!(notes::all(&tenant).await, ["two", "two, deferred"]);
    }
}

#[tokio::test]
async fn what_follows_in_the_same_request_goes_on_in_its_transaction() {
    let tenant = TestTenant::new(PlacementMode::Shared, notes::MIGRATIONS).await;
    let ctx = tenant.context(&tenant.user().await);
    let db = tenant.another_db(1);
    let claim = claim("k", "body");
    write(&db, &ctx, &claim, "one").await.unwrap();
    let under = ctx.clone().with_claim(claim.clone());
    let seen: Result<_, DbError> = db.read(&under, async |tx| notes::read(tx).await).await;
    assert_eq!(seen.unwrap().len(), 2, "it sees what it wrote, deferred or not");
    write(&db, &ctx, &claim, "two").await.unwrap();
    claim.conclude(&answer("both"), &OsEntropy).await.unwrap();
    assert_eq!(notes::all(&tenant).await.len(), 4);
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day() {
    for mode in PlacementMode::ALL {
        let tenant = TestTenant::new(mode, notes::MIGRATIONS).await;
        let user = tenant.user().await;
        for (after, refused) in [(0, false), (23, true), (2, false)] {
            tenant.clock().advance(Duration::hours(after));
            let claim = claim("k", "body");
            let outcome = write(&tenant.db(), &tenant.context(&user), &claim, "note").await;
            assert_eq!(outcome.is_err(), refused, "{mode:?} after {after} hours: {outcome:?}");
            claim.conclude(&answer("note"), &OsEntropy).await.unwrap();
        }
        assert_eq!(notes::all(&tenant).await.len(), 4);
    }
}

#[tokio::test]
async fn a_key_costs_one_round_trip() {
    let tenant = TestTenant::new(PlacementMode::Shared, notes::MIGRATIONS).await;
    let ctx = tenant.context(&tenant.user().await);
    let (db, wire) = tenant.counted_db();
    let mut flights = Vec::new();
    for key in ["a", "b"] {
        let before = wire.flights();
        let claim = claim(key, "body");
        write(&db, &ctx, &claim, "note").await.unwrap();
        claim.conclude(&answer("note"), &OsEntropy).await.unwrap();
        flights.push(wire.flights() - before);
    }
    // The gate with the key, the first statement, the deferred ones with the answer, COMMIT.
    assert_eq!(flights[1], 4);
}

#[tokio::test]
async fn nobody_reads_what_was_answered() {
    let tenant = TestTenant::new(PlacementMode::Shared, notes::MIGRATIONS).await;
    let ctx = tenant.context(&tenant.user().await);
    let claim = claim("telling-key", "telling body");
    write(&tenant.db(), &ctx, &claim, "note").await.unwrap();
    claim.conclude(&answer("telling answer"), &OsEntropy).await.unwrap();
    let own = tenant.tenant().id;
    let kept = format!("SELECT * FROM ouvira_core.idempotency_keys WHERE tenant_id = '{own}'");
    let rows = tenant.owner_rows(&kept).await;
    assert_eq!(rows.len(), 1);
    // "telling", as bytea is shown.
    assert!(!rows[0].to_string().contains("74656c6c696e67"));

    for role in ["app", "worker"] {
        let mut conn = tenant.connection(role).await;
        let read = conn.batch_execute("SELECT answer FROM ouvira_core.idempotency_keys").await;
        assert!(read.is_err(), "{role}");
    }
    let tidy = "DELETE FROM ouvira_core.idempotency_keys WHERE expires_at < '1990-01-01'";
    tenant.connection("worker").await.batch_execute(tidy).await.unwrap();
}
