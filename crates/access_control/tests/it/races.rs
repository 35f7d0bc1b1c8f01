//! What two people do at once, on two nodes, each on a thread of its own.

use std::sync::{Arc, Barrier};

use ouvira_access_control::{NewAccount, NewInvitation, UserRoleFilter, model::UserRole};
use ouvira_common::{
    context::RequestContext, id::CompanyId, page::PageRequest, permission::SystemRole, secret::Secret,
    testing::TestUser,
};

use crate::{
    invitations::token_sent,
    world::{Node, World, code},
};

async fn ownership(world: &World, user: &TestUser, company: Option<CompanyId>) -> Option<UserRole> {
    let filter = UserRoleFilter { user: Some(user.id), company };
    let page = world.access.list_user_roles(&world.tenant.job(), filter, &PageRequest::default()).await;
    page.expect("a job may list")
        .items
        .into_iter()
        .find(|held| held.role.code == "owner" && held.company == company)
}

/// Runs both at the same moment, each on a thread and a node of its own.
fn at_once<T: Send>(nodes: [Node; 2], act: impl Fn(usize, &Node) -> T + Sync) -> Vec<T> {
    let start = Arc::new(Barrier::new(nodes.len()));
    std::thread::scope(|scope| {
        let threads: Vec<_> = nodes
            .into_iter()
            .enumerate()
            .map(|(number, node)| {
                let (start, act) = (Arc::clone(&start), &act);
                scope.spawn(move || {
                    start.wait();
                    act(number, &node)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("the thread ran")).collect()
    })
}

/// Runs on a runtime of the thread's own, as a worker of the service does.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts")
        .block_on(future)
}

async fn rounds(company: bool) {
    let world = World::new().await;
    for round in 0..25 {
        let (ada, bob) = if company {
            (world.user("ada").await, world.user("bob").await)
        } else {
            (world.holder("ada", SystemRole::Owner).await, world.holder("bob", SystemRole::Owner).await)
        };
        let place = if company { Some(world.found(&ada, None).await) } else { None };
        if let Some(place) = place {
            world.join(&bob, place, &[SystemRole::Owner]).await;
        }
        let owns = [
            ownership(&world, &ada, place).await.expect("both own it"),
            ownership(&world, &bob, place).await.expect("both own it"),
        ];
        let contexts: [RequestContext; 2] = [world.context(&ada), world.context(&bob)];
        let nodes = [world.another_node(1), world.another_node(1)];
        let outcomes = at_once(nodes, |number, node| {
            // Each demotes the other.
            block_on(node.access.take_user_role(&contexts[number], owns[1 - number].id))
        });
        let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(won, 1, "round {round}: {outcomes:?}");
        let left = [ownership(&world, &ada, place).await, ownership(&world, &bob, place).await];
        assert_eq!(left.iter().flatten().count(), 1, "round {round}");
        if !company {
            // The next round begins with nobody but its own two.
            let tenant = world.tenant.tenant().id;
            world.tenant.owner_sql(&format!("DELETE FROM tenant_roles WHERE tenant_id = '{tenant}'")).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_owners_of_a_company_who_demote_each_other_at_once_leave_one() {
    rounds(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_owners_of_the_tenant_who_demote_each_other_at_once_leave_one() {
    rounds(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_owners_who_leave_at_once_leave_one() {
    let world = World::new().await;
    for round in 0..15 {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let company = world.found(&ada, None).await;
        world.join(&bob, company, &[SystemRole::Owner]).await;
        let filter = ouvira_access_control::MembershipFilter { company: Some(company), user: None };
        let members = world
            .access
            .list_memberships(&world.context(&ada), filter, &PageRequest::default())
            .await
            .unwrap()
            .items;
        let context = |member: usize| world.context(if members[member].user == ada.id { &ada } else { &bob });
        let nodes = [world.another_node(1), world.another_node(1)];
        let outcomes = at_once(nodes, |number, node| {
            block_on(node.access.delete_membership(&context(number), members[number].id, None))
        });
        let codes: Vec<_> =
            outcomes.into_iter().map(|outcome| outcome.map_err(|error| code::<()>(Err(error)))).collect();
        assert!(codes.contains(&Ok(())) && codes.contains(&Err("last_owner")), "round {round}: {codes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_accepted_twice_at_once_makes_one_account() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let company = world.found(&ada, None).await;
    for round in 0..15 {
        let new = NewInvitation {
            company: Some(company),
            email: Some(format!("new{round}@example.com")),
            ..NewInvitation::default()
        };
        world.access.create_invitation(&world.context(&ada), &new).await.unwrap();
        let account = NewAccount {
            token: Secret::new(token_sent(&world).await),
            password: Secret::new("correct horse battery"),
            first_name: None,
            last_name: None,
            phone: None,
        };
        let nodes = [world.another_node(1), world.another_node(1)];
        let open = world.tenant.open();
        let outcomes = at_once(nodes, |_, node| {
            block_on(node.access.accept_invitation_as_new_user(&open, &account))
                .map(|accepted| accepted.person.id)
        });
        assert_eq!(
            outcomes.iter().filter(|outcome| outcome.is_ok()).count(),
            1,
            "round {round}: {outcomes:?}"
        );
        let members = world
            .tenant
            .owner_rows(&format!("SELECT user_id FROM memberships WHERE company_id = '{company}'"))
            .await;
        assert_eq!(members.len(), 2 + round, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_deleted_while_it_is_given_is_either_held_or_gone() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    for round in 0..15 {
        let user = world.user("user").await;
        let new = ouvira_access_control::NewRole { name: format!("Role {round}"), ..Default::default() };
        let role = world.access.create_role(&world.context(&root), &new).await.unwrap();
        let ctx = world.context(&root);
        let nodes = [world.another_node(1), world.another_node(1)];
        let outcomes = at_once(nodes, |number, node| {
            let given = ouvira_access_control::NewUserRole {
                user: user.id,
                role: role.id,
                company: None,
                expires_at: None,
            };
            block_on(async {
                match number {
                    0 => node.access.delete_role(&ctx, role.id, None).await,
                    _ => node.access.give_user_role(&ctx, &given).await.map(drop),
                }
            })
            .map_err(|error| code::<()>(Err(error)))
        });
        let consistent = [vec![Ok(()), Err("unknown_reference")], vec![Err("role_in_use"), Ok(())]];
        assert!(consistent.contains(&outcomes), "round {round}: {outcomes:?}");
    }
}
