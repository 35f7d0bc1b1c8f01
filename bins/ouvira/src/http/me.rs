//! Who one is, put together from what three domains know.

use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::http::{Json, Problem, SignedIn};
use schemars::JsonSchema;
use serde::Serialize;
