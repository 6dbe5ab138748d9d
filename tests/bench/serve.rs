//! Requests a second of a served twin, beside a bare axum handler and wiremock that answer the same JSON from memory.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a bench may fail loudly, and measures time")]

#[path = "common/mod.rs"]
#[expect(dead_code, reason = "the bench of scenarios uses more of it")]
mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use preflight::adapter::serve::Pace;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

const REQUESTS: usize = 4_000;
const CONNECTIONS: usize = 16;

/// Where other programs may ask, for as long as peers.sh lets them (it sets this variable).
const HOLD: &str = "HOLD_SERVERS";

fn compare(criterion: &mut Criterion) {
    // The bare client below names no provider of cryptography, and needs none but to be made.
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (served, _server) = runtime.block_on(async { common::serve(&common::stage(), Pace::Real).await });
    let axum = runtime.block_on(axum());
    let wiremock = runtime.block_on(async {
        let mocked = MockServer::start().await;
        let answer = ResponseTemplate::new(200).set_body_json(common::document());
        Mock::given(any()).respond_with(answer).mount(&mocked).await;
        mocked
    });
    if std::env::var_os(HOLD).is_some() {
        println!("preflight {served}\naxum {axum}\nwiremock {}", wiremock.uri());
        loop {
            std::thread::park();
        }
    }
    let mut group = criterion.benchmark_group("4000 requests for a JSON document");
    group.throughput(Throughput::Elements(REQUESTS as u64)).sample_size(10).measurement_time(Duration::from_secs(8));
    for (name, url) in [("preflight serve", served), ("bare axum handler", axum), ("wiremock", wiremock.uri())] {
        group.bench_function(name, |bencher| bencher.iter(|| runtime.block_on(load(&url))));
    }
    group.finish();
}

async fn axum() -> String {
    let body = common::document().to_string();
    let handler = move || {
        let body = body.clone();
        async move { ([(CONTENT_TYPE, "application/json")], body) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().route("/thing", get(handler))).await });
    url
}

async fn load(url: &str) {
    let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().expect("a client");
    let left = Arc::new(AtomicUsize::new(REQUESTS));
    let workers = (0..CONNECTIONS).map(|_| {
        let (client, left, url) = (client.clone(), Arc::clone(&left), format!("{url}/thing"));
        tokio::spawn(async move {
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                let answer = client.get(&url).send().await.expect("an answer");
                assert_eq!(answer.status(), 200);
                answer.bytes().await.expect("a body");
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.expect("a worker");
    }
}

criterion_group!(benches, compare);
criterion_main!(benches);
