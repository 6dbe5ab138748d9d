//! Why there is no answer: one word a way, and nothing in it that the other side wrote.

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::CertificateError;

use crate::domain::exchange::NoAnswer;

/// What a failed request is called.
pub fn explain(error: &reqwest::Error, timeout: Duration) -> NoAnswer {
    if error.is_connect() && error.is_timeout() {
        NoAnswer::Refused("no connection in time".to_owned())
    } else if error.is_timeout() {
        timed_out(timeout)
    } else if error.is_dns() {
        NoAnswer::Dns(root_cause(error))
    } else if let Some(tls) = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        NoAnswer::Tls(tls_in_words(tls))
    } else if error.is_connect() {
        NoAnswer::Refused(root_cause(error))
    } else if causes(error).any(broke_off) {
        NoAnswer::Reset
    } else {
        NoAnswer::Other(root_cause(error))
    }
}

pub fn timed_out(timeout: Duration) -> NoAnswer {
    NoAnswer::TimedOut(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX))
}

/// Who asks through a proxy must know that it may be the one that does not answer.
pub fn through(reason: NoAnswer, proxy: &str) -> NoAnswer {
    let told = |cause: String| format!("{cause} (through the proxy {proxy})");
    match reason {
        NoAnswer::Dns(cause) => NoAnswer::Dns(told(cause)),
        NoAnswer::Refused(cause) => NoAnswer::Refused(told(cause)),
        NoAnswer::Tls(cause) => NoAnswer::Tls(told(cause)),
        other => other,
    }
}

/// The innermost message, without the URL (which may hold a secret).
pub fn root_cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    if std::ptr::addr_eq(innermost, error) { "the request failed".to_owned() } else { innermost.to_string() }
}

/// Why a handshake failed. What stands in a certificate is the server's word and is not repeated: rustls names whom it is
/// for, and its times in seconds since 1970.
fn tls_in_words(error: &rustls::Error) -> String {
    use CertificateError as Bad;
    let rustls::Error::InvalidCertificate(bad) = error else { return error.to_string() };
    match bad {
        Bad::NotValidForName => "the certificate is for another name".to_owned(),
        Bad::NotValidForNameContext { expected, .. } => {
            format!("the certificate is for another name than {}", expected.to_str())
        }
        Bad::Expired | Bad::ExpiredContext { .. } => "the certificate has expired".to_owned(),
        Bad::NotValidYet | Bad::NotValidYetContext { .. } => "the certificate is not valid yet".to_owned(),
        Bad::UnknownIssuer => "nobody who is trusted here issued the certificate".to_owned(),
        Bad::Revoked => "the certificate was revoked".to_owned(),
        Bad::BadSignature => "the certificate's signature does not hold".to_owned(),
        Bad::BadEncoding => "the certificate cannot be read".to_owned(),
        _ => "the certificate is not accepted".to_owned(),
    }
}

fn broke_off(source: &(dyn Error + 'static)) -> bool {
    if let Some(error) = source.downcast_ref::<hyper::Error>() {
        return error.is_incomplete_message() || error.is_closed() || error.is_canceled();
    }
    source.downcast_ref::<io::Error>().is_some_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof
        )
    })
}

/// Every cause, from the outermost. An `io::Error` keeps what it wraps out of `source()`, and may wrap another one.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| inner(*cause))
}

fn inner<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => cause.source(),
    }
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::{ServerName, UnixTime};
    use rustls::{AlertDescription, CertificateError, Error};

    use super::tls_in_words;

    #[test]
    fn a_certificate_is_spoken_of_in_our_own_words() {
        let expected = ServerName::try_from("shop.example").expect("a name");
        let presented = vec!["DnsName(\"cAn4ry.internal\")".to_owned()];
        let then = UnixTime::since_unix_epoch(std::time::Duration::from_secs(1));
        for (bad, words) in [
            (
                CertificateError::NotValidForNameContext { expected, presented },
                "the certificate is for another name than shop.example",
            ),
            (CertificateError::ExpiredContext { time: then, not_after: then }, "the certificate has expired"),
            (CertificateError::UnknownIssuer, "nobody who is trusted here issued the certificate"),
            (CertificateError::InvalidPurpose, "the certificate is not accepted"),
        ] {
            assert_eq!(tls_in_words(&Error::InvalidCertificate(bad)), words);
        }
        let alert = tls_in_words(&Error::AlertReceived(AlertDescription::HandshakeFailure));
        assert!(alert.contains("HandshakeFailure"), "{alert}");
    }
}
