//! Memberships and their roles.

use ouvira_access_control::{
    MembershipEdit, MembershipFilter, NewMembership, NewMembershipRole,
    model::{MembershipId, MembershipStatus},
};
use ouvira_common::{
    id::{CompanyId, UserId},
    page::PageRequest,
    permission::SystemRole,
    testing::TestUser,
};

use crate::world::{World, code, pointers, role_id};

#[tokio::test]
async fn a_membership_is_made_read_changed_and_ended() {
    let world = World::new().await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let company = world.found(&ada, None).await;
    let ctx = world.context(&ada);
    let new = NewMembership { user: bob.id, company, title: Some(" Head of sales ".into()) };
    let made = world.access.create_membership(&ctx, &new).await.unwrap();
    assert_eq!((made.title.as_deref(), made.status), (Some("Head of sales"), MembershipStatus::Active));
    assert_eq!(code(world.access.create_membership(&ctx, &new).await), "already_member");
    assert_eq!(world.access.membership(&ctx, made.id).await.unwrap(), made);

    let edit = MembershipEdit { status: Some(MembershipStatus::Suspended), title: Some(None) };
    let changed = world.access.update_membership(&ctx, made.id, &edit, Some(1)).await.unwrap();
    assert_eq!((changed.title, changed.status, changed.version), (None, MembershipStatus::Suspended, 2));
    assert_eq!(code(world.access.update_membership(&ctx, made.id, &edit, Some(1)).await), "version_mismatch");
    assert_eq!(code(world.access.delete_membership(&ctx, made.id, Some(1)).await), "version_mismatch");
    world.access.delete_membership(&ctx, made.id, Some(2)).await.unwrap();
    assert_eq!(code(world.access.membership(&ctx, made.id).await), "not_found");
    let actions = ["user_company.created", "user_company.updated", "user_company.deleted"];
    assert_eq!(world.audit.actions(), actions);
}

#[tokio::test]
async fn foreign_users_and_companies_are_unknown_references() {
    let world = World::new().await;
    let (ada, eve) = (world.user("ada").await, world.user("eve").await);
    let (hers, other) = (world.found(&ada, None).await, world.found(&eve, None).await);
    let make = async |user: UserId, company: CompanyId| {
        world
            .access
            .create_membership(&world.context(&ada), &NewMembership { user, company, title: None })
            .await
    };
    let nothing = ouvira_common::id::uuid_at(world.tenant.now());
    assert_eq!(pointers(make(UserId(nothing), hers).await), ["/user_id"]);
    assert_eq!(pointers(make(eve.id, CompanyId(nothing)).await), ["/company_id"]);
    assert_eq!(pointers(make(eve.id, other).await), ["/company_id"], "it is there, but not for her to see");
}

#[tokio::test]
async fn members_see_each_other_and_nobody_else_does() {
    let world = World::new().await;
    let (ada, bob, eve) = (world.user("ada").await, world.user("bob").await, world.user("eve").await);
    let (hers, other) = (world.found(&ada, None).await, world.found(&eve, None).await);
    let his = world.join(&bob, hers, &[SystemRole::Member]).await;
    let list = async |by: &TestUser, filter: MembershipFilter| {
        let page = PageRequest { count: true, ..PageRequest::default() };
        let page = world.access.list_memberships(&world.context(by), filter, &page).await.unwrap();
        assert_eq!(page.total, i64::try_from(page.items.len()).ok());
        page.items.into_iter().map(|membership| membership.user).collect::<Vec<_>>()
    };
    assert_eq!(list(&bob, MembershipFilter::default()).await, [ada.id, bob.id]);
    assert_eq!(list(&eve, MembershipFilter::default()).await, [eve.id]);
    assert_eq!(list(&eve, MembershipFilter { company: Some(hers), user: None }).await, []);
    assert_eq!(list(&bob, MembershipFilter { company: Some(hers), user: Some(ada.id) }).await, [ada.id]);
    assert_eq!(code(world.access.membership(&world.context(&eve), his.id).await), "not_found");
    let edit = MembershipEdit::default();
    assert_eq!(
        code(world.access.update_membership(&world.context(&eve), his.id, &edit, None).await),
        "not_found"
    );
    assert_eq!(code(world.access.delete_membership(&world.context(&eve), his.id, None).await), "not_found");
    let of_ada = MembershipFilter { company: Some(hers), user: Some(ada.id) };
    let page =
        world.access.list_memberships(&world.context(&bob), of_ada, &PageRequest::default()).await.unwrap();
    let refused = world.access.delete_membership(&world.context(&bob), page.items[0].id, None).await;
    assert_eq!(code(refused), "permission_denied", "he may see it");
    let _ = other;
}

