//! What two people do at once, on two nodes, each on a thread of its own.

use std::sync::{
    Arc, Barrier,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use chrono::Duration;
use ouvira_access_control::{
    AccessError, NewAccount, NewInvitation, NewRole, NewUserRole, UserRoleFilter, model::UserRole,
};
use ouvira_common::{
    context::RequestContext, db::DbError, id::CompanyId, page::PageRequest, permission::SystemRole,
    secret::Secret, testing::TestUser,
};

use crate::{
    invitations::token_sent,
    world::{Node, World, code, company, role_id},
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
        let new = NewRole { name: format!("Role {round}"), ..Default::default() };
        let role = world.access.create_role(&world.context(&root), &new).await.unwrap();
        let ctx = world.context(&root);
        let nodes = [world.another_node(1), world.another_node(1)];
        let outcomes = at_once(nodes, |number, node| {
            let given = NewUserRole { user: user.id, role: role.id, company: None, expires_at: None };
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

/// What somebody does again and again with what they hold, until it is refused, while the other node ends that: nothing that
/// was begun after the end was acknowledged succeeds. Answers the last refusal, and how often it went well.
fn while_it_ends(
    world: &World,
    holder: &TestUser,
    act: impl AsyncFn(&Node, usize) -> Result<(), AccessError> + Sync,
    end: impl AsyncFn(&Node) + Sync,
) -> (usize, &'static str) {
    let ended = AtomicBool::new(false);
    let begun = Barrier::new(2);
    let nodes = [world.another_node(1), world.another_node(1)];
    let outcomes = at_once(nodes, |number, node| {
        block_on(async {
            if number == 1 {
                begun.wait();
                end(node).await;
                ended.store(true, SeqCst);
                return (0, "");
            }
            act(node, 0).await.expect("at first it is allowed");
            begun.wait();
            for times in 1.. {
                let over = ended.load(SeqCst);
                match act(node, times).await {
                    Ok(()) => assert!(!over, "{} still acts: {times}", holder.id),
                    Err(error) => return (times, code::<()>(Err(error))),
                }
            }
            unreachable!("it is refused in the end")
        })
    });
    outcomes[0]
}

/// Gives a role to somebody new, and makes one: what needs to be held.
async fn promote(world: &World, node: &Node, giver: &TestUser, name: &str) -> Result<(), AccessError> {
    let ctx = world.context(giver);
    let user = world.user(name).await.id;
    let viewer = NewUserRole { user, role: role_id(SystemRole::Viewer), company: None, expires_at: None };
    node.access.give_user_role(&ctx, &viewer).await?;
    let role = NewRole {
        name: name.to_owned(),
        permissions: vec![company::UPDATE.code.to_owned()],
        ..NewRole::default()
    };
    node.access.create_role(&ctx, &role).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_a_role_while_giving_and_making_roles_gives_and_makes_no_more() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    for round in 0..10 {
        let bob = world.holder("bob", SystemRole::Admin).await;
        let filter = UserRoleFilter { user: Some(bob.id), company: None };
        let page = world.access.list_user_roles(&world.tenant.job(), filter, &PageRequest::default()).await;
        let his = page.unwrap().items[0].id;
        let act =
            async |node: &Node, times: usize| promote(&world, node, &bob, &format!("r{round}-{times}")).await;
        let end = async |node: &Node| {
            node.access.take_user_role(&world.context(&root), his).await.unwrap();
        };
        let (_, refusal) = while_it_ends(&world, &bob, act, end);
        assert_eq!(refusal, "permission_denied", "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_switched_off_while_giving_roles_does_nothing_more() {
    let world = World::new().await;
    for round in 0..10 {
        let bob = world.holder("bob", SystemRole::Admin).await;
        let act =
            async |node: &Node, times: usize| promote(&world, node, &bob, &format!("r{round}-{times}")).await;
        let end = async |node: &Node| {
            let off: Result<(), DbError> = node
                .db
                .write(&world.tenant.job(), async |tx| {
                    tx.admit_user(bob.id, false);
                    Ok(())
                })
                .await;
            off.unwrap();
        };
        let (_, refusal) = while_it_ends(&world, &bob, act, end);
        assert_eq!(refusal, "token_invalid", "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_for_a_time_ends_at_its_instant_while_it_is_used() {
    let world = World::new().await;
    for round in 0..10 {
        let bob = world.user("bob").await;
        let until = world.tenant.now() + Duration::seconds(1);
        let admin = NewUserRole {
            user: bob.id,
            role: role_id(SystemRole::Admin),
            company: None,
            expires_at: Some(until),
        };
        world.access.give_user_role(&world.tenant.job(), &admin).await.unwrap();
        let act = async |node: &Node, times: usize| {
            let in_time = world.tenant.now() < until;
            let done = promote(&world, node, &bob, &format!("r{round}-{times}")).await;
            // Between the two looks at the clock it may have struck.
            assert!(done.is_err() || in_time, "round {round}: given after the end");
            done
        };
        let end = async |_: &Node| world.tenant.clock().advance(Duration::seconds(1));
        let (_, refusal) = while_it_ends(&world, &bob, act, end);
        assert_eq!(refusal, "permission_denied", "round {round}");
    }
}
