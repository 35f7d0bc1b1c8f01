//! What the threads of the HTTP service share, and what each of them is given.

use std::sync::Arc;

use actix_web::{dev::AppEntry, web, web::Data};
use apistos::app::App;
use ouvira_common::http::{Gatekeeper, GatekeeperDeps};

use super::{health::Readiness, timezone::TimeZone};
use crate::{
    config::Config,
    delivery::{self, Inbox},
    node::{Node, Services},
    pages::{self, OpenApiDocument},
    platform::Platform,
};

/// Shared by all threads. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Shell {
    node: Arc<Node>,
    gatekeeper: Data<Gatekeeper>,
    readiness: Data<Readiness>,
    time_zone: Data<TimeZone>,
    document: Arc<OpenApiDocument>,
    inbox: Option<Inbox>,
}

impl Shell {
    /// The shell over `node`; `inbox` is there in local mode only.
    pub(crate) async fn new(config: &Config, platform: &Platform, node: Arc<Node>, inbox: Option<Inbox>) -> Self {
        let gatekeeper = Gatekeeper::new(GatekeeperDeps {
            tokens: node.tokens.clone(),
            tenants: Arc::new(node.directory.clone()),
            clock: Arc::clone(&node.clock),
            base_domain: Some(config.http.base_domain.clone()),
            own_hosts: config.http.public_url.host().map(str::to_owned).into_iter().collect(),
            default_tenant: config.http.default_tenant.clone(),
            trusted_proxies: config.http.trusted_proxies.clone(),
        });
        Self {
            node,
            gatekeeper: Data::new(gatekeeper),
            readiness: Data::new(Readiness::of_database(&Platform::need(platform.app.as_ref()))),
            time_zone: Data::new(TimeZone(config.time_zone)),
            document: Arc::new(OpenApiDocument::new(&super::document().await)),
            inbox,
        }
    }

    /// Puts into `app` what its handlers ask for.
    pub(super) fn provide(&self, app: App<AppEntry>, connections: usize) -> App<AppEntry> {
        let Services { users, auth, access, companies, audit, tenants } = self.node.services(connections);
        app.app_data(self.gatekeeper.clone())
            .app_data(self.readiness.clone())
            .app_data(self.time_zone.clone())
            .app_data(Data::new(users))
            .app_data(Data::new(auth))
            .app_data(Data::new(access))
            .app_data(Data::new(companies))
            .app_data(Data::new(audit))
            .app_data(Data::new(tenants))
    }

    /// Routes that are no part of the API: its documentation, and in local mode the inbox.
    pub(super) fn undocumented(&self, config: &mut web::ServiceConfig) {
        pages::routes(config, Arc::clone(&self.document));
        if let Some(inbox) = &self.inbox {
            delivery::inbox_routes(config, inbox.clone());
        }
    }
}
