//! `?limit=`, `?cursor=`, `?count=`, and the page that is answered.

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use apistos::{Schema, paths::ParameterIn};
use futures_util::future::LocalBoxFuture;
use schemars::{JsonSchema, r#gen::SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::{
    Json, Problem,
    admission::once_admitted,
    cursor::Cursors,
    detail::Detail,
    gatekeeper::Gatekeeper,
    openapi::{parameter, parameters_only},
    query::{invalid, pairs, refuse_unclaimed, take},
};
use crate::page::{Limit, Page, PageRequest};

/// Which page of a list was asked for; also makes the answer.
///
/// A limit outside of 1–100, or a cursor that was not given out for this list, these filters and this tenant, is 400
/// `invalid_parameter`.
#[derive(Debug, Clone)]
pub struct Paging {
    request: PageRequest,
    cursors: Cursors,
}

impl Paging {
    /// What the use case is asked.
    pub fn request(&self) -> PageRequest {
        self.request.clone()
    }

    /// The page as it is answered.
    pub fn answer<T>(&self, page: Page<T>) -> Json<PageView<T>> {
        let next_cursor = page.next.map(|next| self.cursors.seal(&next));
        Json(PageView { items: page.items, next_cursor, total: page.total })
    }
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
        let parameters = take(request);
        let asked = request.clone();
        once_admitted(request, async move {
            refuse_unclaimed(&asked)?;
            let Asked { limit, cursor, count } = parameters?;
            let bad = |name: &str| invalid(Detail::BadParameter(name.to_owned()));
            let limit = limit
                .map(|limit| Limit::new(limit).ok_or_else(|| bad("limit")))
                .transpose()?
                .unwrap_or_default();
            let tenant = Gatekeeper::visit(&asked)?.tenant.await?;
            let filters = pairs(&asked)
                .into_iter()
                .filter(|(name, _)| !matches!(&**name, "limit" | "cursor" | "count"));
            let cursors = Cursors::new(&tenant, asked.path(), filters.collect());
            let after =
                cursor.map(|cursor| cursors.open(&cursor).ok_or_else(|| bad("cursor"))).transpose()?;
            Ok(Self { request: PageRequest { limit, after, count: count.unwrap_or(false) }, cursors })
        })
    }
}

parameters_only!([] Paging, vec![
    parameter(ParameterIn::Query, "limit", "Items on a page: 1 to 100, 20 unless given", u8::json_schema),
    parameter(ParameterIn::Query, "cursor", "`next_cursor` of the page before", String::json_schema),
    parameter(ParameterIn::Query, "count", "Whether to answer how many there are in all", bool::json_schema),
]);

/// One page of a list.
#[derive(Debug, Clone, Serialize)]
pub struct PageView<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to ask the next page with; null on the last one.
    pub next_cursor: Option<String>,
    /// How many there are in all; only with `count=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
}

/// `CompanyView` makes `CompanyPage`; schemars alone would call it `PageView_for_CompanyView`.
impl<T: JsonSchema> JsonSchema for PageView<T> {
    fn schema_name() -> String {
        let item = T::schema_name();
        format!("{}Page", item.strip_suffix("View").unwrap_or(&item))
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        /// One page of a list.
        #[derive(JsonSchema)]
        #[expect(dead_code, reason = "only its schema is used")]
        struct Shape<T> {
            /// The items.
            items: Vec<T>,
            /// What to ask the next page with; null on the last one.
            next_cursor: Option<String>,
            /// How many there are in all; only with `count=true`.
            #[serde(default)]
            #[schemars(schema_with = "i64::json_schema")]
            total: Option<i64>,
        }
        Shape::<T>::json_schema(generator)
    }
}
