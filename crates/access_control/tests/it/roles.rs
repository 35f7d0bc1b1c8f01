//! Roles of the tenant's own beside the system's, and what they hold.

use ouvira_access_control::{NewPermission, NewRole, RoleEdit, RoleFilter, model::PermissionId};
use ouvira_common::{
    id::{CompanyId, RoleId},
    page::PageRequest,
    permission::{SystemRole, system_id},
    testing::TestUser,
};

use crate::world::{World, code, company, pointers, role_id};

fn role(name: &str, permissions: &[&str]) -> NewRole {
    let permissions = permissions.iter().map(|code| (*code).to_owned()).collect();
    NewRole { name: name.to_owned(), permissions, ..NewRole::default() }
}

#[tokio::test]
async fn a_role_is_made_read_changed_and_deleted() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let ctx = world.context(&root);
    let made = world
        .access
        .create_role(&ctx, &role("Chief Accountant", &["company.update", "company.read"]))
        .await
        .unwrap();
    assert_eq!((made.code.as_str(), made.version), ("chief-accountant", 1));
    assert_eq!(made.permissions, ["company.read", "company.update"]);
    assert_eq!(world.access.role(&ctx, made.id).await.unwrap(), made);

    let edit = RoleEdit { permissions: Some(vec!["company.read".into()]), ..RoleEdit::default() };
    let changed = world.access.update_role(&ctx, made.id, &edit, Some(1)).await.unwrap();
    assert_eq!((changed.permissions.as_slice(), changed.version), (&["company.read".to_owned()][..], 2));
    assert_eq!(world.access.role(&ctx, made.id).await.unwrap(), changed);
    assert_eq!(code(world.access.update_role(&ctx, made.id, &edit, Some(1)).await), "version_mismatch");

    let holder = world.user("holder").await;
    let given = world.give(&holder, made.id, None).await;
    assert_eq!(code(world.access.delete_role(&ctx, made.id, None).await), "role_in_use");
    world.access.take_user_role(&ctx, given.id).await.unwrap();
    world.access.delete_role(&ctx, made.id, None).await.unwrap();
    assert_eq!(code(world.access.role(&ctx, made.id).await), "not_found");
}

#[tokio::test]
async fn a_role_that_was_held_for_a_time_can_be_deleted_after_it() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let made = world.access.create_role(&world.context(&root), &role("Guest", &[])).await.unwrap();
    let holder = world.user("holder").await;
    let new = ouvira_access_control::NewUserRole {
        user: holder.id,
        role: made.id,
        company: None,
        expires_at: Some(world.tenant.now() + chrono::Duration::hours(1)),
    };
    world.access.give_user_role(&world.context(&root), &new).await.unwrap();
    assert_eq!(code(world.access.delete_role(&world.context(&root), made.id, None).await), "role_in_use");
    world.tenant.clock().advance(chrono::Duration::hours(1));
    world.access.delete_role(&world.context(&root), made.id, None).await.unwrap();
}

#[tokio::test]
async fn system_roles_are_fixed() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let ctx = world.context(&root);
    for system in SystemRole::ALL {
        let id = role_id(system);
        assert!(world.access.role(&ctx, id).await.unwrap().is_system);
        assert_eq!(code(world.access.update_role(&ctx, id, &RoleEdit::default(), None).await), "system_role");
        assert_eq!(code(world.access.delete_role(&ctx, id, None).await), "system_role");
        let permission = PermissionId(system_id("permission", "company.read"));
        assert_eq!(code(world.access.add_role_permission(&ctx, id, permission).await), "system_role");
    }
    assert_eq!(
        code(world.access.create_role(&ctx, &NewRole { code: Some("owner".into()), ..role("X", &[]) }).await),
        "code_taken"
    );
    assert_eq!(code(world.access.create_role(&ctx, &role("Admin", &[])).await), "code_taken");
}

