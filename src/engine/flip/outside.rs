//! The hands of a real flip: flag stores, the live consumer, the journal on disk.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::adapter::client::Options;
use crate::adapter::environment::Environment;
use crate::adapter::flags::store::{Question, Store, WriteError, Written};
use crate::adapter::halt::Halt;
use crate::adapter::workspace::Workspace;
use crate::adapter::{clock, files};
use crate::check::branches::Branches;
use crate::domain::flag::Declared;
use crate::domain::flag::change::{Change, Permit, Turn};
use crate::domain::flag::sighting::{Switch, Unseen};
use crate::domain::integration::Name;
use crate::domain::record::{Counts, LeftOut, Outcome, ScenarioRun};
use crate::engine::contracts::{self, Pace};
use crate::engine::evidence::{Part, contract_run};
use crate::engine::flip::hands::{Answer, Evaluated, Hands, Reader, Said, Switched, Unswitched};
use crate::engine::flip::journal::Journal;
use crate::engine::plan::{Planned, plan};
use crate::engine::setup::{self, Setup};
use crate::steps::flags::FLAG_OTHERWISE;
use crate::steps::world::{Stop, World};

/// A flag in one environment, where it is kept, and who reads it.
pub struct Outside<'a> {
    pub workspace: &'a Workspace,
    pub environment: Arc<Environment>,
    pub flag: &'a str,
    pub declared: &'a Declared,
    pub integration: Name,
    pub stores: Vec<Box<dyn Store>>,
    pub permit: Permit,
    /// What the gate said, judged before the flip began.
    pub gate: Said,
    pub options: Options,
    pub journal: PathBuf,
    pub halted: Arc<AtomicBool>,
    pub halt: Halt,
    pub tell: Box<dyn FnMut(&str) + 'a>,
    /// Says what a person has to do.
    pub bid: Box<dyn FnMut(&str) + 'a>,
    /// The consumer, as it is asked outside of a contract.
    pub consumer: Setup,
    /// What each store called its state when it was last looked at.
    pub versions: Vec<Option<String>>,
}

impl Outside<'_> {
    /// Whether the flag is on where the consumer is to be live.
    fn turned(&self, live: bool) -> bool {
        live != self.declared.on_means_mock
    }

    fn question(&self) -> Question<'_> {
        Question {
            flag: self.flag,
            declared: self.declared,
            parser: &self.declared.parser,
            environment: self.environment.name(),
        }
    }

    /// What the canary's schema finds in an answer to its request, as it was received.
    fn flaw(&self, request: &str, body: &[u8]) -> Option<String> {
        let canary = self.declared.canary.as_ref().filter(|canary| canary.request == request)?;
        let name = canary.schema.as_deref()?;
        let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let found = self.consumer.run.schemas.check(name, [(&body, "")], &mut Branches::default());
        let told = match found {
            Ok(finding) => finding?.message,
            Err(problem) => problem.to_string(),
        };
        Some(self.consumer.run.redactor.text(&told))
    }

    async fn request(&self, request: &str) -> Result<(Answer, Duration), String> {
        let (method, path) = request.split_once(' ').unwrap_or(("GET", request));
        let mut world = World::default();
        world.enter(&self.consumer.run, &self.consumer.run.client, &self.integration, "flip");
        let asked = world.ask(method, path.trim()).await;
        let Some(exchange) = world.exchanges.last() else {
            return Err(match asked {
                Err(Stop::Unasked(reason) | Stop::BadStep(reason)) => self.consumer.run.redactor.text(&reason),
                Ok(()) => "nothing was asked".to_owned(),
            });
        };
        match &exchange.outcome {
            Err(reason) => Err(self.consumer.run.redactor.text(&reason.to_string())),
            Ok(response) => {
                let text = self.consumer.run.redactor.body(&String::from_utf8_lossy(&response.body));
                let body = serde_json::from_str(&text).unwrap_or(Value::Null);
                let flaw = self.flaw(request, &response.body);
                Ok((Answer { status: response.status.as_u16(), body, flaw }, exchange.duration))
            }
        }
    }
}

