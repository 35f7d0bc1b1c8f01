//! `?limit=`, `?cursor=`, `?count=`, and the page that is answered.

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Query};
use apistos::{
    paths::ParameterIn,
};
use futures_util::{FutureExt as _, future::LocalBoxFuture};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Json, Problem, openapi::{parameter, parameters_only}};
use crate::{
    page::{Limit, Page, PageRequest},
    problem::Code,
};

/// Which page of a list was asked for; also makes the answer.
#[derive(Debug, Clone)]
pub struct Paging {
    request: PageRequest,
}

impl Paging {
    /// What the use case is asked.
    pub fn request(&self) -> PageRequest {
        self.request.clone()
    }

    /// The page as it is answered.
    pub fn answer<T>(&self, page: Page<T>) -> Json<PageView<T>> {
        let next_cursor = page.next.map(|next| next.to_string());
        Json(PageView { items: page.items, next_cursor, total: page.total })
    }
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PageView<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to ask the next page with; null on the last one.
    pub next_cursor: Option<String>,
    /// How many there are in all; only with `count=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
}

#[derive(Deserialize)]
struct Asked {
    limit: Option<u32>,
    cursor: Option<String>,
    count: Option<bool>,
}

impl FromRequest for Paging {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asked = Query::<Asked>::from_query(request.query_string());
        async move {
            let invalid = || Problem::new(Code::InvalidParameter);
            let asked = asked.map_err(|_| invalid())?.into_inner();
            let limit = asked.limit.map(|limit| Limit::new(limit).ok_or_else(invalid)).transpose()?.unwrap_or_default();
            let after = asked.cursor.map(|cursor| serde_json::from_str(&cursor)).transpose().map_err(|_| invalid())?;
            Ok(Self { request: PageRequest { limit, after, count: asked.count.unwrap_or(false) } })
        }
        .boxed_local()
    }
}

parameters_only!([] Paging, vec![
    parameter::<Option<u8>>(ParameterIn::Query, "limit", false, "Items on a page: 1 to 100, 20 unless given"),
    parameter::<Option<String>>(ParameterIn::Query, "cursor", false, "`next_cursor` of the page before"),
    parameter::<Option<bool>>(ParameterIn::Query, "count", false, "Whether to count them all"),
]);
