//! Questions and answers, with reasons and what-ifs; grants on single objects.

use ouvira_access_control::{
    AccessError, Answer, Assumption, Assumptions, Because, MembershipEdit, NewObjectGrant, NewPermission,
    NewRole, ObjectName, Question, Questions, Reason, Via,
    model::{GrantHolder, MembershipStatus},
};
use ouvira_common::{
    id::{CompanyId, UserId},
    page::PageRequest,
    permission::{Scope, SystemRole},
    ports::Visible,
    testing::TestUser,
};

use crate::world::{TreeChange, World, code, company, pointers, role_id};

fn question(permission: &str, company: Option<CompanyId>) -> Question {
    Question { permission: permission.to_owned(), company, object: None, user: None }
}

fn on(kind: &str, id: uuid::Uuid, question: Question) -> Question {
    Question { object: Some(ObjectName { kind: kind.to_owned(), id }), ..question }
}

fn about(user: UserId, question: Question) -> Question {
    Question { user: Some(user), ..question }
}

async fn ask(world: &World, by: &TestUser, checks: Vec<Question>) -> Vec<bool> {
    let questions = Questions { checks, ..Questions::default() };
    let answers =
        world.access.check(&world.context(by), &questions).await.expect("the questions are answered");
    answers.into_iter().map(|answer| answer.allowed).collect()
}

async fn explain(world: &World, by: &TestUser, check: Question, assume: Assumptions) -> Answer {
    let questions = Questions { checks: vec![check], explain: true, assume };
    let mut answers =
        world.access.check(&world.context(by), &questions).await.expect("the question is answered");
    answers.remove(0)
}

fn because(answer: &Answer) -> Vec<(Option<&str>, Option<CompanyId>, Via)> {
    match answer.because.as_ref().expect("reasons were asked for") {
        Because::Held(reasons) => {
            assert!(answer.allowed);
            reasons.iter().map(|Reason { role, company, via }| (role.as_deref(), *company, *via)).collect()
        }
        Because::Missing(_) => {
            assert!(!answer.allowed);
            Vec::new()
        }
    }
}

async fn grant(
    world: &World,
    by: &TestUser,
    holder: GrantHolder,
    permission: &str,
    object: ObjectName,
) -> Result<ouvira_access_control::model::ObjectGrant, AccessError> {
    let new = NewObjectGrant {
        holder,
        permission: permission.to_owned(),
        object_type: object.kind,
        object_id: object.id,
    };
    world.access.create_object_grant(&world.context(by), &new).await
}

fn the_company(id: CompanyId) -> ObjectName {
    ObjectName { kind: "company".into(), id: id.0 }
}

#[tokio::test]
async fn a_hundred_questions_are_answered_in_their_order() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let (hers, other) = (world.found(&ada, None).await, world.found(&world.user("bob").await, None).await);
    let checks = (0..100)
        .map(|number| question("company.update", Some(if number % 2 == 0 { hers } else { other })))
        .collect();
    let answers = ask(&world, &ada, checks).await;
    assert!(answers.iter().enumerate().all(|(number, allowed)| *allowed == (number % 2 == 0)));
    assert_eq!(answers.len(), 100);

    let check = async |checks: Vec<Question>| {
        world.access.check(&world.context(&ada), &Questions { checks, ..Questions::default() }).await
    };
    assert_eq!(pointers(check(Vec::new()).await), ["/checks"]);
    assert_eq!(pointers(check(vec![question("company.read", None); 101]).await), ["/checks"]);
    let misspelt = vec![question("company.read", None), question("company.raed", None)];
    assert_eq!(pointers(check(misspelt).await), ["/checks/1/permission"]);
}

#[tokio::test]
async fn what_is_not_there_is_not_allowed_even_to_an_owner_of_the_tenant() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let here = world.found(&root, None).await;
    let gone = world.found(&root, None).await;
    world.change_tree(TreeChange::Remove(gone)).await;
    let foreign = CompanyId::new_at(world.tenant.now());
    for company in [foreign, gone] {
        let plain = question("company.read", Some(company));
        assert_eq!(ask(&world, &root, vec![plain.clone()]).await, [false]);
        assert!(!explain(&world, &root, plain, Assumptions::default()).await.allowed);
    }
    let nobody = UserId::new_at(world.tenant.now());
    assert_eq!(
        ask(
            &world,
            &root,
            vec![question("company.read", Some(here)), about(nobody, question("company.read", None))]
        )
        .await,
        [true, false]
    );
}

