use futures_util::FutureExt as _;
use ouvira_common::{
    db::{Db, DbError, Pools},
    tenant::PlacementMode,
    testing::{TestTenant, TestUser, fakes::FixedTenants},
};
use std::sync::Arc;

use crate::notes;

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

/// Polls `request` some times and drops it, as a client that goes away does.
async fn abort_after(polls: usize, request: impl Future<Output = Result<(), DbError>>) {
    let mut request = Box::pin(request);
    for _ in 0..polls {
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
            let request = db.write(&ctx, async |tx| {
                notes::read(tx).await?;
                notes::write(tx, "given up, or just finished").await?;
                notes::write_deferred(tx, "given up, or just finished");
                Ok(())
            });
            abort_after(dice.roll(40), request).await;
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
    for (tenant, user) in &tenants {
        // Whoever has the connection next finds it clean: no transaction of a request given up is still open.
        let ctx = tenant.context(user);
        db.read(&ctx, async |tx| notes::read(tx).await).await.unwrap();
    }
    drop(db);
    let open = tenants[0]
        .0
        .owner_rows("SELECT pid FROM pg_stat_activity WHERE usename = 'ouvira_app' AND state LIKE 'idle in transaction%'")
        .await;
    assert!(open.is_empty(), "{open:?}");
}
