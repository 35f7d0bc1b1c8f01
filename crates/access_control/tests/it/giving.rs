//! Giving and taking roles.

use ouvira_access_control::{NewMembershipRole, NewRole, NewUserRole, RoleWord, UserRoleFilter};
use ouvira_common::{
    id::{CompanyId, RoleId, UserId},
    page::{Limit, PageRequest},
    permission::{Scope, SystemRole},
    testing::TestUser,
};

use crate::world::{World, code, company, pointers, role_id};

fn to(user: &TestUser, role: SystemRole, company: Option<CompanyId>) -> NewUserRole {
    NewUserRole { user: user.id, role: role_id(role), company, expires_at: None }
}

#[tokio::test]
async fn nobody_gives_or_takes_what_they_do_not_hold() {
    let world = World::new().await;
    let (ada, bob, eve) = (world.user("ada").await, world.user("bob").await, world.user("eve").await);
    let company = world.found(&ada, None).await;
    world.join(&bob, company, &[SystemRole::Admin]).await;
    world.join(&eve, company, &[]).await;
    let ctx = world.context(&bob);
    assert_eq!(
        code(world.access.give_user_role(&ctx, &to(&eve, SystemRole::Owner, Some(company))).await),
        "cannot_grant"
    );
    assert_eq!(
        code(world.access.give_user_role(&ctx, &to(&bob, SystemRole::Owner, Some(company))).await),
        "cannot_grant",
        "to himself"
    );
    let given = world.access.give_user_role(&ctx, &to(&eve, SystemRole::Admin, Some(company))).await.unwrap();
    assert_eq!((given.granted_by, given.role.code.as_str()), (Some(bob.id.0), "admin"));
    assert_eq!(
        code(world.access.give_user_role(&ctx, &to(&eve, SystemRole::Admin, Some(company))).await),
        "already_granted"
    );
    assert_eq!(
        code(world.access.give_user_role(&ctx, &to(&eve, SystemRole::Viewer, None)).await),
        "permission_denied",
        "tenant-wide"
    );

    let filter = UserRoleFilter { user: Some(ada.id), company: Some(company) };
    let hers =
        world.access.list_user_roles(&ctx, filter, &PageRequest::default()).await.unwrap().items.remove(0);
    assert_eq!(
        code(world.access.take_user_role(&ctx, hers.id).await),
        "cannot_grant",
        "an owner is above him"
    );
    world.access.take_user_role(&ctx, given.id).await.unwrap();
    assert!(!world.holds(&eve, &company::UPDATE, Scope::Company(company)).await);
    assert_eq!(code(world.access.take_user_role(&ctx, given.id).await), "not_found");
}

#[tokio::test]
async fn what_one_holds_for_one_company_cannot_be_given_for_those_below() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let company = world.found(&ada, None).await;
    let held = ["company.read", "company.update", "role.grant", "role.read", "member.read", "member.manage"];
    let permissions = held.map(str::to_owned).to_vec();
    let flat = NewRole { name: "Flat".into(), permissions: permissions.clone(), ..NewRole::default() };
    let deep = NewRole { name: "Deep".into(), permissions, inherits: true, ..NewRole::default() };
    let root = world.holder("root", SystemRole::Owner).await;
    let flat = world.access.create_role(&world.context(&root), &flat).await.unwrap();
    let deep = world.access.create_role(&world.context(&root), &deep).await.unwrap();
    let (bob, eve) = (world.user("bob").await, world.user("eve").await);
    world.give(&bob, flat.id, Some(company)).await;
    let give = async |role: RoleId| {
        let new = NewUserRole { user: eve.id, role, company: Some(company), expires_at: None };
        world.access.give_user_role(&world.context(&bob), &new).await
    };
    assert!(give(flat.id).await.is_ok());
    assert_eq!(code(give(deep.id).await), "cannot_grant");
}

