use ouvira_common::{db::DbError, tenant::PlacementMode, testing::TestTenant};

use crate::notes;

#[tokio::test]
async fn a_read_of_one_statement_is_one_round_trip() {
    for mode in PlacementMode::ALL {
        let tenant = TestTenant::new(mode, notes::MIGRATIONS).await;
        let (db, wire) = tenant.counted_db();
        let ctx = tenant.context(&tenant.user().await);
        let read = async || -> Result<_, DbError> { db.read(&ctx, async |tx| notes::read(tx).await).await };
        read().await.unwrap();
        let before = wire.flights();
        read().await.unwrap();
        // The COMMIT of the read before leaves with this one's BEGIN, or on its own before it.
        assert!(wire.flights() - before <= 2, "{mode:?}: {}", wire.flights() - before);
    }
}

#[tokio::test]
async fn a_read_of_nothing_is_one_statement_the_gate() {
    for mode in PlacementMode::ALL {
        let tenant = TestTenant::new(mode, notes::MIGRATIONS).await;
        let (db, wire) = tenant.counted_db();
        let ctx = tenant.context(&tenant.user().await);
        // Its connection is made.
        db.write(&ctx, async |tx| notes::write(tx, "first").await).await.unwrap();
        let before = (wire.flights(), wire.statements());
        db.read(&ctx, async |_| Ok::<_, DbError>(())).await.unwrap();
        assert_eq!((wire.flights() - before.0, wire.statements() - before.1), (1, 1), "{mode:?}");
    }
}

#[tokio::test]
async fn a_write_with_deferred_rows_is_three_round_trips() {
    for mode in PlacementMode::ALL {
        let tenant = TestTenant::new(mode, notes::MIGRATIONS).await;
        let (db, wire) = tenant.counted_db();
        let ctx = tenant.context(&tenant.user().await);
        let write = async || -> Result<_, DbError> {
            db.write(&ctx, async |tx| {
                notes::write(tx, "first").await?;
                notes::write_deferred(tx, "second");
                notes::write_deferred(tx, "third");
                Ok(())
            })
            .await
        };
        write().await.unwrap();
        let before = wire.flights();
        write().await.unwrap();
        assert_eq!(wire.flights() - before, 3, "{mode:?}");
        assert_eq!(notes::all(&tenant).await, ["first", "second", "third", "first", "second", "third"]);
    }
}
