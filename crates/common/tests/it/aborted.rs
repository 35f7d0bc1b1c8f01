use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use crate::notes;
use diesel_async::AsyncPgConnection;
use futures_util::FutureExt as _;
use ouvira_common::{
    db::{Db, DbError, Pools},
    tenant::PlacementMode,
    testing::{TestTenant, TestUser, fakes::FixedTenants},
};

/// A small generator of numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

async fn six() -> Vec<(TestTenant, TestUser)> {
    let mut tenants = Vec::new();
    for mode in PlacementMode::ALL {
        for _ in 0..2 {
            let tenant = TestTenant::new(mode, notes::MIGRATIONS).await;
            let user = tenant.user().await;
            tenants.push((tenant, user));
        }
    }
    tenants
}

/// Polls `request` while `wait` says so and drops it, as a client that goes away does.
async fn give_up(request: impl Future<Output = Result<(), DbError>>, mut wait: impl FnMut() -> bool) {
    let mut request = Box::pin(request);
    while wait() {
        if request.as_mut().now_or_never().is_some() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// One connection for the four tenants of the common database, one for each own database; requests of all six
/// interleaved, many of them given up half-way.
#[tokio::test]
async fn requests_given_up_half_way_leave_no_foreign_row_and_no_open_transaction() {
    let tenants = six().await;
    let known = Arc::new(FixedTenants::default());
    for (tenant, _) in &tenants {
        known.put(Arc::clone(tenant.tenant()));
    }
    let db = Db::new(Pools::new(&tenants[0].0.endpoint("app"), 1), known);
    let mut dice = Dice(7);
    let mut aborted = 0;
    for round in 0..5_000 {
        let (tenant, user) = &tenants[dice.roll(6)];
        let ctx = tenant.context(user);
        let own = tenant.tenant().id.0;
        if dice.roll(2) == 0 {
            aborted += 1;
            let pair = format!("pair {round}");
            let request = db.write(&ctx, async |tx| {
                notes::read(tx).await?;
                notes::write(tx, &pair).await?;
                notes::write_deferred(tx, &pair);
                Ok(())
            });
            let mut polls = dice.roll(200);
            give_up(request, || {
                polls = polls.saturating_sub(1);
                polls > 0
            })
            .await;
        } else {
            let seen = db
                .write(&ctx, async |tx| {
                    if round % 50 == 0 {
                        notes::write(tx, "kept").await?;
                    }
                    notes::read(tx).await
                })
                .await
                .unwrap();
            assert!(seen.iter().all(|(tenant, _)| *tenant == own), "round {round}: a foreign row");
        }
    }
    assert!(aborted > 2_000);
    drop(db);
    for (tenant, _) in &tenants {
        // What a request wrote before it was given up must not be committed by whoever had its connection next.
        let mut pairs: HashMap<String, usize> = HashMap::new();
        for text in notes::all(tenant).await {
            *pairs.entry(text).or_default() += 1;
        }
        assert!(
            pairs.iter().filter(|(text, _)| text.starts_with("pair")).all(|(_, count)| *count == 2),
            "{pairs:?}"
        );
        assert!(
            pairs.keys().any(|text| text.starts_with("pair")),
            "some were finished before they were given up"
        );
    }
}

/// The transaction of a request that was given up is over as soon as the server hears of it, not when the connection is
/// next used.
#[tokio::test]
async fn a_request_given_up_leaves_no_transaction_open() {
    let tenant = TestTenant::new(PlacementMode::Database, notes::MIGRATIONS).await;
    let (db, ctx) = (tenant.another_db(1), tenant.context(&tenant.user().await));
    let mut onlooker = tenant.connection("app").await;
    for round in 0..50 {
        let inside = AtomicBool::new(false);
        let request = db.write(&ctx, async |tx| {
            notes::write(tx, "never").await?;
            inside.store(true, SeqCst);
            notes::read(tx).await?;
            std::future::pending::<()>().await;
            Ok(())
        });
        // Between two statements, and while one is running.
        let mut polls = round % 5;
        give_up(request, || {
            polls -= i32::from(inside.load(SeqCst));
            polls >= 0
        })
        .await;
        let deadline = Instant::now() + Duration::from_secs(10);
        while open_transactions(&mut onlooker).await > 0 {
            assert!(Instant::now() < deadline, "round {round}: a transaction stays open");
        }
    }
    assert!(notes::all(&tenant).await.is_empty());
}

/// How many connections of the serving role are in a transaction; only the role itself may see that.
async fn open_transactions(conn: &mut AsyncPgConnection) -> usize {
    let select =
        "SELECT pid FROM pg_stat_activity WHERE usename = 'ouvira_app' AND datname = current_database()
                     AND xact_start IS NOT NULL AND pid <> pg_backend_pid()";
    diesel_async::RunQueryDsl::execute(diesel::sql_query(select), conn).await.unwrap()
}
