//! What a caller is told of their limits (draft-ietf-httpapi-ratelimit-headers-10).

use std::fmt::Write as _;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::policy::Standing;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// Puts into `headers` which policies hold (§3: quota and window in seconds) and where the caller stands (§4: what
/// remains, and the seconds until all of it is there again).
pub(super) fn tell(standings: &[Standing], headers: &mut HeaderMap) {
    let (mut policies, mut left) = (String::new(), String::new());
    for standing in standings {
        let policy = standing.policy;
        let comma = if policies.is_empty() { "" } else { ", " };
        let written =
            write!(policies, "{comma}\"{}\";q={};w={}", policy.name, policy.quota, policy.window.as_secs());
        let written = written.and(write!(
            left,
            "{comma}\"{}\";r={};t={}",
            policy.name,
            standing.remaining(),
            standing.reset()
        ));
        written.expect("a text takes what is written to it");
    }
    for (name, value) in [(POLICY, policies), (LEFT, left)] {
        headers.insert(name, HeaderValue::try_from(value).expect("names and numbers are visible characters"));
    }
}
