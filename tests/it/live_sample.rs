//! A workspace with a history that was heard before: services of all states, an incident, a failure with a hostile answer.

use std::process::{Child, Stdio};

use jiff::{SignedDuration, Timestamp};
use preflight::adapter::clock;
use preflight::adapter::history::History;
use preflight::adapter::history::batch::{Batch, Failure, Minute};
use preflight::domain::finding::{Code, Finding};
use preflight::domain::monitor::beat::{Beat, Said};
use preflight::domain::monitor::incident::{Incident, Moment, Severity};
use preflight::domain::monitor::pulse::Pulse;
use preflight::domain::monitor::tally::Tally;
use preflight::domain::probe::ask::Kind;
use preflight::domain::probe::cannot::{CannotTell, Word};
use preflight::domain::probe::run::{ProbeRun, StepRun};
use preflight::domain::probe::service::Service;
use preflight::domain::probe::specified::Depth;
use preflight::domain::probe::thresholds::Thresholds;
use preflight::domain::record::Outcome;
use preflight::domain::record::recorded_exchange::{RecordedBody, RecordedExchange};

use crate::shell::Folder;

/// What a browser would obey if it were not escaped.
pub const HOSTILE: &str = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">";

const KINDS: [(Service, &str); 4] = [
    (Service::Api, "api"),
    (Service::Webhook, "webhook"),
    (Service::Infrastructure, "infrastructure"),
    (Service::Mcp, "mcp"),
];

/// How a service of the sample is: the first is down, the second degraded, the third unknown, the others are well.
fn state(index: usize) -> &'static str {
    ["down", "degraded", "unknown"].get(index).copied().unwrap_or("healthy")
}

fn name(index: usize) -> String {
    let names = ["orders", "chatwoot", "analytics", "shopify", "supabase", "redis", "openai", "github"];
    names.get(index).map_or_else(|| format!("service-{index}"), |name| (*name).to_owned())
}

/// A workspace of so many services that are asked once a day, at an address where nobody is.
pub fn folder(services: usize) -> Folder {
    let workspace = "version: 1\nname: HotDash\nenvironments:\n  staging:\n    base_urls: {shop: 'http://127.0.0.1:9'}\n\
                     integrations:\n  shop: {title: Shop}\npolicy:\n  staging: {require: [health]}\n";
    let probe = |index: usize| {
        let (name, kind) = (name(index), KINDS[index % 4].1);
        let title = name[..1].to_uppercase() + &name[1..];
        let below = if index == 4 { "    depends_on: [orders]\n" } else { "" };
        format!(
            "  - name: {name}\n    title: {title}\n    service: {kind}\n    interval_seconds: 86400\n{below}    steps:\n      \
             - name: alive\n        depth: liveness\n        http: {{request: GET /health}}\n        expect: ['the status is 200', '\"$.a\" is \"b\"']\n"
        )
    };
    let probes: String = (0..services).map(probe).collect();
    let probes =
        if services == 0 { "version: 1\nprobes: []\n".to_owned() } else { format!("version: 1\nprobes:\n{probes}") };
    let folder = Folder::with(&[("preflight.yaml", workspace), ("fixtures/shop/probes.yaml", &probes)]);
    if services > 0 {
        fill(&folder, services, clock::now());
    }
    folder
}

fn beat(at: Timestamp, said: Said, millis: u64) -> Beat {
    Beat { at, said, latency_us: (said == Said::Good).then_some(millis * 1000) }
}

