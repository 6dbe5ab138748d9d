//! What the live page says: read from the monitor, its history and the ledger, and drawn.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::{Notify, mpsc, oneshot, watch};

use crate::adapter::clock;
use crate::adapter::halt::Halt;
use crate::adapter::history::History;
use crate::adapter::history::batch::KeptFailure;
use crate::adapter::page::ask::{Acknowledged, Answer, Api, Ask, File, Pages, Parts, Viewer};
use crate::adapter::stage::lock;
use crate::cli::outputs::TOOL;
use crate::domain::integration::Name;
use crate::domain::monitor::incident::Incident;
use crate::domain::monitor::service_view::{Overview, ServiceView};
use crate::domain::probe::thresholds::Health;
use crate::domain::readiness::{EnvironmentReadiness, Readiness};
use crate::engine::monitor::order::{Glance, Order};
use crate::engine::monitor::overview::Board;
use crate::report::json;
use crate::report::live::frame::{self, Frame, OPENAPI, SCRIPT, STYLE};
use crate::report::live::service::Failed;
use crate::report::live::view::{Scene, View};
use crate::report::live::{incident, metrics, overview, readiness, service, sign, sign_in};

/// From one reading to the next: with what the monitor writes at once, a change is seen within five seconds.
const EVERY: Duration = Duration::from_secs(2);
/// A monitor that has not answered for so long is said to be silent, and after the second time its states are not believed.
const SILENT: SignedDuration = SignedDuration::from_secs(15);
const LOST: SignedDuration = SignedDuration::from_secs(60);
/// With more services than this nothing is read while nobody looks.
const MANY: usize = 1000;
const LOOKED: i64 = 60;
/// Failures of a service that a page shows.
const FAILURES: u32 = 20;
/// Views that are kept until something changes.
const VIEWS: usize = 64;

/// Everything as it was last read.
struct Seen {
    number: u64,
    overview: Overview,
    doubts: Vec<String>,
    readiness: Option<Arc<Readiness>>,
    /// When the monitor last said how all is.
    heard: Timestamp,
    unwritten: bool,
}

/// The parts of a page, by its path and whether they are for who may acknowledge, with the number of the reading they show.
type Views = BTreeMap<(String, bool), (u64, Arc<Parts>)>;

/// Who answers the page.
pub struct Live {
    pub workspace: String,
    pub environment: String,
    history: History,
    orders: mpsc::Sender<Order>,
    seen: Mutex<Option<Arc<Seen>>>,
    views: Mutex<Views>,
    changes: watch::Sender<u64>,
    /// Something was told that the page should show soon.
    pub news: Notify,
    looked: AtomicI64,
}

/// Judges the workspace; None where the judgement before still stands.
pub type Judge = Box<dyn FnMut() -> Option<Readiness> + Send>;

/// What reads for it.
pub struct Reader {
    pub board: Board,
    pub services: usize,
    judge: Arc<Mutex<Judge>>,
    glance: Option<Glance>,
    incidents: Vec<Incident>,
    readiness: Option<Arc<Readiness>>,
}

impl Reader {
    pub fn new(board: Board, services: usize, judge: Judge) -> Self {
        Self {
            board,
            services,
            judge: Arc::new(Mutex::new(judge)),
            glance: None,
            incidents: Vec::new(),
            readiness: None,
        }
    }

    /// Reads the history beside what the monitor said last. None before it has said anything.
    async fn read(&mut self, live: &Live, now: Timestamp) -> Option<Seen> {
        let mut glance = self.glance.clone()?;
        let mut doubts = Vec::new();
        let age = now.duration_since(glance.at);
        if age > SILENT {
            let told = if age > LOST { "so nothing is known of the services" } else { "the states are of then" };
            doubts.push(format!("The monitor has not answered since {}: {told}.", time(glance.at)));
        }
        if age > LOST {
            for sight in glance.services.values_mut() {
                (sight.health, sight.since) = (Health::Unknown, glance.at);
            }
        }
        if glance.unwritten {
            doubts.push("The history cannot be written. What is heard is kept until it can.".to_owned());
        }
        let overview = match self.board.read(&live.history, Some(&glance), now).await {
            Ok(overview) => {
                self.incidents.clone_from(&overview.incidents);
                overview
            }
            Err(error) => {
                doubts.push(format!("The history cannot be read, so bars, charts and figures are older: {error}."));
                self.board.without_history(&glance, self.incidents.clone(), now)
            }
        };
        let (heard, unwritten, readiness) = (glance.at, glance.unwritten, self.readiness.clone());
        Some(Seen { number: 0, overview, doubts, readiness, heard, unwritten })
    }
}

