//! `preflight watch`: the health of services, continuously, with a history that outlives it.

mod listen;
mod live;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::adapter::clock;
use crate::adapter::environment::Environment;
use crate::adapter::halt::{self, Halt};
use crate::adapter::history::History;
use crate::adapter::ledger::Ledger;
use crate::adapter::page::access::Policy;
use crate::adapter::page::socket;
use crate::adapter::workspace::Workspace;
use crate::cli::alerting;
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::probe::{environment, here, unknown};
use crate::cli::watch::listen::Listen;
use crate::cli::watch::live::{Judge, Live, Reader};
use crate::cli::{home, outputs};
use crate::domain::integration::Name;
use crate::domain::monitor::incident::Incident;
use crate::domain::monitor::root_cause::Dependencies;
use crate::domain::monitor::service_view::Overview;
use crate::domain::probe::thresholds::Health;
use crate::engine::monitor::desk::Desk;
use crate::engine::monitor::keeper::Kept;
use crate::engine::monitor::order::{Order, WAITING};
use crate::engine::monitor::overview::{self, Board};
use crate::engine::monitor::round::{self, Pace, Told};
use crate::engine::probe::plan::{Planned, choose, plan};
use crate::engine::probe::ward::Ward;
use crate::report::digest::number;
use crate::report::{json, terminal};

/// Which services, where, and for how long.
#[derive(Args, Clone, Debug)]
pub struct Watch {
    /// Probes, by their name or by that of their integration [default: all of the workspace]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Where the services are [default: `local` where it is declared, else the only environment]
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Option<String>,
    /// The file of the history [default: history/ENVIRONMENT.db in the reports folder]
    #[arg(long, value_name = "FILE")]
    pub history: Option<PathBuf>,
    /// Ends after so many seconds [default: when it is told to]
    #[arg(long = "for", value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    pub seconds: Option<u32>,
    /// Seconds from one run to the next, for all probes [default: what each says]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub every: Option<u32>,
    /// Probes under way at the same time
    #[arg(long, default_value_t = 1024, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: u16,
    /// Alerts nobody
    #[arg(long)]
    pub no_alerts: bool,
    /// Asks nothing: prints what the history says of the services now
    #[arg(long, conflicts_with_all = ["seconds", "every", "at"])]
    pub show: bool,
    #[command(flatten)]
    pub page: Listen,
}

/// Runs the verb: 0 all are healthy at its end, 1 one is degraded or down, 2 could not run, 3 of one nothing is known.
///
/// # Errors
/// A file of probes cannot be used, no such environment or probe is declared, or the history cannot be opened or written.
pub async fn run(common: &Common, args: &Watch, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    let environment = environment(&workspace, args.env.as_deref())?;
    let all = here(plan(&workspace)?, environment.name());
    let declared: BTreeSet<Name> = all.iter().map(|probe| probe.probe.name.clone()).collect();
    let mut planned = choose(all, &args.names).map_err(|(name, known)| unknown(&name, &known))?;
    if planned.is_empty() {
        let hint = "write fixtures/<integration>/probes.yaml (docs/file-formats.md), or name another environment";
        return Err(Advice::unknown(format!("no probe is meant for {}", environment.name()), hint).into());
    }
    if let Some(every) = args.every {
        for probe in &mut planned {
            probe.probe.interval_seconds = every;
        }
    }
    refuse_circles(&planned)?;
    let reports = outputs::folder(common, &workspace);
    let path = args.history.clone();
    let path = path.unwrap_or_else(|| reports.join("history").join(format!("{}.db", environment.name())));
    if args.show && !path.exists() {
        let hint = format!("run `preflight watch --env {}` first", environment.name());
        return Err(Advice::unknown(format!("there is no history {}", path.display()), hint).into());
    }
    let history = History::open(&path).await?;
    if !args.show {
        let open = concerned(history.incidents(i64::MAX).await?, &declared, &planned);
        let book = Book { ledger: Ledger::new(&reports), history: history.clone(), open, declared };
        watch(&workspace, &environment, &planned, book, args, console).await?;
        console.say(&format!("history: {}\n", path.display()));
    }
    let overview = overview::of(&history, &planned, environment.name(), clock::now()).await?;
    if console.json() {
        console.give(&json::overview(&overview)?);
    }
    console.say(&terminal::monitor::overview(&overview, console.style()));
    Ok(exit(&overview))
}

