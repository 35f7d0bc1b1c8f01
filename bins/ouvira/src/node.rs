//! One process's way to everything: what its threads share, and the use cases put together for each of them.

use std::sync::{Arc, LazyLock};

use ouvira_access_control::{AccessControl, AccessControlDeps, Catalogue, GrantDeps, Grants, Rights};
use ouvira_audit::{
    Audit, AuditDeps, DeliverNotices, Recorder,
    installation::{CheckpointStore, InstallationLog},
    seal::{Sealing, SealingDeps, SealingProgress},
};
use ouvira_auth::{
    AccessTokens, Auth, AuthConfig, AuthDeps, HashCost, OperatorAuth, OperatorAuthConfig, OperatorAuthDeps,
    PasswordHasher, Passwords, SignIns,
};
use ouvira_common::{
    db::{Db, Endpoint, Pools},
    entropy::{Entropy, OsEntropy},
    http::AnswerKeeper,
    migration::Migration,
    outbox::OutboxHandler,
    ports::{AuditSink, CaptchaVerifier, UserDirectory},
    sealing::WrappingKeys,
    time::{Clock, SystemClock},
};
use ouvira_company::{Companies, CompanyDeps};
use ouvira_identity::{UserDeps, Users};
use ouvira_tenancy::{
    CacheLimits, Catalog, Directory, History, KeyRing, OperatorStore, Operators, Placements, Tenancy,
    TenancyDeps, TenantDeps, Tenants,
};

use ouvira_webhooks::{Events, FanOut, Networks, SendDeliveries, Sender, WebhookDeps, Webhooks};

use crate::{
    config::{Config, Mode, log_origin},
    hints::HintSender,
    me::Me,
    people::People,
    platform::Platform,
    telemetry::{Kind, Text},
};

/// The migrations of the composition: foreign keys across domains.
const COMPOSITION: &[Migration] = &[
    ouvira_common::migration!("composition", "20261120000900_composition"),
    ouvira_common::migration!("composition", "20261120001311_second_factor"),
];

/// What a placement of this product is made of.
pub(crate) fn history() -> History {
    let domains = [
        ouvira_identity::MIGRATIONS,
        ouvira_auth::MIGRATIONS,
        ouvira_access_control::MIGRATIONS,
        ouvira_company::MIGRATIONS,
        ouvira_audit::MIGRATIONS,
        ouvira_webhooks::MIGRATIONS,
        COMPOSITION,
    ];
    History::new(domains.into_iter().flatten().copied())
        .with_common("ouvira_seal", ouvira_audit::INSTALLATION_MIGRATIONS)
}

/// Every permission that a domain declares.
pub(crate) fn catalogue() -> Catalogue {
    Catalogue::new(&[
        ouvira_identity::permission::PERMISSIONS,
        ouvira_access_control::permission::PERMISSIONS,
        ouvira_company::permission::PERMISSIONS,
        ouvira_audit::permission::PERMISSIONS,
        ouvira_tenancy::permission::PERMISSIONS,
        ouvira_webhooks::permission::PERMISSIONS,
    ])
}

/// Every event that webhooks may hear of.
pub(crate) static EVENTS: LazyLock<Events> = LazyLock::new(|| {
    Events::new(&[
        ouvira_identity::event::EVENTS,
        ouvira_auth::event::EVENTS,
        ouvira_company::event::EVENTS,
        ouvira_access_control::event::EVENTS,
    ])
});

