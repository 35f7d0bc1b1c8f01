//! `/metrics`, on an address of its own: what is there is for the operator, and nothing of it on the public one.

use std::{net::SocketAddr, sync::Arc};

use actix_web::{
    App, HttpResponse, HttpServer,
    web::{Data, get},
};

use super::{Text, process};

type Source = Box<dyn Fn(&mut Text) + Send + Sync>;

/// What is on the page: each source writes its metrics when the page is asked for, from what it has in memory.
#[derive(Default)]
pub(crate) struct Page(Vec<Source>);

impl Page {
    /// The same with another source.
    #[must_use]
    pub(crate) fn with(mut self, source: impl Fn(&mut Text) + Send + Sync + 'static) -> Self {
        self.0.push(Box::new(source));
        self
    }

    fn text(&self) -> String {
        let mut text = Text::default();
        self.0.iter().for_each(|source| source(&mut text));
        process::write(&mut text);
        text.finish()
    }
}

async fn metrics(page: Data<Page>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(page.text())
}

/// Serves `page` at `address` for as long as the process lives. An address that cannot be had is no reason not to work:
/// it is said in the log.
pub(crate) fn serve(address: Option<SocketAddr>, page: Page) {
    let Some(address) = address else { return };
    let page = Data::from(Arc::new(page));
    let server =
        HttpServer::new(move || App::new().app_data(page.clone()).route("/metrics", get().to(metrics)))
            .workers(1)
            .disable_signals()
            .bind(address);
    match server {
        Ok(server) => {
            tracing::info!(address = %server.addrs().first().copied().unwrap_or(address), "metrics");
            tokio::spawn(server.run());
        }
        Err(error) => {
            tracing::error!(%address, %error, "METRICS_ADDRESS cannot be listened on: there are no metrics");
        }
    }
}
