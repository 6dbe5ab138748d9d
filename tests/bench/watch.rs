//! What watching costs: schedule lag, memory and processor time of `preflight watch`, size and speed of its history.
//!
//! The monitor is the program as its user runs it; what it asks is a server of the bench's own. Where the exporter of Debian's
//! package `prometheus-blackbox-exporter` is there (`PREFLIGHT_PEER_BLACKBOX` names another one), it probes the same targets.
#![expect(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench may fail loudly, measures time, writes files, and prints what it measured"
)]

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use preflight::adapter::history::History;
use preflight::adapter::history::batch::{Batch, Failure, Minute};
use preflight::domain::integration::Name;
use preflight::domain::monitor::beat::{Beat, Said};
use preflight::domain::monitor::pulse::Pulse;
use preflight::domain::monitor::series::Outlook;
use preflight::domain::monitor::span::Window;
use preflight::domain::monitor::tally::Tally;
use preflight::domain::probe::run::ProbeRun;
use preflight::domain::probe::service::Service;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const PROGRAM: &str = env!("CARGO_BIN_EXE_preflight");
const EXPORTER: &str = "/usr/bin/prometheus-blackbox-exporter";
const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{\"status\":\"ok\"}";
/// The beginning of a day.
const START: i64 = 1_800_057_600;

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let server = runtime.block_on(serve());
    // The first word that is no flag chooses (`cargo bench --bench watch -- schedule`).
    let chosen = std::env::args().skip(1).find(|word| !word.starts_with("--"));
    let runs = |part: &str| chosen.as_deref().is_none_or(|chosen| chosen == part);
    if runs("schedule") {
        schedule(server);
    }
    if runs("exporter") {
        exporter(&runtime, server);
    }
    if runs("history") {
        runtime.block_on(history());
    }
}

/// A service that is well, on a thread of its own.
async fn serve() -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut read = [0; 4096];
                // No request of a probe is longer, and none is sent before the one before was answered.
                while stream.read(&mut read).await.is_ok_and(|length| length > 0) {
                    if stream.write_all(ANSWER).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    port
}

fn schedule(server: u16) {
    let busy = watch(server, 1000, 1, 30);
    let per_probe = busy.cpu.as_secs_f64() * 1e6 / busy.runs as f64;
    println!("1,000 probes each second for 30 s: {}", busy.told);
    row("P99 of the lag", &format!("{} ms", busy.lag_ms), "< 100 ms", busy.lag_ms < 100);
    row("memory at the highest", &format!("{:.0} MB", megabytes(busy.peak)), "< 200 MB", megabytes(busy.peak) < 200.0);
    println!("    processor time: {per_probe:.0} µs for each probe");
    let many = watch(server, 10_000, 60, 75);
    println!("10,000 services at 60 s for 75 s: {}", many.told);
    row("P99 of the lag", &format!("{} ms", many.lag_ms), "< 100 ms", many.lag_ms < 100);
    row("turns that were begun", &many.runs.to_string(), "> 10,000", many.runs > 10_000);
    println!("    memory at the highest: {:.0} MB", megabytes(many.peak));
    let few = watch(server, 16, 5, 60);
    let share = few.cpu.as_secs_f64() * 100.0 / 60.0;
    println!("16 services at 5 s for 60 s: {}", few.told);
    row("share of a core, start and end with it", &format!("{share:.2} %"), "< 1 %", share < 1.0);
}

struct Watched {
    runs: u64,
    lag_ms: u64,
    told: String,
    peak: u64,
    cpu: Duration,
}

/// Watches so many probes at one interval for so many seconds.
fn watch(server: u16, probes: usize, every: u32, seconds: u32) -> Watched {
    let folder = tempfile::tempdir().expect("a folder");
    workspace(folder.path(), server, probes, every);
    let screen = fs::File::create(folder.path().join("screen")).expect("a file");
    let mut command = Command::new(PROGRAM);
    let mut child = command
        .args(["watch", "--env", "staging", "--jobs", "4096", "--for", &seconds.to_string()])
        .current_dir(folder.path())
        .env("NO_COLOR", "1")
        .stdout(Stdio::null())
        .stderr(screen)
        .spawn()
        .expect("the program");
    let (mut peak, mut cpu) = (0, Duration::ZERO);
    while child.try_wait().expect("its end").is_none() {
        peak = peak.max(resident(child.id()));
        cpu = cpu.max(processor(child.id()));
        std::thread::sleep(Duration::from_millis(100));
    }
    let screen = fs::read_to_string(folder.path().join("screen")).expect("what it said");
    let told = screen.lines().find(|line| line.contains(" missed")).unwrap_or_else(|| panic!("{screen}")).to_owned();
    let number = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
    let runs = number(told.split(" run").next().unwrap_or_default());
    let lag_ms = number(told.rsplit("within").next().unwrap_or_default());
    Watched { runs, lag_ms, told, peak, cpu }
}