#[tokio::test]
async fn references_to_what_is_not_there_are_named() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let (company, other) = (world.found(&ada, None).await, world.found(&ada, None).await);
    let ctx = world.context(&ada);
    let elsewhere = NewRole { name: "Elsewhere".into(), company: Some(other), ..NewRole::default() };
    let elsewhere = world.access.create_role(&ctx, &elsewhere).await.unwrap();
    let nobody = UserId::new_at(world.tenant.now());
    let wrong = [
        (NewUserRole { user: nobody, ..to(&ada, SystemRole::Viewer, Some(company)) }, "/user_id"),
        (NewUserRole { role: elsewhere.id, ..to(&ada, SystemRole::Viewer, Some(company)) }, "/role_id"),
        (NewUserRole { role: RoleId(nobody.0), ..to(&ada, SystemRole::Viewer, Some(company)) }, "/role_id"),
        (to(&ada, SystemRole::Viewer, Some(CompanyId(nobody.0))), "/company_id"),
        (
            NewUserRole {
                expires_at: Some(world.tenant.now()),
                ..to(&ada, SystemRole::Viewer, Some(company))
            },
            "/expires_at",
        ),
    ];
    for (new, pointer) in wrong {
        assert_eq!(pointers(world.access.give_user_role(&ctx, &new).await), [pointer]);
    }
    let assigned = world.access.assign_role(&ctx, ada.id, &RoleWord("elsewhere".into()), Some(company)).await;
    assert_eq!(pointers(assigned), ["/role"], "of another company");
    let member = NewMembershipRole {
        membership: ouvira_access_control::model::MembershipId(nobody.0),
        role: role_id(SystemRole::Viewer),
        expires_at: None,
    };
    assert_eq!(pointers(world.access.give_member_role(&ctx, &member).await), ["/user_company_id"]);
}

#[tokio::test]
async fn a_role_given_in_a_company_makes_its_holder_a_member() {
    let world = World::new().await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let company = world.found(&ada, None).await;
    let given = world
        .access
        .assign_role(&world.context(&ada), bob.id, &RoleWord("VIEWER".into()), Some(company))
        .await
        .unwrap();
    assert_eq!((given.company, given.role.id), (Some(company), role_id(SystemRole::Viewer)));
    assert!(world.holds(&bob, &company::READ, Scope::Company(company)).await);
    let told: Vec<_> =
        world.notifier.notices().into_iter().map(|notice| (notice.user, notice.kind)).collect();
    assert_eq!(told, [(bob.id, "company.joined"), (bob.id, "role.granted")]);
    assert_eq!(world.audit.actions(), ["user_company.created", "role.granted"]);
    assert_eq!(world.audit.events(), ["role.granted"]);
}

#[tokio::test]
async fn roles_are_found_by_code_then_by_name() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let ctx = world.context(&root);
    let make = async |name: &str, code: Option<&str>| {
        let new = NewRole { name: name.to_owned(), code: code.map(str::to_owned), ..NewRole::default() };
        world.access.create_role(&ctx, &new).await.unwrap().id
    };
    let by_code = make("First", Some("chief")).await;
    let by_name = make("Chief of Staff", Some("second")).await;
    make("Twin", Some("twin-a")).await;
    make("TWIN", Some("twin-b")).await;
    let assign = async |word: &str| {
        let user = world.user("somebody").await;
        world
            .access
            .assign_role(&ctx, user.id, &RoleWord(word.to_owned()), None)
            .await
            .map(|given| given.role.id)
    };
    assert_eq!(assign("CHIEF").await.unwrap(), by_code);
    assert_eq!(assign(" chief of STAFF ").await.unwrap(), by_name);
    assert_eq!(pointers(assign("twin").await), ["/role"], "two are called so");
    assert_eq!(pointers(assign("nobody\0").await), ["/role"]);
}

#[tokio::test]
async fn one_view_shows_every_role_to_who_may_see_it() {
    let world = World::new().await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let root = world.holder("root", SystemRole::Owner).await;
    let company = world.found(&ada, None).await;
    let wide = world.give(&bob, role_id(SystemRole::Analyst), None).await;
    let here = world.give(&bob, role_id(SystemRole::Member), Some(company)).await;
    let list = async |by: &TestUser, filter: UserRoleFilter| {
        let mut request = PageRequest { limit: Limit::new(1).unwrap(), after: None, count: true };
        let mut found = Vec::new();
        loop {
            let page = world.access.list_user_roles(&world.context(by), filter, &request).await.unwrap();
            found.extend(page.items.iter().map(|held| held.id));
            request.after = page.next;
            if request.after.is_none() {
                assert_eq!(page.total, i64::try_from(found.len()).ok());
                return found;
            }
        }
    };
    let of_bob = UserRoleFilter { user: Some(bob.id), company: None };
    assert_eq!(list(&root, of_bob).await, [wide.id, here.id]);
    assert_eq!(list(&bob, of_bob).await, [wide.id, here.id], "his own");
    assert_eq!(list(&ada, of_bob).await, [here.id], "those in her company");
    assert_eq!(list(&root, UserRoleFilter { user: Some(bob.id), company: Some(company) }).await, [here.id]);
    assert_eq!(code(world.access.user_role(&world.context(&ada), wide.id).await), "not_found");
    assert_eq!(code(world.access.take_user_role(&world.context(&ada), wide.id).await), "not_found");
    let stranger = world.user("stranger").await;
    let listed =
        world.access.list_user_roles(&world.context(&stranger), of_bob, &PageRequest::default()).await;
    assert_eq!(code(listed), "permission_denied");
}