impl Live {
    pub fn new(workspace: String, environment: String, history: History, orders: mpsc::Sender<Order>) -> Arc<Self> {
        Arc::new(Self {
            workspace,
            environment,
            history,
            orders,
            seen: Mutex::default(),
            views: Mutex::default(),
            changes: watch::Sender::new(0),
            news: Notify::new(),
            looked: AtomicI64::new(0),
        })
    }

    /// Reads again and again, until it is told to end.
    pub async fn read(self: Arc<Self>, mut reader: Reader, halt: Halt) {
        loop {
            let is_wanted = clock::now().as_second() - self.looked.load(Ordering::Relaxed) < LOOKED;
            if reader.services <= MANY || is_wanted {
                reader = self.turn(reader).await;
            }
            tokio::select! {
                () = halt.called() => return,
                () = self.news.notified() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    async fn turn(self: &Arc<Self>, mut reader: Reader) -> Reader {
        let (answer, answered) = oneshot::channel();
        let asked = async {
            self.orders.send(Order::Look(answer)).await.ok()?;
            answered.await.ok()
        };
        if let Ok(Some(glance)) = tokio::time::timeout(EVERY, asked).await {
            reader.glance = Some(glance);
        }
        // A ledger is read on a thread that may wait. One that broke is a defect, and is told where it broke; what was judged before stands.
        let judge = Arc::clone(&reader.judge);
        if let Ok(Some(judged)) = tokio::task::spawn_blocking(move || (lock(&judge))()).await {
            reader.readiness = Some(Arc::new(judged));
        }
        let seen = reader.read(self, clock::now()).await;
        if let Some(mut seen) = seen {
            let number = *self.changes.borrow() + 1;
            seen.number = number;
            *lock(&self.seen) = Some(Arc::new(seen));
            self.changes.send_replace(number);
        }
        reader
    }

    /// Everything as it was last read; the first time that is waited for.
    async fn seen(&self) -> Option<Arc<Seen>> {
        let now = clock::now();
        self.looked.store(now.as_second(), Ordering::Relaxed);
        let known = lock(&self.seen).clone();
        if let Some(seen) = known.filter(|seen| now.duration_since(seen.overview.at) < SILENT) {
            return Some(seen);
        }
        let mut changes = self.changes.subscribe();
        self.news.notify_one();
        drop(tokio::time::timeout(Duration::from_secs(10), changes.changed()).await);
        lock(&self.seen).clone()
    }

    async fn failures(&self, name: &Name) -> Vec<Failed> {
        // That the history cannot be read stands at the head of the page.
        let kept = self.history.failures(name, FAILURES).await.unwrap_or_default();
        let failed = |kept: KeptFailure| Failed {
            run: kept.run,
            times: kept.times,
            last: Timestamp::from_second(kept.last).unwrap_or_default(),
        };
        kept.into_iter().map(failed).collect()
    }

    /// A page; None where there is no such.
    async fn view(&self, ask: &Ask, viewer: Viewer, seen: &Seen) -> Option<Result<View, askama::Error>> {
        let ours = |it: &&EnvironmentReadiness| it.environment == self.environment;
        let readiness = seen.readiness.as_ref().and_then(|it| it.environments.iter().find(ours));
        let now = clock::now();
        let mut doubts = seen.doubts.clone();
        let age = now.duration_since(seen.overview.at);
        if age > SILENT {
            doubts.insert(0, format!("What is shown was read at {}, and nothing newer since.", time(seen.overview.at)));
        }
        let scene = Scene {
            overview: &seen.overview,
            doubts: &doubts,
            readiness,
            now,
            public: viewer.public,
            may_acknowledge: viewer.signed_in,
        };
        Some(match ask {
            Ask::Services => overview::draw(&scene),
            Ask::Incidents => incident::all(&scene),
            Ask::Readiness => readiness::draw(&scene),
            Ask::Service(name) => {
                let view = one_service(seen, name)?;
                service::draw(&scene, view, &self.failures(&view.name).await)
            }
            Ask::Incident(id) => {
                let one = seen.overview.incidents.iter().find(|incident| incident.id == *id)?;
                let mut failures = self.failures(&one.service).await;
                let end = one.resolved.unwrap_or(now);
                failures.retain(|failed| failed.last >= one.opened - SILENT * 20 && failed.run.started <= end);
                incident::one(&scene, one, &failures)
            }
            Ask::SignIn { told, next } => sign_in::draw(told.as_deref(), next),
            Ask::Said(_, title, text) => sign_in::said(title, text),
            _ => return None,
        })
    }

    async fn page(&self, ask: Ask, viewer: Viewer) -> Answer {
        let Some(seen) = self.seen().await else {
            return text(StatusCode::SERVICE_UNAVAILABLE, "the history is being read; ask again in a moment\n");
        };
        let status = match &ask {
            Ask::Said(status, ..) => *status,
            _ => StatusCode::OK,
        };
        let (status, path, view) = if let Some(view) = self.view(&ask, viewer, &seen).await {
            (status, ask.path(), view)
        } else {
            let told = "The monitor knows no such service, or no such incident of the last thirty days.";
            (StatusCode::NOT_FOUND, None, sign_in::said("Nothing is here", told))
        };
        let frame = Frame {
            workspace: &self.workspace,
            environment: &self.environment,
            tool: TOOL,
            path: path.as_deref(),
            signed_in: viewer.signed_in,
            can_sign_in: viewer.can_sign_in,
            public: viewer.public,
        };
        match view.and_then(|view| frame::draw(&frame, &view)) {
            Ok(page) => answer(status, "text/html; charset=utf-8", page),
            Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "the page could not be drawn\n"),
        }
    }

    async fn document(&self, ask: Ask, viewer: Viewer) -> Answer {
        const JSON: &str = "application/json";
        let Some(seen) = self.seen().await else {
            return text(StatusCode::SERVICE_UNAVAILABLE, "the history is being read; ask again in a moment\n");
        };
        let document = match ask {
            Ask::Metrics => {
                let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
                return answer(StatusCode::OK, kind, metrics::draw(&seen.overview));
            }
            Ask::Healthz => return self.healthz(&seen),
            Ask::Badge { service, svg } => {
                let Some(service) = one_service(&seen, &service) else { return missing() };
                let sign = sign::of(service);
                if svg {
                    return answer(StatusCode::OK, "image/svg+xml", sign.svg());
                }
                sign.json()
            }
            Ask::Api(Api::Overview) => json::overview(&seen.overview),
            Ask::Api(Api::Incidents) => json::incidents(&seen.overview),
            Ask::Api(Api::Incident(id)) => {
                let Some(one) = seen.overview.incidents.iter().find(|incident| incident.id == id) else {
                    return missing();
                };
                json::incident(one)
            }
            Ask::Api(Api::Service(name)) => {
                let Some(service) = one_service(&seen, &name) else { return missing() };
                let failures = if viewer.public { Vec::new() } else { self.failures(&service.name).await };
                json::service(service, &failures)
            }
            Ask::Api(Api::Readiness) => match &seen.readiness {
                Some(readiness) => json::readiness(readiness),
                None => return missing(),
            },
            _ => return missing(),
        };
        match document {
            Ok(document) => answer(StatusCode::OK, JSON, document),
            Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "the document could not be written\n"),
        }
    }

    fn healthz(&self, seen: &Seen) -> Answer {
        let is_heard = clock::now().duration_since(seen.heard) < SILENT;
        let is_well = is_heard && !seen.unwritten;
        let status = if is_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let body = json!({
            "status": if is_well { "ok" } else { "failing" },
            "monitor": if is_heard { "answers" } else { "silent" },
            "history": if seen.unwritten { "cannot be written" } else { "is written" },
            "environment": self.environment,
            "heard": seen.heard,
        });
        answer(status, "application/json", format!("{body}\n"))
    }
}

impl Pages for Live {
    fn answer(&self, ask: Ask, viewer: Viewer) -> BoxFuture<'_, Answer> {
        async move {
            match ask {
                Ask::File(File::Style) => answer(StatusCode::OK, "text/css; charset=utf-8", STYLE),
                Ask::File(File::Script) => answer(StatusCode::OK, "text/javascript; charset=utf-8", SCRIPT),
                Ask::File(File::Icon) => answer(StatusCode::OK, "image/svg+xml", ICON),
                Ask::File(File::OpenApi) => answer(StatusCode::OK, "application/json", OPENAPI),
                Ask::Metrics | Ask::Healthz | Ask::Badge { .. } | Ask::Api(_) => self.document(ask, viewer).await,
                _ => self.page(ask, viewer).await,
            }
        }
        .boxed()
    }