/// What a monitor reads and writes.
struct Book {
    ledger: Ledger,
    history: History,
    /// Incidents that it goes on with.
    open: Vec<Incident>,
    /// Probes that are declared, watched or not.
    declared: BTreeSet<Name>,
}

async fn watch(
    workspace: &Workspace,
    environment: &Environment,
    planned: &[Planned],
    book: Book,
    args: &Watch,
    console: Console,
) -> anyhow::Result<()> {
    let ward = Ward::open(workspace, environment, &book.ledger, planned)?;
    let (orders, inbox) = mpsc::channel(WAITING);
    let served = Page::open(workspace, environment, planned, (&book.ledger, &book.history), args, orders).await?;
    let now = clock::now();
    let windows = workspace.inventory.maintenance.clone();
    let probes = planned.iter().map(|probe| &probe.probe);
    let mut desk = Desk::new(now, probes, book.history.pulses().await?, book.open, windows);
    let mut alerting = None;
    if !args.no_alerts {
        let both = (book.history.clone(), book.ledger.clone());
        let is_concerned = |name: &Name| concerns(name, &book.declared, planned);
        (desk, alerting) = alerting::begin(desk, workspace, environment, both, &is_concerned, console).await?;
    }
    let halt = ward.run.halt.clone();
    let listener = tokio::spawn(async move {
        halt::asked_for().await;
        halt.call();
    });
    let services = number(planned.len(), "service");
    console.say(&format!("watching {services} in {} (Ctrl-C ends it)", environment.name()));
    if let Some(served) = &served {
        console.say(&served.told());
    }
    let live = served.as_ref().map(|served| Arc::clone(&served.live));
    let until = args.seconds.and_then(|seconds| now.checked_add(SignedDuration::from_secs(seconds.into())).ok());
    let told = |told: Told| {
        if let Some(live) = &live {
            live.news.notify_one();
        }
        match told {
            Told::News(news) => console.say(&terminal::monitor::news(news, clock::now(), console.style())),
            Told::History(Kept::Unwritten(error)) => {
                let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
                console
                    .say(&format!("the history cannot be written, what is heard is kept until it can: {error}{cause}"));
            }
            Told::History(Kept::Again) => console.say("the history is written again, with what was kept"),
            Told::Clock(by) => {
                console.say(&format!("the clock was set by {} s; states and turns go on", by.as_secs()));
            }
            Told::History(Kept::Anew) => console.say("the file of the history was deleted; a new one was begun"),
        }
    };
    let pace = Pace { most: args.jobs.into(), until };
    let done = round::go(&ward, planned, &mut desk, &book.history, pace, inbox, &told).await;
    if let Some(served) = served {
        served.close().await;
    }
    listener.abort();
    if let Some(alerting) = alerting {
        alerting.finish(console).await;
    }
    let done = done?;
    let runs = number(usize::try_from(done.runs).unwrap_or(usize::MAX), "run");
    let late = done.lag.told().map(|late| format!(", begun {late}")).unwrap_or_default();
    console.say(&format!("{runs}, {} bad, {} missed{late}", done.bad, done.missed));
    Ok(())
}

/// The live page, while it is served.
struct Page {
    address: SocketAddr,
    policy: Policy,
    has_token: bool,
    live: Arc<Live>,
    halt: Halt,
    serving: JoinHandle<()>,
    reading: JoinHandle<()>,
}