/// What the threads of a process share.
pub(crate) struct Node {
    pools: Pools,
    owner: Option<Endpoint>,
    wrapping: Arc<WrappingKeys>,
    captcha: Arc<dyn CaptchaVerifier>,
    hints: HintSender,
    hasher: PasswordHasher,
    auth_config: AuthConfig,
    operator_config: OperatorAuthConfig,
    operator_store: Arc<OperatorStore>,
    rights: Rights,
    recorder: Recorder,
    entropy: Arc<dyn Entropy>,
    sender: Sender,
    /// Tells the time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Finds tenants.
    pub(crate) directory: Directory,
    /// The control plane's tables.
    pub(crate) catalog: Catalog,
    /// The keys that sign access tokens.
    pub(crate) keys: KeyRing,
    /// Checks access tokens.
    pub(crate) tokens: Arc<AccessTokens>,
    /// How far the logs are sealed: what the delay of sealing is measured by.
    pub(crate) sealing: SealingProgress,
}

/// The use cases, on connections of one thread.
pub(crate) struct Services {
    pub(crate) db: Db,
    pub(crate) answers: AnswerKeeper,
    pub(crate) users: Users,
    pub(crate) auth: Arc<Auth>,
    pub(crate) operators: Arc<OperatorAuth>,
    pub(crate) access: AccessControl,
    pub(crate) companies: Companies,
    pub(crate) audit: Audit,
    pub(crate) tenants: Tenants,
    pub(crate) tenancy: Tenancy,
    pub(crate) me: Me,
    pub(crate) webhooks: Webhooks,
    pub(crate) people: People,
    deliver_notices: Arc<DeliverNotices>,
}

impl Services {
    /// Who does what the outbox asks for, besides sending messages.
    pub(crate) fn handlers(&self) -> Vec<Arc<dyn OutboxHandler>> {
        vec![
            Arc::clone(&self.deliver_notices) as _,
            Arc::clone(&self.auth) as _,
            Arc::new(FanOut(self.webhooks.clone())),
            Arc::new(SendDeliveries(self.webhooks.clone())),
        ]
    }
}

