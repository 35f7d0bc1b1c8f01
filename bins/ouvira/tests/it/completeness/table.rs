//! The table of expected answers. In a body `{company}`, `{user}` and so on stand for ids of the things.

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Open,
    /// Whoever is signed in to the tenant.
    User,
    /// Whoever holds a permission; others get this status and code.
    Permission(u16, &'static str),
}

/// A row of the table. A body that is no JSON is CSV.
pub struct Operation {
    pub id: &'static str,
    pub access: Access,
    /// Which thing the ids in the path are of.
    pub on: &'static str,
    pub body: &'static str,
    /// What somebody of another tenant, with all rights there, is answered when they use our ids.
    pub foreign: Option<(u16, &'static str)>,
}

use Access::{Open, Permission, User};

const DENIED: Access = Permission(403, "permission_denied");
const UNSEEN: Access = Permission(404, "not_found");
const NOT_FOUND: Option<(u16, &str)> = Some((404, "not_found"));
/// A token of a tenant's people is none of an operator.
const OPERATORS: Access = Permission(401, "token_invalid");
const NO_OPERATOR: Option<(u16, &str)> = Some((401, "token_invalid"));
const UNKNOWN: Option<(u16, &str)> = Some((422, "unknown_reference"));

const fn row(
    id: &'static str,
    access: Access,
    on: &'static str,
    body: &'static str,
    foreign: Option<(u16, &'static str)>,
) -> Operation {
    Operation { id, access, on, body, foreign }
}

const CODE: &str = r#"{"challenge_id": "01890a5d-ac96-774b-bcce-b302099a8057", "code": "000000"}"#;
/// A grant on one object.
pub const OBJECT_GRANT: &str = r#"{"user_id": "{user}", "permission": "company.read", "object_type": "company", "object_id": "{company}"}"#;
const ACCEPT: &str = r#"{"token": "none", "password": "engine analytical 1843"}"#;

#[rustfmt::skip]
pub const OPERATIONS: &[Operation] = &[
    // service
    row("read_health", Open, "", "", None),
    row("read_readiness", Open, "", "", None),
    row("read_timezone", Open, "", "", None),
    row("list_dev_messages", Open, "", "", None),
    // auth
    row("read_login_config", Open, "", "", None),
    row("read_jwks", Open, "", "", None),
    row("login_operator", Open, "", r#"{"identifier": "nobody@example.com", "password": "engine analytical 1843"}"#, None),
    row("login_operator_totp", Open, "", CODE, None),
    row("login_operator_backup_code", Open, "", CODE, None),
    row("refresh_operator_token", Open, "", r#"{"refresh_token": "none"}"#, None),
    row("logout_operator", OPERATORS, "", "", NO_OPERATOR),
    row("enable_operator_two_factor", OPERATORS, "", r#"{"password": "engine analytical 1843"}"#, NO_OPERATOR),
    row("confirm_operator_two_factor", OPERATORS, "", r#"{"code": "000000"}"#, NO_OPERATOR),
    row("grant_operator", OPERATORS, "", r#"{"tenant_id": "{tenant}", "reason": "Ticket 7", "minutes": 5}"#, NO_OPERATOR),
    row("sign_up", Open, "", r#"{"email": "somebody@example.com"}"#, None),
    row("resend_otp", Open, "", r#"{"challenge_id": "01890a5d-ac96-774b-bcce-b302099a8057"}"#, None),
    row("verify_otp", Open, "", CODE, None),
    row("finalize_signup", Open, "", r#"{"signup_token": "none", "password": "engine analytical 1843"}"#, None),
    row("login", Open, "", r#"{"identifier": "somebody@example.com", "password": "wrong, and long enough"}"#, None),
    row("refresh_token", Open, "", r#"{"refresh_token": "none"}"#, None),
    row("logout", User, "", "", None),
    row("list_sessions", User, "", "", None),
    row("end_session", User, "session", "", NOT_FOUND),
    row("end_other_sessions", User, "", "", None),
    row("login_totp", Open, "", CODE, None),
    row("login_backup_code", Open, "", CODE, None),
    row("enable_two_factor", User, "", r#"{"password": "wrong, and long enough"}"#, None),
    row("confirm_two_factor", User, "", r#"{"code": "000000"}"#, None),
    row("disable_two_factor", User, "", r#"{"password": "wrong, and long enough", "code": "000000"}"#, None),
    row("renew_backup_codes", User, "", r#"{"password": "wrong, and long enough", "code": "000000"}"#, None),
    row("reauthenticate", User, "", r#"{"password": "wrong, and long enough"}"#, None),
    row("change_password", User, "", r#"{"current_password": "wrong, and long enough", "new_password": "another, and long enough"}"#, None),
    row("forgot_password", Open, "", r#"{"email": "somebody@example.com"}"#, None),
    row("reset_password", Open, "", r#"{"token": "none", "new_password": "another, and long enough"}"#, None),
    row("verify_email", Open, "", r#"{"token": "none"}"#, None),
    row("resend_email", User, "", "", None),
    // account
    row("change_email", User, "", r#"{"email": "another@example.com"}"#, None),
    row("confirm_email", User, "", CODE, None),
    row("change_phone", User, "", r#"{"phone": "+33612345678"}"#, None),
    row("confirm_phone", User, "", CODE, None),
    row("read_me", User, "", "", None),
    row("test_session", User, "", "", None),
    row("read_profile", User, "", "", None),
    row("replace_profile", User, "", r#"{"first_name": "A", "last_name": "B", "locale": "en", "timezone": "UTC"}"#, None),
    row("patch_profile", User, "", r#"{"first_name": "A"}"#, None),
    row("list_users", DENIED, "", "", None),
    row("create_user", DENIED, "", r#"{"email": "new@example.com", "role_ids": ["{role}"]}"#, UNKNOWN),
    row("import_users", DENIED, "", "email\nnew@example.com\n", None),
    row("read_user", UNSEEN, "user", "", NOT_FOUND),
    row("patch_user", UNSEEN, "user", r#"{"first_name": "Changed"}"#, NOT_FOUND),
    row("delete_user", UNSEEN, "user", "", NOT_FOUND),
    row("list_users_with_roles", DENIED, "", "", None),
    row("create_user_with_roles", DENIED, "", r#"{"email": "new@example.com", "role_ids": ["{role}"]}"#, UNKNOWN),
    // access control
    row("list_permissions", DENIED, "", "", None),
    row("create_permission", DENIED, "", r#"{"code": "report.print", "name": "Print reports"}"#, None),
    row("read_permission", UNSEEN, "permission", "", NOT_FOUND),
    row("replace_permission", UNSEEN, "permission", r#"{"code": "thing.do", "name": "Changed"}"#, NOT_FOUND),
    row("patch_permission", UNSEEN, "permission", r#"{"name": "Changed"}"#, NOT_FOUND),
    row("delete_permission", UNSEEN, "permission", "", NOT_FOUND),
    row("list_roles", DENIED, "", "", None),
    row("create_role", DENIED, "", r#"{"name": "Printer", "company_id": "{company}"}"#, UNKNOWN),
    row("read_role", UNSEEN, "role", "", NOT_FOUND),
    row("replace_role", UNSEEN, "role", r#"{"name": "Changed", "permissions": []}"#, NOT_FOUND),
    row("patch_role", UNSEEN, "role", r#"{"name": "Changed"}"#, NOT_FOUND),
    row("delete_role", UNSEEN, "role", "", NOT_FOUND),
    row("list_role_permissions", DENIED, "", "", None),
    row("create_role_permission", DENIED, "", r#"{"role_id": "{role}", "permission_id": "{permission}"}"#, UNKNOWN),
    row("read_role_permission", UNSEEN, "role_permission", "", NOT_FOUND),
    row("delete_role_permission", UNSEEN, "role_permission", "", NOT_FOUND),
    row("list_user_companies", DENIED, "", "", None),
    row("create_user_company", DENIED, "", r#"{"user_id": "{user}", "company_id": "{company}"}"#, UNKNOWN),
    row("read_user_company", UNSEEN, "membership", "", NOT_FOUND),
    row("replace_user_company", UNSEEN, "membership", r#"{"status": "active", "title": "Changed"}"#, NOT_FOUND),
    row("delete_user_company", UNSEEN, "membership", "", NOT_FOUND),
    row("list_user_company_roles", DENIED, "", "", None),
    row("create_user_company_role", DENIED, "", r#"{"user_company_id": "{membership}", "role_id": "{role}"}"#, UNKNOWN),
    row("read_user_company_role", UNSEEN, "membership_role", "", NOT_FOUND),
    row("delete_user_company_role", UNSEEN, "membership_role", "", NOT_FOUND),
    row("list_user_roles", DENIED, "", "", None),
    row("create_user_role", DENIED, "", r#"{"user_id": "{user}", "role_id": "{role}"}"#, UNKNOWN),
    row("read_user_role", UNSEEN, "user_role", "", NOT_FOUND),
    row("delete_user_role", UNSEEN, "user_role", "", NOT_FOUND),
    row("assign_role", DENIED, "", r#"{"user_id": "{user}", "role": "viewer"}"#, UNKNOWN),
    row("check", User, "", r#"{"checks": [{"permission": "company.read"}]}"#, None),
    row("list_object_grants", DENIED, "", "", None),
    row("create_object_grant", DENIED, "", OBJECT_GRANT, UNKNOWN),
    row("read_object_grant", UNSEEN, "object_grant", "", NOT_FOUND),
    row("delete_object_grant", UNSEEN, "object_grant", "", NOT_FOUND),
    row("list_invitations", DENIED, "", "", None),
    row("create_invitation", DENIED, "", r#"{"company_id": "{company}", "email": "guest@example.com", "role_ids": ["{role}"]}"#, UNKNOWN),
    row("read_invitation", UNSEEN, "invitation", "", NOT_FOUND),
    row("replace_invitation", UNSEEN, "invitation", r#"{"role_ids": ["{role}"], "message": null}"#, NOT_FOUND),
    row("delete_invitation", UNSEEN, "invitation", "", NOT_FOUND),
    row("revoke_invitation", UNSEEN, "invitation", "", NOT_FOUND),
    row("resend_invitation", UNSEEN, "invitation", "", NOT_FOUND),
    row("accept_invitation", Open, "", ACCEPT, None),
    row("accept_invite", Open, "", ACCEPT, None),
    row("invite_user", DENIED, "", r#"{"email": "guest@example.com", "role": "VIEWER"}"#, None),
    row("invite_to_tenant", DENIED, "tenant", r#"{"email": "guest@example.com", "role": "VIEWER"}"#, NOT_FOUND),
    // company
    row("list_companies", User, "", "", None),
    row("create_company", User, "", r#"{"name": "Child", "parent_id": "{company}"}"#, UNKNOWN),
    row("read_company", UNSEEN, "company", "", NOT_FOUND),
    row("replace_company", UNSEEN, "company", r#"{"name": "Changed"}"#, NOT_FOUND),
    row("patch_company", UNSEEN, "company", r#"{"name": "Changed"}"#, NOT_FOUND),
    row("delete_company", UNSEEN, "company", "", NOT_FOUND),
    row("restore_company", UNSEEN, "company", "", NOT_FOUND),
    row("move_company", UNSEEN, "company", r#"{"parent_id": null}"#, NOT_FOUND),
    row("read_company_tree", UNSEEN, "company", "", NOT_FOUND),
    row("read_company_settings", UNSEEN, "company", "", NOT_FOUND),
    row("replace_company_settings", UNSEEN, "company", r#"{"currency": "EUR"}"#, NOT_FOUND),
    row("patch_company_settings", UNSEEN, "company", r#"{"currency": "EUR"}"#, NOT_FOUND),
    // audit
    row("list_webhooks", DENIED, "", "", None),
    row("create_webhook", DENIED, "", r#"{"url": "https://example.com/hook", "events": ["*"]}"#, None),
    row("read_webhook", DENIED, "webhook", "", NOT_FOUND),
    row("patch_webhook", DENIED, "webhook", r#"{"status": "paused"}"#, NOT_FOUND),
    row("delete_webhook", DENIED, "webhook", "", NOT_FOUND),
    row("rotate_webhook_secret", DENIED, "webhook", "", NOT_FOUND),
    row("list_webhook_deliveries", DENIED, "webhook", "", NOT_FOUND),
    row("replay_webhook_delivery", DENIED, "webhook", "", NOT_FOUND),
    row("list_activity_logs", DENIED, "", "", None),
    row("list_my_activity_logs", User, "", "", None),
    row("prove_activity_log", UNSEEN, "activity_log", "", NOT_FOUND),
    row("list_audit_checkpoints", DENIED, "", "", None),
    row("prove_audit_consistency", User, "", "", None),
    row("list_security_logs", User, "", "", None),
    row("list_notifications", User, "", "", None),
    row("count_unread_notifications", User, "", "", None),
    row("mark_notifications_read", User, "", r#"{"all": true}"#, None),
    row("stream_notifications", User, "", "", None),
    row("create_notification_stream_ticket", User, "", "", None),
    row("read_notification_preferences", User, "", "", None),
    row("replace_notification_preferences", User, "", r#"{"kinds": {}}"#, None),
    // tenants
    row("list_tenants", User, "", "", None),
    row("create_tenant", DENIED, "", r#"{"slug": "new-tenant", "name": "New", "admin": {"email": "new@example.com"}}"#, None),
    row("read_tenant", User, "tenant", "", NOT_FOUND),
    row("patch_tenant", DENIED, "tenant", r#"{"name": "Changed"}"#, NOT_FOUND),
    row("delete_tenant", DENIED, "tenant", "", NOT_FOUND),
    row("suspend_tenant", DENIED, "tenant", "", NOT_FOUND),
    row("resume_tenant", DENIED, "tenant", "", NOT_FOUND),
    row("read_tenant_settings", User, "tenant", "", NOT_FOUND),
    row("replace_tenant_settings", DENIED, "tenant", "{}", NOT_FOUND),
    row("patch_tenant_settings", DENIED, "tenant", "{}", NOT_FOUND),
];
