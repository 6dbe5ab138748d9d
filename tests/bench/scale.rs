//! What the program itself takes, as its user runs it: start, time and memory from 2,000 scenarios to 50,000, size.
#![expect(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench may fail loudly, measures time, writes files, and prints what it measured"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_preflight");

const WORKSPACE: &str = "version: 1\nname: scale\nenvironments:\n  local: {}\nintegrations:\n  chatwoot: {}\n";

fn main() {
    let size = fs::metadata(PROGRAM).expect("the program").len();
    row("size of the program", &format!("{:.1} MB", megabytes(size)), "< 40 MB", megabytes(size) < 40.0);
    starts();
    grows();
}

fn starts() {
    let empty = tempfile::tempdir().expect("a folder");
    let help = median(20, || measure(empty.path(), &["--help"]).took);
    row(
        "preflight --help",
        &format!("{:.1} ms", help.as_secs_f64() * 1e3),
        "< 20 ms",
        help < Duration::from_millis(20),
    );
    let check = median(5, || {
        let folder = tempfile::tempdir().expect("a folder");
        measure(folder.path(), &["check", "chatwoot"]).took
    });
    row("preflight check chatwoot", &format!("{:.2} s", check.as_secs_f64()), "< 1 s", check < Duration::from_secs(1));
}

fn grows() {
    let few = many(2_000, 3);
    let some = many(10_000, 1);
    let most = many(50_000, 1);
    for (count, run) in [(2_000, &few), (10_000, &some), (50_000, &most)] {
        let (seconds, peak) = (run.took.as_secs_f64(), megabytes(run.peak));
        println!("{count:>6} scenarios: {seconds:.2} s, {:.0} a second, peak {peak:.0} MB", f64::from(count) / seconds);
    }
    row("10,000 scenarios", &format!("{:.0} MB", megabytes(some.peak)), "< 250 MB", megabytes(some.peak) < 250.0);
    let each = (most.peak.saturating_sub(few.peak)) as f64 / 48_000.0;
    row("growth for each scenario from 2,000 to 50,000", &format!("{:.1} kB", each / 1e3), "< 4 kB", each < 4e3);
    let ratio = (most.took.as_secs_f64() / 50_000.0) / (few.took.as_secs_f64() / 2_000.0);
    row("time of a scenario, 50,000 to 2,000", &format!("{ratio:.2}"), "about 1", ratio < 1.2);
}

/// So many scenarios in a workspace of their own, the fastest of so many runs.
fn many(count: u32, runs: u32) -> Measured {
    let folder = tempfile::tempdir().expect("a folder");
    let features = folder.path().join("features/chatwoot");
    fs::create_dir_all(&features).expect("a folder");
    fs::write(folder.path().join("preflight.yaml"), WORKSPACE).expect("a workspace");
    for file in 0..count.div_ceil(1_000) {
        let mut text = format!("@many\nFeature: many {file}\n");
        for number in 0..count.min(1_000) {
            let _ = writeln!(
                text,
                "  Scenario: {file}-{number}\n    When I GET \"/api\"\n    Then the status is 200\n    And the body matches schema \"chatwoot/api-status\""
            );
        }
        fs::write(features.join(format!("many-{file}.feature")), text).expect("a feature");
    }
    let runs = (0..runs).map(|_| {
        let run = measure(folder.path(), &["check", "chatwoot", "--tags", "@many"]);
        assert!(run.status.success(), "{:?}", run.status);
        run
    });
    runs.min_by_key(|run| run.took).expect("a run")
}

struct Measured {
    took: Duration,
    /// Bytes of memory at the highest (Linux alone tells).
    peak: u64,
    status: ExitStatus,
}

fn measure(folder: &Path, arguments: &[&str]) -> Measured {
    let start = Instant::now();
    let mut command = Command::new(PROGRAM);
    let mut child = command.args(arguments).current_dir(folder).stdout(Stdio::null()).spawn().expect("the program");
    let (mut peak, mut pause) = (0, Duration::from_micros(200));
    loop {
        if let Some(status) = child.try_wait().expect("its end") {
            return Measured { took: start.elapsed(), peak, status };
        }
        peak = peak.max(resident(child.id()));
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10).min(start.elapsed() / 50 + Duration::from_micros(200)));
    }
}

/// The most bytes that a process ever held in memory (proc(5), `VmHWM`).
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn median(runs: usize, mut run: impl FnMut() -> Duration) -> Duration {
    let mut took: Vec<_> = (0..runs).map(|_| run()).collect();
    took.sort();
    took[runs / 2]
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn row(what: &str, is: &str, goal: &str, holds: bool) {
    println!("{what}: {is} (goal {goal}){}", if holds { "" } else { "  MISSED" });
}
