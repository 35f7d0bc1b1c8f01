use std::time::Duration;

use ouvira_common::{
    db::{DbError, Refusal},
    tenant::PlacementMode,
    testing::TestTenant,
};
use tokio::{sync::oneshot, time::timeout};

use crate::notes;

/// A suspension waits for the write in flight; a write that begins while it waits, or after, is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_waits_for_writes_in_flight_and_stops_later_ones() {
    for mode in PlacementMode::ALL {
        let tenant = TestTenant::new(mode, notes::MIGRATIONS).await;
        let (db, ctx) = (tenant.db(), tenant.context(&tenant.user().await));
        let (entered, is_in) = oneshot::channel();
        let (let_go, may_go) = oneshot::channel::<()>();
        let signals = std::sync::Mutex::new(Some((entered, may_go)));

        let in_flight = db.write(&ctx, async |tx| -> Result<(), DbError> {
            notes::write(tx, "in flight").await?;
            let (entered, may_go) = signals.lock().unwrap().take().expect("the closure runs once");
            entered.send(()).unwrap();
            may_go.await.unwrap();
            Ok(())
        });
        let suspension = async {
            is_in.await.unwrap();
            let mut suspend = Box::pin(tenant.set_state("active", "suspended"));
            assert!(timeout(Duration::from_millis(300), &mut suspend).await.is_err(), "{mode:?}: it waits");
            let mut late = Box::pin(db.write(&ctx, async |tx| notes::write(tx, "late").await));
            assert!(
                timeout(Duration::from_millis(300), &mut late).await.is_err(),
                "{mode:?}: so does who comes after"
            );
            let_go.send(()).unwrap();
            suspend.await;
            assert!(matches!(late.await, Err(DbError::Refused(Refusal::TenantSuspended))), "{mode:?}");
        };
        let (written, ()) = tokio::join!(in_flight, suspension);
        written.unwrap();
        assert_eq!(notes::all(&tenant).await, ["in flight"], "{mode:?}");
    }
}
