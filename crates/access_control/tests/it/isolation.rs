//! Two tenants side by side, in every placement: nothing of one is anything to the other.

use ouvira_access_control::{NewMembership, NewRole, NewUserRole, RoleFilter, UserRoleFilter};
use ouvira_common::{
    page::PageRequest,
    permission::{Scope, SystemRole},
    tenant::PlacementMode,
};

use crate::world::{World, code, company, pointers, role_id};

#[tokio::test]
async fn nothing_of_another_tenant_is_seen_named_or_changed_in_any_placement() {
    for mode in PlacementMode::ALL {
        let (ours, theirs) = (World::placed(mode).await, World::placed(mode).await);
        let us = ours.holder("root", SystemRole::Owner).await;
        let them = theirs.holder("root", SystemRole::Owner).await;
        let their_company = theirs.found(&them, None).await;
        let role = NewRole { name: "Theirs".into(), ..NewRole::default() };
        let their_role = theirs.access.create_role(&theirs.context(&them), &role).await.unwrap();
        let somebody = theirs.user("somebody").await;
        let held = theirs.give(&somebody, their_role.id, Some(their_company)).await;

        let ctx = ours.context(&us);
        assert_eq!(code(ours.access.role(&ctx, their_role.id).await), "not_found", "{mode:?}");
        assert_eq!(code(ours.access.delete_role(&ctx, their_role.id, None).await), "not_found", "{mode:?}");
        assert_eq!(code(ours.access.user_role(&ctx, held.id).await), "not_found", "{mode:?}");
        assert_eq!(code(ours.access.take_user_role(&ctx, held.id).await), "not_found", "{mode:?}");
        let join = NewMembership { user: us.id, company: their_company, title: None };
        assert_eq!(pointers(ours.access.create_membership(&ctx, &join).await), ["/company_id"], "{mode:?}");
        let give = NewUserRole { user: us.id, role: their_role.id, company: None, expires_at: None };
        assert_eq!(pointers(ours.access.give_user_role(&ctx, &give).await), ["/role_id"], "{mode:?}");
        let give = NewUserRole {
            user: somebody.id,
            role: role_id(SystemRole::Viewer),
            company: None,
            expires_at: None,
        };
        assert_eq!(pointers(ours.access.give_user_role(&ctx, &give).await), ["/user_id"], "{mode:?}");

        let roles =
            ours.access.list_roles(&ctx, RoleFilter::default(), &PageRequest::default()).await.unwrap();
        assert!(roles.items.iter().all(|role| role.is_system), "{mode:?}");
        let in_theirs = RoleFilter { company: Some(their_company) };
        assert!(
            ours.access.list_roles(&ctx, in_theirs, &PageRequest::default()).await.unwrap().items.is_empty()
        );
        let held_there = UserRoleFilter { user: Some(somebody.id), company: None };
        let listed = ours.access.list_user_roles(&ctx, held_there, &PageRequest::default()).await.unwrap();
        assert!(listed.items.is_empty(), "{mode:?}");
        assert!(!theirs.holds(&somebody, &company::READ, Scope::Tenant).await);
    }
}
