//! Scenarios a second, record and all, beside a bare loop that makes the same requests and validations at the same concurrency.
#![expect(clippy::expect_used, clippy::disallowed_methods, reason = "a bench may fail loudly, and measures time")]

#[path = "common/mod.rs"]
mod common;

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use preflight::adapter::serve::Pace as Time;
use preflight::engine::contracts::{self, Pace};

const SCENARIOS: usize = 2_000;
const JOBS: usize = 16;

fn compare(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let stage = common::stage();
    let (base_url, _server) = runtime.block_on(common::serve(&stage, Time::Modelled));
    let run = common::run(Arc::clone(&stage), &base_url);
    let planned = common::scenarios(SCENARIOS);
    let mut group = criterion.benchmark_group("2000 scenarios of a GET, a status and a schema");
    group.throughput(Throughput::Elements(SCENARIOS as u64)).sample_size(10).measurement_time(Duration::from_secs(8));
    group.bench_function("preflight", |bencher| {
        bencher.iter_batched(
            || planned.clone(),
            |planned| {
                let pace = Pace { jobs: JOBS, fail_fast: false };
                let never = Arc::new(AtomicBool::new(false));
                let ran = runtime.block_on(contracts::run(Arc::clone(&run), planned, &pace, never, Arc::new(|_| {})));
                assert!(ran.values().all(|ran| ran.scenarios.len() == SCENARIOS));
                black_box(
                    serde_json::to_vec(&ran.values().flat_map(|ran| &ran.scenarios).collect::<Vec<_>>()).expect("JSON"),
                )
            },
            BatchSize::PerIteration,
        );
    });
    let seat = stage.open();
    let key = seat.key();
    group.bench_function("bare reqwest loop", |bencher| {
        bencher.iter(|| runtime.block_on(bare(&base_url, key)));
    });
    group.finish();
}

/// The same requests, status checks and validations, with nothing around them.
async fn bare(base_url: &str, key: u64) {
    let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().expect("a client");
    let validator =
        Arc::new(jsonschema::options().should_validate_formats(true).build(&common::schema()).expect("a schema"));
    let left = Arc::new(AtomicUsize::new(SCENARIOS));
    let workers = (0..JOBS).map(|_| {
        let (client, validator, left) = (client.clone(), Arc::clone(&validator), Arc::clone(&left));
        let url = format!("{base_url}/thing");
        tokio::spawn(async move {
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                let answer = client.get(&url).header("x-preflight-scene", key).send().await.expect("an answer");
                assert_eq!(answer.status(), 200);
                let body = answer.bytes().await.expect("a body");
                let value: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
                assert!(validator.is_valid(&value));
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.expect("a worker");
    }
}

/// Whether time grows linearly: the same work per scenario at 2,000 and at 20,000.
fn linear(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let stage = common::stage();
    let (base_url, _server) = runtime.block_on(common::serve(&stage, Time::Modelled));
    let run = common::run(stage, &base_url);
    let mut group = criterion.benchmark_group("time for each scenario");
    group.sample_size(10);
    for count in [2_000, 20_000] {
        let planned = common::scenarios(count);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("{count} scenarios"), |bencher| {
            bencher.iter_custom(|times| {
                let mut spent = Duration::ZERO;
                for _ in 0..times {
                    let planned = planned.clone();
                    let start = Instant::now();
                    let pace = Pace { jobs: JOBS, fail_fast: false };
                    let never = Arc::new(AtomicBool::new(false));
                    black_box(runtime.block_on(contracts::run(
                        Arc::clone(&run),
                        planned,
                        &pace,
                        never,
                        Arc::new(|_| {}),
                    )));
                    spent += start.elapsed();
                }
                spent
            });
        });
    }
    group.finish();
}

criterion_group!(benches, compare, linear);
criterion_main!(benches);