#[tokio::test]
async fn who_manages_members_moves_nobody_above_themselves() {
    let world = World::new().await;
    let (ada, bob, carl) = (world.user("ada").await, world.user("bob").await, world.user("carl").await);
    let company = world.found(&ada, None).await;
    world.join(&bob, company, &[SystemRole::Admin]).await;
    let second = world.join(&carl, company, &[SystemRole::Owner]).await;
    let ctx = world.context(&bob);
    let suspend = MembershipEdit { status: Some(MembershipStatus::Suspended), title: None };
    assert_eq!(code(world.access.update_membership(&ctx, second.id, &suspend, None).await), "cannot_grant");
    assert_eq!(code(world.access.delete_membership(&ctx, second.id, None).await), "cannot_grant");
    let title = MembershipEdit { status: None, title: Some(Some("Partner".into())) };
    assert!(world.access.update_membership(&ctx, second.id, &title, None).await.is_ok());
}

#[tokio::test]
async fn anybody_may_leave() {
    let world = World::new().await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let company = world.found(&ada, None).await;
    let his = world.join(&bob, company, &[SystemRole::Viewer]).await;
    assert_eq!(world.access.membership(&world.context(&bob), his.id).await.unwrap(), his, "his own");
    world.access.delete_membership(&world.context(&bob), his.id, None).await.unwrap();
    assert_eq!(code(world.access.membership(&world.context(&ada), his.id).await), "not_found");
}

#[tokio::test]
async fn roles_of_members_are_given_listed_and_taken() {
    let world = World::new().await;
    let (ada, bob, eve) = (world.user("ada").await, world.user("bob").await, world.user("eve").await);
    let company = world.found(&ada, None).await;
    world.found(&eve, None).await;
    let his = world.join(&bob, company, &[]).await;
    let ctx = world.context(&ada);
    let new = NewMembershipRole { membership: his.id, role: role_id(SystemRole::Member), expires_at: None };
    let given = world.access.give_member_role(&ctx, &new).await.unwrap();
    assert_eq!(world.access.member_role(&ctx, given.id).await.unwrap(), given);
    assert_eq!(code(world.access.give_member_role(&ctx, &new).await), "already_granted");
    let list = async |by: &TestUser, membership: Option<MembershipId>| {
        let page = PageRequest { count: true, ..PageRequest::default() };
        let page = world.access.list_member_roles(&world.context(by), membership, &page).await.unwrap();
        assert_eq!(page.total, i64::try_from(page.items.len()).ok());
        page.items.into_iter().map(|held| held.id).collect::<Vec<_>>()
    };
    assert_eq!(list(&ada, Some(his.id)).await, [given.id]);
    assert_eq!(list(&bob, Some(his.id)).await, [given.id]);
    assert_eq!(list(&bob, None).await.len(), 2, "the owner's too");
    assert_eq!(list(&eve, Some(his.id)).await, []);
    assert_eq!(code(world.access.member_role(&world.context(&eve), given.id).await), "not_found");
    assert_eq!(code(world.access.take_member_role(&world.context(&eve), given.id).await), "not_found");
    assert_eq!(
        code(world.access.take_member_role(&world.context(&bob), given.id).await),
        "permission_denied"
    );
    world.access.take_member_role(&ctx, given.id).await.unwrap();
    assert_eq!(code(world.access.member_role(&ctx, given.id).await), "not_found");
}
