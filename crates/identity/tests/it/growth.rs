//! A tenant with many users: what a use case reads does not grow with them. Rows are counted by Postgres, as the serving
//! role reads them.

use std::convert::Infallible;

use futures_util::stream;
use ouvira_common::{
    db::{Db, DbError},
    page::{Limit, PageRequest},
    ports::UserDirectory as _,
    tenant::PlacementMode,
};
use ouvira_identity::{ImportFormat, ListUsers, Sort, Users};

use crate::support::{World, address};

/// How many there are.
const MANY: usize = 30_000;
/// How many rows a use case may read.
const FEW: i64 = 500;

struct Crowd {
    world: World,
    db: Db,
    users: Users,
}

impl Crowd {
    /// A tenant with tables of its own, so that nobody else's reads are counted.
    async fn gather() -> Self {
        let world = World::at(PlacementMode::Schema).await;
        world
            .tenant
            .owner_sql(&format!(
                "INSERT INTO users (id, email, email_folded, email_verified, first_name, locale, timezone, active)
                   SELECT gen_random_uuid(), format('user%s@example.com', n), format('user%s@example.com', n), true,
                          'User', 'en', 'UTC', n % 5000 <> 0
                     FROM generate_series(1, {MANY}) n;
                 INSERT INTO user_search_tokens (user_id, token)
                   SELECT id, unnest(ARRAY[email_folded, 'user', 'example.com']) FROM users;
                 ANALYZE users; ANALYZE user_search_tokens"
            ))
            .await;
        let db = world.tenant.another_db(1);
        let users = world.users_over(db.clone());
        Self { world, db, users }
    }

    /// Rows of all tables that were read so far, by scans of whatever kind.
    async fn rows_read(&self) -> i64 {
        self.world.tenant.rows_read(&self.db).await
    }

    async fn assert_few(&self, what: &str, before: i64) {
        let read = self.rows_read().await - before;
        assert!(read <= FEW, "{what} reads {read} rows");
    }
}

#[tokio::test]
async fn lists_read_a_page_and_not_the_crowd() {
    let crowd = Crowd::gather().await;
    let ctx = crowd.world.admin().await;
    let searched = |search: &str| ListUsers { search: Some(search.to_owned()), ..ListUsers::default() };
    for (what, list) in [
        ("the newest", ListUsers::default()),
        ("the oldest", ListUsers { sort: Sort::Oldest, ..ListUsers::default() }),
        ("by address", ListUsers { sort: Sort::Email, ..ListUsers::default() }),
        ("the inactive", ListUsers { active: Some(false), ..ListUsers::default() }),
        ("the active", ListUsers { active: Some(true), ..ListUsers::default() }),
        ("somebody", searched("user17017@")),
        ("nobody", searched("zuse")),
        ("anybody", searched("user")),
        ("anybody of a domain", searched("example")),
        ("two words", searched("user17 example.com")),
    ] {
        let first = PageRequest { limit: Limit::new(5).expect("a limit"), ..PageRequest::default() };
        // Often enough for Postgres to settle on a plan that does not know the values.
        for _ in 0..8 {
            crowd.users.list(&ctx, list.clone(), &first).await.expect("a page");
        }
        let before = crowd.rows_read().await;
        let page = crowd.users.list(&ctx, list.clone(), &first).await.expect("a page");
        crowd.assert_few(what, before).await;
        if page.next.is_some() {
            let second = PageRequest { after: page.next, ..first };
            let before = crowd.rows_read().await;
            crowd.users.list(&ctx, list, &second).await.expect("a page");
            crowd.assert_few(&format!("{what}, further on"), before).await;
        }
    }
    // What is counted here is seen at all: a total reads everybody.
    let total = PageRequest { count: true, ..PageRequest::default() };
    let before = crowd.rows_read().await;
    crowd.users.list(&ctx, ListUsers::default(), &total).await.expect("a page");
    assert!(crowd.rows_read().await - before > FEW);
}

#[tokio::test]
async fn finding_and_proving_an_address_read_its_rows() {
    let crowd = Crowd::gather().await;
    let open = crowd.world.tenant.open();
    let directory = &crowd.world.directory;
    for text in ["user17017@example.com", "+33612345678"] {
        let wanted = address(text);
        let before = crowd.rows_read().await;
        let found: Result<_, DbError> =
            crowd.db.read(&open, async |tx| directory.find(tx, &wanted).await).await;
        crowd.assert_few("finding", before).await;
        assert_eq!(found.expect("the directory answers").is_some(), text.contains('@'));
    }
    let (ada, _) = crowd.world.person("ada@example.com").await;
    for text in ["countess@example.com", "+33612345678"] {
        let wanted = address(text);
        let before = crowd.rows_read().await;
        let proved =
            crowd.db.write(&open, async |tx| directory.verify_address(tx, ada.id, &wanted).await).await;
        crowd.assert_few("proving", before).await;
        assert!(proved.is_ok());
    }
    let before = crowd.rows_read().await;
    let ctx = crowd.world.session_of(ada.id).await;
    assert!(crowd.users.profile(&ctx).await.is_ok());
    crowd.assert_few("a profile", before).await;
    let before = crowd.rows_read().await;
    assert_eq!(
        crowd.users.forget_lapsed_claims(&crowd.world.tenant.job(), 1000).await.expect("the job runs"),
        0
    );
    crowd.assert_few("forgetting", before).await;
}

#[tokio::test]
async fn an_import_reads_who_it_is_about() {
    let crowd = Crowd::gather().await;
    let ctx = crowd.world.admin().await;
    for round in 0..8 {
        let lines =
            (0..150).map(|n| format!("user{}@example.com,+3361234{:04}\n", 100 * n + round, 200 * round + n));
        let file = stream::iter([Ok::<_, Infallible>(format!("email,phone\n{}", lines.collect::<String>()))]);
        let before = crowd.rows_read().await;
        let report = crowd.users.import(&ctx, ImportFormat::Csv, file, false).await.expect("it is imported");
        assert_eq!(report.lines.len(), 150);
        let read = crowd.rows_read().await - before;
        assert!(read < 4 * 150 + FEW, "a batch of 150 reads {read} rows");
    }
}
