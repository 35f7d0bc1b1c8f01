//! What every measurement stands on: the service with its Postgres, and the bare handlers on the same Postgres.

use std::{env, num::NonZero, thread::available_parallelism, time::Duration};

use tokio::{process::Command, sync::OnceCell};
use uuid::Uuid;

use crate::{
    bare,
    cli::Settings,
    error::BenchError,
    load::{Request, Traffic},
    postgres,
    process::{Server, child_named, free_address},
    service::{self, Crowd, Deployment, Operator, Person, Placement, administrators},
};

/// Connections to Postgres of each server, divided among its threads.
pub(crate) const DATABASE_CONNECTIONS: usize = 16;
/// People of P2, and how many companies each has.
pub(crate) const OWNERS: u32 = 32;
/// See [`OWNERS`].
pub(crate) const COMPANIES: u32 = 20;

/// Both servers, running.
pub(crate) struct Stage {
    /// How long and with how many.
    pub(crate) settings: Settings,
    /// Where the service's files are.
    pub(crate) deployment: Deployment,
    /// The service.
    pub(crate) service: Server,
    /// The bare handlers.
    pub(crate) bare: Server,
    /// The people in the tables of the bare handlers.
    pub(crate) bare_people: Vec<Uuid>,
    /// The first process of the Postgres of both.
    pub(crate) database_pid: Option<u32>,
    /// Threads of each server.
    pub(crate) workers: usize,
    administrators: OnceCell<Vec<Person>>,
}

impl Stage {
    /// Starts everything.
    pub(crate) async fn set(settings: &Settings) -> Result<Self, BenchError> {
        let program = match &settings.service {
            Some(program) => program.canonicalize().map_err(BenchError::io("find the service"))?,
            None => service::build().await?,
        };
        eprintln!("starting the service and the bare handlers");
        let deployment = Deployment::new(program)?;
        let service = deployment.serve("service", &[]).await?;
        let postgres = postgres::of_service(&deployment.data_dir())?;

        let url = postgres::create_database(&postgres, "ouvira_bench").await?;
        let bare_people = bare::fill(&url, settings.people.max(OWNERS), OWNERS, COMPANIES).await?;
        let workers = available_parallelism().map_or(1, NonZero::get);
        let bare = start_bare(&deployment, &url, workers).await?;
        let database_pid = child_named(service.pid(), "postgres");
        Ok(Self {
            settings: settings.clone(),
            deployment,
            service,
            bare,
            bare_people,
            database_pid,
            workers,
            administrators: OnceCell::new(),
        })
    }

    /// A new tenant of the service, for the measurement `name`, with `people` in it.
    pub(crate) async fn crowd(&self, name: &str, people: u32) -> Result<Crowd, BenchError> {
        let tenant = format!("bench-{name}");
        self.deployment.create_tenant(&tenant).await?;
        eprintln!("  signing {people} people up");
        Crowd::sign_up(self.service.address(), &tenant, people).await
    }

    /// Somebody who runs the platform.
    pub(crate) async fn operator(&self, name: &str) -> Result<Operator, BenchError> {
        Operator::sign_in(&self.deployment, self.service.address(), name).await
    }

    /// The administrators of `--tenants` tenants in the common tables, made when they are first asked for.
    pub(crate) async fn administrators(&self) -> Result<&[Person], BenchError> {
        let made = async || {
            let number = self.settings.tenants;
            eprintln!("  making {number} tenants");
            let operator = self.operator("tenants").await?;
            administrators(&operator, self.service.address(), Placement::Shared, number).await
        };
        Ok(self.administrators.get_or_try_init(made).await?)
    }

    /// Another node on the Postgres that the first one started.
    pub(crate) async fn second_node(&self) -> Result<Server, BenchError> {
        let postgres = postgres::of_service(&self.deployment.data_dir())?;
        let url = |role: &str| postgres.url(role, "ouvira");
        let databases = [
            ("DATABASE_URL", url("ouvira_app")),
            ("DATABASE_CONTROL_URL", url("ouvira_control")),
            ("DATABASE_WORKER_URL", url("ouvira_worker")),
            ("DATABASE_OWNER_URL", url("ouvira_owner")),
        ];
        self.deployment.serve("second-node", &databases).await
    }

    /// Length of one run.
    pub(crate) fn run_length(&self) -> Duration {
        Duration::from_secs(self.settings.seconds.into())
    }

    /// `requests` to `server` in turn, each to be answered with 200.
    pub(crate) fn repeat(&self, server: &Server, requests: &[Request]) -> Traffic {
        Traffic::repeat(server.address(), 200, self.settings.connections, requests)
    }

    /// Ends everything; the files go with it.
    pub(crate) async fn clear(self) {
        self.bare.stop().await;
        self.service.stop().await;
    }
}

async fn start_bare(deployment: &Deployment, url: &str, workers: usize) -> Result<Server, BenchError> {
    let own = env::current_exe().map_err(BenchError::io("find this program"))?;
    let address = free_address()?;
    let pool = (DATABASE_CONNECTIONS / workers).max(1);
    let mut command = Command::new(own);
    command
        .args(["bare", "--database", url])
        .args(["--listen", &address.to_string()])
        .args(["--workers", &workers.to_string()])
        .args(["--pool", &pool.to_string()]);
    Server::start(command, address, bare::NOOP, &deployment.file("bare.log")).await
}
