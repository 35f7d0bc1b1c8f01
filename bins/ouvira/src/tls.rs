//! TLS ended by the service itself, where no proxy in front does it.

use std::sync::Arc;

use rustls::{
    ServerConfig,
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

use crate::{cli::CommandError, config::TlsConfig};

/// TLS 1.2 and 1.3 with the configured certificate; HTTP/2 and HTTP/1.1 by ALPN.
pub(crate) fn server_config(config: &TlsConfig) -> Result<ServerConfig, CommandError> {
    let wrong =
        |what: &str, error: &dyn std::fmt::Display| CommandError::internal(&format!("{what}: {error}"));
    let chain = CertificateDer::pem_slice_iter(config.certificate.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong("TLS_CERTIFICATE", &error))?;
    let key = PrivateKeyDer::from_pem_slice(config.key.expose().as_bytes())
        .map_err(|error| wrong("TLS_KEY", &error))?;
    ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong("TLS", &error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| wrong("TLS_CERTIFICATE and TLS_KEY", &error))
}
