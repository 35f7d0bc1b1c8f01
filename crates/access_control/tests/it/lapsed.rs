//! What time ends leaves the tables by a chore, and had ended before that.

use chrono::Duration;
use ouvira_access_control::{
    INVITATION_KEPT_DAYS, InvitationFilter, NewInvitation, NewUserRole, UserRoleFilter,
};
use ouvira_common::{
    page::PageRequest,
    permission::{Scope, SystemRole},
    tenant::PlacementMode,
};

use crate::world::{World, company, role_id};

#[tokio::test]
async fn a_role_that_has_ended_gives_nothing_and_then_enters_the_log_in_every_placement() {
    for mode in PlacementMode::ALL {
        let world = World::placed(mode).await;
        let (owner, ada) = (world.holder("owner", SystemRole::Owner).await, world.user("ada").await);
        let site = world.found(&owner, None).await;
        let until = world.tenant.now() + Duration::hours(1);
        for (role, at) in [(SystemRole::Viewer, Some(site)), (SystemRole::Analyst, None)] {
            let new = NewUserRole { user: ada.id, role: role_id(role), company: at, expires_at: Some(until) };
            world.access.give_user_role(&world.context(&owner), &new).await.unwrap();
        }
        assert!(world.holds(&ada, &company::READ, Scope::Company(site)).await);
        assert_eq!(world.access.end_lapsed_roles(&world.tenant.job(), 100).await.unwrap(), 0);

        world.tenant.clock().advance(Duration::hours(1));
        assert!(!world.holds(&ada, &company::READ, Scope::Company(site)).await, "{mode:?}: by itself");
        let told = world.audit.actions().len();
        assert_eq!(
            world.access.end_lapsed_roles(&world.tenant.job(), 1).await.unwrap(),
            2,
            "one of each kind"
        );
        assert_eq!(world.audit.actions()[told..], ["role.revoked", "role.revoked"]);
        assert_eq!(world.access.end_lapsed_roles(&world.tenant.job(), 1).await.unwrap(), 0);
        let filter = UserRoleFilter { user: Some(owner.id), ..UserRoleFilter::default() };
        let held =
            world.access.list_user_roles(&world.context(&owner), filter, &PageRequest::default()).await;
        assert_eq!(held.unwrap().items.len(), 2, "what has no end stays");
    }
}

#[tokio::test]
async fn an_invitation_that_nobody_accepted_is_forgotten_some_time_after_it_expired() {
    let world = World::new().await;
    let owner = world.holder("owner", SystemRole::Owner).await;
    let ctx = world.context(&owner);
    let new = NewInvitation { email: Some("grace@example.com".into()), ..NewInvitation::default() };
    let invitation = world.access.create_invitation(&ctx, &new).await.unwrap();
    world.tenant.clock().advance(invitation.expires_at - world.tenant.now());
    assert_eq!(
        world.access.forget_lapsed_invitations(&world.tenant.job(), 100).await.unwrap(),
        0,
        "it can be seen for a while"
    );
    world.tenant.clock().advance(Duration::days(INVITATION_KEPT_DAYS));
    assert_eq!(world.access.forget_lapsed_invitations(&world.tenant.job(), 100).await.unwrap(), 1);
    let owner = world.tenant.session_of(owner.id).await;
    let left = world
        .access
        .list_invitations(&world.context(&owner), InvitationFilter::default(), &PageRequest::default())
        .await;
    assert_eq!(left.unwrap().items.len(), 0);
    assert_eq!(world.audit.actions().last(), Some(&"invitation.deleted"));
}
