//! The state of one scenario: what is being prepared, what was asked, what was promised and broken.

pub mod asking;
pub mod exchanges;
pub mod script;
pub mod standing;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::adapter::client::Client;
use crate::adapter::clock;
use crate::adapter::stage::Seat;
use crate::check::body;
use crate::check::branches::Branches;
use crate::check::path::{Node, select};
use crate::domain::contract::Place;
use crate::domain::delivery::Delivery;
use crate::domain::exchange::{Exchange, NoAnswer, Response};
use crate::domain::finding::{Code, Finding};
use crate::domain::integration::Name;
use crate::steps::args::fill;
use crate::steps::receiving::Hook;
use crate::steps::run::{Party, Run};
use crate::steps::trial::Trial;
use crate::steps::world::asking::{Draft, Tampered, Tampering};
use crate::steps::world::exchanges::Exchanges;
use crate::steps::world::script::Script;

/// Why a scenario goes no further.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Stop {
    /// It cannot be asked, and that is nobody's broken promise.
    Unasked(String),
    /// The sentence makes no sense as it stands.
    BadStep(String),
}

impl From<String> for Stop {
    fn from(reason: String) -> Self {
        Self::BadStep(reason)
    }
}

pub type StepResult = Result<(), Stop>;

/// One scenario's state.
#[derive(Default)]
pub struct World {
    stage: Option<Staged>,
    pub draft: Draft,
    /// The name of the manifest's credential that requests carry.
    pub credential: Option<String>,
    pub timeout: Option<Duration>,
    pub remembered: BTreeMap<String, Value>,
    /// Values that were remembered from where a secret stands.
    pub secrets: Vec<String>,
    pub exchanges: Exchanges,
    /// Which exchanges were pages of one list.
    pub pages: Vec<usize>,
    pub hook: Option<Hook>,
    pub trial: Trial,
    pub findings: Vec<Finding>,
    /// How many promises were asked.
    pub checks: u32,
    pub branches: Branches,
    /// Only that a promise is broken is asked for, and neither how nor what kept ones have shown.
    pub brief: bool,
    /// The webhooks were looked at.
    listened: bool,
    pub stop: Option<(Stop, Place)>,
    /// The answer that is to be wrong.
    pub tampering: Option<Tampering>,
    /// Where answers come from, as long as the scenario asks what it asked before.
    pub script: Option<Script>,
    /// The scenario's, without `@`.
    pub tags: Arc<[String]>,
    /// It promises something of being asked too often, so that nothing is asked again for that.
    pub looks_at_throttling: bool,
    /// The body of the last answer as JSON, read once.
    document: Option<(usize, Arc<Value>)>,
    place: Option<Place>,
    /// Bytes of all answers.
    received: usize,
}

/// A world that a scenario has entered.
struct Staged {
    run: Arc<Run>,
    client: Client,
    integration: Name,
    file: String,
    seat: Option<Seat>,
}

/// A world as cucumber takes it from step to step: it moves it often, and only its address is moved so.
#[derive(Debug, Default)]
pub struct Carried(pub Box<World>);

impl cucumber::World for Carried {
    type Error = Infallible;

    async fn new() -> Result<Self, Infallible> {
        Ok(Self::default())
    }
}

impl fmt::Debug for World {
    /// Shows where the scenario stands and nothing that it holds: that may be secret.
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "World({} exchanges, {} findings)", self.exchanges.len(), self.findings.len())
    }
}

impl World {
    /// Enters a scenario of an integration's contract.
    pub fn enter(&mut self, run: &Arc<Run>, client: &Client, integration: &Name, file: &str) {
        let seat = run.stage.as_ref().map(crate::adapter::stage::Stage::open);
        self.credential = run.parties.get(integration).and_then(|party| party.manifest.default_credential.clone());
        let (run, client) = (Arc::clone(run), client.clone());
        self.stage = Some(Staged { run, client, integration: integration.clone(), file: file.to_owned(), seat });
    }

