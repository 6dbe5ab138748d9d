//! A certificate for the loopback, made at start and never stored with its key.

use std::sync::Arc;

use rcgen::{CertificateParams, CertifiedKey, KeyPair, date_time_ymd, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
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

/// Makes one whose time is over.
///
/// # Errors
/// The cryptography refused.
pub fn expired(names: &[String]) -> Result<Identity, TlsError> {
    let mut parameters =
        CertificateParams::new([&["localhost".to_owned(), "127.0.0.1".to_owned()][..], names].concat())?;
    (parameters.not_before, parameters.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2020, 12, 31));
    let key = KeyPair::generate()?;
    let certificate = parameters.self_signed(&key)?;
    settle(certificate.der().clone(), &key, certificate.pem())
}

/// Makes a self-signed certificate for `localhost`, `127.0.0.1`, `::1` and the given names.
///
/// # Errors
/// The cryptography refused.
pub fn identity(names: &[String]) -> Result<Identity, TlsError> {
    let mut subjects = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    subjects.extend_from_slice(names);
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(subjects)?;
    settle(cert.der().clone(), &signing_key, cert.pem())
}

fn settle(certificate: CertificateDer<'static>, key: &KeyPair, pem: String) -> Result<Identity, TlsError> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(|text| rustls::Error::General(text.to_owned()))?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key)?;
    Ok(Identity { acceptor: TlsAcceptor::from(Arc::new(config)), certificate: pem })
}
