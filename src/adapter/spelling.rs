//! Header names in the vendor's own letter case.
//!
//! HTTP header names are case-insensitive, some official clients are not. The `http` crate keeps names in lower
//! case; hyper writes the case that it finds in a private extension of the response, which it fills when it *parses*
//! a message. So a response with the wanted names is parsed once, and its extensions are given to every answer.

use std::sync::Arc;

use bytes::Bytes;
use http::Extensions;
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Header names that are not written in Title-Case.
#[derive(Clone, Default)]
pub struct Spelling(Option<Arc<Extensions>>);

impl Spelling {
    /// Learns the spelling of names (`X-Shopify-API-Version`).
    pub async fn learn(names: &[&str]) -> Self {
        if names.is_empty() {
            return Self::default();
        }
        Self(teach(names).await.map(Arc::new))
    }

    /// Makes hyper write the names of this answer as learnt.
    pub fn apply(&self, extensions: &mut Extensions) {
        if let Some(learnt) = &self.0 {
            extensions.extend(Extensions::clone(learnt));
        }
    }
}

async fn teach(names: &[&str]) -> Option<Extensions> {
    let (near, mut far) = tokio::io::duplex(64 * 1024);
    let mut head = String::from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
    for name in names {
        head.push_str(name);
        head.push_str(": x\r\n");
    }
    head.push_str("\r\n");
    let teacher = tokio::spawn(async move {
        let mut request = [0; 1024];
        let _ = far.read(&mut request).await;
        let _ = far.write_all(head.as_bytes()).await;
        far
    });
    let (mut sender, connection) =
        http1::Builder::new().preserve_header_case(true).handshake(TokioIo::new(near)).await.ok()?;
    let driver = tokio::spawn(connection);
    let request = http::Request::get("/").header("host", "x").body(Empty::<Bytes>::new()).ok()?;
    let response = sender.send_request(request).await.ok()?;
    let learnt = response.extensions().clone();
    driver.abort();
    teacher.abort();
    Some(learnt)
}
