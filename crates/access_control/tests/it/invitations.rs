//! Invitations, from being sent to being accepted.

use chrono::Duration;
use ouvira_access_control::{
    InvitationEdit, InvitationFilter, NewAccount, NewInvitation, NewRole, RoleWord,
    model::{Invitation, InvitationStatus},
    permission::*,
};
use ouvira_common::{
    messages::{Message, MessageRequested},
    page::PageRequest,
    permission::{Scope, SystemRole},
    secret::Secret,
    settings::{SignupPolicy, TenantSettings},
    tenant::PlacementMode,
    testing::TestUser,
};

use crate::world::{World, code, company, person, pointers, role_id};

/// The messages that wait in the outbox, the latest last.
pub(crate) async fn messages(world: &World) -> Vec<Message> {
    let tenant = world.tenant.tenant();
    let select = format!(
        "SELECT payload FROM ouvira_core.outbox WHERE tenant_id = '{}' AND topic = 'message.requested.v1' ORDER BY id",
        tenant.id
    );
    let rows = world.tenant.owner_rows(&select).await;
    let open = |row: serde_json::Value| {
        let event: MessageRequested =
            serde_json::from_value(row["payload"].clone()).expect("an event is in the outbox");
        event.open(&tenant.data_key).expect("the tenant's key opens it")
    };
    rows.into_iter().map(open).collect()
}

/// The token of the invitation that was sent last.
pub(crate) async fn token_sent(world: &World) -> String {
    let message = messages(world).await.pop().expect("something was sent");
    assert_eq!(message.template, "invitation");
    message.data["token"].as_str().expect("there is a token").to_owned()
}

fn to_company(company: ouvira_common::id::CompanyId, email: &str, roles: &[SystemRole]) -> NewInvitation {
    NewInvitation {
        company: Some(company),
        email: Some(email.to_owned()),
        roles: roles.iter().map(|role| role_id(*role)).collect(),
        ..NewInvitation::default()
    }
}

fn account(token: String) -> NewAccount {
    NewAccount {
        token: Secret::new(token),
        password: Secret::new("correct horse battery"),
        first_name: Some("Grace".into()),
        last_name: Some("Hopper".into()),
        phone: None,
    }
}

async fn status(world: &World, by: &TestUser, invitation: &Invitation) -> InvitationStatus {
    world.access.invitation(&world.context(by), invitation.id).await.expect("it may be read").status
}

#[tokio::test]
async fn somebody_new_accepts_and_holds_what_they_were_invited_for_in_every_placement() {
    for mode in PlacementMode::ALL {
        let world = World::placed(mode).await;
        let ada = world.user("ada").await;
        let company = world.found(&ada, None).await;
        let new = NewInvitation {
            message: Some("Join us,\nplease".into()),
            ..to_company(company, "Grace@Example.com", &[SystemRole::Admin])
        };
        let invitation = world.access.create_invitation(&world.context(&ada), &new).await.unwrap();
        assert_eq!(invitation.status, InvitationStatus::Pending);

        let message = messages(&world).await.pop().unwrap();
        assert_eq!(message.to.as_str(), "Grace@Example.com");
        assert_eq!(message.data["inviter"], "ada");
        assert_eq!(message.data["message"], "Join us,\nplease");

        let accepted = world
            .access
            .accept_invitation_as_new_user(&world.tenant.open(), &account(token_sent(&world).await))
            .await
            .unwrap();
        let grace = TestUser { id: accepted.person.id, session: accepted.tokens.session };
        assert!(accepted.person.email_verified, "the token came to this address");
        assert_eq!(world.credentials.password_of(grace.id).as_deref(), Some("correct horse battery"));
        assert_eq!(accepted.membership.map(|membership| membership.company), Some(company));
        assert!(world.holds(&grace, &company::UPDATE, Scope::Company(company)).await, "{mode:?}");
        assert!(!world.holds(&grace, &company::DELETE, Scope::Company(company)).await, "{mode:?}");
        assert_eq!(status(&world, &ada, &invitation).await, InvitationStatus::Accepted);

        let again = world
            .access
            .accept_invitation_as_new_user(&world.tenant.open(), &account(token_sent(&world).await))
            .await;
        assert_eq!(code(again.map(|accepted| accepted.person)), "invitation_invalid", "a token works once");
    }
}

