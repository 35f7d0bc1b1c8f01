use actix_web::web::Data;
use apistos::api_operation;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ouvira_common::{
    http::{Json, PageView, Parameters, Problem},
    page::{InvalidCursor, Limit, PageRequest},
    problem::Code,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{asker::Asker, view::TenantView};
use crate::{Tenancy, Tenants};

/// Which page. Not `Paging`, whose cursors a tenant's key signs: operators ask without one, and a slug that they could
/// make up shows them nothing that they may not see.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ListTenants {
    /// Items on a page: 1 to 100, 20 unless given.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Whether to answer how many there are in all.
    count: Option<bool>,
}

impl TryFrom<ListTenants> for PageRequest {
    type Error = Problem;

    fn try_from(asked: ListTenants) -> Result<Self, Problem> {
        let limit = match asked.limit {
            None => Limit::default(),
            Some(limit) => Limit::new(limit).ok_or_else(|| Problem::new(Code::InvalidParameter))?,
        };
        let after = asked.cursor.map(|cursor| open(&cursor).ok_or(InvalidCursor)).transpose()?;
        Ok(Self { limit, after, count: asked.count.unwrap_or_default() })
    }
}

fn seal(position: &Value) -> String {
    URL_SAFE_NO_PAD.encode(position.to_string())
}

fn open(cursor: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()
}

#[api_operation(
    operation_id = "list_tenants",
    summary = "List the tenants one may see: one's own; operators see all",
    tag = "tenants"
)]
pub(super) async fn list(
    asker: Asker,
    tenants: Data<Tenants>,
    tenancy: Data<Tenancy>,
    asked: Parameters<ListTenants>,
) -> Result<Json<PageView<TenantView>>, Problem> {
    let request = PageRequest::try_from(asked.into_inner())?;
    let page = match asker {
        Asker::Operator(_) => all(&tenants, &tenancy, &request).await?,
        Asker::User(_) if request.after.is_some() => return Err(InvalidCursor.into()),
        Asker::User(caller) => {
            let own = tenancy.read(&caller, caller.tenant_id()).await?;
            PageView { items: vec![own.into()], next_cursor: None, total: request.count.then_some(1) }
        }
    };
    Ok(Json(page))
}

async fn all(
    tenants: &Tenants,
    tenancy: &Tenancy,
    request: &PageRequest,
) -> Result<PageView<TenantView>, Problem> {
    let page = tenants.list(request).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for tenant in page.items {
        let settings = tenancy.settings_of(tenant.id).await;
        items.push(TenantView::of(tenant, settings));
    }
    Ok(PageView { items, next_cursor: page.next.as_ref().map(seal), total: page.total })
}
