//! Ids in paths.

use std::{ops::Deref, str::FromStr};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use apistos::paths::ParameterIn;
use futures_util::future::{LocalBoxFuture, ready};
use schemars::JsonSchema as _;
use uuid::Uuid;

use super::{
    Problem,
    admission::once_admitted,
    openapi::{parameter, parameters_only},
};
use crate::problem::Code;

/// The id in the path; where there are several, the one at place `N`. What is no UUID names nothing: 404.
#[derive(Debug, Clone, Copy)]
pub struct PathId<Id, const N: usize = 0>(pub Id);

impl<Id, const N: usize> Deref for PathId<Id, N> {
    type Target = Id;

    fn deref(&self) -> &Id {
        &self.0
    }
}

impl<Id: FromStr + 'static, const N: usize> FromRequest for PathId<Id, N> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let segment = request.match_info().iter().nth(N).map(|(_, value)| value);
        // 36 characters: the hyphenated form only, so that a resource has one path.
        let id = segment.filter(|text| text.len() == 36).and_then(|text| text.parse().ok());
        let id = id.map(Self).ok_or_else(|| Problem::new(Code::NotFound));
        once_admitted(request, ready(id))
    }
}

parameters_only!([Id, const N: usize] PathId<Id, N>, vec![
    // The name is left empty: apistos takes it from the path.
    parameter(ParameterIn::Path, "", "Id", Uuid::json_schema),
]);
