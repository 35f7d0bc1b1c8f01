//! Whoever has written rights does not decide on the old ones afterwards: on the writing node the next use case runs once, on
//! rights that come with the gate's own round trip.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ouvira_common::{
    db::{Db, DbError},
    permission::{Scope, SystemRole},
    ports::{CompanyTree as _, PermissionChecker as _},
    testing::{TestUser, Wire},
};

use crate::world::{TreeChange, World, company, role_id};

/// One, and the COMMIT that nobody waits for.
const MOST: u64 = 2;

struct Asked {
    held: bool,
    runs: u64,
    flights: u64,
}

/// What `user` holds in `scope`, decided by the writing node's rights.
async fn ask(world: &World, (db, wire): &(Db, Wire), user: &TestUser, scope: Scope) -> Asked {
    // The COMMIT before this has been answered, or what follows it is no flight of its own.
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let (runs, before) = (AtomicU64::new(0), wire.flights());
    let held: Result<bool, DbError> = db
        .read(&world.context(user), async |tx| {
            runs.fetch_add(1, Relaxed);
            world.rights.holds(tx, &company::READ, scope).await
        })
        .await;
    let flights = wire.flights() - before;
    Asked { held: held.expect("the database answers"), runs: runs.load(Relaxed), flights }
}

#[tokio::test]
async fn the_node_that_wrote_rights_decides_on_the_new_ones_at_once() {
    let world = World::new().await;
    let counted = world.tenant.counted_db();
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let root = world.found(&ada, None).await;
    // Brings the connection, the statements and both snapshots.
    for user in [&ada, &bob] {
        ask(&world, &counted, user, Scope::Company(root)).await;
    }
    let once = |asked: &Asked, when: &str| {
        assert_eq!(asked.runs, 1, "{when}");
        assert!(asked.flights <= MOST, "{when}: {} round trips", asked.flights);
    };

    // One user's.
    world.give(&bob, role_id(SystemRole::Viewer), None).await;
    let asked = ask(&world, &counted, &bob, Scope::Tenant).await;
    assert!(asked.held);
    once(&asked, "after a role was given to them");
    let loaded = world.rights.standing().loaded;
    let asked = ask(&world, &counted, &ada, Scope::Company(root)).await;
    once(&asked, "nothing changed for somebody else");
    assert_eq!(world.rights.standing().loaded, loaded, "whose snapshot is still there");

    // The whole tenant's, for whoever wrote and for somebody else.
    let child = world.found(&ada, Some(root)).await;
    for user in [&ada, &bob] {
        let asked = ask(&world, &counted, user, Scope::Company(child)).await;
        assert!(asked.held);
        once(&asked, "after a company was founded below");
    }
    world.change_tree(TreeChange::Remove(child)).await;
    let asked = ask(&world, &counted, &ada, Scope::Company(child)).await;
    assert!(!asked.held);
    once(&asked, "after it was removed");
}

#[tokio::test]
async fn what_is_not_committed_ends_nothing() {
    let world = World::new().await;
    let counted = world.tenant.counted_db();
    let ada = world.user("ada").await;
    let root = world.found(&ada, None).await;
    assert!(ask(&world, &counted, &ada, Scope::Company(root)).await.held);
    let loaded = world.rights.standing().loaded;
    let undone: Result<(), DbError> = world
        .db
        .write(&world.tenant.job(), async |tx| {
            world.grants.removed(tx, root).await?;
            Err(DbError::Contention)
        })
        .await;
    assert!(undone.is_err());
    let asked = ask(&world, &counted, &ada, Scope::Company(root)).await;
    assert!(asked.held);
    assert_eq!((asked.runs, world.rights.standing().loaded), (1, loaded));
}
