//! Operators and their leave to act in a tenant.

use ouvira_common::{
    context::{Origin, Pass, RequestContext},
    page::{Limit, PageRequest},
    ports::HashedPassword,
    principal::Principal,
    problem::{Code, Failure as _},
    secret::Secret,
    tenant::PlacementMode,
    text::Email,
};
use ouvira_tenancy::{Operators, PlatformContext};

use crate::support::{Platform, column, notes};

fn hash(text: &str) -> HashedPassword {
    HashedPassword(Secret::new(text))
}

#[tokio::test]
async fn an_address_is_one_operators_in_whatever_case() {
    let platform = Platform::new().await;
    let operators = Operators::new(platform.catalog());
    let root = operators.create(&platform.ctx(), "Root@Example.com", &hash("h1")).await.unwrap();
    assert_eq!(root.email, "Root@Example.com");
    let again = operators.create(&platform.ctx(), "root@example.COM", &hash("h2")).await.unwrap_err();
    assert_eq!(again.code(), Code::EmailTaken);
    let nobody = operators.create(&platform.ctx(), "root", &hash("h3")).await.unwrap_err();
    assert_eq!(nobody.fields()[0].pointer, "/email");
}

#[tokio::test]
async fn only_active_operators_have_credentials() {
    let platform = Platform::new().await;
    let operators = Operators::new(platform.catalog());
    let root = operators.create(&platform.ctx(), "root@example.com", &hash("h1")).await.unwrap();
    let email = Email::parse("/", "ROOT@example.com").unwrap();
    let found = operators.credentials(&email).await.unwrap().unwrap();
    assert_eq!(found.operator, root);
    assert_eq!(found.password.0.expose(), "h1");

    operators.set_password(&platform.ctx(), root.id, &hash("h2")).await.unwrap();
    assert_eq!(operators.credentials(&email).await.unwrap().unwrap().password.0.expose(), "h2");
    operators.set_active(&platform.ctx(), root.id, false).await.unwrap();
    assert!(operators.credentials(&email).await.unwrap().is_none());
    assert_eq!(operators.find(root.id).await.unwrap().version, 3);

    let mut control = platform.connection("control", None).await;
    let logged =
        column(&mut control, "SELECT action FROM ouvira_catalog.operator_log ORDER BY id").await.unwrap();
    assert_eq!(logged, ["operator.created", "operator.password_changed", "operator.deactivated"]);
}

#[tokio::test]
async fn operators_are_listed_in_pages() {
    let platform = Platform::new().await;
    let operators = Operators::new(platform.catalog());
    for number in 0..5 {
        operators.create(&platform.ctx(), &format!("o{number}@example.com"), &hash("h")).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut page = PageRequest { limit: Limit::new(2).unwrap(), ..PageRequest::default() };
    loop {
        let answer = operators.list(&page).await.unwrap();
        seen.extend(answer.items.into_iter().map(|operator| operator.email));
        page.after = answer.next;
        if page.after.is_none() {
            break;
        }
    }
    assert_eq!(seen, (0..5).map(|number| format!("o{number}@example.com")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_grant_opens_the_tenants_gate_to_its_operator_alone_and_ends() {
    let platform = Platform::new().await;
    let operators = Operators::new(platform.catalog());
    let root = operators.create(&platform.ctx(), "root@example.com", &hash("h")).await.unwrap();
    let other = operators.create(&platform.ctx(), "other@example.com", &hash("h")).await.unwrap();
    for mode in PlacementMode::ALL {
        let tenant = platform.tenant(&format!("acme-{}", mode.as_str()), mode).await;
        let ctx = PlatformContext::operator(root.id, Origin::default(), platform.ctx().now);
        let grant = operators.grant(&ctx, root.id, tenant.id, "Ticket 7", 15).await.unwrap();
        let resolved = platform.resolve(tenant.slug.as_str()).await;
        let acting = |operator, id| {
            let principal = Principal::operator(operator);
            RequestContext::new(resolved.clone(), principal, Pass::Grant(id), Origin::default(), ctx.now)
        };
        assert!(notes(&platform.db(), &acting(root.id, grant.id)).await.is_ok());
        assert!(notes(&platform.db(), &acting(other.id, grant.id)).await.is_err());

        let late = PlatformContext { now: ctx.now - chrono::Duration::minutes(20), ..ctx.clone() };
        let lapsed = operators.grant(&late, root.id, tenant.id, "Ticket 6", 15).await.unwrap();
        assert!(notes(&platform.db(), &acting(root.id, lapsed.id)).await.is_err());
    }
}

#[tokio::test]
async fn a_grant_has_a_reason_and_an_end() {
    let platform = Platform::new().await;
    let operators = Operators::new(platform.catalog());
    let root = operators.create(&platform.ctx(), "root@example.com", &hash("h")).await.unwrap();
    let tenant = platform.tenant("acme", PlacementMode::Shared).await;
    let refused = operators.grant(&platform.ctx(), root.id, tenant.id, " ", 481).await.unwrap_err();
    let pointers: Vec<&str> = refused.fields().iter().map(|field| field.pointer.as_str()).collect();
    assert_eq!(pointers, ["/reason", "/minutes"]);
    platform.tenants.suspend(&platform.ctx(), tenant.id).await.unwrap();
    let refused = operators.grant(&platform.ctx(), root.id, tenant.id, "Ticket 7", 15).await.unwrap_err();
    assert_eq!(refused.code(), Code::Conflict);
}