impl Node {
    /// A node on `platform`; nothing is connected to yet. Within a runtime.
    pub(crate) fn new(config: &Config, platform: &Platform, captcha: Arc<dyn CaptchaVerifier>) -> Self {
        let app = Platform::need(platform.app.as_ref());
        let catalog = Catalog::new(&Platform::need(platform.control.as_ref()));
        let wrapping = Arc::new(platform.wrapping.clone());
        let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let keys =
            KeyRing::new(catalog.clone(), Arc::clone(&wrapping), Arc::clone(&entropy), Arc::clone(&clock));
        let issuer = config.http.public_url.as_str();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            pools: Pools::new(&app, config.database.connections),
            owner: platform.owner.clone(),
            captcha,
            hints: HintSender::start(app.clone()),
            hasher: PasswordHasher::start(cores, HashCost::default()),
            auth_config: AuthConfig {
                app_url: config.http.app_url.as_str().to_owned(),
                rate_limits: config.limits.enabled,
            },
            operator_config: OperatorAuthConfig {
                require_second_factor: config.mode == Mode::Production,
                rate_limits: config.limits.enabled,
            },
            operator_store: Arc::new(OperatorStore::new(
                catalog.clone(),
                Arc::clone(&wrapping),
                Arc::clone(&entropy),
            )),
            rights: Rights::new(catalogue()),
            recorder: Recorder::new(Arc::clone(&entropy)),
            entropy,
            clock,
            sender: Sender::new(
                Networks::new(config.webhooks.allowed.clone()),
                config.mode == Mode::Production,
            )
            .expect("a client with these settings can be made"),
            directory: Directory::new(&app, Arc::clone(&wrapping), CacheLimits::default()),
            tokens: Arc::new(AccessTokens::new(issuer, Arc::new(keys.clone()))),
            catalog,
            keys,
            wrapping,
            sealing: SealingProgress::default(),
        }
    }

    /// Sealing of the logs over `services`, on `platform`; checkpoints are kept at `outside` too.
    pub(crate) fn sealing(
        &self,
        config: &Config,
        platform: &Platform,
        services: &Services,
        outside: Arc<dyn CheckpointStore>,
    ) -> Sealing {
        Sealing::new(SealingDeps {
            db: services.db.clone(),
            tenants: Arc::new(self.directory.clone()),
            installation: InstallationLog::new(
                log_origin(&config.http.public_url),
                platform.wrapping.clone(),
                Arc::clone(&self.entropy),
            ),
            outside,
            clock: Arc::clone(&self.clock),
            owner: Platform::need(platform.owner.as_ref()),
            worker: Platform::need(platform.worker.as_ref()),
            progress: self.sealing.clone(),
        })
    }

    /// Writes what there is to say of connections and of what is kept in memory.
    pub(crate) fn write_metrics(&self, text: &mut Text) {
        let pools = [("common", self.pools.to_common()), ("own", self.pools.to_own())];
        let name = "ouvira_database_connections";
        text.metric(
            name,
            Kind::Gauge,
            "Connections of the serving role, to the common database and to tenants' own.",
        );
        for (pool, connections) in pools {
            text.value(name, &[("pool", pool), ("state", "idle")], connections.idle);
            text.value(name, &[("pool", pool), ("state", "in_use")], connections.open - connections.idle);
        }
        let name = "ouvira_database_connections_max";
        text.metric(name, Kind::Gauge, "The most connections there may be.");
        for (pool, connections) in pools {
            text.value(name, &[("pool", pool)], connections.most);
        }
        let name = "ouvira_database_waiting";
        text.metric(name, Kind::Gauge, "Transactions that wait for a connection.");
        for (pool, connections) in pools {
            text.value(name, &[("pool", pool)], connections.waiting);
        }
        let rights = self.rights.standing();
        text.single("ouvira_rights_snapshots", Kind::Gauge, "Snapshots of rights in memory.", rights.held);
        let name = "ouvira_rights_lookups_total";
        text.metric(
            name,
            Kind::Counter,
            "How often a snapshot was there, and how often it had to be loaded.",
        );
        text.value(name, &[("result", "found")], rights.found);
        text.value(name, &[("result", "loaded")], rights.loaded);
        if let Some(delay) = self.sealing.delay(self.clock.now()) {
            let seconds = delay.as_seconds_f64();
            text.single(
                "ouvira_audit_sealing_delay_seconds",
                Kind::Gauge,
                "How late the logs are sealed.",
                seconds,
            );
        }
    }

    /// The owner's hand, where the process has it.
    pub(crate) fn placements(&self) -> Option<Placements> {
        self.owner.as_ref().map(|owner| Placements::new(owner, history()))
    }

    /// Storage of operators.
    pub(crate) fn operators(&self) -> Operators {
        Operators::new(self.catalog.clone())
    }

    /// The logs, for what the shell itself has to say in them.
    pub(crate) fn audit(&self) -> Arc<dyn AuditSink> {
        Arc::new(self.recorder.clone())
    }

    /// Hashes passwords.
    pub(crate) fn passwords(&self) -> Passwords {
        Passwords::new(self.hasher.clone(), Arc::clone(&self.entropy))
    }

    /// The use cases on at most `connections` to the common server that are driven by this thread.
    pub(crate) fn services(&self, connections: usize) -> Services {
        let hints = self.hints.clone();
        let db = Db::new(self.pools.for_thread(connections), Arc::new(self.directory.clone()))
            .with_outbox_hint(move |placement| hints.outbox(placement));
        let audit = Arc::new(self.recorder.clone());
        let people: Arc<dyn UserDirectory> = Arc::new(ouvira_identity::Directory::new(audit.clone()));
        let rights = Arc::new(self.rights.clone());
        let grants = Grants::new(GrantDeps {
            rights: self.rights.clone(),
            users: Arc::clone(&people),
            audit: audit.clone(),
            notifier: audit.clone(),
        });
        let sessions = Arc::new(SignIns::new(
            Arc::clone(&self.tokens),
            Arc::clone(&people),
            audit.clone(),
            Arc::clone(&self.entropy),
        ));
        let passwords = Arc::new(self.passwords());
        let companies = Companies::new(CompanyDeps {
            db: db.clone(),
            rights: rights.clone(),
            tree: Arc::new(grants.clone()),
            audit: audit.clone(),
        });
        let users = Users::new(UserDeps {
            db: db.clone(),
            rights: rights.clone(),
            roles: Arc::new(grants.clone()),
            memberships: Arc::new(grants.clone()),
            sessions: sessions.clone(),
            audit: audit.clone(),
        });
        let tenants = Tenants::new(TenantDeps {
            catalog: self.catalog.clone(),
            placements: self.placements(),
            history: history(),
            db: db.clone(),
            keys: Arc::clone(&self.wrapping),
            entropy: Arc::clone(&self.entropy),
            users: Arc::clone(&people),
            credentials: passwords.clone(),
            grants: Arc::new(grants.clone()),
            audit: audit.clone(),
        });
        Services {
            answers: AnswerKeeper { db: db.clone(), entropy: Arc::clone(&self.entropy) },
            operators: Arc::new(self.operator_auth(&tenants)),
            db: db.clone(),
            deliver_notices: Arc::new(DeliverNotices {
                db: db.clone(),
                users: Arc::clone(&people),
                entropy: Arc::clone(&self.entropy),
                hints: Arc::new(self.hints.clone()),
            }),
            me: Me {
                db: db.clone(),
                people: Arc::clone(&people),
                memberships: Arc::new(grants.clone()),
                companies: companies.clone(),
            },
            tenancy: Tenancy::new(TenancyDeps {
                db: db.clone(),
                rights: rights.clone(),
                audit: audit.clone(),
                directory: self.directory.clone(),
            }),
            companies,
            people: People { db: db.clone(), users: users.clone(), memberships: Arc::new(grants.clone()) },
            users,
            auth: Arc::new(Auth::new(AuthDeps {
                db: db.clone(),
                users: Arc::clone(&people),
                audit: audit.clone(),
                notifier: audit.clone(),
                captcha: Arc::clone(&self.captcha),
                entropy: Arc::clone(&self.entropy),
                tokens: Arc::clone(&self.tokens),
                hasher: self.hasher.clone(),
                config: self.auth_config.clone(),
            })),
            access: AccessControl::new(AccessControlDeps {
                db: db.clone(),
                grants: grants.clone(),
                credentials: passwords.clone(),
                sessions,
                entropy: Arc::clone(&self.entropy),
            }),
            audit: Audit::new(AuditDeps {
                db: db.clone(),
                rights,
                users: Arc::clone(&people),
                recorder: self.recorder.clone(),
            }),
            webhooks: self.webhooks(&db, &grants),
            tenants,
        }
    }

    /// Operators who sign in, and come into tenants by `tenants`.
    fn operator_auth(&self, tenants: &Tenants) -> OperatorAuth {
        OperatorAuth::new(OperatorAuthDeps {
            accounts: self.operator_store.clone(),
            sessions: self.operator_store.clone(),
            factors: self.operator_store.clone(),
            enrolment: self.operator_store.clone(),
            grants: Arc::new(tenants.clone()),
            entropy: Arc::clone(&self.entropy),
            tokens: Arc::clone(&self.tokens),
            hasher: self.hasher.clone(),
            config: self.operator_config.clone(),
        })
    }

    fn webhooks(&self, db: &Db, grants: &Grants) -> Webhooks {
        let recorder = Arc::new(self.recorder.clone());
        Webhooks::new(WebhookDeps {
            db: db.clone(),
            rights: Arc::new(self.rights.clone()),
            holders: Arc::new(grants.clone()),
            audit: recorder.clone(),
            notifier: recorder,
            entropy: Arc::clone(&self.entropy),
            events: &EVENTS,
            sender: self.sender.clone(),
        })
    }
}
