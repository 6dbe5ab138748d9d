//! The dashboard of 200 integrations and 10,000 scenarios, drawn.
#![expect(clippy::expect_used, reason = "a bench may fail loudly, and measures time")]

use criterion::{Criterion, criterion_group, criterion_main};
use preflight::report::dashboard::Dashboard;
use preflight::report::{html, markdown};

#[path = "../it/sample.rs"]
#[expect(dead_code, reason = "the integration tests use more of it")]
mod sample;

fn draw(criterion: &mut Criterion) {
    let (readiness, records) = sample::large(200, 50);
    let dashboard = Dashboard::new(&readiness, &records, "preflight", readiness.judged);
    let mut group = criterion.benchmark_group("200 integrations, 10000 scenarios");
    group.sample_size(10);
    group.bench_function("html", |bencher| bencher.iter(|| html::draw(&dashboard).expect("a page")));
    group.bench_function("markdown", |bencher| bencher.iter(|| markdown::draw(&dashboard)));
    group.finish();
}

criterion_group!(benches, draw);
criterion_main!(benches);
