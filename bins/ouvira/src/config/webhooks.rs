//! Where webhooks may go.

use ipnet::IpNet;

use super::{http::network, source::Source};

/// Webhooks.
#[derive(Debug)]
pub(crate) struct WebhookConfig {
    /// `WEBHOOK_ALLOW_NETWORKS`: networks that may be called beside the public ones.
    pub(crate) allowed: Vec<IpNet>,
}

impl WebhookConfig {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        Self { allowed: source.list("WEBHOOK_ALLOW_NETWORKS", network).unwrap_or_default() }
    }
}