fn workspace(folder: &Path, server: u16, probes: usize, every: u32) {
    let workspace = format!(
        "version: 1\nname: watched\nenvironments:\n  staging:\n    base_urls: {{orders: 'http://127.0.0.1:{server}'}}\n\
         integrations:\n  orders:\n"
    );
    let mut text = "version: 1\nprobes:\n".to_owned();
    for number in 0..probes {
        let _ = write!(
            text,
            "  - name: s{number}\n    service: api\n    interval_seconds: {every}\n    steps:\n      - name: alive\n        \
             depth: liveness\n        http: {{request: GET /health}}\n        expect:\n          - the status is 200\n          \
             - '\"$.status\" is \"ok\"'\n"
        );
    }
    let fixtures = folder.join("fixtures/orders");
    fs::create_dir_all(&fixtures).expect("a folder");
    fs::write(fixtures.join("probes.yaml"), text).expect("probes");
    fs::write(folder.join("preflight.yaml"), workspace).expect("a workspace");
}

/// The same 1,000 targets each second through the exporter, which somebody else has to ask when each is due.
fn exporter(runtime: &tokio::runtime::Runtime, server: u16) {
    let program = std::env::var_os("PREFLIGHT_PEER_BLACKBOX").map_or_else(|| PathBuf::from(EXPORTER), PathBuf::from);
    if !program.is_file() {
        println!("blackbox_exporter: not there (apt-get install prometheus-blackbox-exporter)");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("blackbox.yml");
    let module = "modules:\n  well:\n    prober: http\n    timeout: 5s\n    http:\n      fail_if_body_not_matches_regexp: ['\"status\":\"ok\"']\n";
    fs::write(&settings, module).expect("its settings");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
    let mut command = Command::new(program);
    let command = command.arg(format!("--config.file={}", settings.display()));
    let command = command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
    let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the exporter");
    let mut ended = Ended(started);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let before = processor(ended.0.id());
    let asked = runtime.block_on(ask_every_millisecond(port, server, 20_000));
    let cpu = processor(ended.0.id()).saturating_sub(before);
    let peak = megabytes(resident(ended.0.id()));
    let each = cpu.as_secs_f64() * 1e6 / f64::from(asked);
    println!(
        "blackbox_exporter, {asked} good probes within 20 s: {each:.0} µs of processor for each, {peak:.0} MB at the highest"
    );
    ended.0.kill().expect("it can be ended");
}

/// A process that ends with the bench.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Asks the exporter for a probe each millisecond, and counts those that were good.
async fn ask_every_millisecond(port: u16, server: u16, count: u32) -> u32 {
    let mut turns = tokio::time::interval(Duration::from_millis(1));
    let mut asked = JoinSet::new();
    for _ in 0..count {
        turns.tick().await;
        asked.spawn(async move {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
            let target = format!("http%3A%2F%2F127.0.0.1%3A{server}%2Fhealth");
            let request = format!("GET /probe?module=well&target={target} HTTP/1.0\r\nhost: exporter\r\n\r\n");
            stream.write_all(request.as_bytes()).await.ok()?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.ok()?;
            answer.contains("\nprobe_success 1\n").then_some(())
        });
    }
    asked.join_all().await.iter().filter_map(|good| u32::try_from(good.iter().count()).ok()).sum()
}

async fn history() {
    sixteen_at_five_seconds().await;
    five_hundred_for_thirty_days().await;
}

/// Every minute of thirty days as a monitor writes it, with one bad run in a hundred.
async fn sixteen_at_five_seconds() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = History::open(&folder.path().join("history.db")).await.expect("a history");
    let names = names(16);
    let begun = Instant::now();
    for start in (START..START + 30 * 86_400).step_by(60) {
        write(&history, &names, start, 12).await;
        if start % 3600 == 0 {
            history.compact(at(start)).await.expect("it is compacted");
        }
    }
    history.compact(at(START + 30 * 86_400)).await.expect("it is compacted");
    let took = begun.elapsed();
    let size: u64 = fs::read_dir(folder.path())
        .expect("a folder")
        .map(|file| file.expect("a file").metadata().expect("its size").len())
        .sum();
    println!("16 services at 5 s for 30 days, written in {:.0} s", took.as_secs_f64());
    row("on the disk", &format!("{:.1} MB", megabytes(size)), "< 150 MB", megabytes(size) < 150.0);
}