impl Hands for Outside<'_> {
    fn now(&self) -> Timestamp {
        clock::now()
    }

    async fn pause(&mut self, time: Duration) {
        let sleep = tokio::time::sleep(time);
        if self.is_halted() {
            // A rollback that goes on behind a Ctrl-C waits as well.
            sleep.await;
            return;
        }
        tokio::select! {
            () = sleep => {}
            () = self.halt.called() => {}
        }
    }

    fn is_halted(&self) -> bool {
        self.halted.load(Ordering::Relaxed)
    }

    async fn gate(&mut self) -> Said {
        self.gate.clone()
    }

    async fn contract(&mut self, live: bool) -> Said {
        let Some(contract) = self.workspace.contracts.get(&self.integration) else {
            return Said::unasked(format!("{} has no contract", self.integration));
        };
        let (mut planned, unreadable) = plan(contract);
        let changes = |scenario: &Planned| scenario.tags.iter().any(|tag| tag == "mutates");
        let mut left_out: Vec<LeftOut> = planned.extract_if(.., |scenario| changes(scenario)).map(changing).collect();
        if let Some(file) = unreadable.first() {
            return Said::unasked(format!("{}: {}", file.place, file.message));
        }
        let wanted = [self.integration.clone()];
        let mut setup = match setup::live(self.workspace, &self.environment, &wanted, self.options) {
            Ok(setup) => setup,
            Err(error) => return Said::unasked(format!("{error:#}")),
        };
        if let Some(run) = Arc::get_mut(&mut setup.run) {
            run.switched = BTreeMap::from([(self.flag.to_owned(), self.turned(live))]);
        }
        let pace = Pace { jobs: 4, fail_fast: false };
        let mut ran =
            contracts::run(Arc::clone(&setup.run), planned, &pace, Arc::clone(&self.halted), Arc::new(|_| {})).await;
        let mut ran = ran.remove(&self.integration).unwrap_or_default();
        let other = ran.scenarios.extract_if(.., |run| is_of_other_state(run));
        left_out.extend(other.map(|run| LeftOut {
            place: run.place,
            name: run.name,
            reason: run.reason.unwrap_or_default(),
        }));
        ran.left_out.extend(left_out);
        let said = weigh(&ran.scenarios);
        let part = Part { name: self.integration.clone(), ran, unreadable: Vec::new(), modelled: None };
        Said { contract: contract_run(self.workspace, part).map(Box::new), ..said }
    }

    async fn ask(&mut self, request: &str) -> (Result<Answer, String>, Duration) {
        match self.request(request).await {
            Ok((answer, took)) => (Ok(answer), took),
            Err(reason) => (Err(reason), Duration::ZERO),
        }
    }

    async fn evaluate(&mut self) -> Evaluated {
        let mut seen: Option<bool> = None;
        self.versions.clear();
        for store in &self.stores {
            let sighting = store.read(self.question()).await;
            self.versions.push(sighting.version);
            match sighting.switch {
                Switch::Unknown { why: Unseen::WriteOnly | Unseen::Hidden, .. } => {}
                Switch::Unknown { why, detail } => {
                    let told = format!("{}: {} {detail}", store.place(), why.as_str());
                    return Evaluated::Unknown(self.consumer.run.redactor.text(&told));
                }
                switch => {
                    let on = switch == Switch::On;
                    if seen.is_some_and(|other| other != on) {
                        return Evaluated::Unknown(format!("{} disagrees with the store before it", store.place()));
                    }
                    seen = Some(on);
                }
            }
        }
        match seen {
            None => Evaluated::Hidden,
            Some(on) if on == self.turned(true) => Evaluated::On,
            Some(_) => Evaluated::Off,
        }
    }

    async fn readers(&mut self) -> Vec<Reader> {
        let mut readers = Vec::new();
        for store in self.stores.iter().filter(|store| store.keeps_text()) {
            for (parser, rules) in self.declared.parsers() {
                let switch = store.read(Question { parser: rules, ..self.question() }).await.switch;
                let sees = match switch.known() {
                    Some(on) if on == self.turned(true) => Evaluated::On,
                    Some(_) => Evaluated::Off,
                    None => Evaluated::Unknown(self.consumer.run.redactor.text(&switch.to_string())),
                };
                readers.push(Reader { parser: parser.to_owned(), place: store.place(), sees });
            }
        }
        readers
    }

    async fn switch(&mut self, live: bool) -> Result<Switched, Unswitched> {
        let turn = match (live, self.turned(live)) {
            (true, true) => Turn::On,
            (true, false) => Turn::Off,
            (false, on) => Turn::Back { on },
        };
        let change = Change {
            flag: self.flag,
            declared: self.declared,
            environment: self.environment.name(),
            turn,
            expected: None,
        };
        let (mut told, mut by_hand) = (Vec::new(), false);
        for (at, store) in self.stores.iter().enumerate() {
            // A way back asks for no state: it has to take. Nor does a second store, which may be the first one's file.
            let first = live && told.is_empty();
            let expected = self.versions.get(at).filter(|_| first).and_then(Option::as_deref);
            let written = store.write(Change { expected, ..change }, &self.permit, clock::now()).await;
            match written {
                Ok(Written::Done) => told.push(format!("{} took the change", store.place())),
                Ok(Written::Instruction(instruction)) => {
                    (self.bid)(&format!("do this now, it is waited for: {instruction}"));
                    told.push(format!("a person was asked to: {instruction}"));
                    by_hand = true;
                }
                Err(error) => {
                    let changed_meanwhile = told.is_empty() && matches!(error, WriteError::Changed { .. });
                    return Err(Unswitched {
                        told: self.consumer.run.redactor.text(&error.to_string()),
                        changed_meanwhile,
                    });
                }
            }
        }
        Ok(Switched { told: told.join("; "), by_hand })
    }

    fn keep(&mut self, journal: &Journal) -> Result<(), String> {
        let text = serde_json::to_vec_pretty(journal).map_err(|error| error.to_string())?;
        files::write(&self.journal, &text).map_err(|error| error.to_string())
    }

    fn tell(&mut self, line: &str) {
        (self.tell)(line);
    }
}