#[tokio::test]
async fn codes_are_unique_in_a_company_and_among_those_of_the_tenant() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let ctx = world.context(&root);
    let (one, two) = (world.found(&root, None).await, world.found(&root, None).await);
    let at = |company: Option<CompanyId>| NewRole { company, ..role("Clerk", &[]) };
    for company in [None, Some(one), Some(two)] {
        world.access.create_role(&ctx, &at(company)).await.unwrap();
        assert_eq!(code(world.access.create_role(&ctx, &at(company)).await), "code_taken");
    }
    assert_eq!(
        pointers(world.access.create_role(&ctx, &at(Some(CompanyId::new_at(world.tenant.now())))).await),
        ["/company_id"]
    );
    let bad = NewRole { code: Some("No Code".into()), ..role("", &[]) };
    assert_eq!(pointers(world.access.create_role(&ctx, &bad).await), ["/name", "/code"]);
}

#[tokio::test]
async fn nobody_puts_into_a_role_what_they_do_not_hold() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let admin = world.holder("admin", SystemRole::Admin).await;
    let ctx = world.context(&admin);
    let create = async |new: NewRole| world.access.create_role(&ctx, &new).await;
    assert_eq!(code(create(role("Deleter", &["company.delete"])).await), "cannot_grant");
    assert_eq!(pointers(create(role("X", &["company.read", "company.fly"])).await), ["/permissions/1"]);
    let made = create(role("Reader", &["company.read"])).await.unwrap();
    let edit = RoleEdit { permissions: Some(vec!["company.delete".into()]), ..RoleEdit::default() };
    assert_eq!(code(world.access.update_role(&ctx, made.id, &edit, None).await), "cannot_grant");
    let permission = PermissionId(system_id("permission", "company.delete"));
    assert_eq!(code(world.access.add_role_permission(&ctx, made.id, permission).await), "cannot_grant");
    assert_eq!(
        world.access.role(&ctx, made.id).await.unwrap().permissions,
        ["company.read"],
        "nothing changed"
    );
    world.access.add_role_permission(&world.context(&root), made.id, permission).await.unwrap();
    let rename = RoleEdit { name: Some("Renamed".into()), ..RoleEdit::default() };
    assert!(
        world.access.update_role(&ctx, made.id, &rename, None).await.is_ok(),
        "what is in it already may stay"
    );
}

#[tokio::test]
async fn what_does_not_reach_down_cannot_be_put_into_a_role_that_does() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let company = world.found(&ada, None).await;
    let flat = NewRole {
        company: Some(company),
        ..role("Flat", &["company.update", "role.manage", "role.read", "role.grant"])
    };
    let flat = world.access.create_role(&world.context(&ada), &flat).await.unwrap();
    let bob = world.user("bob").await;
    world.join(&bob, company, &[]).await;
    world.give(&bob, flat.id, Some(company)).await;
    let ctx = world.context(&bob);
    let here = NewRole { company: Some(company), ..role("Here", &["company.update"]) };
    let here = world.access.create_role(&ctx, &here).await.unwrap();
    let below = NewRole { company: Some(company), inherits: true, ..role("Below", &["company.update"]) };
    assert_eq!(code(world.access.create_role(&ctx, &below).await), "cannot_grant");
    let reach = RoleEdit { inherits: Some(true), ..RoleEdit::default() };
    assert_eq!(code(world.access.update_role(&ctx, here.id, &reach, None).await), "cannot_grant");
}

