//! The scan for leaks: bytes in memory on one thread, and files on all of them.
#![expect(clippy::expect_used, reason = "a bench may fail loudly, and measures time")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::PathBuf;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use preflight::adapter::{files, leaks, random};
use preflight::domain::leak::search::search;

/// Megabytes of each kind of text.
const SIZE: usize = 16_000_000;

/// A record as the tool writes them: JSON with headers, hashes and escaped bodies.
fn record(size: usize) -> String {
    let mut text = String::with_capacity(size + 1000);
    for number in 0_u64.. {
        if text.len() >= size {
            break;
        }
        let hash = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let _ = writeln!(
            text,
            r#"{{"method":"GET","path":"/api/v1/accounts/1/conversations?page={number}","request_headers":[["accept","application/json"],["api_access_token","[redacted]"],["authorization","Bearer [redacted]"]],"status":200,"response_body":{{"text":"{{\"data\":{{\"meta\":{{\"all_count\":{number}}},\"payload\":[{{\"id\":{number},\"status\":\"open\",\"labels\":[\"billing\"],\"uuid\":\"{hash:016x}\"}}]}}}}","length":{number},"sha256":"{hash:016x}{hash:016x}{hash:016x}{hash:016x}"}},"duration_us":{number}}}"#
        );
    }
    text
}

/// Source code that handles tokens in every second line, the worst that a search by name can meet.
fn source(size: usize) -> String {
    let mut text = String::with_capacity(size + 1000);
    for number in 0.. {
        if text.len() >= size {
            break;
        }
        let _ = writeln!(
            text,
            "export async function getAccessToken{number}(request: Request): Promise<Token> {{\n  const token = process.env.CHATWOOT_API_TOKEN;\n  const key = `${{prefix}}_key_{number}`;\n  const url = \"https://chat.example/api/v1/accounts/{number}\";\n  if (!token) throw new Error('CHATWOOT_API_TOKEN is not set');\n  return fetch(url, {{ headers: {{ api_access_token: token, 'x-api-key': key }} }});\n}}\n"
        );
    }
    text
}

/// Prose: reports and incident documents.
fn prose(size: usize) -> String {
    let line = "The staging secrets were mirrored at 09:00 UTC; the production ones were not. See docs/runbooks/x.md, item 7.\n";
    line.repeat(size / line.len())
}

fn scan(criterion: &mut Criterion) {
    let texts = [("records", record(SIZE)), ("source", source(SIZE)), ("prose", prose(SIZE))];
    let mut group = criterion.benchmark_group("leaks, one thread");
    group.sample_size(10);
    for (name, text) in &texts {
        group.throughput(Throughput::BytesDecimal(text.len() as u64));
        group.bench_function(*name, |bencher| bencher.iter(|| black_box(search(text.as_bytes(), 0..text.len()).len())));
    }
    group.finish();

    let folder = tempfile::tempdir().expect("a folder");
    let mut total = 0;
    for (name, text) in &texts {
        // Files of the size that such files have, in folders.
        for (number, part) in text.as_bytes().chunks(40_000).enumerate() {
            files::write(&folder.path().join(format!("{name}/{}/{number}.txt", number / 100)), part).expect("a file");
            total += part.len() as u64;
        }
    }
    let key = random::key().expect("randomness");
    let paths: [PathBuf; 1] = [folder.path().to_owned()];
    let mut group = criterion.benchmark_group("leaks, files");
    group.sample_size(10).throughput(Throughput::BytesDecimal(total));
    group.bench_function("1200 files of 40 kB", |bencher| {
        bencher.iter(|| black_box(leaks::scan(folder.path(), &paths, &key).expect("a scan").scan.files));
    });
    group.finish();
}

criterion_group!(benches, scan);
criterion_main!(benches);