/// A scenario that changes the service is no part of a flip: safe requests only.
fn changing(scenario: Planned) -> LeftOut {
    let reason = "it changes the service, which a flip does not".to_owned();
    LeftOut { place: scenario.place, name: scenario.scenario.name, reason }
}

/// It is about the flag's other state, and was not meant.
fn is_of_other_state(run: &ScenarioRun) -> bool {
    run.reason.as_deref().is_some_and(|reason| reason.starts_with(FLAG_OTHERWISE))
}

/// What a contract run says to a flip.
fn weigh(scenarios: &[ScenarioRun]) -> Said {
    let counts = Counts::of(scenarios);
    let line = |run: &ScenarioRun| {
        let why = run.findings.first().map(|finding| finding.message.clone()).or_else(|| run.reason.clone());
        format!("{} {}: {}", run.place, run.outcome.as_str(), why.unwrap_or_default())
    };
    let seen: Vec<String> = scenarios.iter().filter(|run| run.outcome != Outcome::Kept).map(line).collect();
    let told = format!("{} of {} scenarios kept", counts.kept, counts.total());
    let first = seen.first().map(|line| format!(": {line}")).unwrap_or_default();
    let said = match counts {
        Counts { broken: 1.., .. } => {
            Said::broken(format!("{} of {} scenarios broken{first}", counts.broken, counts.total()))
        }
        Counts { kept: 0, .. } => Said::unasked(format!("no scenario could be asked{first}")),
        Counts { unasked: 1.., .. } | Counts { untested: 1.., .. } => Said::unasked(format!("{told}{first}")),
        _ => Said::kept(told),
    };
    said.seeing(seen)
}