#[tokio::test]
async fn role_permissions_are_listed_added_and_removed() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let ctx = world.context(&root);
    let own = NewPermission { code: "invoice.approve".into(), name: "Approve".into(), description: None };
    let own = world.access.create_permission(&ctx, &own).await.unwrap();
    let made = world.access.create_role(&ctx, &role("Clerk", &["company.read"])).await.unwrap();
    let added = world.access.add_role_permission(&ctx, made.id, own.id).await.unwrap();
    assert_eq!(code(world.access.add_role_permission(&ctx, made.id, own.id).await), "already_granted");
    let nothing = PermissionId::new_at(world.tenant.now());
    assert_eq!(pointers(world.access.add_role_permission(&ctx, made.id, nothing).await), ["/permission_id"]);
    let nobody = RoleId::new_at(world.tenant.now());
    assert_eq!(pointers(world.access.add_role_permission(&ctx, nobody, own.id).await), ["/role_id"]);

    let list = async |role: Option<RoleId>| {
        let page =
            PageRequest { count: true, limit: ouvira_common::page::Limit::new(100).unwrap(), after: None };
        let page = world.access.list_role_permissions(&ctx, role, &page).await.unwrap();
        assert_eq!(page.total, i64::try_from(page.items.len()).ok());
        page.items
    };
    assert_eq!(list(Some(made.id)).await.len(), 2);
    assert_eq!(world.access.role(&ctx, made.id).await.unwrap().version, 2);
    world.access.remove_role_permission(&ctx, added.id).await.unwrap();
    assert_eq!(list(Some(made.id)).await.len(), 1);
    assert_eq!(code(world.access.role_permission(&ctx, added.id).await), "not_found");

    let of_owner = list(Some(role_id(SystemRole::Owner))).await;
    assert_eq!(of_owner.len(), 13, "every permission, the tenant's own too");
    assert!(of_owner.iter().any(|entry| entry.permission == own.id));
    for entry in &of_owner {
        assert_eq!(world.access.role_permission(&ctx, entry.id).await.unwrap(), *entry);
        assert_eq!(code(world.access.remove_role_permission(&ctx, entry.id).await), "system_role");
    }
    let viewer = list(Some(role_id(SystemRole::Viewer))).await;
    assert_eq!(viewer.len(), 1);
    assert!(list(None).await.len() > of_owner.len());
}

#[tokio::test]
async fn roles_of_a_company_are_for_those_who_may_see_them() {
    let world = World::new().await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let (hers, his) = (world.found(&ada, None).await, world.found(&bob, None).await);
    let made = NewRole { company: Some(hers), ..role("Clerk", &["company.read"]) };
    let made = world.access.create_role(&world.context(&ada), &made).await.unwrap();
    let ctx = world.context(&bob);
    assert_eq!(code(world.access.role(&ctx, made.id).await), "not_found");
    assert_eq!(code(world.access.update_role(&ctx, made.id, &RoleEdit::default(), None).await), "not_found");
    assert_eq!(code(world.access.delete_role(&ctx, made.id, None).await), "not_found");
    let into_hers = NewRole { company: Some(hers), ..role("Mine", &[]) };
    assert_eq!(pointers(world.access.create_role(&ctx, &into_hers).await), ["/company_id"]);
    assert_eq!(code(world.access.create_role(&ctx, &role("Tenant-wide", &[])).await), "permission_denied");

    let ids = async |by: &TestUser, company: Option<CompanyId>| {
        let page = world
            .access
            .list_roles(&world.context(by), RoleFilter { company }, &PageRequest::default())
            .await;
        page.unwrap().items.into_iter().map(|role| role.id).collect::<Vec<_>>()
    };
    assert!(ids(&ada, None).await.contains(&made.id));
    assert!(!ids(&bob, None).await.contains(&made.id));
    assert!(ids(&bob, None).await.contains(&role_id(SystemRole::Viewer)));
    assert_eq!(ids(&ada, Some(hers)).await, [made.id]);
    assert_eq!(ids(&bob, Some(hers)).await, []);
    assert_eq!(ids(&bob, Some(his)).await, []);
    let member = world.user("member").await;
    world.join(&member, hers, &[SystemRole::Member]).await;
    assert_eq!(
        code(
            world
                .access
                .list_roles(&world.context(&member), RoleFilter::default(), &PageRequest::default())
                .await
        ),
        "permission_denied"
    );
    assert!(world.holds(&ada, &company::READ, ouvira_common::permission::Scope::Company(hers)).await);
}
