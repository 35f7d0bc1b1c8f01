//! A tenant with many people, roles and companies: what a use case reads does not grow with it. Rows are counted by Postgres,
//! as the serving role reads them.

use ouvira_access_control::{
    AccessControl, InvitationFilter, MembershipFilter, Question, Questions, RoleFilter, UserRoleFilter,
    model::{GrantHolder, InvitationStatus, MembershipId},
};
use ouvira_common::{
    context::RequestContext,
    db::Db,
    id::{CompanyId, RoleId, UserId},
    page::{Limit, PageRequest},
    permission::{Scope, SystemRole},
    tenant::PlacementMode,
    testing::TestUser,
};
use uuid::Uuid;

use crate::world::{Node, World, company, role_id};

/// People, each a member of one company, with one role there and every tenth with one tenant-wide.
const MANY: u32 = 20_000;
/// How many rows a use case may read.
const FEW: i64 = 600;

/// Where everybody is a member.
const CROWDED: CompanyId = CompanyId(Uuid::from_u128(1));
/// One of those below it, with no members and no roles of its own.
const EMPTY: CompanyId = CompanyId(Uuid::from_u128(1_001));

const fn user(number: u32) -> UserId {
    UserId(Uuid::from_u128(10_000_000 + number as u128))
}

const fn membership(number: u32) -> MembershipId {
    MembershipId(Uuid::from_u128(20_000_000 + number as u128))
}

const fn role(number: u32) -> RoleId {
    RoleId(Uuid::from_u128(30_000_000 + number as u128))
}

struct Crowd {
    world: World,
    node: Node,
}

impl Crowd {
    async fn gather() -> Self {
        let world = World::placed(PlacementMode::Schema).await;
        let id = |number: &str| format!("lpad(to_hex({number}), 32, '0')::uuid");
        let viewer = format!("'{}'::uuid", role_id(SystemRole::Viewer));
        world
            .tenant
            .owner_sql(&format!(
                "INSERT INTO company_tree (id) VALUES ({crowded});
                 INSERT INTO company_tree (id, parent_id) SELECT {child}, {crowded} FROM generate_series(1, {MANY}) n;
                 INSERT INTO memberships (id, user_id, company_id, joined_at)
                   SELECT {membership}, {user}, {crowded}, now() FROM generate_series(1, {MANY}) n;
                 INSERT INTO roles (id, code, name, name_folded, inherits, company_id)
                   SELECT {role}, 'role-' || n, 'Role ' || n, 'role ' || n, false,
                          CASE WHEN n % 2 = 0 THEN {crowded} END
                     FROM generate_series(1, {MANY} / 10) n;
                 INSERT INTO role_permissions (id, role_id, permission_id)
                   SELECT gen_random_uuid(), {role}, gen_random_uuid() FROM generate_series(1, {MANY} / 10) n,
                          generate_series(1, 5);
                 INSERT INTO permissions (id, code, name)
                   SELECT gen_random_uuid(), 'thing.do' || n, 'Do' FROM generate_series(1, {MANY} / 10) n;
                 INSERT INTO membership_roles (id, membership_id, company_id, role_id)
                   SELECT gen_random_uuid(), {membership}, {crowded}, {viewer} FROM generate_series(1, {MANY}) n;
                 INSERT INTO tenant_roles (id, user_id, role_id, expires_at)
                   SELECT gen_random_uuid(), {user}, {viewer},
                          CASE WHEN n % 100 = 1 THEN timestamptz '2000-01-01' END
                     FROM generate_series(1, {MANY}, 10) n;
                 INSERT INTO invitations (id, company_id, email, token_hash, invited_by, invited_by_kind, expires_at,
                                          status)
                   SELECT gen_random_uuid(), CASE WHEN n % 2 = 0 THEN {crowded} END, n || '@example.com',
                          sha256(n::text::bytea), {user}, 'user',
                          CASE WHEN n % 1000 = 0 THEN now() + interval '1 year' ELSE timestamptz '2000-01-01' END,
                          CASE WHEN n % 100 = 0 THEN 'pending' ELSE 'revoked' END
                     FROM generate_series(1, {MANY}) n;
                 INSERT INTO object_grants (id, user_id, permission_id, object_type, object_id)
                   SELECT gen_random_uuid(), {user}, gen_random_uuid(), 'report', gen_random_uuid()
                     FROM generate_series(1, {MANY}) n;
                 ANALYZE",
                crowded = id("1"),
                child = id("1000 + n"),
                membership = id("20000000 + n"),
                user = id("10000000 + n"),
                role = id("30000000 + n"),
            ))
            .await;
        let node = world.another_node(1);
        Self { world, node }
    }

    fn access(&self) -> &AccessControl {
        &self.node.access
    }

