//! `ouvira serve`, and `ouvira` alone.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use actix_web::HttpServer;
use ouvira_audit::Live;
use ouvira_common::db::{Endpoint, connect};
use ouvira_tenancy::audit_serving_role;
use rustix::net::sockopt::set_tcp_user_timeout;
use tokio::{sync::watch, task::JoinHandle};

use super::{Answer, CommandError, worker};
use crate::{
    config::{Config, Mode},
    delivery::{Inbox, captcha},
    demo::{self, Demo},
    hints::{Channel, Listener, reader},
    http::{self, Shell},
    node::Node,
    platform::Platform,
    telemetry::{self, Exporter},
};

/// How long the collector of traces may take for the last ones.
const LAST_WORDS: std::time::Duration = std::time::Duration::from_secs(3);

/// Answers requests until a signal says to stop; those in flight are finished first.
pub(super) fn run(config: &Config) -> Result<Answer, CommandError> {
    worker::templates(config)?;
    let platform = Platform::open(config)?;
    super::block_on(serve(config, &platform))??;
    Ok(Answer::nothing())
}

async fn serve(config: &Config, platform: &Platform) -> Result<(), CommandError> {
    let local = config.mode == Mode::Local;
    let node = Node::new(config, platform, captcha(config).map_err(|error| CommandError::internal(&error))?);
    if local && let Some(placements) = node.placements() {
        placements.prepare(node.clock.now()).await?;
    }
    super::require_migrated(platform).await?;
    refuse_powerful_role(config, platform).await?;
    node.keys.ensure_key().await?;
    let demo = if platform.private { Some(demo::ensure(&node, &config.data_dir).await?) } else { None };

    let node = Arc::new(node);
    let inbox = local.then(|| Inbox::new(Arc::clone(&node.clock)));
    let (stop, stopped) = watch::channel(false);
    let in_the_background = match &inbox {
        Some(inbox) => Some(worker::start(config, platform, &node, Some(inbox), stopped.clone())?),
        None => None,
    };
    let backlog = in_the_background.is_some().then(|| worker::watch(platform, stopped));

    let live = Live::new();
    tokio::spawn(wake(Platform::need(platform.app.as_ref()), live.clone()));
    let traces = config.observability.traces.as_ref().map(Exporter::start);
    let (exporter, sent) = traces.unzip();
    let shell = Shell::new(config, platform, Arc::clone(&node), live.clone(), inbox, exporter).await;
    let page = shell.metrics();
    let page = match backlog {
        Some(backlog) => page.with(move |text| backlog.write(text)),
        None => page,
    };
    telemetry::serve(config.observability.metrics, page);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let connections = (config.database.connections / threads).max(1);
    let server = HttpServer::new(move || http::app(&shell, connections))
        .workers(threads)
        .disable_signals()
        .client_request_timeout(config.http.client_timeout)
        .shutdown_timeout(config.http.shutdown_grace.as_secs());
    let cannot_listen =
        |error: io::Error| CommandError::internal(&format!("cannot listen on {}: {error}", config.http.bind));
    let listener = listener(config).map_err(cannot_listen)?;
    let server = match &config.http.tls {
        None => server.listen(listener),
        Some(tls) => server.listen_rustls_0_23(listener, crate::tls::server_config(tls)?),
    };
    let server = server.map_err(cannot_listen)?;
    announce(config, server.addrs().first().copied(), demo.as_ref());
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(async move {
        worker::until_told_to_stop().await;
        // Streams never finish by themselves.
        live.close();
        handle.stop(true).await;
    });
    let ended = server.await;

    let _ = stop.send(true);
    if let Some(task) = in_the_background {
        finish(task).await;
    }
    if let Some(sent) = sent {
        // Traces that wait; their senders ended with the server's threads.
        let _ = tokio::time::timeout(LAST_WORDS, sent).await;
    }
    ended.map_err(|error| CommandError::internal(&error))
}

/// The socket that is listened on. Its connections inherit that a client which takes nothing of what it is sent is let go
/// (`TCP_USER_TIMEOUT`, RFC 5482): no thread would ever notice.
fn listener(config: &Config) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(config.http.bind)?;
    let patience = u32::try_from(3 * config.http.client_timeout.as_millis()).unwrap_or(u32::MAX);
    set_tcp_user_timeout(&listener, patience)?;
    Ok(listener)
}

/// Wakes the streams of this node when somebody says that there is something new.
async fn wake(endpoint: Endpoint, live: Live) {
    let mut hints = Listener::start(endpoint, Channel::Notifications);
    loop {
        hints.arrive().await;
        for (tenant, user) in hints.take().iter().filter_map(|payload| reader(payload)) {
            live.wake(tenant, user);
        }
    }
}

async fn finish(task: JoinHandle<()>) {
    if let Err(error) = task.await {
        tracing::error!(%error, "the worker ended badly");
    }
}

/// A role that could bypass row-level security serves nobody, in any mode.
async fn refuse_powerful_role(config: &Config, platform: &Platform) -> Result<(), CommandError> {
    let app = Platform::need(platform.app.as_ref());
    let mut conn = connect(&app, None).await.map_err(|error| CommandError::internal(&error))?;
    let faults = audit_serving_role(&mut conn).await.map_err(|error| CommandError::refused(&error))?;
    if faults.is_empty() {
        return Ok(());
    }
    if config.mode == Mode::Production {
        return Err(CommandError::faults("serving_role_too_powerful", &faults));
    }
    for fault in faults {
        tracing::warn!("DATABASE_URL: {fault}; production refuses this");
    }
    Ok(())
}

/// Says where to go next.
fn announce(config: &Config, address: Option<SocketAddr>, demo: Option<&Demo>) {
    let address = address.map_or_else(|| config.http.bind.to_string(), |address| address.to_string());
    tracing::info!(%address, mode = config.mode.as_str(), "listening");
    let Some(Demo { slug, email, password }) = demo else { return };
    println!(
        "
  Ouvira is ready at http://{address}

    API reference    http://{address}/swagger/   http://{address}/redoc/
    Messages sent    http://{address}/api/v1/dev/messages
    Demo tenant      X-Tenant: {slug}
    Sign in as       {email}
    Password         {password}

    curl -s http://{address}/api/v1/auth/login -H 'X-Tenant: {slug}' -H 'Content-Type: application/json' \\
         -d '{{\"identifier\": \"{email}\", \"password\": \"{password}\"}}'
"
    );
}
