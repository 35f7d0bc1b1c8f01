//! P5: a refresh token for the next pair.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;

use super::{Comparison, Measurement, Side};
use crate::{
    bare,
    error::BenchError,
    load::{Request, Traffic},
    process::Server,
    report::Finding,
    stage::Stage,
};

pub(super) struct Refresh;

#[derive(Deserialize)]
struct Pair {
    refresh_token: String,
}

#[async_trait(?Send)]
impl Measurement for Refresh {
    fn id(&self) -> &'static str {
        "P5"
    }

    fn title(&self) -> &'static str {
        "POST /auth/token/refresh"
    }

    async fn take(&self, stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError> {
        let connections = stage.settings.connections;
        let crowd = stage.crowd("refresh", connections).await?;
        let bare_tokens = stage.bare_people.iter().map(|session| format!("{session}.1")).collect();
        let bare = rotating(&stage.bare, bare_tokens, |token| {
            Request::post(bare::REFRESH, &json!({ "refresh_token": token }))
        });
        let tokens = crowd.people.iter().map(|person| person.refresh_token.clone()).collect();
        let tenant = crowd.tenant;
        let service = rotating(&stage.service, tokens, move |token| {
            Request::post("/api/v1/auth/token/refresh", &json!({ "refresh_token": token })).tenant(&tenant)
        });
        let comparison = Comparison::take(
            stage,
            &Side { server: &stage.bare, traffic: bare },
            &Side { server: &stage.service, traffic: service },
        )
        .await?;
        found.push(Finding::ratio(self.title(), comparison, 0.6));
        Ok(())
    }
}

/// Each connection has a session of its own, and shows the token that it was given last.
fn rotating(
    server: &Server,
    tokens: Vec<String>,
    request: impl Fn(&str) -> Request + Send + Sync + 'static,
) -> Traffic {
    let host = server.address().to_string();
    let tokens: Arc<[Mutex<String>]> = tokens.into_iter().map(Mutex::new).collect();
    let heard = Arc::clone(&tokens);
    let lock = |token: &Mutex<String>| token.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Traffic::new(server.address(), 200, move |turn, buffer| {
        request(&lock(&tokens[turn.connection])).write(&host, buffer);
    })
    .hearing(move |turn, body| {
        // An answer without a token shows at the next request, which fails.
        if let Ok(Pair { refresh_token }) = serde_json::from_slice(body) {
            *heard[turn.connection].lock().unwrap_or_else(PoisonError::into_inner) = refresh_token;
        }
    })
}