    fn db(&self) -> &Db {
        &self.node.db
    }

    /// Runs it often enough for Postgres to settle on a plan that does not know the values, and counts once.
    async fn reads_few(&self, what: &str, most: i64, mut run: impl AsyncFnMut(&AccessControl)) {
        for _ in 0..8 {
            run(self.access()).await;
        }
        let before = self.world.tenant.rows_read(self.db()).await;
        run(self.access()).await;
        let read = self.world.tenant.rows_read(self.db()).await - before;
        assert!(read <= most, "{what} reads {read} rows");
    }
}

fn page() -> PageRequest {
    PageRequest { limit: Limit::new(5).expect("a limit"), ..PageRequest::default() }
}

#[tokio::test]
async fn lists_read_a_page_and_not_the_crowd() {
    let crowd = Crowd::gather().await;
    let (owner, auditor) =
        (crowd.world.holder("owner", SystemRole::Owner).await, crowd.world.user("auditor").await);
    crowd.world.join(&auditor, CROWDED, &[SystemRole::Analyst]).await;
    for (who, caller) in [("the owner", &owner), ("an analyst of the company", &auditor)] {
        let ctx = crowd.world.context(caller);
        memberships(&crowd, who, &ctx).await;
        user_roles(&crowd, who, &ctx).await;
        for status in [None, Some(InvitationStatus::Pending), Some(InvitationStatus::Expired)] {
            for company in [None, Some(CROWDED)] {
                let filter = InvitationFilter { company, status };
                let what = format!("invitations, {filter:?}, for {who}");
                crowd
                    .reads_few(&what, 5 * FEW, async |access| {
                        access.list_invitations(&ctx, filter, &page()).await.unwrap();
                    })
                    .await;
            }
        }
        roles(&crowd, who, &ctx).await;
        for holder in [None, Some(GrantHolder::User(user(7))), Some(GrantHolder::Role(role(7)))] {
            crowd
                .reads_few(&format!("object grants of {holder:?} for {who}"), FEW, async |access| {
                    access.list_object_grants(&ctx, holder, &page()).await.unwrap();
                })
                .await;
        }
        crowd
            .reads_few(&format!("permissions of a role for {who}"), FEW, async |access| {
                access.list_role_permissions(&ctx, Some(role(7)), &page()).await.expect("a page");
            })
            .await;
        crowd
            .reads_few(&format!("permissions for {who}"), FEW, async |access| {
                access.list_permissions(&ctx, &page()).await.expect("a page");
            })
            .await;
    }
}

async fn memberships(crowd: &Crowd, who: &str, ctx: &RequestContext) {
    for filter in [
        MembershipFilter::default(),
        MembershipFilter { company: Some(CROWDED), user: None },
        MembershipFilter { company: None, user: Some(user(77)) },
    ] {
        crowd
            .reads_few(&format!("memberships, {filter:?}, for {who}"), FEW, async |access| {
                access.list_memberships(ctx, filter, &page()).await.expect("a page");
            })
            .await;
    }
}

async fn roles(crowd: &Crowd, who: &str, ctx: &RequestContext) {
    // The system's come first, and owners and administrators are shown with each of the tenant's own permissions: that
    // page reads what it shows, which is counted twice, by the index and in the table.
    let shown = 2 * i64::from(MANY / 10);
    for (company, first) in [(None, FEW + shown), (Some(CROWDED), FEW)] {
        let mut page = page();
        for (which, most) in [("the first", first), ("the second", FEW), ("the third", FEW)] {
            let mut next = None;
            crowd
                .reads_few(&format!("{which} page of roles of {company:?} for {who}"), most, async |access| {
                    next = access.list_roles(ctx, RoleFilter { company }, &page).await.expect("a page").next;
                })
                .await;
            assert!(next.is_some(), "there are more pages than these");
            page.after = next;
        }
    }
    crowd
        .reads_few(&format!("roles of a company without any for {who}"), FEW, async |access| {
            let none = RoleFilter { company: Some(EMPTY) };
            assert!(access.list_roles(ctx, none, &page()).await.expect("a page").items.is_empty());
        })
        .await;
}