#[tokio::test]
async fn a_colleague_who_has_an_account_accepts_signed_in_and_nobody_else_can() {
    let world = World::new().await;
    let (ada, bob, eve) = (world.user("ada").await, world.user("bob").await, world.user("eve").await);
    let company = world.found(&ada, None).await;
    let new = to_company(company, "BOB@example.com", &[SystemRole::Member]);
    world.access.create_invitation(&world.context(&ada), &new).await.unwrap();
    let token = token_sent(&world).await;

    let open =
        world.access.accept_invitation_as_new_user(&world.tenant.open(), &account(token.clone())).await;
    assert_eq!(code(open.map(|accepted| accepted.person)), "account_exists");
    let token = Secret::new(token);
    assert_eq!(
        code(world.access.accept_invitation(&world.context(&eve), &token).await),
        "invitation_not_yours"
    );
    let accepted = world.access.accept_invitation(&world.context(&bob), &token).await.unwrap();
    assert_eq!(accepted.membership.map(|membership| membership.user), Some(bob.id));
    assert!(world.holds(&bob, &MEMBER_READ, Scope::Company(company)).await);
    assert_eq!(
        code(world.access.accept_invitation(&world.context(&bob), &token).await),
        "invitation_invalid"
    );
}

#[tokio::test]
async fn an_address_that_is_only_claimed_accepts_nothing() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let company = world.found(&ada, None).await;
    let bob = world.tenant.user().await;
    let mut claimant = person(bob.id, "bob", world.tenant.now());
    claimant.email_verified = false;
    world.users.put(claimant);
    world
        .access
        .create_invitation(&world.context(&ada), &to_company(company, "bob@example.com", &[]))
        .await
        .unwrap();
    let token = Secret::new(token_sent(&world).await);
    assert_eq!(
        code(world.access.accept_invitation(&world.context(&bob), &token).await),
        "invitation_not_yours"
    );
}

#[tokio::test]
async fn an_invitation_gives_no_more_than_its_inviter_holds_when_it_is_accepted() {
    let world = World::new().await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let company = world.found(&ada, None).await;
    world.join(&bob, company, &[]).await;
    let owner = world.give(&bob, role_id(SystemRole::Owner), Some(company)).await;
    world.give(&bob, role_id(SystemRole::Admin), Some(company)).await;
    let new = to_company(company, "grace@example.com", &[SystemRole::Owner, SystemRole::Viewer]);
    world.access.create_invitation(&world.context(&bob), &new).await.unwrap();
    world.access.take_user_role(&world.context(&ada), owner.id).await.unwrap();

    let accepted = world
        .access
        .accept_invitation_as_new_user(&world.tenant.open(), &account(token_sent(&world).await))
        .await
        .unwrap();
    let grace = TestUser { id: accepted.person.id, session: accepted.tokens.session };
    assert!(
        world.holds(&grace, &company::READ, Scope::Company(company)).await,
        "an administrator may give this"
    );
    assert!(!world.holds(&grace, &company::DELETE, Scope::Company(company)).await, "and this no longer");
}

#[tokio::test]
async fn who_may_no_longer_invite_has_invited_nobody() {
    let world = World::new().await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let company = world.found(&ada, None).await;
    let his = world.join(&bob, company, &[SystemRole::Admin]).await;
    let new = to_company(company, "grace@example.com", &[SystemRole::Viewer]);
    world.access.create_invitation(&world.context(&bob), &new).await.unwrap();
    let token = token_sent(&world).await;
    let accept = async || {
        let accepted =
            world.access.accept_invitation_as_new_user(&world.tenant.open(), &account(token.clone())).await;
        accepted.map(|accepted| accepted.person)
    };

    let mut off = person(bob.id, "bob", world.tenant.now());
    off.active = false;
    world.users.put(off);
    assert_eq!(code(accept().await), "invitation_invalid", "switched off");
    world.users.put(person(bob.id, "bob", world.tenant.now()));
    world.access.delete_membership(&world.context(&ada), his.id, None).await.unwrap();
    assert_eq!(code(accept().await), "invitation_invalid", "no longer a member");
}

