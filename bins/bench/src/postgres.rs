//! The database of the bare handlers: on the service's own Postgres, so that both sides have the same server, settings,
//! disk and write-ahead log.

use std::path::Path;

use ouvira_embedded_postgres::{EmbeddedPostgres, Endpoint};
use tokio_postgres::{Client, NoTls};

use crate::error::BenchError;

/// May make databases, and owns nothing but the one of the bare handlers here.
const OWNER: &str = "ouvira_owner";

/// The Postgres that the service started under its `DATA_DIR`.
pub(crate) fn of_service(data_dir: &Path) -> Result<Endpoint, BenchError> {
    let place = data_dir.join("postgres");
    EmbeddedPostgres::running(&place).ok_or_else(|| BenchError::NoPostgres(place.display().to_string()))
}

/// Makes the database `name` and gives its connection string.
pub(crate) async fn create_database(server: &Endpoint, name: &str) -> Result<String, BenchError> {
    let client = connect(&server.url(OWNER, "postgres")).await?;
    client
        .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C'"))
        .await?;
    Ok(server.url(OWNER, name))
}

/// The service's own database, as the owner of its tables.
pub(crate) async fn connect_as_owner(data_dir: &Path) -> Result<Client, BenchError> {
    connect(&of_service(data_dir)?.url(OWNER, "ouvira")).await
}

/// Connects; the connection ends with the client.
pub(crate) async fn connect(url: &str) -> Result<Client, BenchError> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(async move {
        // Whoever waits for an answer is told; nobody else cares.
        let _ = connection.await;
    });
    Ok(client)
}