async fn user_roles(crowd: &Crowd, who: &str, ctx: &RequestContext) {
    for filter in [
        UserRoleFilter::default(),
        UserRoleFilter { company: Some(CROWDED), user: None },
        UserRoleFilter { company: None, user: Some(user(71)) },
    ] {
        let mut page = page();
        for which in ["the first", "the second"] {
            let mut next = None;
            crowd
                .reads_few(
                    &format!("{which} page of user roles, {filter:?}, for {who}"),
                    FEW,
                    async |access| {
                        next = access.list_user_roles(ctx, filter, &page).await.expect("a page").next;
                    },
                )
                .await;
            assert_eq!(next.is_none(), filter.user.is_some(), "one person holds less than a page");
            if next.is_none() {
                break;
            }
            page.after = next;
        }
    }
    crowd
        .reads_few(&format!("user roles in a company without any for {who}"), FEW, async |access| {
            let none = UserRoleFilter { company: Some(EMPTY), user: None };
            assert!(access.list_user_roles(ctx, none, &page()).await.expect("a page").items.is_empty());
        })
        .await;
    for of in [None, Some(membership(71))] {
        crowd
            .reads_few(&format!("roles of member {of:?} for {who}"), FEW, async |access| {
                access.list_member_roles(ctx, of, &page()).await.expect("a page");
            })
            .await;
    }
}

#[tokio::test]
async fn decisions_read_what_one_person_holds() {
    let crowd = Crowd::gather().await;
    let plain: TestUser = crowd.world.tenant.session_of(user(11)).await;
    let ctx = crowd.world.context(&plain);
    let asked = |explain| Questions {
        checks: (0..100)
            .map(|number| Question {
                permission: company::READ.code.to_owned(),
                company: Some(CompanyId(Uuid::from_u128(if number % 2 == 0 { 1 } else { 1000 + number }))),
                object: None,
                user: None,
            })
            .collect(),
        explain,
        ..Questions::default()
    };
    // A hundred companies, each looked for; with reasons, the grants on each of them too.
    for (explain, most) in [(false, FEW), (true, 4 * FEW)] {
        let questions = asked(explain);
        crowd
            .reads_few(&format!("a hundred questions, explained: {explain}"), most, async |access| {
                access.check(&ctx, &questions).await.expect("a page");
            })
            .await;
    }
    // A snapshot from nothing: another node's first decision.
    let node = crowd.world.another_node(1);
    let before = crowd.world.tenant.rows_read(&node.db).await;
    let held =
        crate::world::holds(&node.db, &node.rights, &ctx, &company::READ, Scope::Company(CROWDED)).await;
    assert!(held);
    let read = crowd.world.tenant.rows_read(&node.db).await - before;
    assert!(read <= 200, "a snapshot reads {read} rows");

    let job = crowd.world.tenant.job();
    let before = crowd.world.tenant.rows_read(crowd.db()).await;
    assert_eq!(crowd.access().end_lapsed_roles(&job, 5).await.unwrap(), 5);
    let read = crowd.world.tenant.rows_read(crowd.db()).await - before;
    assert!(read <= 5 * FEW, "ending five roles reads {read} rows");
    let before = crowd.world.tenant.rows_read(crowd.db()).await;
    assert_eq!(crowd.access().forget_lapsed_invitations(&job, 5).await.unwrap(), 5);
    let read = crowd.world.tenant.rows_read(crowd.db()).await - before;
    assert!(read <= FEW, "forgetting five invitations reads {read} rows");
}

/// In one round trip each, whatever the page holds; a decision costs none.
#[tokio::test]
async fn no_list_asks_once_for_each_of_its_rows() {
    let crowd = Crowd::gather().await;
    let owner = crowd.world.holder("owner", SystemRole::Owner).await;
    let ctx = crowd.world.context(&owner);
    let (db, wire) = crowd.world.tenant.counted_db();
    let access = crowd.world.access_over(db);
    for limit in [1, 1, 100] {
        let page = PageRequest { limit: Limit::new(limit).expect("a limit"), ..PageRequest::default() };
        let mut flights = Vec::new();
        let mut before = wire.flights();
        let mut count = |wire: &ouvira_common::testing::Wire| {
            flights.push(wire.flights() - before);
            before = wire.flights();
        };
        access.list_memberships(&ctx, MembershipFilter::default(), &page).await.unwrap();
        count(&wire);
        access.list_user_roles(&ctx, UserRoleFilter::default(), &page).await.unwrap();
        count(&wire);
        access.list_member_roles(&ctx, None, &page).await.unwrap();
        count(&wire);
        access.list_invitations(&ctx, InvitationFilter::default(), &page).await.unwrap();
        count(&wire);
        access.list_object_grants(&ctx, None, &page).await.unwrap();
        count(&wire);
        access.list_roles(&ctx, RoleFilter::default(), &page).await.unwrap();
        count(&wire);
        access.list_role_permissions(&ctx, None, &page).await.unwrap();
        count(&wire);
        access.list_permissions(&ctx, &page).await.unwrap();
        count(&wire);
        // The first of all brings the connection, the statements and the snapshot.
        if limit == 100 {
            assert!(flights.iter().all(|flights| *flights <= 5), "{flights:?}");
        }
    }
}
