//! Who may do what, where, and from when on.

use ouvira_access_control::{
    MembershipEdit, NewRole, NewUserRole, RoleEdit, model::MembershipStatus, permission::*,
};
use ouvira_common::{
    id::CompanyId,
    permission::{Scope, SystemRole},
    ports::Visible,
    tenant::PlacementMode,
};

use crate::world::{TreeChange, World, company, holds, role_id};

#[tokio::test]
async fn somebody_who_just_signed_up_holds_nothing() {
    let world = World::new().await;
    let owner = world.user("owner").await;
    let stranger = world.user("stranger").await;
    let company = world.found(&owner, None).await;
    assert!(!world.holds(&stranger, &company::READ, Scope::Tenant).await);
    assert!(!world.holds(&stranger, &company::READ, Scope::Company(company)).await);
    assert_eq!(world.visible(&stranger, &company::READ).await, Visible::Ids([].into()));
}

#[tokio::test]
async fn the_founder_of_a_company_holds_everything_there_and_nothing_elsewhere_in_every_placement() {
    for mode in PlacementMode::ALL {
        let world = World::placed(mode).await;
        let ada = world.user("ada").await;
        let bob = world.user("bob").await;
        let (hers, his) = (world.found(&ada, None).await, world.found(&bob, None).await);
        for permission in [company::READ, company::DELETE, ROLE_GRANT] {
            assert!(world.holds(&ada, &permission, Scope::Company(hers)).await, "{mode:?}");
            assert!(!world.holds(&ada, &permission, Scope::Company(his)).await, "{mode:?}");
            assert!(!world.holds(&ada, &permission, Scope::Tenant).await, "{mode:?}");
        }
        assert_eq!(world.visible(&ada, &company::READ).await, Visible::Ids([hers].into()));
    }
}

#[tokio::test]
async fn a_tenant_wide_role_counts_in_every_company() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let admin = world.holder("admin", SystemRole::Admin).await;
    let company = world.found(&ada, None).await;
    assert!(world.holds(&admin, &company::UPDATE, Scope::Tenant).await);
    assert!(world.holds(&admin, &company::UPDATE, Scope::Company(company)).await);
    assert!(
        !world.holds(&admin, &company::DELETE, Scope::Company(company)).await,
        "only owners delete companies"
    );
    assert_eq!(world.visible(&admin, &company::READ).await, Visible::All);
}

#[tokio::test]
async fn roles_that_inherit_reach_down_the_tree_and_no_others_do() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let top = world.found(&ada, None).await;
    let middle = world.found(&ada, Some(top)).await;
    let bottom = world.found(&ada, Some(middle)).await;
    let (admin, member) = (world.user("admin").await, world.user("member").await);
    world.join(&admin, middle, &[SystemRole::Admin]).await;
    world.join(&member, middle, &[SystemRole::Member]).await;

    assert!(!world.holds(&admin, &company::UPDATE, Scope::Company(top)).await, "nothing reaches up");
    assert!(world.holds(&admin, &company::UPDATE, Scope::Company(middle)).await);
    assert!(world.holds(&admin, &company::UPDATE, Scope::Company(bottom)).await);
    assert!(world.holds(&member, &company::READ, Scope::Company(middle)).await);
    assert!(!world.holds(&member, &company::READ, Scope::Company(bottom)).await);
    let Visible::Ids(seen) = world.visible(&admin, &company::READ).await else {
        panic!("some companies only")
    };
    assert_eq!(seen.iter().copied().collect::<Vec<CompanyId>>(), [middle, bottom]);

    let beside = world.found(&ada, Some(top)).await;
    world.change_tree(TreeChange::Move(bottom, Some(beside))).await;
    assert!(!world.holds(&admin, &company::UPDATE, Scope::Company(bottom)).await, "it is no longer below");
    world.change_tree(TreeChange::Move(beside, Some(middle))).await;
    assert!(
        world.holds(&admin, &company::UPDATE, Scope::Company(bottom)).await,
        "it is again, one further down"
    );
}

#[tokio::test]
async fn a_company_founded_below_is_inherited_at_once() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let top = world.found(&ada, None).await;
    let admin = world.user("admin").await;
    world.join(&admin, top, &[SystemRole::Admin]).await;
    assert!(world.holds(&admin, &company::UPDATE, Scope::Company(top)).await, "the snapshot is warm");
    let below = world.found(&ada, Some(top)).await;
    assert!(world.holds(&admin, &company::UPDATE, Scope::Company(below)).await);
}