#[tokio::test]
async fn every_reason_is_told() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let ada = world.user("ada").await;
    let top = world.found(&root, None).await;
    let below = world.found(&root, Some(top)).await;
    let read = || question("company.read", Some(below));
    assert_eq!(because(&explain(&world, &ada, read(), Assumptions::default()).await), []);
    let missing = explain(&world, &ada, read(), Assumptions::default()).await;
    assert_eq!(missing.because, Some(Because::Missing("company.read".into())));

    world.join(&ada, top, &[SystemRole::Admin, SystemRole::Viewer]).await;
    world.join(&ada, below, &[SystemRole::Member]).await;
    world.give(&ada, role_id(SystemRole::Analyst), None).await;
    grant(&world, &root, GrantHolder::User(ada.id), "company.read", the_company(below)).await.unwrap();
    grant(&world, &root, GrantHolder::Role(role_id(SystemRole::Member)), "company.read", the_company(below))
        .await
        .unwrap();
    let mut reasons = because(&explain(&world, &ada, read(), Assumptions::default()).await)
        .into_iter()
        .map(|(role, company, via)| (via, role.map(str::to_owned), company))
        .collect::<Vec<_>>();
    reasons.sort();
    let told = |via, role: Option<&str>, company| (via, role.map(str::to_owned), company);
    let expected = [
        told(Via::Membership, Some("member"), Some(below)),
        told(Via::Inherited, Some("admin"), Some(top)),
        told(Via::Tenant, Some("analyst"), None),
        told(Via::ObjectGrant, None, Some(below)),
        told(Via::ObjectGrant, Some("member"), Some(below)),
    ];
    assert_eq!(reasons, expected, "a viewer's role does not reach down");
}

#[tokio::test]
async fn asking_for_others_needs_the_right_to_see_roles_there() {
    let world = World::new().await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let hers = world.found(&ada, None).await;
    world.join(&bob, hers, &[SystemRole::Member]).await;
    assert_eq!(ask(&world, &ada, vec![about(bob.id, question("member.read", Some(hers)))]).await, [true]);
    let check = async |by: &TestUser, check: Question| {
        let questions = Questions { checks: vec![check], ..Questions::default() };
        world.access.check(&world.context(by), &questions).await
    };
    assert_eq!(
        code(check(&bob, about(ada.id, question("member.read", Some(hers)))).await),
        "permission_denied"
    );
    assert_eq!(
        code(check(&ada, about(bob.id, question("member.read", None))).await),
        "permission_denied",
        "tenant-wide"
    );
    assert!(check(&bob, about(bob.id, question("member.read", Some(hers)))).await.is_ok(), "oneself by name");

    let mut off = crate::world::person(bob.id, "bob", world.tenant.now());
    off.active = false;
    world.users.put(off);
    assert_eq!(
        ask(&world, &ada, vec![about(bob.id, question("member.read", Some(hers)))]).await,
        [false],
        "switched off"
    );
}

