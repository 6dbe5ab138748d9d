//! A live target over TLS: certificates that hold, that are not trusted, and that are for another name.

use std::path::Path;
use std::sync::Arc;

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;

use crate::server::{files, workspace};
use crate::shell::{Folder, Ran};

const READS: &str = "Feature: f\n  Scenario: s\n    When I GET \"/items\"\n    Then the status is 200\n";

/// A TLS server for this name; its port, its certificate as PEM and its SHA-256.
pub fn serve(name: &str) -> (tokio::runtime::Runtime, u16, String, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut parameters = CertificateParams::new([name.to_owned()]).expect("a name");
    parameters.distinguished_name.push(DnType::CommonName, name);
    let signing_key = KeyPair::generate().expect("a key");
    let cert = parameters.self_signed(&signing_key).expect("a certificate");
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").await;
            let _ = stream.shutdown().await;
        }
    });
    (runtime, port, cert.pem(), hex::encode(Sha256::digest(cert.der())))
}

fn check(port: u16, trusted: Option<&str>) -> (Folder, Ran) {
    let folder = Folder::with(&files(&workspace(&format!("https://localhost:{port}")), READS));
    let roots = trusted.unwrap_or_default();
    folder.write("roots.pem", roots);
    let roots = folder.path().join("roots.pem");
    let roots: &Path = if trusted.is_some() { &roots } else { Path::new("/etc/ssl/certs/ca-certificates.crt") };
    let arguments = ["check", "--target", "live", "--env", "staging"];
    let ran = folder.preflight_with(&arguments, &[("SSL_CERT_FILE", &roots.display().to_string())]);
    (folder, ran)
}

#[test]
fn a_trusted_certificate_is_in_the_evidence() {
    let (_runtime, port, pem, digest) = serve("localhost");
    let (folder, ran) = check(port, Some(&pem));
    ran.exits(0);
    assert_eq!(folder.record()["contracts"][0]["host"]["certificate"], digest);
    assert!(folder.read("reports/ledger.jsonl").contains(&digest), "the ledger knows who answered");
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_unasked() {
    let (_runtime, port, _, _) = serve("localhost");
    check(port, None).1.exits(3).says("shop could not be reached: the TLS handshake failed");
}

#[test]
fn a_certificate_for_another_name_is_unasked() {
    let (_runtime, port, pem, _) = serve("other.example");
    check(port, Some(&pem)).1.exits(3).says("shop could not be reached: the TLS handshake failed");
}
