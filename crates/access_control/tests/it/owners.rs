//! A company and the tenant never lose their last owner.

use chrono::Duration;
use ouvira_access_control::{
    MembershipEdit, MembershipFilter, NewUserRole, UserRoleFilter,
    model::{MembershipStatus, UserRole},
};
use ouvira_common::{
    id::CompanyId,
    page::PageRequest,
    permission::SystemRole,
    ports::{LastOwner, Memberships as _},
    testing::TestUser,
};

use crate::world::{World, code, role_id};

async fn roles_of(world: &World, user: &TestUser, company: Option<CompanyId>) -> Vec<UserRole> {
    let filter = UserRoleFilter { user: Some(user.id), company };
    let page = world.access.list_user_roles(&world.tenant.job(), filter, &PageRequest::default()).await;
    page.expect("a job may list").items.into_iter().filter(|held| held.company == company).collect()
}

async fn step_down(world: &World, user: &TestUser, company: Option<CompanyId>) -> Result<(), &'static str> {
    let owner = roles_of(world, user, company).await.remove(0);
    assert_eq!(owner.role.code, "owner");
    let taken = world.access.take_user_role(&world.context(user), owner.id).await;
    taken.map_err(|error| code::<()>(Err(error)))
}

#[tokio::test]
async fn the_last_owner_of_a_company_cannot_be_demoted_suspended_or_leave() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let admin = world.holder("root", SystemRole::Owner).await;
    let company = world.found(&ada, None).await;
    let ctx = world.context(&admin);
    let filter = MembershipFilter { company: Some(company), user: None };
    let page = world.access.list_memberships(&ctx, filter, &PageRequest::default()).await.unwrap();
    let membership = &page.items[0];

    assert_eq!(step_down(&world, &ada, Some(company)).await, Err("last_owner"));
    let suspend = MembershipEdit { status: Some(MembershipStatus::Suspended), title: None };
    assert_eq!(code(world.access.update_membership(&ctx, membership.id, &suspend, None).await), "last_owner");
    assert_eq!(code(world.access.delete_membership(&ctx, membership.id, None).await), "last_owner");
    let leaves = world.access.delete_membership(&world.context(&ada), membership.id, None).await;
    assert_eq!(code(leaves), "last_owner");

    let bob = world.user("bob").await;
    world.join(&bob, company, &[SystemRole::Owner]).await;
    assert_eq!(step_down(&world, &ada, Some(company)).await, Ok(()), "there is another one now");
    assert_eq!(step_down(&world, &bob, Some(company)).await, Err("last_owner"));
}

#[tokio::test]
async fn an_owner_for_a_time_suspended_or_switched_off_does_not_count() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let bob = world.user("bob").await;
    let company = world.found(&ada, None).await;
    let ctx = world.context(&ada);
    let expires_at = Some(world.tenant.now() + Duration::days(300));
    let owner = role_id(SystemRole::Owner);
    let for_a_time = NewUserRole { user: bob.id, role: owner, company: Some(company), expires_at };
    let given = world.access.give_user_role(&ctx, &for_a_time).await.unwrap();
    assert_eq!(step_down(&world, &ada, Some(company)).await, Err("last_owner"), "for a time");

    world.access.take_user_role(&ctx, given.id).await.unwrap();
    world.give(&bob, owner, Some(company)).await;
    let filter = MembershipFilter { company: Some(company), user: Some(bob.id) };
    let his =
        world.access.list_memberships(&ctx, filter, &PageRequest::default()).await.unwrap().items.remove(0);
    for (status, outcome) in
        [(MembershipStatus::Suspended, Err("last_owner")), (MembershipStatus::Active, Ok(()))]
    {
        let edit = MembershipEdit { status: Some(status), title: None };
        world.access.update_membership(&ctx, his.id, &edit, None).await.unwrap();
        if outcome.is_err() {
            assert_eq!(step_down(&world, &ada, Some(company)).await, outcome, "suspended");
        }
    }
    let mut off = world.users.all().into_iter().find(|person| person.id == bob.id).unwrap();
    off.active = false;
    world.users.put(off.clone());
    assert_eq!(step_down(&world, &ada, Some(company)).await, Err("last_owner"), "switched off");
    off.active = true;
    world.users.put(off);
    assert_eq!(step_down(&world, &ada, Some(company)).await, Ok(()));
}

#[tokio::test]
async fn the_tenants_last_owner_keeps_it_and_is_neither_switched_off_nor_deleted() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    assert_eq!(step_down(&world, &root, None).await, Err("last_owner"));
    let stands_down = async |user: &TestUser| {
        let done: Result<(), LastOwner> =
            world.db.write(&world.tenant.job(), async |tx| world.grants.stand_down(tx, user.id).await).await;
        done.is_ok()
    };
    let leaves = async |user: &TestUser| {
        let done: Result<(), LastOwner> = world
            .db
            .write(&world.tenant.job(), async |tx| world.grants.leave_everything(tx, user.id).await)
            .await;
        done.is_ok()
    };
    assert!(!stands_down(&root).await && !leaves(&root).await);
    let second = world.holder("second", SystemRole::Owner).await;
    assert!(stands_down(&root).await);
    assert!(leaves(&root).await);
    assert!(roles_of(&world, &root, None).await.is_empty(), "nothing is held any more");
    assert!(!stands_down(&second).await, "and now this one is the last");
}

#[tokio::test]
async fn owning_another_company_as_the_last_one_keeps_somebody_from_being_deleted() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    world.found(&ada, None).await;
    let left: Result<(), LastOwner> =
        world.db.write(&world.tenant.job(), async |tx| world.grants.leave_everything(tx, ada.id).await).await;
    assert!(matches!(left, Err(LastOwner::Last)));
}