#[tokio::test]
async fn revoked_expired_replaced_and_deleted_tokens_are_worth_nothing() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let company = world.found(&ada, None).await;
    let ctx = world.context(&ada);
    let accept = async |token: &str| {
        let accepted = world
            .access
            .accept_invitation_as_new_user(&world.tenant.open(), &account(token.to_owned()))
            .await;
        accepted.map(|accepted| accepted.person.id)
    };
    let invite = async |email: &str| {
        let invitation =
            world.access.create_invitation(&ctx, &to_company(company, email, &[])).await.unwrap();
        (invitation, token_sent(&world).await)
    };

    let (revoked, token) = invite("a@example.com").await;
    assert_eq!(
        world.access.revoke_invitation(&ctx, revoked.id).await.unwrap().status,
        InvitationStatus::Revoked
    );
    assert_eq!(code(accept(&token).await), "invitation_invalid");
    assert_eq!(code(world.access.revoke_invitation(&ctx, revoked.id).await), "not_pending");
    assert_eq!(code(world.access.resend_invitation(&ctx, revoked.id).await), "not_pending");

    let (resent, old) = invite("b@example.com").await;
    world.access.resend_invitation(&ctx, resent.id).await.unwrap();
    let new = token_sent(&world).await;
    assert_ne!(old, new);
    assert_eq!(code(accept(&old).await), "invitation_invalid");
    assert!(accept(&new).await.is_ok());

    let (deleted, token) = invite("c@example.com").await;
    world.access.delete_invitation(&ctx, deleted.id, None).await.unwrap();
    assert_eq!(code(accept(&token).await), "invitation_invalid");
    assert_eq!(code(world.access.invitation(&ctx, deleted.id).await), "not_found");

    let (expired, token) = invite("d@example.com").await;
    world.tenant.clock().advance(Duration::days(7));
    assert_eq!(status(&world, &ada, &expired).await, InvitationStatus::Expired);
    assert_eq!(code(accept(&token).await), "invitation_invalid");
    assert!(
        world.access.resend_invitation(&world.context(&ada), expired.id).await.is_ok(),
        "but it can be sent again"
    );
    assert!(accept(&token_sent(&world).await).await.is_ok());

    assert_eq!(code(accept("guessed").await), "invitation_invalid");
}

#[tokio::test]
async fn a_pending_invitation_is_changed_without_a_new_token() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let company = world.found(&ada, None).await;
    let ctx = world.context(&ada);
    let invitation = world
        .access
        .create_invitation(&ctx, &to_company(company, "grace@example.com", &[SystemRole::Admin]))
        .await
        .unwrap();
    let messages_before = messages(&world).await.len();
    let edit = InvitationEdit {
        roles: vec![role_id(SystemRole::Viewer)],
        message: None,
        expires_at: Some(world.tenant.now() + Duration::days(20)),
    };
    let changed = world.access.update_invitation(&ctx, invitation.id, &edit, Some(1)).await.unwrap();
    assert_eq!((changed.roles, changed.version), (edit.roles.clone(), 2));
    assert_eq!(
        code(world.access.update_invitation(&ctx, invitation.id, &edit, Some(1)).await),
        "version_mismatch"
    );
    for days in [-1, 31] {
        let expires_at = Some(world.tenant.now() + Duration::days(days));
        let wrong = InvitationEdit { expires_at, ..edit.clone() };
        assert_eq!(
            pointers(world.access.update_invitation(&ctx, invitation.id, &wrong, None).await),
            ["/expires_at"]
        );
    }
    assert_eq!(messages(&world).await.len(), messages_before, "nothing is sent");
    world.tenant.clock().advance(Duration::days(19));
    let accepted = world
        .access
        .accept_invitation_as_new_user(&world.tenant.open(), &account(token_sent(&world).await))
        .await
        .unwrap();
    let grace = TestUser { id: accepted.person.id, session: accepted.tokens.session };
    assert!(!world.holds(&grace, &company::UPDATE, Scope::Company(company)).await);
    assert!(world.holds(&grace, &company::READ, Scope::Company(company)).await);
}

