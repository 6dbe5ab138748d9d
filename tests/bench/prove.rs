//! Mutated runs a second over the shipped contracts, beside plain scenarios a second, in one run.
#![expect(clippy::expect_used, clippy::disallowed_methods, reason = "a bench may fail loudly, and measures time")]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use preflight::adapter::client::{Options, Safety};
use preflight::adapter::workspace::Workspace;
use preflight::engine::contracts::{self, Pace};
use preflight::engine::playbill::Playbill;
use preflight::engine::prove::{Proving, Wanted};
use preflight::engine::setup::{self, Carrier};

const JOBS: usize = 16;

/// Times that the scenarios are played in one plain run, so that it is as long as a campaign.
const TIMES: usize = 20;

fn compare(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let workspace = Workspace::open(Path::new(env!("CARGO_MANIFEST_DIR")), None).expect("the workspace");
    let never = Arc::new(AtomicBool::new(false));
    let (all, options) = (workspace.contracts.keys(), Options::new(Safety::Anything));
    let setup = runtime.block_on(setup::twins(&workspace, all, 0, Carrier::Served, options)).expect("the twins start");
    let contracts = || workspace.contracts.values().filter(|contract| !contract.features.is_empty());
    let planned = Playbill::of(contracts(), |_| true).scenarios;
    let mut group = criterion.benchmark_group("the shipped contracts");
    group.sample_size(10).measurement_time(Duration::from_secs(10));

    group.throughput(Throughput::Elements((planned.len() * TIMES) as u64));
    group.bench_function("plain scenarios", |bencher| {
        bencher.iter_custom(|times| {
            let mut spent = Duration::ZERO;
            for _ in 0..times {
                let many: Vec<_> = (0..TIMES).flat_map(|_| planned.clone()).collect();
                let start = Instant::now();
                let pace = Pace { jobs: JOBS, fail_fast: false };
                let (run, never) = (Arc::clone(&setup.run), Arc::clone(&never));
                black_box(runtime.block_on(contracts::run(run, many, &pace, never, Arc::new(|_| {}))));
                spent += start.elapsed();
            }
            spent
        });
    });

    let wanted = Wanted::default();
    let proving = runtime.block_on(Proving::prepare(&setup.run, planned.clone(), &wanted, JOBS, &never));
    let chosen = proving.choose(&[], None, 0);
    assert!(chosen.len() >= 5_000, "{} runs", chosen.len());
    group.throughput(Throughput::Elements(chosen.len() as u64));
    group.bench_function("mutated runs", |bencher| {
        bencher.iter(|| {
            let fates = runtime.block_on(proving.perform(&chosen, JOBS, &never, Arc::new(|| {})));
            assert!(fates.iter().all(Option::is_some));
            black_box(fates)
        });
    });

    // From the contracts' text to the judgement.
    group.bench_function("the whole campaign", |bencher| {
        bencher.iter(|| {
            let planned = Playbill::of(contracts(), |_| true).scenarios;
            let proving = runtime.block_on(Proving::prepare(&setup.run, planned, &wanted, JOBS, &never));
            let chosen = proving.choose(&[], None, 0);
            let fates = runtime.block_on(proving.perform(&chosen, JOBS, &never, Arc::new(|| {})));
            let judged = proving.judged(&fates, true);
            let bite = |contract| {
                let contract: &preflight::adapter::contracts::Contract = contract;
                judged.bite(&contract.name, &contract.manifest.title, &contract.hash)
            };
            black_box(contracts().map(bite).collect::<Vec<_>>())
        });
    });
    group.finish();
}

criterion_group!(benches, compare);
criterion_main!(benches);