fn fill(folder: &Folder, services: usize, now: Timestamp) {
    let path = folder.path().join("reports/history/staging.db");
    let mut batch = Batch::default();
    for index in 0..services {
        let (name, state) = (name(index).parse().expect("a name"), state(index));
        let mut pulse = Pulse::new(now - SignedDuration::from_hours(30), SignedDuration::from_hours(24));
        let ago = |minutes: i64| now - SignedDuration::from_mins(minutes);
        let runs: i64 = if state == "unknown" { 0 } else { 40 };
        for minute in (0..runs).rev() {
            let (said, millis) = match state {
                "down" if minute < 12 => (Said::Bad, 0),
                "degraded" => (Said::Good, 3500),
                _ => (Said::Good, 80 + (minute.cast_unsigned() * 13 + index as u64 * 31) % 120),
            };
            pulse.hear(&beat(ago(minute), said, millis), &Thresholds::of(KINDS[index % 4].0));
        }
        if runs > 0 {
            batch.pulses.push((name, pulse));
        }
        // A day by the half hour, and a month by the day; a gap in the night, and failures before it.
        let parts = (0..48).map(|half| half * 30).chain((2..30).map(|day| day * 24 * 60));
        for minutes in parts.filter(|minutes| !(600..720).contains(minutes) && state != "unknown") {
            let at = ago(minutes);
            let mut tally = Tally::default();
            for run in 0..20_u64 {
                let bad = (state == "down" && minutes < 20) || (index % 5 == 1 && minutes == 780 && run < 8);
                let said = if bad { Said::Bad } else { Said::Good };
                let slow = if state == "degraded" { 3300 } else { 0 };
                tally.hear(&beat(
                    at,
                    said,
                    slow + 80 + (minutes.cast_unsigned() * 7 + run * 17 + index as u64 * 29) % 140,
                ));
            }
            let start = at.as_second() / 60 * 60;
            batch.minutes.push(Minute {
                probe: self::name(index).parse().expect("a name"),
                service: KINDS[index % 4].0,
                start,
                tally,
            });
        }
    }
    batch.failures.push(Failure { print: "alive".to_owned(), run: failed(now - SignedDuration::from_mins(2)) });
    batch.incidents = vec![
        incident(now - SignedDuration::from_mins(12), None),
        incident(now - SignedDuration::from_hours(50), Some(37)),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let history = History::open(&path).await.expect("a history");
        assert!(history.write(batch).await.is_ok(), "it is written");
    });
}

fn incident(opened: Timestamp, lasted: Option<i64>) -> Incident {
    let service: preflight::domain::integration::Name = "orders".parse().expect("a name");
    let end = lasted.map(|minutes| opened + SignedDuration::from_mins(minutes));
    let moment = |at, what: &str| Moment { at, what: what.to_owned() };
    let mut timeline = vec![moment(opened, "orders is down"), moment(opened, "supabase fails with it")];
    timeline.extend(end.map(|end| moment(end, "resolved: it has held good")));
    Incident {
        id: format!("orders-{}", opened.as_second()),
        service,
        severity: Severity::Critical,
        opened,
        acknowledged: None,
        recovered: end,
        resolved: end,
        affected: ["supabase".parse().expect("a name")].into(),
        relapses: 0,
        timeline,
    }
}

/// A run that broke, over an answer that is a script.
fn failed(at: Timestamp) -> ProbeRun {
    let body = |text: &str| Some(RecordedBody { text: text.into(), length: text.len() as u64, sha256: None });
    let exchange = RecordedExchange {
        method: "GET".into(),
        path: "/health".into(),
        request_headers: vec![("accept".into(), "application/json".into())],
        request_body: None,
        status: Some(500),
        no_answer: None,
        response_headers: vec![("content-type".into(), "text/html".into()), ("x-hostile".into(), HOSTILE.into())],
        response_body: body(HOSTILE),
        duration_us: 173_000,
        approval: None,
    };
    let none = CannotTell::new(Word::Failed, "");
    let finding = Finding::new(Code::Status, format!("expected the status 200, came 500 with {HOSTILE}"));
    let step = StepRun {
        outcome: Outcome::Broken,
        cannot: None,
        findings: vec![finding],
        exchanges: vec![exchange],
        ..StepRun::unasked("alive", Kind::Http, Depth::Liveness, none)
    };
    ProbeRun {
        probe: "orders".parse().expect("a name"),
        integration: "shop".parse().expect("a name"),
        title: "Orders".to_owned(),
        service: Service::Api,
        outcome: Outcome::Broken,
        started: at,
        duration_us: 173_000,
        steps: vec![step],
        host: None,
    }
}

/// A monitor that is under way, and ends with the test.
pub struct Monitor {
    pub child: Child,
    /// `http://127.0.0.1:40000`
    pub url: String,
}

impl Monitor {
    pub fn start(folder: &Folder, more: &[&str], environment: &[(&str, &str)]) -> Self {
        use std::io::{BufRead as _, BufReader};

        let place: &[&str] = if more.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
        let arguments = [&["watch", "--env", "staging"], place, more].concat();
        let mut command = folder.command(&arguments);
        let mut child = command
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let mut said = String::new();
        let url = loop {
            let Some(Ok(line)) = lines.next() else { panic!("it ended before it served: {said}") };
            if let Some(rest) = line.strip_prefix("page: ") {
                break rest.split('/').take(3).collect::<Vec<_>>().join("/");
            }
            said.push_str(&line);
        };
        // What it says on is read, so that it can go on saying it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