#[tokio::test]
async fn what_if_adds_and_removes_and_changes_nothing() {
    let world = World::new().await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let top = world.found(&ada, None).await;
    let below = world.found(&ada, Some(top)).await;
    let membership = world.join(&bob, top, &[SystemRole::Viewer]).await;
    let assumed = |role, company| Assumption { user: bob.id, role: role_id(role), company: Some(company) };
    let add = Assumptions { add: vec![assumed(SystemRole::Admin, top)], remove: Vec::new() };
    let update = about(bob.id, question("company.update", Some(below)));
    let answer = explain(&world, &ada, update.clone(), add.clone()).await;
    assert_eq!(because(&answer), [(Some("admin"), Some(top), Via::Inherited)]);
    assert!(
        !explain(&world, &ada, update.clone(), Assumptions::default()).await.allowed,
        "nothing was changed"
    );
    let remove = Assumptions { add: Vec::new(), remove: vec![assumed(SystemRole::Viewer, top)] };
    let read = about(bob.id, question("company.read", Some(top)));
    assert!(explain(&world, &ada, read.clone(), Assumptions::default()).await.allowed);
    assert!(!explain(&world, &ada, read, remove).await.allowed);

    let check = async |by: &TestUser, assume: Assumptions| {
        let questions =
            Questions { checks: vec![question("company.read", Some(top))], explain: false, assume };
        world.access.check(&world.context(by), &questions).await
    };
    assert_eq!(code(check(&bob, add.clone()).await), "permission_denied", "needs role.read");
    let foreign = ouvira_common::id::uuid_at(world.tenant.now());
    let elsewhere = NewRole { name: "Elsewhere".into(), company: Some(below), ..NewRole::default() };
    let elsewhere = world.access.create_role(&world.context(&ada), &elsewhere).await.unwrap();
    let wrong = Assumption { role: elsewhere.id, ..assumed(SystemRole::Viewer, top) };
    let nobody = Assumption { user: UserId(foreign), ..assumed(SystemRole::Viewer, top) };
    let refused = check(&ada, Assumptions { add: vec![wrong, nobody], remove: Vec::new() }).await;
    assert_eq!(pointers(refused), ["/assume/add/0/role_id", "/assume/add/1/user_id"]);
    let many = Assumptions { add: vec![assumed(SystemRole::Viewer, top); 101], remove: Vec::new() };
    assert_eq!(pointers(check(&ada, many).await), ["/assume/add"]);

    let edit = MembershipEdit { status: Some(MembershipStatus::Suspended), title: None };
    world.access.update_membership(&world.context(&ada), membership.id, &edit, None).await.unwrap();
    let here = about(bob.id, question("company.update", Some(top)));
    assert!(
        !explain(&world, &ada, here, add).await.allowed,
        "suspended members hold nothing there whatever they are given"
    );
}

#[tokio::test]
async fn a_grant_on_a_company_is_a_right_in_it_and_not_below() {
    let world = World::new().await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let top = world.found(&ada, None).await;
    let below = world.found(&ada, Some(top)).await;
    assert!(!world.holds(&bob, &company::READ, Scope::Company(top)).await, "the snapshot is warm");
    let given =
        grant(&world, &ada, GrantHolder::User(bob.id), "company.read", the_company(top)).await.unwrap();
    assert!(world.holds(&bob, &company::READ, Scope::Company(top)).await);
    assert!(!world.holds(&bob, &company::UPDATE, Scope::Company(top)).await);
    assert!(!world.holds(&bob, &company::READ, Scope::Company(below)).await);
    assert_eq!(world.visible(&bob, &company::READ).await, Visible::Ids([top].into()));
    let asked = on("company", top.0, question("company.read", None));
    assert_eq!(ask(&world, &bob, vec![asked]).await, [true]);
    let again = grant(&world, &ada, GrantHolder::User(bob.id), "company.read", the_company(top)).await;
    assert_eq!(code(again), "already_granted");
    world.access.delete_object_grant(&world.context(&ada), given.id).await.unwrap();
    assert!(!world.holds(&bob, &company::READ, Scope::Company(top)).await);
}

#[tokio::test]
async fn a_grant_to_a_role_counts_for_who_holds_it_where_the_object_belongs() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let (top, beside) = (world.found(&root, None).await, world.found(&root, None).await);
    let below = world.found(&root, Some(top)).await;
    let holders = [
        (world.user("here").await, Some(below), SystemRole::Viewer, true),
        (world.user("above").await, Some(top), SystemRole::Viewer, false),
        (world.user("beside").await, Some(beside), SystemRole::Viewer, false),
        (world.user("wide").await, None, SystemRole::Viewer, true),
    ];
    for (user, company, role, _) in &holders {
        world.give(user, role_id(*role), *company).await;
    }
    grant(
        &world,
        &root,
        GrantHolder::Role(role_id(SystemRole::Viewer)),
        "company.update",
        the_company(below),
    )
    .await
    .unwrap();
    for (user, _, _, counts) in &holders {
        assert_eq!(world.holds(user, &company::UPDATE, Scope::Company(below)).await, *counts);
        assert_eq!(
            explain(&world, user, question("company.update", Some(below)), Assumptions::default())
                .await
                .allowed,
            *counts
        );
    }
}

