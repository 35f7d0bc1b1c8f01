use ouvira_common::{
    id::UserId,
    problem::{Code, Failure as _},
};
use ouvira_identity::permission;

use crate::support::World;

#[tokio::test]
async fn reading_somebody_else_is_logged() {
    let world = World::new().await;
    let (ada, _) = world.person("ada@example.com").await;
    let (_, grace) = world.person("grace@example.com").await;
    assert_eq!(world.users.read(&grace, ada.id).await.unwrap().id, ada.id);
    let activity = world.audit.activities().pop().unwrap();
    assert_eq!((activity.action, activity.object.id), ("user.read", ada.id.0));
}

#[tokio::test]
async fn reading_oneself_is_not() {
    let world = World::new().await;
    let (ada, ctx) = world.person("ada@example.com").await;
    world.users.read(&ctx, ada.id).await.unwrap();
    assert_eq!(world.audit.actions(), ["user.created"]);
}

#[tokio::test]
async fn without_the_permission_nobody_is_there() {
    let world = World::new().await;
    let (ada, ctx) = world.person("ada@example.com").await;
    let nobody = world.users_who_may(&[]);
    assert_eq!(nobody.read(&ctx, ada.id).await.unwrap_err().code(), Code::NotFound);
    let reader = world.users_who_may(&[permission::READ]);
    assert_eq!(reader.read(&ctx, UserId::new_at(ctx.now())).await.unwrap_err().code(), Code::NotFound);
}