impl Page {
    async fn open(
        workspace: &Workspace,
        environment: &Environment,
        planned: &[Planned],
        (ledger, history): (&Ledger, &History),
        args: &Watch,
        orders: mpsc::Sender<Order>,
    ) -> anyhow::Result<Option<Self>> {
        let Some((bound, access)) = args.page.open().await? else { return Ok(None) };
        let live = Live::new(workspace.inventory.name.clone(), environment.name().to_owned(), history.clone(), orders);
        let reader = Reader::new(Board::new(planned, environment.name()), planned.len(), judge(workspace, ledger));
        let halt = Halt::default();
        let (address, policy, has_token) = (bound.address, access.policy, access.has_token());
        let reading = tokio::spawn(Arc::clone(&live).read(reader, halt.clone()));
        let pages: Arc<Live> = Arc::clone(&live);
        let serving = tokio::spawn(socket::serve(bound, access, pages, halt.clone()));
        Ok(Some(Self { address, policy, has_token, live, halt, serving, reading }))
    }

    fn told(&self) -> String {
        let who = match (self.policy, self.has_token) {
            (Policy::Loopback, true) => "for this machine; the token acknowledges",
            (Policy::Loopback, false) => "for this machine",
            (Policy::Guarded, _) => {
                "for whoever has the token, which goes over the network as it is: put TLS before it"
            }
            (Policy::Public, _) => "for anybody, to read alone",
        };
        format!("page: http://{}/ ({who})", self.address)
    }

    async fn close(self) {
        self.halt.call();
        // Both end by the halt, each within its own time.
        drop(self.serving.await);
        drop(self.reading.await);
    }
}

/// How long a judgement stands without a new line in the ledger: evidence ages.
const JUDGED: SignedDuration = SignedDuration::from_mins(5);

/// Judges the workspace by its ledger, where that has changed or some time has gone by; None where the judgement before still stands.
fn judge(workspace: &Workspace, ledger: &Ledger) -> Judge {
    let (workspace, ledger) = (workspace.clone(), ledger.clone());
    let mut before: Option<(Timestamp, Option<u64>)> = None;
    Box::new(move || {
        let (now, length) = (clock::now(), ledger.length());
        if before.is_some_and(|(at, known)| known == length && now.duration_since(at).abs() < JUDGED) {
            return None;
        }
        before = Some((now, length));
        outputs::draw_now(&workspace, &ledger, now).ok().map(|drawn| drawn.readiness)
    })
}

/// The incidents that this monitor may end: those of the services that it watches, and of services that are declared no more.
/// An incident of a service that is only not watched now stays open.
fn concerned(open: Vec<Incident>, declared: &BTreeSet<Name>, planned: &[Planned]) -> Vec<Incident> {
    open.into_iter().filter(|it| concerns(&it.service, declared, planned)).collect()
}

fn concerns(name: &Name, declared: &BTreeSet<Name>, planned: &[Planned]) -> bool {
    planned.iter().any(|probe| probe.probe.name == *name) || !declared.contains(name)
}

/// Services that stand on each other in a circle have no cause.
fn refuse_circles(planned: &[Planned]) -> anyhow::Result<()> {
    let all = planned.iter().map(|probe| (probe.probe.name.clone(), probe.probe.depends_on.clone()));
    let Some(circle) = Dependencies::of(all).circle() else { return Ok(()) };
    let told: Vec<_> = circle.iter().map(|name| format!("`{name}`")).collect();
    let hint = "take one of them out of `depends_on` in fixtures/<integration>/probes.yaml";
    Err(Advice::new(format!("these probes depend on each other in a circle: {}", told.join(", ")), hint).into())
}

fn exit(overview: &Overview) -> Exit {
    match overview.health() {
        Health::Healthy => Exit::Kept,
        Health::Degraded | Health::Down => Exit::Broken,
        Health::Unknown => Exit::Unknown,
    }
}
