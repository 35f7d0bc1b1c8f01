use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use ouvira_common::{
    db::{DbError, RightsVersion},
    tenant::PlacementMode,
    testing::TestTenant,
};

use crate::notes;

#[tokio::test]
async fn a_decision_on_rights_that_changed_is_made_once_more() {
    for mode in PlacementMode::ALL {
        let tenant = TestTenant::new(mode, notes::MIGRATIONS).await;
        let (db, ada) = (tenant.db(), tenant.user().await);
        let ctx = tenant.context(&ada);
        let known: RightsVersion =
            db.read(&ctx, async |tx| Ok::<_, DbError>(tx.open().await?.rights)).await.unwrap();

        let decide = async |runs: &AtomicUsize| {
            db.write(&ctx, async |tx| {
                runs.fetch_add(1, SeqCst);
                // What a cache would say, until the gate has spoken.
                let version = tx.admission().map_or(known, |admission| admission.rights);
                tx.assume_rights(version)?;
                notes::write(tx, "decided").await
            })
            .await
        };
        let runs = AtomicUsize::new(0);
        decide(&runs).await.unwrap();
        assert_eq!(runs.load(SeqCst), 1, "{mode:?}: in force");

        let raised: Result<(), DbError> = db
            .write(&tenant.job(), async |tx| {
                tx.raise_rights_version(ada.id);
                Ok(())
            })
            .await;
        raised.unwrap();
        let runs = AtomicUsize::new(0);
        decide(&runs).await.unwrap();
        assert_eq!(runs.load(SeqCst), 2, "{mode:?}: decided anew");
        assert_eq!(notes::all(&tenant).await.len(), 2, "{mode:?}: and done once");
    }
}

/// Each reads how many notes there are and adds one when there are fewer than ten: without the lock some would overshoot.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_of_rights_happen_one_after_the_other() {
    let tenant = TestTenant::new(PlacementMode::Shared, notes::MIGRATIONS).await;
    let ctx = tenant.context(&tenant.user().await);
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let (db, ctx) = (tenant.db(), ctx.clone());
            tokio::spawn(async move {
                db.write(&ctx, async |tx| {
                    tx.raise_rights_epoch().await?;
                    if notes::read(tx).await?.len() < 10 {
                        notes::write(tx, "one of ten").await?;
                    }
                    Ok::<_, DbError>(())
                })
                .await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(notes::all(&tenant).await.len(), 10);
}