async fn five_hundred_for_thirty_days() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = History::open(&folder.path().join("history.db")).await.expect("a history");
    let names = names(500);
    let begun = Instant::now();
    let end = START + 30 * 86_400;
    // Of all but the last two days an hour's runs as one of its minutes: no other minute of them is kept.
    for start in (START..end - 2 * 86_400).step_by(3600) {
        write(&history, &names, start, 60).await;
    }
    for start in (end - 2 * 86_400..end).step_by(60) {
        write(&history, &names, start, 1).await;
    }
    let took = begun.elapsed();
    println!("500 services at 60 s for 30 days, written in {:.0} s", took.as_secs_f64());
    for (window, goal) in [(Window::Month, 150.0), (Window::Week, f64::INFINITY), (Window::Day, f64::INFINITY)] {
        let mut took: Vec<f64> = Vec::new();
        for _ in 0..5 {
            let begun = Instant::now();
            let asked = names.iter().map(|name| async {
                let rows = history.rows(name, window.span(), window.start(at(end))).await.expect("rows");
                Outlook::of(window, &rows, at(end)).runs
            });
            let runs: u64 = futures::future::join_all(asked).await.iter().sum();
            assert!(runs > 0);
            took.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        took.sort_by(f64::total_cmp);
        let told = format!("{:.0} ms", took[2]);
        if goal.is_finite() {
            row(&format!("{} of all of them", window.as_str()), &told, &format!("< {goal} ms"), took[2] < goal);
        } else {
            println!("    {} of all of them: {told}", window.as_str());
        }
    }
}

/// A minute of all services, each with so many runs.
async fn write(history: &History, names: &[Name], start: i64, runs: u32) {
    let mut batch = Batch::default();
    for (index, name) in names.iter().enumerate() {
        let (mut tally, mut pulse) = (Tally::default(), Pulse::new(at(start), SignedDuration::from_secs(5)));
        for run in 0..runs {
            let noise = noise(start.unsigned_abs() * 64 + u64::from(run) + index as u64 * 7919);
            let said = if noise.is_multiple_of(100) { Said::Bad } else { Said::Good };
            // Around 90 ms, with a long tail.
            let latency_us =
                Some(60_000 + noise % 60_000 + if noise.is_multiple_of(37) { noise % 2_000_000 } else { 0 });
            let beat = Beat { at: at(start), said, latency_us };
            tally.hear(&beat);
            pulse.hear(&beat, &preflight::domain::probe::thresholds::Thresholds::of(Service::Api));
            if said == Said::Bad {
                batch.failures.push(Failure { print: "alive status 503".to_owned(), run: failed(name, start) });
            }
        }
        batch.minutes.push(Minute { probe: name.clone(), service: Service::Api, start, tally });
        batch.pulses.push((name.clone(), pulse));
    }
    history.write(batch).await.map_err(|unwritten| unwritten.error).expect("it is written");
}

/// A bad run with an answer of three kilobytes.
fn failed(name: &Name, start: i64) -> ProbeRun {
    let document = serde_json::json!({
        "probe": name.as_str(), "integration": name.as_str(), "title": "Orders", "service": "api", "outcome": "broken",
        "started": at(start), "duration_us": 90_000,
        "steps": [{
            "name": "alive", "kind": "http", "depth": "liveness", "outcome": "broken", "checks": 2, "latency_us": 90_000,
            "exchanges": [{
                "method": "GET", "path": "/health", "status": 503, "duration_us": 90_000,
                "response_body": {"text": "x".repeat(3000), "length": 3000}
            }]
        }]
    });
    serde_json::from_value(document).expect("a run")
}

fn names(count: usize) -> Vec<Name> {
    (0..count).map(|number| format!("service-{number}").parse().expect("a name")).collect()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

/// Numbers that look like chance and are the same in each run (splitmix64).
fn noise(seed: u64) -> u64 {
    let mut word = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// The most bytes that a process ever held in memory (proc(5), `VmHWM`).
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Processor time of a process so far (proc(5), fields 14 and 15 of `stat`, in hundredths of a second).
fn processor(process: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn row(what: &str, measured: &str, goal: &str, holds: bool) {
    println!("{} {what}: {measured} (goal {goal})", if holds { "holds  " } else { "MISSED " });
}
