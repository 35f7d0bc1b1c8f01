//! The handlers of the test service, written as a domain writes its own.

use actix_web::{Error, HttpResponse, http::StatusCode, web::Path};
use apistos::{
    ApiComponent, api_operation,
    web::{ServiceConfig, delete, get, patch, post, put, resource},
};
use ouvira_common::{
    context::{Pass, RequestContext},
    http::{
        Accepted, Anonymous, Body, Caller, Created, Enrolling, IfMatch, Json, MergePatch, NoContent,
        PageView, Paging, Parameters, Patch, PathId, Problem, SignedIn, WireBody,
    },
    id::{CompanyId, UserId},
    locale::Locale,
    page::Page,
    problem::Code,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a use case would be given.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(crate) struct ContextView {
    tenant: Uuid,
    principal: Uuid,
    kind: String,
    pass: String,
    pass_id: Uuid,
    enrolment: bool,
    amr: Vec<String>,
    at: Option<String>,
    locale: Locale,
    now: String,
    request_id: String,
    ip: Option<String>,
    user_agent: Option<String>,
}

impl From<&RequestContext> for ContextView {
    fn from(context: &RequestContext) -> Self {
        Self {
            tenant: context.tenant_id().0,
            principal: context.principal().id,
            kind: context.principal().kind.as_str().to_owned(),
            pass: context.pass().as_str().to_owned(),
            pass_id: context.pass().id(),
            enrolment: matches!(context.pass(), Pass::Session { enrolment: true, .. }),
            amr: context.authentication().amr.clone(),
            at: context.authentication().at.map(|at| at.to_rfc3339()),
            locale: context.locale(),
            now: context.now().to_rfc3339(),
            request_id: context.origin().request_id.clone(),
            ip: context.origin().ip.map(|ip| ip.to_string()),
            user_agent: context.origin().user_agent.clone(),
        }
    }
}

#[api_operation(operation_id = "signed_in", summary = "Signed in", tag = "callers")]
async fn signed_in(caller: SignedIn) -> Result<Json<ContextView>, Problem> {
    Ok(Json(ContextView::from(&*caller)))
}

#[api_operation(operation_id = "oneself", summary = "About oneself", tag = "callers")]
async fn oneself(caller: SignedIn) -> Result<Json<UserId>, Problem> {
    Ok(Json(caller.user()?))
}

#[api_operation(operation_id = "anonymous", summary = "Anonymous", tag = "callers")]
async fn anonymous(caller: Anonymous) -> Result<Json<ContextView>, Problem> {
    Ok(Json(ContextView::from(&*caller)))
}

#[api_operation(operation_id = "enrolling", summary = "Enrolling", tag = "callers")]
async fn enrolling(caller: Enrolling) -> Result<Json<ContextView>, Problem> {
    Ok(Json(ContextView::from(&*caller)))
}

#[api_operation(operation_id = "either", summary = "Either", tag = "callers")]
async fn either(caller: Caller) -> Result<Json<ContextView>, Problem> {
    Ok(Json(ContextView::from(&*caller)))
}

/// Something that can be made.
#[derive(Debug, Deserialize, Serialize, JsonSchema, ApiComponent)]
pub(crate) struct CreateThing {
    /// Its name.
    name: String,
    size: Option<u8>,
    #[serde(default)]
    kind: Kind,
    parts: Option<Vec<Part>>,
    owner: Option<Uuid>,
    weight: Option<f64>,
}

#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Plain,
    Fancy,
    Coloured {
        red: u8,
    },
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Part {
    #[serde(rename = "a/b")]
    label: String,
}

impl WireBody for CreateThing {
    const READ_ONLY: &'static [&'static str] = &["id", "version"];
}

#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(crate) struct ThingView {
    id: CompanyId,
    name: String,
    size: Option<u8>,
    version: i64,
}

const THING: CompanyId = CompanyId(Uuid::from_u128(0x7));

#[api_operation(operation_id = "create_thing", summary = "Create a thing", tag = "things")]
async fn create(_: SignedIn, body: Body<CreateThing>) -> Result<Created<ThingView>, Problem> {
    let Body(CreateThing { name, size, .. }) = body;
    let view = ThingView { id: THING, name, size, version: 1 };
    Ok(Created::at(format!("/api/v1/things/{THING}"), view).version(1))
}

#[api_operation(operation_id = "replace_thing", summary = "Replace a thing", tag = "things")]
async fn replace(
    _: SignedIn,
    id: PathId<CompanyId>,
    if_match: IfMatch,
    body: Body<CreateThing>,
) -> Result<Json<ThingView>, Problem> {
    let version = if_match.0.unwrap_or(1) + 1;
    Ok(Json(ThingView { id: *id, name: body.name.clone(), size: body.size, version }).version(version))
}