#[tokio::test]
async fn inviting_needs_the_right_to_invite_and_what_the_roles_give() {
    let world = World::new().await;
    let (ada, bob, eve) = (world.user("ada").await, world.user("bob").await, world.user("eve").await);
    let (hers, other) = (world.found(&ada, None).await, world.found(&eve, None).await);
    world.join(&bob, hers, &[SystemRole::Admin]).await;
    let viewer = world.user("viewer").await;
    world.join(&viewer, hers, &[SystemRole::Viewer]).await;
    let invite = async |by: &TestUser, new: NewInvitation| {
        world.access.create_invitation(&world.context(by), &new).await
    };

    assert!(invite(&bob, to_company(hers, "x@example.com", &[SystemRole::Admin])).await.is_ok());
    let too_much = invite(&bob, to_company(hers, "x@example.com", &[SystemRole::Owner])).await;
    assert_eq!(code(too_much), "cannot_grant");
    assert_eq!(code(invite(&viewer, to_company(hers, "x@example.com", &[])).await), "permission_denied");
    assert_eq!(
        pointers(invite(&bob, to_company(other, "x@example.com", &[])).await),
        ["/company_id"],
        "not for him to see"
    );
    let tenant_wide = NewInvitation { company: None, ..to_company(hers, "x@example.com", &[]) };
    assert_eq!(code(invite(&bob, tenant_wide).await), "permission_denied");

    let root = world.holder("root", SystemRole::Owner).await;
    let new = NewRole { name: "Elsewhere".into(), company: Some(other), ..NewRole::default() };
    let elsewhere = world.access.create_role(&world.context(&root), &new).await.unwrap();
    let foreign = NewInvitation {
        roles: vec![role_id(SystemRole::Viewer), elsewhere.id],
        ..to_company(hers, "x@example.com", &[])
    };
    assert_eq!(pointers(invite(&ada, foreign).await), ["/role_ids/1"], "a role of another company");
    let both = NewInvitation { phone: Some("+33612345678".into()), ..to_company(hers, "x@example.com", &[]) };
    assert_eq!(pointers(invite(&ada, both).await), ["/phone"]);
    let neither =
        NewInvitation { company: Some(hers), message: Some("\u{7}".into()), ..NewInvitation::default() };
    assert_eq!(pointers(invite(&ada, neither).await), ["/email", "/message"], "all that is wrong at once");
}

#[tokio::test]
async fn the_short_way_invites_to_the_tenant_with_a_role_in_any_case() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let ctx = world.context(&root);
    for (typed, role) in
        [("ADMIN", SystemRole::Admin), ("analyst", SystemRole::Analyst), ("Viewer", SystemRole::Viewer)]
    {
        let named = RoleWord(typed.to_owned());
        let invitation = world.access.invite_by_email(&ctx, "x@example.com", Some(&named)).await.unwrap();
        assert_eq!((invitation.company, invitation.roles), (None, vec![role_id(role)]));
    }
    let unknown = RoleWord("emperor".to_owned());
    assert_eq!(
        pointers(world.access.invite_by_email(&ctx, "x@example.com", Some(&unknown)).await),
        ["/role"]
    );
    assert_eq!(pointers(world.access.invite_by_email(&ctx, "nobody", None).await), ["/email"]);

    let admin = RoleWord("admin".to_owned());
    world.access.invite_by_email(&ctx, "grace@example.com", Some(&admin)).await.unwrap();
    let accepted = world
        .access
        .accept_invitation_as_new_user(&world.tenant.open(), &account(token_sent(&world).await))
        .await
        .unwrap();
    assert!(accepted.membership.is_none());
    let grace = TestUser { id: accepted.person.id, session: accepted.tokens.session };
    assert!(world.holds(&grace, &company::UPDATE, Scope::Tenant).await);
}

#[tokio::test]
async fn an_invitation_by_sms_proves_the_phone() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let new = NewInvitation { phone: Some("+33 6 12 34 56 78".into()), ..NewInvitation::default() };
    world.access.create_invitation(&world.context(&root), &new).await.unwrap();
    let token = token_sent(&world).await;
    let other = NewAccount { phone: Some("+33687654321".into()), ..account(token.clone()) };
    let refused = world.access.accept_invitation_as_new_user(&world.tenant.open(), &other).await;
    assert_eq!(code(refused.map(|accepted| accepted.person)), "address_mismatch");
    let accepted =
        world.access.accept_invitation_as_new_user(&world.tenant.open(), &account(token)).await.unwrap();
    assert!(accepted.person.phone_verified && accepted.person.email.is_none());
}

