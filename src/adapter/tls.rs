//! A certificate for the loopback, made at start and never stored with its key.

use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

/// A TLS server's identity.
pub struct Identity {
    pub acceptor: TlsAcceptor,
    /// PEM, for clients to trust.
    pub certificate: String,
}

/// No certificate could be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("could not make a certificate")]
    Certificate(#[from] rcgen::Error),
    #[error("could not use the certificate")]
    Setup(#[from] rustls::Error),
}

/// Makes a self-signed certificate for `localhost`, `127.0.0.1`, `::1` and the given names.
///
/// # Errors
/// The cryptography refused.
pub fn identity(names: &[String]) -> Result<Identity, TlsError> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut subjects = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    subjects.extend_from_slice(names);
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(subjects)?;
    let key =
        PrivateKeyDer::try_from(signing_key.serialize_der()).map_err(|text| rustls::Error::General(text.to_owned()))?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![cert.der().clone()], key)?;
    Ok(Identity { acceptor: TlsAcceptor::from(Arc::new(config)), certificate: cert.pem() })
}