    fn parts(&self, ask: Ask, viewer: Viewer) -> BoxFuture<'_, Option<Arc<Parts>>> {
        async move {
            let seen = self.seen().await?;
            let key = (ask.path()?, viewer.signed_in);
            let is_fresh = clock::now().duration_since(seen.overview.at) < SILENT;
            if let Some((number, parts)) = lock(&self.views).get(&key)
                && *number == seen.number
                && is_fresh
            {
                return Some(Arc::clone(parts));
            }
            let view = self.view(&ask, viewer, &seen).await?.ok()?;
            let parts = view.parts.into_iter().map(|part| (part.id, part.html)).collect();
            let title = format!("{} · {} · {}", view.title, self.environment, self.workspace);
            let parts = Arc::new(Parts { title, at: seen.overview.at, parts });
            let mut views = lock(&self.views);
            if views.len() >= VIEWS {
                views.clear();
            }
            views.insert(key, (seen.number, Arc::clone(&parts)));
            Some(parts)
        }
        .boxed()
    }

    fn acknowledge(&self, id: String, by: String) -> BoxFuture<'_, Acknowledged> {
        async move {
            let (done, noted) = oneshot::channel();
            let asked = async {
                self.orders.send(Order::Acknowledge { id, by, done }).await.ok()?;
                noted.await.ok()
            };
            let became = match tokio::time::timeout(Duration::from_secs(5), asked).await {
                Ok(Some(Some(_))) => Acknowledged::Done,
                Ok(Some(None)) => Acknowledged::NotOpen,
                _ => Acknowledged::Nobody,
            };
            // Who asked goes back to the page, and wants to see it there.
            let mut changes = self.changes.subscribe();
            self.news.notify_one();
            drop(tokio::time::timeout(EVERY, changes.changed()).await);
            became
        }
        .boxed()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

const ICON: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\"><path d=\"M1 9h3l2-6 3 10 2-6 1 2h3\" fill=\"none\" \
                    stroke=\"#777\" stroke-width=\"1.8\" stroke-linejoin=\"round\" stroke-linecap=\"round\"/></svg>";

fn one_service<'a>(seen: &'a Seen, name: &str) -> Option<&'a ServiceView> {
    seen.overview.services.iter().find(|service| service.name.as_str() == name)
}

fn answer(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    Answer { status, content_type, body: body.into() }
}

fn text(status: StatusCode, text: &'static str) -> Answer {
    answer(status, "text/plain; charset=utf-8", text)
}

fn missing() -> Answer {
    let body = "{\"error\": \"the monitor knows no such service, or no such incident of the last thirty days\"}\n";
    answer(StatusCode::NOT_FOUND, "application/json", body)
}

fn time(at: Timestamp) -> String {
    at.strftime("%H:%M:%S UTC").to_string()
}
