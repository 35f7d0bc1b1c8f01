//! `ouvira worker`, and the worker inside of a local `serve`.

use std::sync::Arc;

use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::RunQueryDsl as _;
use futures_util::future::join;
use ouvira_audit::installation::{CheckpointStore, Nowhere};
use ouvira_common::{
    db::{Endpoint, connect},
    entropy::OsEntropy,
    outbox::OutboxHandler,
    ports::TenantResolver,
};
use tokio::{signal, sync::watch, task::JoinHandle};

use super::{Answer, CommandError};
use crate::{
    checkpoints,
    config::{Config, Mode},
    delivery::{Inbox, NoCaptcha, Outlets},
    messages::Templates,
    node::Node,
    platform::Platform,
    telemetry::{self, Page},
    worker::{
        Backlog, FollowSms, Hands, Logs, MessageLog, OwnDatabases, Runner, SendMessages, Storage, Watched,
        Worker, watch_backlog,
    },
};

/// Works until a signal says to stop.
pub(super) fn run(config: &Config) -> Result<Answer, CommandError> {
    templates(config)?;
    let platform = Platform::open(config)?;
    super::block_on(async {
        super::require_migrated(&platform).await?;
        let node = Arc::new(Node::new(config, &platform, Arc::new(NoCaptcha)));
        let (stop, stopped) = watch::channel(false);
        // In local mode messages end in an inbox; here nobody reads it, but it shows them in the log.
        let inbox = (config.mode == Mode::Local).then(|| Inbox::new(Arc::clone(&node.clock)));
        let task = start(config, &platform, &node, inbox.as_ref(), stopped.clone())?;
        let backlog = watch(&platform, stopped);
        let page = Page::default().with(move |text| backlog.write(text)).with({
            let node = Arc::clone(&node);
            move |text| node.write_metrics(text)
        });
        telemetry::serve(config.observability.metrics, page);
        until_told_to_stop().await;
        let _ = stop.send(true);
        task.await.map_err(|error| CommandError::internal(&error))?;
        Ok(Answer::nothing())
    })?
}

/// Waits for SIGINT or SIGTERM.
pub(super) async fn until_told_to_stop() {
    let mut terminate =
        signal::unix::signal(signal::unix::SignalKind::terminate()).expect("signals can be listened to");
    tokio::select! {
        _ = signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Starts a worker in the background. Messages that no provider is configured for go to `inbox`.
pub(super) fn start(
    config: &Config,
    platform: &Platform,
    node: &Arc<Node>,
    inbox: Option<&Inbox>,
    stopped: watch::Receiver<bool>,
) -> Result<JoinHandle<()>, CommandError> {
    let Outlets { mailer, sms } =
        Outlets::open(&config.delivery, inbox).map_err(|error| CommandError::internal(&error))?;
    let templates = templates(config)?;
    let services = node.services(4);
    let log = MessageLog { db: services.db.clone(), audit: node.audit() };
    let mut handlers: Vec<Arc<dyn OutboxHandler>> = vec![
        Arc::new(FollowSms { sms: Arc::clone(&sms), log: log.clone() }),
        Arc::new(SendMessages { templates, mailer, sms, log }),
    ];
    handlers.extend(services.handlers());
    let endpoint = Platform::need(platform.worker.as_ref());
    let tenants: Arc<dyn TenantResolver> = Arc::new(node.directory.clone());
    let databases: Arc<dyn OwnDatabases> = Arc::new(InDirectory(Platform::need(platform.app.as_ref())));
    let storage = Storage::default();
    let outside =
        Watched { place: outside(config)?, storage: storage.clone(), clock: Arc::clone(&node.clock) };
    let logs = Logs::new(
        node.sealing(config, platform, &services, Arc::new(outside)),
        Platform::need(platform.owner.as_ref()),
        Arc::clone(&databases),
    );
    let hands = Hands {
        services,
        operators: node.operators(),
        placements: node.placements(),
        logs,
        clock: Arc::clone(&node.clock),
    };
    let schedules = config.worker.schedules(config.time_zone);
    let runner = Runner::new(endpoint.clone(), Arc::clone(&tenants), hands, schedules, storage, &OsEntropy);
    let worker = Worker::new(endpoint, tenants, databases, handlers, Arc::clone(&node.clock));
    Ok(tokio::spawn(async move {
        join(worker.run(stopped.clone()), runner.run(stopped)).await;
    }))
}

/// What messages say. What is wrong with a deployment's own templates shows at every start, wherever messages are sent.
pub(super) fn templates(config: &Config) -> Result<Templates, CommandError> {
    let templates = Templates::load(config.http.app_url.clone(), config.delivery.templates.as_deref());
    templates.map_err(|error| CommandError::faults("configuration_invalid", &error.lines()))
}

/// Where checkpoints are kept beside the database.
fn outside(config: &Config) -> Result<Arc<dyn CheckpointStore>, CommandError> {
    if let Some(outside) = checkpoints::outside(config).map_err(|error| CommandError::internal(&error))? {
        return Ok(outside);
    }
    tracing::warn!(
        "neither AUDIT_CHECKPOINT_DIR nor AUDIT_CHECKPOINT_S3_URL is set: checkpoints of the record are kept in the \
         database alone"
    );
    Ok(Arc::new(Nowhere))
}

/// Looks at the outboxes from time to time.
pub(super) fn watch(platform: &Platform, stopped: watch::Receiver<bool>) -> Backlog {
    let backlog = Backlog::default();
    let databases = InDirectory(Platform::need(platform.app.as_ref()));
    let endpoint = Platform::need(platform.worker.as_ref());
    tokio::spawn(watch_backlog(endpoint, databases, backlog.clone(), stopped));
    backlog
}

/// The own databases that the tenants' directory names.
pub(super) struct InDirectory(pub(super) Endpoint);

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    database: String,
}

#[async_trait::async_trait]
impl OwnDatabases for InDirectory {
    async fn names(&self) -> Result<Vec<String>, String> {
        let mut conn = connect(&self.0, None).await.map_err(|error| error.to_string())?;
        let select = "SELECT database FROM ouvira_catalog.tenant_directory WHERE database IS NOT NULL";
        let rows: Vec<Named> = sql_query(select).load(&mut conn).await.map_err(|error| error.to_string())?;
        Ok(rows.into_iter().map(|row| row.database).collect())
    }
}
