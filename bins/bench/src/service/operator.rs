//! An operator, who makes tenants over HTTP.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{Client, Deployment, people::SignedIn};
use crate::{error::BenchError, load::Request};

const PASSWORD: &str = "measure twice, cut once, then measure";

/// Somebody who runs the platform, signed in.
#[derive(Debug, Clone)]
pub(crate) struct Operator {
    access_token: String,
}

/// Where a tenant's tables live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placement {
    /// In the common tables.
    Shared,
    /// In a schema of its own.
    Schema,
}

impl Placement {
    /// Its name in the contract.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Schema => "schema",
        }
    }
}

impl Operator {
    /// Makes the operator `name` on the command line and signs them in.
    pub(crate) async fn sign_in(
        deployment: &Deployment,
        service: SocketAddr,
        name: &str,
    ) -> Result<Self, BenchError> {
        let email = format!("{name}@operators.example");
        deployment.create_operator(&email, PASSWORD).await?;
        let login = json!({ "identifier": email, "password": PASSWORD });
        let mut client = Client::connect(service).await?;
        let SignedIn { access_token, .. } =
            client.call(&Request::post("/api/v1/auth/operator/login", &login)).await?;
        Ok(Self { access_token })
    }

    /// `POST /tenants`: the tenant `slug`, whose first administrator sets the password by mail if there is none.
    pub(crate) fn new_tenant(&self, slug: &str, placement: Placement, password: Option<&str>) -> Request {
        let mut admin = json!({ "email": format!("admin@{slug}.example") });
        if let Some(password) = password {
            admin["password"] = Value::from(password);
        }
        let tenant = json!({ "slug": slug, "name": slug, "placement": { "mode": placement.as_str() }, "admin": admin });
        Request::post("/api/v1/tenants", &tenant).bearer(&self.access_token)
    }
}