#[tokio::test]
async fn a_tenant_that_takes_nobody_takes_nobody_by_invitation_either() {
    let settings = TenantSettings { signup: SignupPolicy::Closed, ..TenantSettings::default() };
    let world = World::with_settings(PlacementMode::Shared, settings).await;
    let root = world.holder("root", SystemRole::Owner).await;
    world.access.invite_by_email(&world.context(&root), "grace@example.com", None).await.unwrap();
    let refused = world
        .access
        .accept_invitation_as_new_user(&world.tenant.open(), &account(token_sent(&world).await))
        .await;
    assert_eq!(code(refused.map(|accepted| accepted.person)), "signup_closed");
}

#[tokio::test]
async fn lists_are_by_company_and_status_and_show_only_what_the_reader_may_see() {
    let world = World::new().await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let root = world.holder("root", SystemRole::Owner).await;
    let (hers, his) = (world.found(&ada, None).await, world.found(&bob, None).await);
    let ctx = world.context(&ada);
    let first = world.access.create_invitation(&ctx, &to_company(hers, "a@example.com", &[])).await.unwrap();
    let second = world.access.create_invitation(&ctx, &to_company(hers, "b@example.com", &[])).await.unwrap();
    let elsewhere = world
        .access
        .create_invitation(&world.context(&bob), &to_company(his, "c@example.com", &[]))
        .await
        .unwrap();
    world.access.revoke_invitation(&ctx, first.id).await.unwrap();

    let list = async |by: &TestUser, filter: InvitationFilter| {
        let page = PageRequest { count: true, ..PageRequest::default() };
        let page = world.access.list_invitations(&world.context(by), filter, &page).await.unwrap();
        assert_eq!(page.total, i64::try_from(page.items.len()).ok());
        page.items.into_iter().map(|invitation| invitation.id).collect::<Vec<_>>()
    };
    assert_eq!(list(&ada, InvitationFilter::default()).await, [second.id, first.id], "the newest first");
    assert_eq!(list(&root, InvitationFilter::default()).await, [elsewhere.id, second.id, first.id]);
    let pending = InvitationFilter { company: Some(hers), status: Some(InvitationStatus::Pending) };
    assert_eq!(list(&root, pending).await, [second.id]);
    let foreign = InvitationFilter { company: Some(his), status: None };
    assert_eq!(list(&ada, foreign).await, [], "of a company that is not hers to see");
    world.tenant.clock().advance(Duration::days(8));
    let expired = InvitationFilter { company: None, status: Some(InvitationStatus::Expired) };
    assert_eq!(list(&ada, expired).await, [second.id]);
    assert_eq!(code(world.access.invitation(&world.context(&ada), elsewhere.id).await), "not_found");
}

#[tokio::test]
async fn an_operator_invites_with_what_an_administrator_holds() {
    let world = World::new().await;
    let inviter = ouvira_common::principal::Principal::operator(ouvira_common::id::OperatorId::new_at(
        world.tenant.now(),
    ));
    let grant = ouvira_common::id::GrantId::new_at(world.tenant.now());
    let until = world.tenant.now() + Duration::hours(1);
    let mut control = world.tenant.connection("control").await;
    let sql = format!(
        "SELECT ouvira_core.put_grant('{}', '{grant}', '{}', '{}')",
        world.tenant.tenant().id,
        inviter.id,
        until.to_rfc3339()
    );
    diesel_async::SimpleAsyncConnection::batch_execute(&mut control, &sql).await.unwrap();
    let ctx = world.tenant.with_pass(inviter, ouvira_common::context::Pass::Grant(grant));
    let admin = RoleWord("admin".to_owned());
    world.access.invite_by_email(&ctx, "grace@example.com", Some(&admin)).await.unwrap();
    let owner = RoleWord("owner".to_owned());
    assert_eq!(code(world.access.invite_by_email(&ctx, "x@example.com", Some(&owner)).await), "cannot_grant");
    let token = token_sent(&world).await;
    assert_eq!(
        code(world.access.accept_invitation(&ctx, &Secret::new(token.clone())).await),
        "permission_denied"
    );
    assert!(world.access.accept_invitation_as_new_user(&world.tenant.open(), &account(token)).await.is_ok());
}