#[tokio::test]
async fn in_a_deleted_company_only_restoring_can_be_asked_for() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let company = world.found(&ada, None).await;
    assert!(world.holds(&ada, &company::DELETE, Scope::Company(company)).await);
    world.change_tree(TreeChange::Remove(company)).await;
    assert!(!world.holds(&ada, &company::DELETE, Scope::Company(company)).await);
    assert!(world.holds(&ada, &company::DELETE, Scope::Removed(company)).await);
    assert_eq!(world.visible(&ada, &company::READ).await, Visible::Ids([].into()));
    world.change_tree(TreeChange::Restore(company)).await;
    assert!(world.holds(&ada, &company::DELETE, Scope::Company(company)).await);
}

#[tokio::test]
async fn a_change_of_rights_applies_to_the_next_request_on_every_node() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let bob = world.user("bob").await;
    let company = world.found(&ada, None).await;
    let other = world.another_node(2);
    let ctx = world.context(&bob);
    let asked =
        async || holds(&other.db, &other.rights, &ctx, &company::UPDATE, Scope::Company(company)).await;
    assert!(!asked().await, "the other node has a snapshot now");

    let given = world.give(&bob, role_id(SystemRole::Admin), Some(company)).await;
    assert!(asked().await, "given");
    world.access.take_user_role(&world.context(&ada), given.id).await.unwrap();
    assert!(!asked().await, "taken");
}

#[tokio::test]
async fn an_expired_role_ends_by_itself_with_every_cache_warm() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let bob = world.user("bob").await;
    let company = world.found(&ada, None).await;
    let expires_at = Some(world.tenant.now() + chrono::Duration::hours(1));
    let new =
        NewUserRole { user: bob.id, role: role_id(SystemRole::Admin), company: Some(company), expires_at };
    world.access.give_user_role(&world.context(&ada), &new).await.unwrap();
    assert!(world.holds(&bob, &company::UPDATE, Scope::Company(company)).await);
    world.tenant.clock().advance(chrono::Duration::minutes(59));
    assert!(world.holds(&bob, &company::UPDATE, Scope::Company(company)).await);
    world.tenant.clock().advance(chrono::Duration::minutes(1));
    assert!(!world.holds(&bob, &company::UPDATE, Scope::Company(company)).await);
    let again =
        world.access.give_user_role(&world.context(&ada), &NewUserRole { expires_at: None, ..new }).await;
    assert!(again.is_ok(), "one that has ended gives way: {again:?}");
    assert!(world.holds(&bob, &company::UPDATE, Scope::Company(company)).await);
}

#[tokio::test]
async fn a_suspended_member_holds_nothing_there_until_they_are_back() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let bob = world.user("bob").await;
    let company = world.found(&ada, None).await;
    let membership = world.join(&bob, company, &[SystemRole::Admin]).await;
    assert!(world.holds(&bob, &company::UPDATE, Scope::Company(company)).await);
    for (status, held) in [(MembershipStatus::Suspended, false), (MembershipStatus::Active, true)] {
        let edit = MembershipEdit { status: Some(status), title: None };
        world.access.update_membership(&world.context(&ada), membership.id, &edit, None).await.unwrap();
        assert_eq!(world.holds(&bob, &company::UPDATE, Scope::Company(company)).await, held);
    }
}

#[tokio::test]
async fn a_role_of_the_tenants_own_gives_what_it_holds_from_the_moment_it_holds_it() {
    let world = World::new().await;
    let owner = world.holder("owner", SystemRole::Owner).await;
    let ada = world.user("ada").await;
    let new =
        NewRole { name: "Editor".into(), permissions: vec!["company.read".into()], ..NewRole::default() };
    let role = world.access.create_role(&world.context(&owner), &new).await.unwrap();
    world.give(&ada, role.id, None).await;
    assert!(world.holds(&ada, &company::READ, Scope::Tenant).await);
    assert!(!world.holds(&ada, &company::UPDATE, Scope::Tenant).await);
    let edit = RoleEdit { permissions: Some(vec!["company.update".into()]), ..RoleEdit::default() };
    world.access.update_role(&world.context(&owner), role.id, &edit, None).await.unwrap();
    assert!(world.holds(&ada, &company::UPDATE, Scope::Tenant).await);
    assert!(!world.holds(&ada, &company::READ, Scope::Tenant).await);
}

#[tokio::test]
async fn passes_without_a_person_hold_what_they_should() {
    let world = World::new().await;
    let ask = async |ctx, permission| holds(&world.db, &world.rights, &ctx, &permission, Scope::Tenant).await;
    assert!(ask(world.tenant.job(), company::DELETE).await, "a job");
    assert!(!ask(world.tenant.open(), company::READ).await, "nobody");
}
