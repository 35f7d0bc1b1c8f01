//! Where a request came from.

use actix_web::{HttpRequest, http::header};
use ipnet::IpNet;

use super::request_id::request_id;
use crate::context::Origin;

const USER_AGENT_LENGTH: usize = 400;

/// Request id, client address and agent of `request`.
pub(super) fn origin(request: &HttpRequest, _trusted: &[IpNet]) -> Origin {
    let user_agent = request.headers().get(header::USER_AGENT).map(|agent| {
        String::from_utf8_lossy(agent.as_bytes()).chars().take(USER_AGENT_LENGTH).collect()
    });
    Origin { request_id: request_id(request), ip: request.peer_addr().map(|peer| peer.ip().to_canonical()), user_agent }
}