    fn staged(&self) -> Result<&Staged, Stop> {
        self.stage.as_ref().ok_or_else(|| Stop::Unasked("the scenario was never entered".to_owned()))
    }

    pub fn run(&self) -> Result<&Arc<Run>, Stop> {
        Ok(&self.staged()?.run)
    }

    /// The integration whose contract this is.
    pub fn integration(&self) -> Result<&Name, Stop> {
        Ok(&self.staged()?.integration)
    }

    pub fn party(&self) -> Result<&Party, Stop> {
        let staged = self.staged()?;
        staged
            .run
            .parties
            .get(&staged.integration)
            .ok_or_else(|| Stop::Unasked(format!("{} has no base URL here", staged.integration)))
    }

    /// The twins' scene.
    ///
    /// # Errors
    /// On a live target nothing can be arranged.
    pub fn seat(&self) -> Result<&Seat, Stop> {
        self.staged()?.seat.as_ref().ok_or_else(|| {
            Stop::Unasked(
                "the scenario arranges its twin, which a live service does not allow (tag it @twin-only)".to_owned(),
            )
        })
    }

    /// The twins' scene, to see or to change what the requests left in it.
    ///
    /// # Errors
    /// As of [`World::seat`]; or the twins have not heard them, because answers came from a script.
    pub fn seat_as_left(&mut self) -> Result<&Seat, Stop> {
        if let Some(script) = self.script.as_mut().filter(|_| !self.exchanges.is_empty()) {
            script.leave();
            return Err(Stop::Unasked("the twins were not asked".to_owned()));
        }
        self.seat()
    }

    /// The webhooks that what was asked so far has set off.
    ///
    /// # Errors
    /// On a live target nobody sees them; or the twins have not heard what was asked.
    pub fn deliveries(&mut self) -> Result<Vec<Delivery>, Stop> {
        self.listened = true;
        let mut deliveries = match &mut self.script {
            Some(script) => {
                let known = script.deliveries().map(<[_]>::to_vec);
                known.ok_or_else(|| Stop::Unasked("the twins were not asked".to_owned()))?
            }
            None => self.seat()?.scene().deliveries().to_vec(),
        };
        if let Some(tampering) = &mut self.tampering
            && let Tampered::Delivery(at) = tampering.at
        {
            tampering.done |= tampering.change.apply_to_delivery(&mut deliveries, at);
        }
        Ok(deliveries)
    }

    /// Whether the webhooks were looked at since this was last asked.
    pub fn take_listened(&mut self) -> bool {
        std::mem::take(&mut self.listened)
    }

    pub fn has_seat(&self) -> bool {
        self.stage.as_ref().is_some_and(|staged| staged.seat.is_some())
    }

    /// The time where the scenario plays.
    pub fn now(&self) -> Timestamp {
        match &self.stage {
            Some(Staged { seat: Some(seat), .. }) => seat.scene().now(),
            _ => clock::now(),
        }
    }

    /// Where the sentence stands that is being performed.
    pub fn place(&self) -> Place {
        self.place.clone().unwrap_or(Place { file: String::new(), line: 0 })
    }

    pub fn at_line(&mut self, line: usize) {
        let file = self.stage.as_ref().map(|staged| staged.file.clone()).unwrap_or_default();
        self.place = Some(Place { file, line });
    }

    /// The value of `${name}`: what was remembered, then the variables of the integration and of those that it stands on.
    pub fn lookup(&self, name: &str) -> Option<String> {
        if let Some(value) = self.remembered.get(name) {
            return Some(crate::check::matcher::plain(value));
        }
        let staged = self.stage.as_ref()?;
        let parties = &staged.run.parties;
        let own = parties.get(&staged.integration)?;
        let below =
            || own.manifest.stands_on.iter().find_map(|name_below| parties.get(name_below)?.variables.get(name));
        own.variables.get(name).or_else(below).cloned()
    }

