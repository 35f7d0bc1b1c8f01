//! Two tenants in every placement.

use ouvira_common::{
    page::PageRequest,
    problem::{Code, Failure as _},
    tenant::PlacementMode,
};
use ouvira_identity::{ListUsers, UserEdit};

use crate::support::World;

#[tokio::test]
async fn people_of_another_tenant_are_not_there() {
    for mode in PlacementMode::ALL {
        let (ours, theirs) = (World::at(mode).await, World::at(mode).await);
        let (ada, _) = theirs.person("ada@example.com").await;
        let admin = ours.admin().await;
        let own = ours.create(&admin, "ada@example.com").await.unwrap();

        assert_eq!(ours.users.read(&admin, ada.id).await.unwrap_err().code(), Code::NotFound, "{mode:?}");
        let update = ours.users.update(&admin, ada.id, UserEdit::default(), None).await;
        assert_eq!(update.unwrap_err().code(), Code::NotFound, "{mode:?}");
        assert_eq!(
            ours.users.delete(&admin, ada.id, None).await.unwrap_err().code(),
            Code::NotFound,
            "{mode:?}"
        );
        assert_eq!(ours.holder("ada@example.com").await, None, "{mode:?}");
        assert_eq!(ours.person_now(ada.id).await, None, "{mode:?}");
        for search in [None, Some("ada".to_owned())] {
            let list = ListUsers { search, ..ListUsers::default() };
            let page =
                ours.users.list(&admin, list, &PageRequest { count: true, ..PageRequest::default() }).await;
            let page = page.unwrap();
            assert_eq!(page.items.iter().map(|user| user.id).collect::<Vec<_>>(), [own.id], "{mode:?}");
            assert_eq!(page.total, Some(1), "{mode:?}");
        }
        assert_eq!(theirs.person_now(ada.id).await.unwrap(), ada, "{mode:?}");
    }
}

#[tokio::test]
async fn one_address_is_two_people_in_two_tenants() {
    for mode in PlacementMode::ALL {
        let (one, other) = (World::at(mode).await, World::at(mode).await);
        let (here, _) = one.person("ada@example.com").await;
        let (there, _) = other.person("ada@example.com").await;
        assert_eq!(one.holder("ada@example.com").await.unwrap().id, here.id);
        assert_eq!(other.holder("ada@example.com").await.unwrap().id, there.id);
    }
}

#[tokio::test]
async fn the_walls_stand() {
    for mode in PlacementMode::ALL {
        let world = World::at(mode).await;
        let mut owner = world.tenant.connection("owner").await;
        let only = (mode != PlacementMode::Shared).then_some(world.tenant.tenant().id);
        let faults = ouvira_common::rls::check(&mut owner, world.tenant.schema(), only).await.unwrap();
        assert_eq!(faults, Vec::<String>::new(), "{mode:?}");
    }
}
