use std::time::Duration;

use ouvira_common::{
    db::{Db, DbError, Pools, metered},
    tenant::PlacementMode,
    testing::TestTenant,
};

use crate::notes;

#[tokio::test]
async fn what_is_asked_of_postgres_is_counted_without_what_brackets_it() {
    for mode in PlacementMode::ALL {
        let tenant = TestTenant::new(mode, notes::MIGRATIONS).await;
        let db = tenant.db();
        let ctx = tenant.context(&tenant.user().await);
        let read = async || -> Result<_, DbError> { db.read(&ctx, async |tx| notes::read(tx).await).await };
        // Opens the connection, which asks the gate once of its own.
        read().await.unwrap();
        let (_, reading) = metered(read()).await;
        assert_eq!(reading.statements, 2, "{mode:?}: the gate and the query");
        assert!(reading.time > Duration::ZERO, "{mode:?}");

        let (written, reading) = metered(db.write(&ctx, async |tx| {
            notes::write(tx, "first").await?;
            notes::write_deferred(tx, "second");
            Ok::<_, DbError>(())
        }))
        .await;
        written.unwrap();
        assert_eq!(reading.statements, 3, "{mode:?}: the gate, a write, and one that was deferred");
    }
}

#[tokio::test]
async fn two_at_once_count_each_their_own() {
    let tenant = TestTenant::new(PlacementMode::Shared, notes::MIGRATIONS).await;
    let db = Db::new(Pools::new(&tenant.endpoint("app"), 2), tenant.resolver());
    let ctx = tenant.context(&tenant.user().await);
    let read = async |times: usize| -> Result<(), DbError> {
        db.read(&ctx, async |tx| {
            for _ in 0..times {
                notes::read(tx).await?;
            }
            Ok(())
        })
        .await
    };
    tokio::try_join!(read(1), read(1)).unwrap();
    let ((one, counted_one), (two, counted_two)) = futures_util::join!(metered(read(1)), metered(read(5)));
    one.and(two).unwrap();
    assert_eq!((counted_one.statements, counted_two.statements), (2, 6));
}
