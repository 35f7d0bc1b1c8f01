use chrono::Duration;
use ouvira_common::{
    page::PageRequest,
    ports::Sessions as _,
    problem::{Code, Failure as _},
    tenant::PlacementMode,
};

use crate::support::{PASSWORD, World, signed_in};

#[tokio::test]
async fn v7_5_2_v10_4_9_one_sees_ones_own_devices_and_ends_them() {
    for mode in PlacementMode::ALL {
        let world = World::new(mode).await;
        let (_, first) = world.sign_up("ada@example.com").await;
        let (_, second) = signed_in(world.login("ada@example.com", PASSWORD).await.unwrap());
        let (_, stranger) = world.sign_up("eve@example.com").await;
        let ctx = world.context(&second).await;

        let page = world
            .auth
            .list_sessions(&ctx, PageRequest { count: true, ..PageRequest::default() })
            .await
            .unwrap();
        let listed: Vec<_> = page.items.iter().map(|session| (session.id, session.current)).collect();
        assert_eq!(listed, [(second.session, true), (first.session, false)]);
        assert_eq!((page.total, page.next), (Some(2), None));
        assert_eq!(page.items[0].ip.unwrap().to_string(), "192.0.2.7");
        assert_eq!(page.items[1].amr, ["pwd", "email"]);

        let foreign = world.auth.end_session(&ctx, stranger.session).await.unwrap_err();
        assert_eq!(foreign.code(), Code::NotFound);
        world.auth.end_session(&ctx, first.session).await.unwrap();
        assert!(!world.passes(&first).await);
        assert!(world.passes(&second).await && world.passes(&stranger).await);
        assert_eq!(world.auth.end_session(&ctx, first.session).await.unwrap_err().code(), Code::NotFound);
        let refused = world.auth.refresh(&world.tenant.open(), &first.refresh_token).await.unwrap_err();
        assert_eq!(refused.code(), Code::RefreshTokenInvalid);
    }
}

#[tokio::test]
async fn v7_4_1_logout_takes_effect_on_every_node_at_once() {
    let world = World::new(PlacementMode::Shared).await;
    let (person, tokens) = world.sign_up("ada@example.com").await;
    assert!(world.passes(&tokens).await);
    world.auth.logout(&world.context(&tokens).await).await.unwrap();
    assert!(!world.passes(&tokens).await);
    let last = world.audit.security_events().pop().unwrap();
    assert_eq!((last.event, last.user), ("session.ended", Some(person.id)));
}

#[tokio::test]
async fn v7_5_3_ending_all_others_asks_for_a_recent_sign_in() {
    let world = World::new(PlacementMode::Shared).await;
    let (_, first) = world.sign_up("ada@example.com").await;
    let (_, second) = signed_in(world.login("ada@example.com", PASSWORD).await.unwrap());
    world.tenant.clock().advance(Duration::minutes(11));
    let refused = world.auth.end_other_sessions(&world.context(&second).await).await.unwrap_err();
    assert_eq!(refused.code(), Code::ReauthenticationRequired);
    let (_, third) = signed_in(world.login("ada@example.com", PASSWORD).await.unwrap());
    world.auth.end_other_sessions(&world.context(&third).await).await.unwrap();
    assert!(world.passes(&third).await);
    assert!(!world.passes(&first).await && !world.passes(&second).await);
}

#[tokio::test]
async fn v7_4_2_another_domain_ends_all_of_somebody_who_is_switched_off() {
    let world = World::new(PlacementMode::Shared).await;
    let (person, tokens) = world.sign_up("ada@example.com").await;
    let sign_ins = ouvira_auth::SignIns::new(
        world.tokens.clone(),
        world.users.clone(),
        world.audit.clone(),
        std::sync::Arc::new(ouvira_common::entropy::OsEntropy),
    );
    let ended = world
        .tenant
        .db()
        .write(&world.tenant.job(), async |tx| sign_ins.end_all(tx, person.id, None).await)
        .await;
    assert!(ended.is_ok());
    assert!(!world.passes(&tokens).await);
    assert!(world.auth.refresh(&world.tenant.open(), &tokens.refresh_token).await.is_err());
}
