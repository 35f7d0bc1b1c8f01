//! Access control in a program of one's own, without HTTP: `cargo run -p ouvira-access-control --example no_http`.
//!
//! What the domain needs of others comes in through ports. Here they are the fakes of `ouvira_common::testing`, and the
//! tenant is a fresh one on a private Postgres; a real program brings its own, or the other Ouvira crates.

use std::sync::Arc;

use ouvira_access_control::{
    AccessControl, AccessControlDeps, AccessError, Catalogue, GrantDeps, Grants, MIGRATIONS, NewMembership,
    NewMembershipRole, NewRole, Question, Questions, Rights, permission,
};
use ouvira_common::{
    entropy::OsEntropy,
    id::CompanyId,
    permission::{
        Permission, Scope,
        SystemRole::{self, Admin},
    },
    ports::{CompanyTree as _, NewPerson, PermissionChecker as _, UserDirectory as _},
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{FakeCredentials, FakeSessions, MemoryUsers, RecordingAudit, RecordingNotifier},
    },
};

/// What this program's own domain declares; what system roles hold of it is decided here.
const INVOICE_APPROVE: Permission =
    Permission { code: "invoice.approve", description: "Approve invoices", held_by: &[Admin] };

#[tokio::main]
async fn main() -> Result<(), AccessError> {
    let tenant = TestTenant::new(PlacementMode::Schema, MIGRATIONS).await;
    let users = Arc::new(MemoryUsers::default());
    let rights = Rights::new(Catalogue::new(&[permission::PERMISSIONS, &[INVOICE_APPROVE]]));
    let grants = Grants::new(GrantDeps {
        rights: rights.clone(),
        users: users.clone(),
        audit: Arc::new(RecordingAudit::default()),
        notifier: Arc::new(RecordingNotifier::default()),
    });
    let db = tenant.db();
    let access = AccessControl::new(AccessControlDeps {
        db: db.clone(),
        grants: grants.clone(),
        credentials: Arc::new(FakeCredentials::default()),
        sessions: Arc::new(FakeSessions::default()),
        entropy: Arc::new(OsEntropy),
    });

    // The company domain would do this where it founds a company: whoever founds it owns it.
    let ada = tenant.context(&tenant.user().await);
    let founder = ada.user_id().ok_or(AccessError::NotAUser)?;
    let company = CompanyId::new_at(tenant.now());
    db.write(&ada, async |tx| grants.founded(tx, company, None, founder).await).await?;

    // A colleague, and a role that holds what this program declared.
    let grace = db
        .write(&tenant.job(), async |tx| {
            let new = NewPerson {
                verified: None,
                claimed: None,
                first_name: "Grace".to_owned(),
                last_name: "Hopper".to_owned(),
                locale: None,
            };
            users.create(tx, new).await
        })
        .await?;
    let approver = NewRole {
        name: "Approver".to_owned(),
        company: Some(company),
        permissions: vec![INVOICE_APPROVE.code.to_owned()],
        ..NewRole::default()
    };
    let approver = access.create_role(&ada, &approver).await?;
    let joins = NewMembership { user: grace.id, company, title: None };
    let membership = access.create_membership(&ada, &joins).await?;
    let gives = NewMembershipRole { membership: membership.id, role: approver.id, expires_at: None };
    access.give_member_role(&ada, &gives).await?;

    // A use case asks the port, in its own transaction.
    let graces = tenant.context(&tenant.session_of(grace.id).await);
    let allowed = db
        .read(&graces, async |tx| rights.holds(tx, &INVOICE_APPROVE, Scope::Company(company)).await)
        .await?;
    println!("may Grace approve invoices? {allowed}");

    // And anybody may ask why.
    let owner = rights.catalogue().role_id(SystemRole::Owner);
    let why = Question {
        permission: INVOICE_APPROVE.code.to_owned(),
        company: Some(company),
        object: None,
        user: Some(grace.id),
    };
    let questions = Questions { checks: vec![why], explain: true, ..Questions::default() };
    println!("because {:?}; an owner ({owner}) may anyway", access.check(&ada, &questions).await?[0].because);
    Ok(())
}