#[tokio::test]
async fn a_grant_on_any_object_counts_where_it_is_asked_for() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let here = world.found(&root, None).await;
    world.join(&bob, here, &[SystemRole::Viewer]).await;
    let own = NewPermission { code: "document.sign".into(), name: "Sign".into(), description: None };
    world.access.create_permission(&world.context(&root), &own).await.unwrap();
    let document = ObjectName { kind: "document".into(), id: ouvira_common::id::uuid_at(world.tenant.now()) };
    grant(&world, &root, GrantHolder::User(ada.id), "document.sign", document.clone()).await.unwrap();
    grant(&world, &root, GrantHolder::Role(role_id(SystemRole::Viewer)), "document.sign", document.clone())
        .await
        .unwrap();
    let sign = |company| on("document", document.id, question("document.sign", company));
    assert_eq!(ask(&world, &ada, vec![sign(None), question("document.sign", None)]).await, [true, false]);
    assert_eq!(
        ask(&world, &bob, vec![sign(None), sign(Some(here))]).await,
        [false, true],
        "a viewer of that company"
    );
    assert_eq!(ask(&world, &root, vec![sign(None)]).await, [true], "the tenant's right suffices");
}

#[tokio::test]
async fn nobody_grants_on_an_object_what_they_do_not_hold_or_cannot_see() {
    let world = World::new().await;
    let (ada, bob, eve) = (world.user("ada").await, world.user("bob").await, world.user("eve").await);
    let (hers, other) = (world.found(&ada, None).await, world.found(&eve, None).await);
    world.join(&bob, hers, &[SystemRole::Admin]).await;
    let to_eve = GrantHolder::User(eve.id);
    assert_eq!(code(grant(&world, &bob, to_eve, "company.delete", the_company(hers)).await), "cannot_grant");
    assert_eq!(
        pointers(grant(&world, &bob, to_eve, "company.read", the_company(other)).await),
        ["/object_id"]
    );
    assert_eq!(
        code(
            grant(&world, &eve, to_eve, "company.read", ObjectName { kind: "document".into(), id: hers.0 })
                .await
        ),
        "permission_denied",
        "in the tenant"
    );
    assert_eq!(
        pointers(grant(&world, &ada, to_eve, "company.fly", the_company(hers)).await),
        ["/permission"]
    );
    let nobody = GrantHolder::User(UserId(hers.0));
    assert_eq!(pointers(grant(&world, &ada, nobody, "company.read", the_company(hers)).await), ["/user_id"]);
    let odd = ObjectName { kind: "Company!".into(), id: hers.0 };
    assert_eq!(pointers(grant(&world, &ada, to_eve, "company.read", odd).await), ["/object_type"]);
    let stranger = world.user("stranger").await;
    assert_eq!(
        code(grant(&world, &stranger, to_eve, "company.read", the_company(hers)).await),
        "permission_denied"
    );

    let given = grant(&world, &ada, to_eve, "company.delete", the_company(hers)).await.unwrap();
    let ids = async |by: &TestUser, holder| {
        let page = world
            .access
            .list_object_grants(&world.context(by), holder, &PageRequest::default())
            .await
            .unwrap();
        page.items.into_iter().map(|grant| grant.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&bob, None).await, [given.id]);
    assert_eq!(ids(&eve, Some(to_eve)).await, [given.id], "her own");
    assert_eq!(ids(&eve, None).await, [], "not of a company where she may not see roles");
    assert_eq!(world.access.object_grant(&world.context(&bob), given.id).await.unwrap(), given);
    assert_eq!(code(world.access.delete_object_grant(&world.context(&bob), given.id).await), "cannot_grant");
    assert_eq!(
        code(world.access.delete_object_grant(&world.context(&stranger), given.id).await),
        "not_found"
    );
    world.access.delete_object_grant(&world.context(&ada), given.id).await.unwrap();
    assert_eq!(code(world.access.object_grant(&world.context(&ada), given.id).await), "not_found");
}
