//! What the threads of the HTTP service share, and what each of them is given.

use std::{sync::Arc, time::Duration};

use actix_web::web::{Data, ServiceConfig, get};
use ouvira_audit::Live;
use ouvira_auth::http::CookieOrigins;
use ouvira_common::http::{Gatekeeper, GatekeeperDeps, Observer, OperatorDesk};

use super::{readiness::Readiness, timezone::TimeZone};
use crate::{
    config::Config,
    delivery::Inbox,
    guard::Guard,
    limits::Limits,
    node::{Node, Services, history},
    pages::{self, OpenApiDocument},
    platform::Platform,
    telemetry::{Exporter, Kind, Page, Requests, Routes},
};

/// Shared by all threads. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Shell {
    node: Arc<Node>,
    guard: Guard,
    patience: Duration,
    limits: Option<Limits>,
    requests: Arc<Requests>,
    gatekeeper: Data<Gatekeeper>,
    readiness: Data<Readiness>,
    time_zone: Data<TimeZone>,
    document: Arc<OpenApiDocument>,
    live: Live,
    cookie_origins: Data<CookieOrigins>,
    inbox: Option<Inbox>,
    telling: bool,
}

impl Shell {
    /// The shell over `node`; `inbox` is there in local mode only. Traces go to `exporter`.
    pub(crate) async fn new(
        config: &Config,
        platform: &Platform,
        node: Arc<Node>,
        live: Live,
        inbox: Option<Inbox>,
        exporter: Option<Exporter>,
    ) -> Self {
        let gatekeeper = Gatekeeper::new(GatekeeperDeps {
            tokens: node.tokens.clone(),
            tenants: Arc::new(node.directory.clone()),
            clock: Arc::clone(&node.clock),
            base_domain: Some(config.http.base_domain.clone()),
            own_hosts: vec![config.http.public_url.host().to_owned()],
            default_tenant: config.http.default_tenant.clone(),
            trusted_proxies: config.http.trusted_proxies.clone(),
        });
        let limits = Limits::start(&config.limits, &platform.secret, &node.clock, &node.tokens).await;
        let mut readiness = Readiness::of_database(&Platform::need(platform.app.as_ref()))
            .and_keys(node.keys.clone())
            .and_background(&Platform::need(platform.control.as_ref()), history());
        if config.limits.redis.is_some()
            && let Some(limits) = limits.clone()
        {
            readiness = readiness.and_cache(move || limits.healthy());
        }
        let document = super::document().await;
        Self {
            node,
            guard: Guard::new(config),
            patience: config.http.request_timeout,
            limits,
            requests: Arc::new(Requests::new(Routes::of(&document), exporter)),
            gatekeeper: Data::new(gatekeeper),
            readiness: Data::new(readiness),
            time_zone: Data::new(TimeZone(config.time_zone)),
            document: Arc::new(OpenApiDocument::new(&document)),
            live,
            cookie_origins: Data::new(CookieOrigins(config.http.csrf_origins.clone())),
            inbox,
            telling: config.debug,
        }
    }

    /// Puts into the application what its handlers ask for, with `connections` to the common database.
    pub(super) fn provide(&self, config: &mut ServiceConfig, connections: usize) {
        let Services {
            answers,
            users,
            auth,
            operators,
            access,
            companies,
            audit,
            tenants,
            tenancy,
            me,
            people,
            webhooks,
            ..
        } = self.node.services(connections);
        let desk = OperatorDesk { verifier: operators.clone(), clock: Arc::clone(&self.node.clock) };
        config
            .app_data(Data::new(desk))
            .app_data(Data::from(operators))
            .app_data(self.gatekeeper.clone())
            .app_data(Data::new(answers))
            .app_data(self.readiness.clone())
            .app_data(self.time_zone.clone())
            .app_data(Data::new(users))
            .app_data(Data::from(auth))
            .app_data(Data::new(access))
            .app_data(Data::new(companies))
            .app_data(Data::new(audit))
            .app_data(Data::new(webhooks))
            .app_data(Data::new(tenants))
            .app_data(Data::new(tenancy))
            .app_data(Data::new(me))
            .app_data(Data::new(people))
            .app_data(Data::new(self.live.clone()))
            .app_data(self.cookie_origins.clone());
        if let Some(inbox) = &self.inbox {
            config.app_data(Data::new(inbox.clone()));
        }
    }

    /// What is let in and how it is answered.
    pub(super) fn guard(&self) -> &Guard {
        &self.guard
    }

    /// How long a request may take.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// How much may be done, where that is limited.
    pub(super) fn limits(&self) -> Option<&Limits> {
        self.limits.as_ref()
    }

    /// Who is told of requests.
    pub(super) fn observer(&self) -> Arc<dyn Observer> {
        Arc::clone(&self.requests) as _
    }

    /// The metrics of this node.
    pub(crate) fn metrics(&self) -> Page {
        let (requests, node, limits) =
            (Arc::clone(&self.requests), Arc::clone(&self.node), self.limits.clone());
        Page::default()
            .with(move |text| requests.write(text))
            .with(move |text| node.write_metrics(text))
            .with(move |text| {
                let Some(limits) = &limits else { return };
                let help = "Whether nodes count rate limits together, where they are to.";
                text.single("ouvira_rate_limits_healthy", Kind::Gauge, help, u8::from(limits.healthy()));
            })
    }

    /// Whether answers tell of our own errors.
    pub(super) fn is_telling(&self) -> bool {
        self.telling
    }

    /// Whether the inbox is there to be read.
    pub(super) fn is_local(&self) -> bool {
        self.inbox.is_some()
    }

    /// What is no part of the API: its documentation, and what others look for at the root.
    pub(super) fn undocumented(&self, config: &mut ServiceConfig) {
        config.route("/health", get().to(super::health::live));
        config.route("/.well-known/jwks.json", get().to(ouvira_auth::http::well_known_jwks));
        pages::routes(config, Arc::clone(&self.document));
    }
}
