use std::{sync::Arc, time::Duration};

use ouvira_audit::{Audit, AuditError, Live, NotificationStream, Told};
use ouvira_common::{
    context::RequestContext,
    db::DbError,
    ports::{Notice, Notifier as _},
    problem::{Code, Failure as _},
    secret::Secret,
    tenant::PlacementMode,
    testing::{TestUser, fakes::DenyAll},
};
use serde_json::json;
use tokio::{sync::Notify, time::timeout};
use uuid::Uuid;

use crate::support::House;

struct Reader {
    house: House,
    user: TestUser,
    ctx: RequestContext,
    audit: Audit,
    live: Live,
}

impl Reader {
    async fn new(mode: PlacementMode) -> Self {
        let house = House::new(mode).await;
        let user = house.tenant.user().await;
        let ctx = house.tenant.context(&user);
        let audit = house.audit_with(Arc::new(DenyAll));
        Self { house, user, ctx, audit, live: Live::new() }
    }

    fn notice(&self, name: &str) -> Notice {
        Notice { user: self.user.id, kind: "role.granted", data: json!({"name": name}) }
    }

    async fn notify(&self, name: &str) {
        let notice = self.notice(name);
        let recorder = &self.house.recorder;
        self.house.in_transaction(&self.house.tenant.job(), |tx| recorder.notify(tx, notice.clone())).await;
        self.live.wake(self.ctx.tenant_id(), self.user.id);
    }

    async fn stream(&self, last: Option<Uuid>) -> NotificationStream {
        self.audit.stream_notifications(&self.ctx, &self.live, last).await.expect("the stream begins")
    }
}

/// Names and ids of the next notices.
async fn told(stream: &mut NotificationStream) -> Vec<(String, Uuid)> {
    match timeout(Duration::from_secs(5), stream.next()).await.expect("something is told soon") {
        Ok(Told::Notifications(notices)) => {
            let name =
                |notice: &ouvira_audit::Notification| notice.data["name"].as_str().unwrap_or("").to_owned();
            notices.iter().map(|notice| (name(notice), notice.id)).collect()
        }
        other => panic!("no notice but {other:?}"),
    }
}

fn names(told: &[(String, Uuid)]) -> Vec<&str> {
    told.iter().map(|(name, _)| name.as_str()).collect()
}

/// The next `count` that are told. What was written just before the stream began may be told too, while a transaction of
/// another test that began earlier is still running.
async fn next(stream: &mut NotificationStream, count: usize) -> Vec<(String, Uuid)> {
    let mut all = Vec::new();
    while all.len() < count {
        all.extend(told(stream).await.into_iter().filter(|(name, _)| name != "before"));
    }
    all
}

#[tokio::test]
async fn a_stream_tells_what_is_new_and_goes_on_after_the_last_on_any_node() {
    for mode in PlacementMode::ALL {
        let reader = Reader::new(mode).await;
        reader.notify("before").await;
        let mut stream = reader.stream(None).await;
        reader.notify("A").await;
        let first = next(&mut stream, 1).await;
        assert_eq!(names(&first), ["A"]);
        drop(stream);
        for name in ["B", "C"] {
            reader.notify(name).await;
        }
        let mut elsewhere = reader.stream(Some(first[0].1)).await;
        assert_eq!(names(&next(&mut elsewhere, 2).await), ["B", "C"]);
        reader.notify("D").await;
        assert_eq!(names(&next(&mut elsewhere, 1).await), ["D"]);
    }
}

#[tokio::test]
async fn a_notice_that_commits_late_is_neither_missed_nor_told_twice() {
    let reader = Reader::new(PlacementMode::Shared).await;
    let mut stream = reader.stream(None).await;
    let (begun, finish) = (Notify::new(), Notify::new());
    let (db, job) = (reader.house.tenant.another_db(1), reader.house.tenant.job());
    let slow = async {
        let notice = reader.notice("late");
        let written: Result<(), DbError> = db
            .write(&job, async |tx| {
                // Takes its transaction number now, and commits after the others.
                tx.raise_rights_epoch().await?;
                reader.house.recorder.notify(tx, notice.clone());
                begun.notify_one();
                finish.notified().await;
                Ok(())
            })
            .await;
        written.expect("it commits in the end");
    };
    let others = async {
        begun.notified().await;
        reader.notify("quick").await;
        let early = timeout(Duration::from_millis(600), stream.next()).await;
        assert!(early.is_err(), "nothing is told past a transaction that still runs");
        finish.notify_one();
        let mut all = told(&mut stream).await;
        while all.len() < 2 {
            all.extend(told(&mut stream).await);
        }
        assert_eq!(names(&all), ["late", "quick"]);
    };
    futures_util::join!(slow, others);
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_with_its_node() {
    let reader = Reader::new(PlacementMode::Shared).await;
    let mut stream = reader.stream(None).await;
    reader.live.close();
    assert_eq!(stream.next().await.expect("no failure"), Told::End);

    let mut stream =
        reader.audit.stream_notifications(&reader.ctx, &Live::new(), None).await.expect("it begins");
    let ended: Result<(), DbError> = reader
        .house
        .tenant
        .db()
        .write(&reader.house.tenant.job(), async |tx| {
            tx.end_session(reader.user.session);
            Ok(())
        })
        .await;
    ended.expect("the session ends");
    assert_eq!(stream.next().await.expect_err("the session is over").code(), Code::TokenInvalid);
}

#[tokio::test]
async fn a_ticket_is_good_once_and_for_half_a_minute_and_only_here() {
    let reader = Reader::new(PlacementMode::Shared).await;
    let open = reader.house.tenant.open();
    let issued = reader.audit.issue_stream_ticket(&reader.ctx).await.expect("it is issued");
    let elsewhere = House::new(PlacementMode::Shared).await;
    let foreign = elsewhere.audit().redeem_stream_ticket(&elsewhere.tenant.open(), &issued.ticket).await;
    assert!(matches!(foreign, Err(AuditError::TicketInvalid)));

    let ctx = reader.audit.redeem_stream_ticket(&open, &issued.ticket).await.expect("it is good");
    assert_eq!((ctx.user_id(), ctx.session_id()), (Some(reader.user.id), Some(reader.user.session)));
    assert!(reader.audit.stream_notifications(&ctx, &reader.live, None).await.is_ok());
    let again = reader.audit.redeem_stream_ticket(&open, &issued.ticket).await;
    assert!(matches!(again, Err(AuditError::TicketInvalid)));

    let late = reader.audit.issue_stream_ticket(&reader.ctx).await.expect("it is issued");
    reader.house.tenant.clock().advance(chrono::Duration::seconds(30));
    let expired = reader.audit.redeem_stream_ticket(&reader.house.tenant.open(), &late.ticket).await;
    assert!(matches!(expired, Err(AuditError::TicketInvalid)));
    let nonsense = reader.audit.redeem_stream_ticket(&open, &Secret::new("../")).await;
    assert!(matches!(nonsense, Err(AuditError::TicketInvalid)));
}
