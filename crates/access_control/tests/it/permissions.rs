//! Permissions of the tenant's own beside the system's.

use ouvira_access_control::{
    NewPermission, NewRole, PermissionEdit, model::PermissionId, permission::PERMISSIONS,
};
use ouvira_common::{
    page::{Limit, PageRequest},
    permission::{SystemRole, system_id},
};

use crate::world::{World, code, company, pointers};

fn named(code: &str) -> NewPermission {
    NewPermission { code: code.to_owned(), name: "Something".into(), description: None }
}

#[tokio::test]
async fn a_permission_is_made_read_changed_and_deleted() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let ctx = world.context(&root);
    let made = world.access.create_permission(&ctx, &named("invoice.approve")).await.unwrap();
    assert_eq!(world.access.permission(&ctx, made.id).await.unwrap(), made);
    let edit = PermissionEdit { name: Some("Approve invoices".into()), ..PermissionEdit::default() };
    let changed = world.access.update_permission(&ctx, made.id, &edit, Some(1)).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.version), ("Approve invoices", 2));
    assert_eq!(code(world.access.update_permission(&ctx, made.id, &edit, Some(1)).await), "version_mismatch");
    let same = world.access.update_permission(&ctx, made.id, &edit, Some(2)).await.unwrap();
    assert_eq!(same.version, 2, "nothing differs");
    assert_eq!(code(world.access.delete_permission(&ctx, made.id, Some(1)).await), "version_mismatch");
    world.access.delete_permission(&ctx, made.id, Some(2)).await.unwrap();
    assert_eq!(code(world.access.permission(&ctx, made.id).await), "not_found");
    assert_eq!(
        world.audit.actions(),
        ["role.granted", "permission.created", "permission.updated", "permission.deleted"]
    );
}

#[tokio::test]
async fn codes_are_well_formed_and_unique_and_never_the_systems() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let ctx = world.context(&root);
    let first = world.access.create_permission(&ctx, &named("invoice.approve")).await.unwrap();
    assert_eq!(code(world.access.create_permission(&ctx, &named("invoice.approve")).await), "code_taken");
    assert_eq!(code(world.access.create_permission(&ctx, &named(company::READ.code)).await), "code_taken");
    let bad =
        NewPermission { code: "Invoice Approve".into(), name: String::new(), description: Some("\0".into()) };
    assert_eq!(
        pointers(world.access.create_permission(&ctx, &bad).await),
        ["/code", "/name", "/description"]
    );
    world.access.create_permission(&ctx, &named("invoice.send")).await.unwrap();
    for taken in ["invoice.send", company::READ.code] {
        let edit = PermissionEdit { code: Some(taken.to_owned()), ..PermissionEdit::default() };
        assert_eq!(code(world.access.update_permission(&ctx, first.id, &edit, None).await), "code_taken");
    }
}

#[tokio::test]
async fn the_systems_permissions_are_listed_first_and_fixed() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let ctx = world.context(&root);
    let own = world.access.create_permission(&ctx, &named("invoice.approve")).await.unwrap();
    let mut request = PageRequest { limit: Limit::new(5).unwrap(), after: None, count: true };
    let mut codes = Vec::new();
    loop {
        let page = world.access.list_permissions(&ctx, &request).await.unwrap();
        assert_eq!(page.total, Some(13));
        codes.extend(page.items.into_iter().map(|permission| permission.code));
        request.after = page.next;
        if request.after.is_none() {
            break;
        }
    }
    let declared = PERMISSIONS.iter().chain(company::PERMISSIONS).map(|permission| permission.code);
    assert_eq!(codes, declared.chain([own.code.as_str()]).collect::<Vec<_>>());

    let system = PermissionId(system_id("permission", company::READ.code));
    assert!(world.access.permission(&ctx, system).await.unwrap().is_system);
    let edit = PermissionEdit { name: Some("Mine".into()), ..PermissionEdit::default() };
    assert_eq!(code(world.access.update_permission(&ctx, system, &edit, None).await), "permission_denied");
    assert_eq!(code(world.access.delete_permission(&ctx, system, None).await), "permission_denied");
}

#[tokio::test]
async fn who_may_not_read_finds_nothing_and_who_may_only_read_changes_nothing() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let made =
        world.access.create_permission(&world.context(&root), &named("invoice.approve")).await.unwrap();
    let (stranger, analyst) =
        (world.user("stranger").await, world.holder("analyst", SystemRole::Analyst).await);
    let edit = PermissionEdit::default();
    for (user, read, write) in
        [(&stranger, Some("not_found"), "not_found"), (&analyst, None, "permission_denied")]
    {
        let ctx = world.context(user);
        assert_eq!(
            world.access.permission(&ctx, made.id).await.err().map(|error| code::<()>(Err(error))),
            read
        );
        assert_eq!(code(world.access.update_permission(&ctx, made.id, &edit, None).await), write);
        assert_eq!(code(world.access.delete_permission(&ctx, made.id, None).await), write);
        assert_eq!(code(world.access.create_permission(&ctx, &named("a.b")).await), "permission_denied");
    }
    let listed = world.access.list_permissions(&world.context(&stranger), &PageRequest::default()).await;
    assert_eq!(code(listed), "permission_denied");
}

#[tokio::test]
async fn a_deleted_permission_is_in_no_role_any_more() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let ctx = world.context(&root);
    let made = world.access.create_permission(&ctx, &named("invoice.approve")).await.unwrap();
    let new = NewRole {
        name: "Clerk".into(),
        permissions: vec!["invoice.approve".into(), "company.read".into()],
        ..NewRole::default()
    };
    let role = world.access.create_role(&ctx, &new).await.unwrap();
    world.access.delete_permission(&ctx, made.id, None).await.unwrap();
    assert_eq!(world.access.role(&ctx, role.id).await.unwrap().permissions, ["company.read"]);
}

#[tokio::test]
async fn a_tenant_adds_a_thousand_and_no_more() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let many = "INSERT INTO permissions (id, code, name) \
                SELECT gen_random_uuid(), 'thing.do' || n, 'Do' FROM generate_series(1, 999) n";
    world.tenant.owner_sql(many).await;
    let ctx = world.context(&root);
    world.access.create_permission(&ctx, &named("thing.last")).await.unwrap();
    assert_eq!(code(world.access.create_permission(&ctx, &named("thing.more")).await), "quota_exceeded");
}