    /// Fills `${NAME}` in.
    ///
    /// # Errors
    /// A name without a value: the scenario cannot be asked.
    pub fn fill(&self, text: &str) -> Result<String, Stop> {
        fill(text, |name| self.lookup(name))
            .map_err(|name| Stop::Unasked(format!("needs ${{{name}}}, which has no value")))
    }

    /// Counts a promise that was asked, and what it found.
    pub fn promise(&mut self, finding: Option<Finding>) {
        self.checks += 1;
        if let Some(finding) = finding {
            let place = self.place();
            self.findings.push(if finding.place.is_some() { finding } else { finding.at(place) });
        }
    }

    /// The last exchange.
    ///
    /// # Errors
    /// Nothing was asked yet.
    pub fn last(&self) -> Result<&Exchange, Stop> {
        self.exchanges.last().ok_or_else(|| Stop::BadStep("no request was made before this promise".to_owned()))
    }

    /// The last answer; where none came, that is the finding.
    ///
    /// # Errors
    /// Nothing was asked yet.
    pub fn answer(&mut self) -> Result<Option<Response>, Stop> {
        match &self.last()?.outcome {
            Ok(response) => Ok(Some(response.clone())),
            Err(reason) => {
                let finding = no_answer(reason);
                self.promise(Some(finding));
                Ok(None)
            }
        }
    }

    /// The body of the last answer as JSON; where it is none, that is the finding.
    ///
    /// # Errors
    /// Nothing was asked yet.
    pub fn document(&mut self) -> Result<Option<Arc<Value>>, Stop> {
        let index = self.exchanges.len();
        let known = index.checked_sub(1).and_then(|last| self.exchanges.document(last));
        if let Some(document) = known {
            return Ok(Some(Arc::clone(document)));
        }
        if let Some((of, document)) = &self.document
            && *of == index
        {
            return Ok(Some(Arc::clone(document)));
        }
        let Some(response) = self.answer()? else { return Ok(None) };
        match body::json(&response) {
            Ok(value) => {
                let value = Arc::new(value);
                self.document = Some((index, Arc::clone(&value)));
                Ok(Some(value))
            }
            Err(finding) => {
                self.promise(Some(*finding));
                Ok(None)
            }
        }
    }

    /// What a JSONPath selects in the last answer. `judge` sees the nodes and says what is wrong with them.
    ///
    /// # Errors
    /// Nothing was asked yet, or the path is none.
    pub fn judge_nodes(
        &mut self,
        path: &str,
        judge: impl FnOnce(&[Node]) -> Result<Option<Finding>, String>,
    ) -> StepResult {
        let Some(document) = self.document()? else { return Ok(()) };
        let nodes = select(path, &document)?;
        let finding = judge(&nodes)?;
        self.promise(finding);
        Ok(())
    }

    /// The finding that one of the values, each with its pointer, is not valid against the schema of a name.
    ///
    /// # Errors
    /// The schema cannot be used.
    pub fn judge_by_schema<'a>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = (&'a Value, &'a str)>,
    ) -> Result<Option<Finding>, Stop> {
        let run = Arc::clone(self.run()?);
        if self.brief {
            let values = values.into_iter().map(|(value, _)| value);
            let allowed = run.schemas.allows(name, values).map_err(|error| error.to_string())?;
            return Ok((!allowed).then(|| Finding::new(Code::Schema, String::new())));
        }
        Ok(run.schemas.check(name, values, &mut self.branches).map_err(|error| error.to_string())?)
    }

    /// Requests that the twins of the scene do not model.
    pub fn gaps(&self) -> Vec<String> {
        self.stage
            .as_ref()
            .and_then(|staged| staged.seat.as_ref())
            .map(|seat| seat.scene().take_gaps())
            .unwrap_or_default()
    }
}

/// The finding that no whole answer came.
pub fn no_answer(reason: &NoAnswer) -> Finding {
    Finding::new(Code::NoAnswer, format!("no answer came: {reason}")).expected("an answer").actual(reason.to_string())
}
