//! A TLS handshake, and what the certificate says: its time, its names, and who vouches for it.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::adapter::asking::tcp::{connect, peer, timed_out};
use crate::adapter::clock;
use crate::adapter::stage::lock;
use crate::domain::finding::{Code, Finding};
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::domain::probe::heard::Heard;

/// Shakes hands, and looks at the certificate whether it is trusted or not.
pub async fn ask(address: &(String, u16), days_left: u32, now: Timestamp, timeout: Duration) -> Heard {
    let start = clock::start();
    let stream = match connect(address, timeout).await {
        Ok(stream) => stream,
        Err(cannot) => return Heard::nothing(cannot),
    };
    let peer = peer(&stream);
    let left = timeout.saturating_sub(start.elapsed());
    let seen = Arc::new(Seen::default());
    let shaken = tokio::time::timeout(left, handshake(stream, &address.0, Some(&seen))).await;
    let heard = match shaken {
        Err(_) => return Heard { address: peer, ..Heard::nothing(timed_out(timeout)) },
        Ok(Err(cannot)) => return Heard { address: peer, ..Heard::nothing(cannot) },
        Ok(Ok(_)) => Heard { took: start.elapsed(), address: peer, ..Heard::default() },
    };
    let (leaf, doubt) = (lock(&seen.leaf).take(), lock(&seen.doubt).take());
    look(heard, &leaf.unwrap_or_default(), doubt, days_left, now)
}

/// What the leaf certificate (DER) says, and what the platform's verifier thought of it.
fn look(heard: Heard, leaf: &[u8], doubt: Option<String>, days_left: u32, now: Timestamp) -> Heard {
    let heard = Heard { certificate: Some(hex::encode(Sha256::digest(leaf))), ..heard };
    let Ok((_, certificate)) = X509Certificate::from_der(leaf) else {
        return heard.promise(Some(Finding::new(Code::Certificate, "the certificate cannot be read")));
    };
    let ends = certificate.validity().not_after.timestamp();
    let seconds = ends - now.as_second();
    let days = seconds.div_euclid(86_400);
    let told = Timestamp::from_second(ends).map_or_else(|_| ends.to_string(), |time| time.to_string());
    let short = Finding::new(
        Code::Certificate,
        match seconds {
            ..0 => format!("the certificate expired {} days ago, on {told}", -days),
            _ => format!("the certificate expires in {days} days, on {told}; {days_left} are promised"),
        },
    );
    let short = short.expected(format!("{days_left} days")).actual(format!("{days} days"));
    let expired = seconds < 0;
    // An expired certificate is doubted for that too; it is told once.
    let doubt = doubt.filter(|_| !expired).map(|doubt| {
        Finding::new(Code::Certificate, format!("the certificate is not trusted: {doubt}"))
            .expected("one that the system trusts for this name")
            .actual(doubt)
    });
    heard
        .fact("expires", told)
        .fact("days_left", days.to_string())
        .fact("issuer", certificate.issuer().to_string())
        .promise((expired || days < i64::from(days_left)).then_some(short))
        .promise(doubt)
}

/// A TLS session over a connection. With `seen`, every certificate is taken, and what was thought of it is left there.
///
/// # Errors
/// The handshake failed.
pub async fn handshake(
    stream: TcpStream,
    host: &str,
    seen: Option<&Arc<Seen>>,
) -> Result<TlsStream<TcpStream>, CannotTell> {
    let failed = |told: String| CannotTell::new(Word::Tls, format!("the TLS handshake failed: {told}"));
    let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(error.to_string()))?;
    let config = config(seen).map_err(|error| failed(error.to_string()))?;
    TlsConnector::from(config).connect(name, stream).await.map_err(|error| failed(error.to_string()))
}

fn config(seen: Option<&Arc<Seen>>) -> Result<Arc<ClientConfig>, Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let builder = builder.dangerous();
    let config = match seen {
        None => builder.with_custom_certificate_verifier(platform()?),
        Some(seen) => {
            let taker = Taker { seen: Arc::clone(seen), platform: platform()?, provider };
            builder.with_custom_certificate_verifier(Arc::new(taker))
        }
    };
    Ok(Arc::new(config.with_no_client_auth()))
}

/// The platform's roots, read once.
fn platform() -> Result<Arc<Verifier>, Error> {
    static PLATFORM: OnceLock<Arc<Verifier>> = OnceLock::new();
    if let Some(known) = PLATFORM.get() {
        return Ok(Arc::clone(known));
    }
    let read = Arc::new(Verifier::new(Arc::new(ring::default_provider()))?);
    Ok(Arc::clone(PLATFORM.get_or_init(|| read)))
}

/// The certificate that came, and why it is not trusted, if it is not.
#[derive(Debug, Default)]
pub struct Seen {
    leaf: Mutex<Option<Vec<u8>>>,
    doubt: Mutex<Option<String>>,
}

/// Takes every certificate: to see what it says, or because an address says so (`sslmode=require`).
#[derive(Debug)]
struct Taker {
    seen: Arc<Seen>,
    platform: Arc<Verifier>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Taker {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        *lock(&self.seen.leaf) = Some(leaf.to_vec());
        if let Err(error) = self.platform.verify_server_cert(leaf, between, name, ocsp, now) {
            *lock(&self.seen.doubt) = Some(error.to_string());
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::look;
    use crate::domain::probe::heard::Heard;

    fn certificate(year: i32) -> Vec<u8> {
        let mut parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.not_before = date_time_ymd(2020, 1, 1);
        parameters.not_after = date_time_ymd(year, 6, 1);
        parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn a_certificate_is_in_its_time_and_trusted_or_it_is_told() {
        let now = "2026-05-25T00:00:00Z".parse().unwrap();
        for (leaf, doubt, days_left, told) in [
            (certificate(2030), None, 14, &[][..]),
            (certificate(2026), None, 7, &[]),
            (certificate(2026), None, 14, &["expires in 7 days, on 2026-06-01T00:00:00Z; 14 are promised"]),
            (certificate(2025), Some("expired"), 14, &["the certificate expired 358 days ago"]),
            (certificate(2030), Some("unknown issuer"), 14, &["not trusted: unknown issuer"]),
            (vec![1, 2], None, 14, &["cannot be read"]),
        ] {
            let heard = look(Heard::default(), &leaf, doubt.map(str::to_owned), days_left, now);
            assert_eq!(heard.findings.len(), told.len(), "{:?}", heard.findings);
            for (finding, told) in heard.findings.iter().zip(told) {
                assert!(finding.message.contains(told), "{}", finding.message);
            }
            assert!(heard.checks > 0);
        }
    }
}