#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(crate) struct PatchThing {
    #[serde(default)]
    name: Patch<String>,
    #[serde(default)]
    size: Patch<u8>,
}

impl WireBody for PatchThing {
    const READ_ONLY: &'static [&'static str] = &["id"];
}

/// Answers what the patch did to a thing named "old" of size 5.
#[api_operation(operation_id = "patch_thing", summary = "Change a thing", tag = "things")]
async fn change(
    _: SignedIn,
    id: PathId<CompanyId>,
    body: MergePatch<PatchThing>,
) -> Result<Json<ThingView>, Problem> {
    let PatchThing { name, size } = body.into_inner();
    let (mut new_name, mut new_size) = ("old".to_owned(), Some(5));
    name.apply_or_default(&mut new_name);
    size.apply(&mut new_size);
    Ok(Json(ThingView { id: *id, name: new_name, size: new_size, version: 2 }))
}

#[api_operation(operation_id = "delete_thing", summary = "Delete a thing", tag = "things")]
async fn remove(_: SignedIn, _id: PathId<CompanyId>) -> Result<NoContent, Problem> {
    Ok(NoContent)
}

#[api_operation(operation_id = "archive_thing", summary = "Archive a thing", tag = "things")]
async fn archive(
    _: SignedIn,
    id: PathId<CompanyId>,
    part: PathId<Uuid, 1>,
) -> Result<Accepted<Vec<Uuid>>, Problem> {
    Ok(Accepted(vec![id.0.0, *part]))
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub(crate) struct Filters {
    /// Part of the name.
    search: Option<String>,
    small: Option<bool>,
    sort: Option<Sort>,
    owner: Option<Uuid>,
    least: Option<i32>,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Sort {
    Name,
    #[serde(rename = "-name")]
    NameDown,
}

/// Numbers up to 45, from where the cursor says.
#[api_operation(operation_id = "list_numbers", summary = "List numbers", tag = "lists")]
async fn numbers(
    _: SignedIn,
    paging: Paging,
    _filters: Parameters<Filters>,
) -> Result<Json<PageView<i64>>, Problem> {
    let asked = paging.request();
    let after = asked.position::<i64>()?.unwrap_or(0);
    let rows = (after + 1..=45).take(usize::try_from(asked.limit.probe()).unwrap()).collect();
    let mut page = Page::from_rows(rows, asked.limit, |number| *number);
    page.total = asked.count.then_some(45);
    Ok(paging.answer(page))
}

#[api_operation(operation_id = "list_things", summary = "List things", tag = "lists")]
async fn things(paging: Paging, _: Anonymous) -> Result<Json<PageView<ThingView>>, Problem> {
    Ok(paging.answer(Page { items: Vec::new(), next: None, total: None }))
}

#[api_operation(operation_id = "search_things", summary = "Search", tag = "lists")]
async fn search(_: Anonymous, filters: Parameters<Filters>) -> Result<Json<Filters>, Problem> {
    Ok(Json(filters.into_inner()))
}

#[api_operation(skip)]
async fn panics() -> Result<NoContent, Problem> {
    panic!("a secret of the database")
}

#[api_operation(skip)]
async fn breaks() -> Result<NoContent, Problem> {
    Err(Problem::internal("a secret of the database"))
}

#[api_operation(skip)]
async fn busy() -> Result<NoContent, Problem> {
    Err(Problem::new(Code::RateLimited).retry_after(30))
}

#[api_operation(skip)]
async fn teapot() -> Result<NoContent, Error> {
    Err(actix_web::error::ErrorImATeapot("short and stout"))
}

/// An answer that knows nothing of problems.
#[api_operation(skip)]
async fn foreign(status: Path<u16>) -> HttpResponse {
    HttpResponse::build(StatusCode::from_u16(*status).unwrap()).body("no")
}

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/signed-in").route(get().to(signed_in)))
        .service(resource("/oneself").route(get().to(oneself)))
        .service(resource("/anonymous").route(get().to(anonymous)))
        .service(resource("/enrolling").route(get().to(enrolling)))
        .service(resource("/either").route(get().to(either)))
        .service(resource("/things").route(get().to(things)).route(post().to(create)))
        .service(resource("/things/search").route(get().to(search)))
        .service(
            resource("/things/{id}")
                .route(put().to(replace))
                .route(patch().to(change))
                .route(delete().to(remove)),
        )
        .service(resource("/things/{id}/parts/{part_id}/archive").route(post().to(archive)))
        .service(resource("/numbers").route(get().to(numbers)))
        .service(resource("/panics").route(get().to(panics)))
        .service(resource("/breaks").route(get().to(breaks)))
        .service(resource("/busy").route(get().to(busy)))
        .service(resource("/foreign/{status}").route(get().to(foreign)))
        .service(resource("/teapot").route(get().to(teapot)));
}
