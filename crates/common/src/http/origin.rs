//! Where a request came from.

use std::net::{IpAddr, SocketAddr};

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap, HeaderName},
};
use ipnet::IpNet;

use super::request_id::RequestId;
use crate::context::Origin;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Longest `User-Agent` that is kept, in characters.
const USER_AGENT_LENGTH: usize = 400;

/// Request id, client address and agent of `request`.
pub(super) fn origin(request: &HttpRequest, trusted: &[IpNet]) -> Origin {
    let user_agent = request.headers().get(header::USER_AGENT);
    let user_agent = user_agent
        .map(|agent| String::from_utf8_lossy(agent.as_bytes()).chars().take(USER_AGENT_LENGTH).collect());
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    Origin {
        request_id: RequestId::of(request).to_string(),
        ip: peer.map(|peer| client(peer, request.headers(), trusted)),
        user_agent,
    }
}

/// The peer; where that is a trusted proxy, the right-most address of `X-Forwarded-For` that is none. Whatever stands
/// left of it was written by somebody we do not know.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let trusts = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer;
    let lines: Vec<_> = headers.get_all(&X_FORWARDED_FOR).collect();
    for hop in lines.into_iter().rev().flat_map(|line| line.to_str().unwrap_or("?").rsplit(',')) {
        if !trusts(&client) {
            break;
        }
        match address(hop.trim()) {
            Some(address) => client = address,
            None => break,
        }
    }
    client
}

/// An address, perhaps with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}
