//! What other domains ask and tell.

use ouvira_access_control::{NewPermission, NewRole};
use ouvira_common::{
    db::DbError,
    id::{RoleId, UserId},
    permission::SystemRole,
    ports::{GrantRefused, Memberships as _, RoleGrants as _, Standing},
    testing::TestUser,
};

use crate::world::{World, role_id};

async fn give_roles(world: &World, by: &TestUser, to: UserId, roles: &[RoleId]) -> Result<(), GrantRefused> {
    world.db.write(&world.context(by), async |tx| world.grants.give_roles(tx, to, roles).await).await
}

async fn standing(world: &World, of: &TestUser) -> Standing {
    let standing: Result<_, DbError> =
        world.db.read(&world.context(of), async |tx| world.grants.standing(tx).await).await;
    standing.expect("anybody has a standing")
}

#[tokio::test]
async fn roles_for_a_new_user_are_given_as_any_would_be() {
    let world = World::new().await;
    let admin = world.holder("admin", SystemRole::Admin).await;
    let new = world.user("new").await;
    let nothing = RoleId::new_at(world.tenant.now());
    let viewer = role_id(SystemRole::Viewer);
    assert!(matches!(
        give_roles(&world, &admin, new.id, &[viewer, nothing]).await,
        Err(GrantRefused::Unknown(1))
    ));
    let owner = role_id(SystemRole::Owner);
    assert!(matches!(give_roles(&world, &admin, new.id, &[owner]).await, Err(GrantRefused::Beyond)));
    assert!(matches!(give_roles(&world, &new, admin.id, &[viewer]).await, Err(GrantRefused::Denied(_))));
    give_roles(&world, &admin, new.id, &[viewer, role_id(SystemRole::Member), viewer]).await.unwrap();
    let names: Result<_, DbError> = world
        .db
        .read(&world.context(&admin), async |tx| world.grants.role_names(tx, &[new.id, admin.id]).await)
        .await;
    let names = names.unwrap();
    assert_eq!(names[&new.id], ["Member", "Viewer"]);
    assert_eq!(names[&admin.id], ["Admin"]);
}

#[tokio::test]
async fn nobody_reaches_an_account_above_their_own() {
    let world = World::new().await;
    let admin = world.holder("admin", SystemRole::Admin).await;
    let owner = world.holder("owner", SystemRole::Owner).await;
    let (plain, founder) = (world.user("plain").await, world.user("founder").await);
    world.found(&founder, None).await;
    let reaches = async |by: &TestUser, whom: &TestUser| {
        let reached: Result<(), GrantRefused> = world
            .db
            .write(&world.context(by), async |tx| world.grants.require_reach(tx, whom.id).await)
            .await;
        match reached {
            Ok(()) => true,
            Err(GrantRefused::Beyond) => false,
            Err(error) => panic!("{error}"),
        }
    };
    assert!(reaches(&admin, &plain).await && reaches(&admin, &admin).await);
    assert!(!reaches(&admin, &owner).await);
    assert!(!reaches(&admin, &founder).await, "an owner of a company");
    assert!(reaches(&owner, &founder).await && reaches(&owner, &admin).await);
}

#[tokio::test]
async fn a_grant_on_any_object_keeps_an_account_from_those_who_do_not_hold_it() {
    let world = World::new().await;
    let owner = world.holder("owner", SystemRole::Owner).await;
    let (admin, other) = (world.holder("admin", SystemRole::Admin).await, world.user("other").await);
    let own = NewPermission { code: "report.sign".into(), name: "Sign".into(), description: None };
    world.access.create_permission(&world.context(&owner), &own).await.unwrap();
    let report = uuid::Uuid::from_u128(7);
    let grant = |user: &TestUser, permission: &str| ouvira_access_control::NewObjectGrant {
        holder: ouvira_access_control::model::GrantHolder::User(user.id),
        permission: permission.to_owned(),
        object_type: "report".to_owned(),
        object_id: report,
    };
    let reaches = async |by: &TestUser, whom: &TestUser| {
        let reached: Result<(), GrantRefused> = world
            .db
            .write(&world.context(by), async |tx| world.grants.require_reach(tx, whom.id).await)
            .await;
        reached.is_ok()
    };
    let plain = world.user("plain").await;
    assert!(reaches(&other, &plain).await);
    // What an administrator holds tenant-wide reaches every report; what they do not, none.
    world.access.create_object_grant(&world.context(&owner), &grant(&plain, "report.sign")).await.unwrap();
    assert!(reaches(&admin, &plain).await && !reaches(&other, &plain).await);
    world.access.create_object_grant(&world.context(&owner), &grant(&plain, "company.delete")).await.unwrap();
    assert!(!reaches(&admin, &plain).await && reaches(&owner, &plain).await);
    // Nor somebody who holds it on another object; who holds it on this one does.
    for permission in ["report.sign", "company.delete"] {
        assert!(!reaches(&other, &plain).await);
        world.access.create_object_grant(&world.context(&owner), &grant(&other, permission)).await.unwrap();
    }
    assert!(reaches(&other, &plain).await);
}

#[tokio::test]
async fn somebodys_standing_is_all_they_hold_here_and_in_their_companies() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let root = world.holder("root", SystemRole::Owner).await;
    let own = NewPermission { code: "invoice.approve".into(), name: "Approve".into(), description: None };
    world.access.create_permission(&world.context(&root), &own).await.unwrap();
    let clerk =
        NewRole { name: "Clerk".into(), permissions: vec!["invoice.approve".into()], ..NewRole::default() };
    let clerk = world.access.create_role(&world.context(&root), &clerk).await.unwrap();
    let company = world.found(&root, None).await;
    world.join(&ada, company, &[SystemRole::Viewer]).await;
    world.give(&ada, clerk.id, None).await;

    let hers = standing(&world, &ada).await;
    assert_eq!(
        (hers.roles, hers.permissions),
        (vec!["clerk".to_owned()], vec!["invoice.approve".to_owned()])
    );
    assert_eq!(hers.companies.len(), 1);
    assert_eq!(hers.companies[0].company, company);
    assert_eq!(hers.companies[0].roles, ["viewer"]);
    assert_eq!(hers.companies[0].permissions, ["company.read", "invoice.approve"]);
    let all = standing(&world, &root).await;
    assert!(all.permissions.contains(&"invoice.approve".to_owned()), "an owner holds the tenant's own too");
    assert_eq!(all.permissions.len(), 13);
}
