//! What the use cases cost, counted on the wire.

use ouvira_common::page::PageRequest;
use ouvira_identity::{Edit, ListUsers, ProfileEdit};

use crate::support::{World, new_user};

#[tokio::test]
async fn reading_oneself_takes_one_round_trip_a_list_two_and_a_change_three() {
    let world = World::new().await;
    let (_, ctx) = world.person("ada@example.com").await;
    let (db, wire) = world.tenant.counted_db();
    let users = world.users_over(db);
    let named = |name: &str| ProfileEdit { first_name: Edit::To(name.to_owned()), ..ProfileEdit::default() };
    // Once over, so that connection and statements are there.
    for round in 0..2 {
        let before = wire.flights();
        users.profile(&ctx).await.unwrap();
        let profile = wire.flights() - before;

        users.list(&ctx, ListUsers::default(), &PageRequest::default()).await.unwrap();
        let before = wire.flights();
        users.list(&ctx, ListUsers::default(), &PageRequest::default()).await.unwrap();
        let list = wire.flights() - before;

        users.profile(&ctx).await.unwrap();
        let before = wire.flights();
        users.edit_profile(&ctx, named(&format!("Ada {round}")), None).await.unwrap();
        let edit = wire.flights() - before;

        let before = wire.flights();
        users.create(&ctx, new_user(&format!("g{round}@example.com"))).await.unwrap();
        let create = wire.flights() - before;
        if round == 1 {
            // The sink of these tests sends nothing: where it does, the row of a list is one flight more.
            assert_eq!((profile, list, edit, create), (1, 2, 3, 3));
        }
    }
}
