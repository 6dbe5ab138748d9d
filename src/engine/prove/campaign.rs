//! Which answers are mutated how, in which scenarios: everything that a sentence could notice, and the rest once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use crate::check::mutation::apply::Change;
use crate::check::mutation::derive::{Derived, Hints, derive, of_delivery, of_other_headers};
use crate::check::mutation::place;
use crate::check::mutation::reach::{Said, said};
use crate::domain::delivery::Delivery;
use crate::domain::exchange::{Exchange, Response};
use crate::domain::integration::Name;
use crate::domain::json;
use crate::domain::mutation::{Kind, Mutation, Spot};
use crate::domain::record::Outcome;
use crate::engine::prove::gaze::{self, Gaze, Read};
use crate::engine::prove::play::Piece;
use crate::steps::run::Run;
use crate::steps::world::asking::Tampered;
use crate::wire::graphql;

/// The operation of headers that no promise is about: they are the same everywhere, and are tried once.
pub const ANY: &str = "any answer";

/// How the operation of a webhook begins that a twin delivers; the rest is its event.
pub const WEBHOOK: &str = "webhook ";

/// Answers that belong together: those of one operation with one status.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Kin {
    pub integration: Name,
    pub operation: String,
    /// `200`, or `no answer`.
    pub status: String,
}

/// What the whole contract says of such answers.
#[derive(Debug, Default)]
pub struct Lens {
    /// Schemas with the general pointer of what they describe.
    pub schemas: BTreeSet<(String, String)>,
    /// General pointers that a sentence is about.
    pub promised: BTreeSet<String>,
}

/// One mutation of one kind of answer, wherever it is tried.
#[derive(Debug)]
pub struct Mutant {
    pub kin: Kin,
    pub mutation: Mutation,
    /// Where it was found first: the scenario, what came in it, and the pointer.
    pub piece: usize,
    pub came: Tampered,
    pub pointer: String,
}

/// A scenario with one answer, or one webhook, mutated.
#[derive(Clone, Debug)]
pub struct Trial {
    pub piece: usize,
    pub at: Tampered,
    pub mutant: usize,
    pub change: Arc<Change>,
    /// A sentence of this scenario looks at the place itself, not through a schema that others share.
    pub own: bool,
}

/// Everything that is tried.
#[derive(Default)]
pub struct Campaign {
    pub mutants: Vec<Mutant>,
    pub trials: Vec<Trial>,
    pub lenses: BTreeMap<Kin, Lens>,
    /// By piece: what its sentences look at, answer by answer and then webhook by webhook.
    pub gazes: Vec<Vec<Gaze>>,
    /// Answers of kept scenarios that no sentence looks at.
    pub unlooked: BTreeMap<Name, u32>,
}

/// What the user wants tried.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// All when empty.
    pub only: Vec<Kind>,
    /// In each scenario, also what another one with the same schema shows already.
    pub every: bool,
}

impl Campaign {
    /// Plans it for scenarios that were played once.
    pub fn of(pieces: &[Piece], run: &Run, wanted: &Wanted) -> Self {
        let mut planner = Planner {
            run,
            wanted,
            campaign: Self::default(),
            known: HashMap::new(),
            shown: HashSet::new(),
            elsewhere: Vec::new(),
            said: HashMap::new(),
            headers: BTreeMap::new(),
        };
        let answers: Vec<Vec<Read<'_>>> = pieces.iter().map(gaze::read).collect();
        for (piece, answers) in pieces.iter().zip(&answers) {
            let mut gazes = gaze::gazes(&piece.told, answers, run, &piece.planned.integration);
            gazes.extend(gaze::heard(&piece.told, &piece.performance.deliveries, &piece.planned.integration));
            let headers = gazes.iter().flat_map(|gaze| gaze.headers.iter().cloned());
            planner.headers.entry(piece.planned.integration.clone()).or_default().extend(headers);
            planner.campaign.gazes.push(gazes);
        }
        for (index, (piece, answers)) in pieces.iter().zip(&answers).enumerate() {
            if piece.outcome == Outcome::Kept {
                planner.scenario(index, piece, answers);
            }
        }
        planner.finish()
    }
}

struct Planner<'a> {
    run: &'a Run,
    wanted: &'a Wanted,
    campaign: Campaign,
    known: HashMap<(Kin, Mutation), usize>,
    /// Mutants that were tried against a schema already.
    shown: HashSet<(usize, String)>,
    /// Trials of mutants at which nobody looked so far.
    elsewhere: Vec<Trial>,
    said: HashMap<(String, String), Said>,
    headers: BTreeMap<Name, BTreeSet<String>>,
}

impl Planner<'_> {
    fn scenario(&mut self, index: usize, piece: &Piece, answers: &[Read<'_>]) {
        let gazes = std::mem::take(&mut self.campaign.gazes[index]);
        let (of_answers, of_deliveries) = gazes.split_at(answers.len().min(gazes.len()));
        let mut kinds = BTreeSet::new();
        for (at, (gaze, answer)) in of_answers.iter().zip(answers).enumerate() {
            let exchange = &piece.exchanges()[at];
            let kin = kin(self.run, &piece.planned.integration, exchange);
            if !gaze.any {
                *self.campaign.unlooked.entry(kin.integration).or_default() += 1;
                continue;
            }
            self.lens(&kin, gaze, answer.document);
            let hints = self.hints(gaze, answer.document, gaze::earlier(piece.exchanges(), at));
            let place = (index, Tampered::Answer(at));
            for derived in derive(exchange, &hints) {
                self.add(&kin, place, gaze, derived, &mut kinds);
            }
            if let Some(response) = answer.response {
                self.other_headers(&kin, place, response);
            }
        }
        for (at, (gaze, delivery)) in of_deliveries.iter().zip(&piece.performance.deliveries).enumerate() {
            if gaze.any {
                self.delivery((index, Tampered::Delivery(at)), &piece.planned.integration, gaze, delivery, &mut kinds);
            }
        }
        self.campaign.gazes[index] = gazes;
    }

    /// A webhook that a twin delivers, and that a sentence is about.
    fn delivery(
        &mut self,
        place: (usize, Tampered),
        own: &Name,
        gaze: &Gaze,
        delivery: &Delivery,
        kinds: &mut BTreeSet<Kind>,
    ) {
        let kin = Kin {
            integration: own.clone(),
            operation: format!("{WEBHOOK}{}", delivery.event),
            status: "delivered".to_owned(),
        };
        let answer = delivery.as_answer();
        let document = json::parse(&answer.body).ok();
        self.lens(&kin, gaze, document.as_ref());
        let hints = self.hints(gaze, document.as_ref(), None);
        for derived in of_delivery(&answer, &hints) {
            self.add(&kin, place, gaze, derived, kinds);
        }
        self.other_headers(&kin, place, &answer);
    }

    /// Notes what this scenario says of such answers.
    fn lens(&mut self, kin: &Kin, gaze: &Gaze, document: Option<&Value>) {
        let lens = self.campaign.lenses.entry(kin.clone()).or_default();
        let general =
            |pointer: &String| document.map_or_else(String::new, |document| place::general(document, pointer));
        lens.schemas.extend(gaze.schemas.iter().map(|(name, base)| (name.clone(), general(base))));
        lens.promised.extend(gaze.promised.iter().map(general));
    }

    fn hints(&mut self, gaze: &Gaze, document: Option<&Value>, earlier: Option<Arc<Response>>) -> Hints {
        let mut enumerated = BTreeSet::new();
        if let Some(document) = document {
            let mut texts = BTreeSet::new();
            strings(document, String::new(), &mut texts);
            for (name, base) in &gaze.schemas {
                let base = place::general(document, base);
                for text in texts.iter().filter(|text| place::is_within(text, &base)) {
                    if self.says(name, &text[base.len()..]) == Said::Enumerated {
                        enumerated.insert(text.clone());
                    }
                }
            }
        }
        Hints {
            looked_at: gaze.deep.iter().chain(&gaze.shallow).cloned().collect(),
            enumerated,
            headers: gaze.headers.clone(),
            absent: gaze.absent.iter().cloned().collect(),
            unmentioned: gaze.unmentioned.iter().cloned().collect(),
            latency: gaze.latency,
            mock: gaze.mock.clone(),
            earlier,
            text: gaze.text,
        }
    }

    fn says(&mut self, schema: &str, place: &str) -> Said {
        let key = (schema.to_owned(), place.to_owned());
        if let Some(known) = self.said.get(&key) {
            return *known;
        }
        let tokens: Vec<String> = place::tokens(place).collect();
        let found = said(&self.run.schemas, schema, &tokens);
        self.said.insert(key, found);
        found
    }

    fn add(&mut self, kin: &Kin, at: (usize, Tampered), gaze: &Gaze, derived: Derived, kinds: &mut BTreeSet<Kind>) {
        let Derived { mutation, change } = derived;
        if !self.wanted.only.is_empty() && !self.wanted.only.contains(&mutation.kind) {
            return;
        }
        let pointer = match &change {
            Change::Member(pointer, _) => pointer.clone(),
            _ => String::new(),
        };
        let (kind, spot) = (mutation.kind, mutation.at.clone());
        let mutant = self.mutant(kin, mutation, at, &pointer);
        let mut trial = Trial { piece: at.0, at: at.1, mutant, change: Arc::new(change), own: true };
        match spot {
            Spot::Body | Spot::Member(_) if !gaze.body => self.elsewhere.push(trial),
            Spot::Header(name) if kind == Kind::ContentType && !gaze.body && !gaze.headers.contains(&name) => {
                self.elsewhere.push(trial);
            }
            Spot::Member(_) if gaze.meets(&pointer) || mutates_the_promised(kind, gaze, &pointer) => {
                self.campaign.trials.push(trial);
            }
            Spot::Member(_) => {
                let schemas: Vec<String> = gaze.through(&pointer).map(str::to_owned).collect();
                if schemas.is_empty() {
                    self.elsewhere.push(trial);
                    return;
                }
                let mut new = self.wanted.every;
                for schema in schemas {
                    new |= self.shown.insert((mutant, schema));
                }
                // A scenario that names a schema shows that it does: by a member that is gone, and one of another type.
                let sign = matches!(kind, Kind::Removed | Kind::Type) && kinds.insert(kind);
                if sign || new {
                    trial.own = false;
                    self.campaign.trials.push(trial);
                }
            }
            _ => self.campaign.trials.push(trial),
        }
    }

    fn mutant(&mut self, kin: &Kin, mutation: Mutation, (piece, came): (usize, Tampered), pointer: &str) -> usize {
        let mutants = &mut self.campaign.mutants;
        *self.known.entry((kin.clone(), mutation.clone())).or_insert_with(|| {
            mutants.push(Mutant { kin: kin.clone(), mutation, piece, came, pointer: pointer.to_owned() });
            mutants.len() - 1
        })
    }

    /// Headers that no promise of the contract is about, once each.
    fn other_headers(&mut self, kin: &Kin, at: (usize, Tampered), response: &Response) {
        let looked_at = self.headers.get(&kin.integration).cloned().unwrap_or_default();
        let any = Kin { operation: ANY.to_owned(), status: "any".to_owned(), integration: kin.integration.clone() };
        for Derived { mutation, change } in of_other_headers(response, &looked_at) {
            let wanted = self.wanted.only.is_empty() || self.wanted.only.contains(&mutation.kind);
            if wanted && !self.known.contains_key(&(any.clone(), mutation.clone())) {
                let mutant = self.mutant(&any, mutation, at, "");
                let change = Arc::new(change);
                self.campaign.trials.push(Trial { piece: at.0, at: at.1, mutant, change, own: false });
            }
        }
    }

    /// What no scenario looks at is tried once all the same, so that nothing is called unnoticed that was never tried.
    fn finish(mut self) -> Campaign {
        let mut tried: HashSet<usize> = self.campaign.trials.iter().map(|trial| trial.mutant).collect();
        for trial in self.elsewhere {
            if tried.insert(trial.mutant) {
                self.campaign.trials.push(Trial { own: false, ..trial });
            }
        }
        self.campaign
    }
}

/// A member that must not be there, or live data in whose place the mock's is put.
fn mutates_the_promised(kind: Kind, gaze: &Gaze, pointer: &str) -> bool {
    match kind {
        Kind::ExtraMember => gaze.absent.iter().any(|(object, _)| object == pointer) || !gaze.unmentioned.is_empty(),
        Kind::Mock => gaze.mock.iter().any(|(live, _)| live == pointer),
        _ => false,
    }
}

/// The general pointers of all texts of a document.
fn strings(value: &Value, pointer: String, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| strings(value, place::below(&pointer, name), out));
        }
        Value::Array(items) => items.iter().for_each(|value| strings(value, format!("{pointer}/*"), out)),
        Value::String(_) => {
            out.insert(pointer);
        }
        _ => {}
    }
}

/// Which operation it was, and how it was answered.
pub fn kin(run: &Run, integration: &Name, exchange: &Exchange) -> Kin {
    let request = &exchange.request;
    let party = run.parties.get(integration);
    let prefix = party.map_or("", |party| party.base_url.path().trim_end_matches('/'));
    let path = request.url.path().strip_prefix(prefix).unwrap_or(request.url.path());
    let fields = std::cell::LazyCell::new(|| graphql::root_fields(&request.body));
    let operations = party.map(|party| party.manifest.operations.as_slice()).unwrap_or_default();
    let known = operations.iter().find(|operation| operation.covers(request.method.as_str(), path, || &fields));
    let operation = known.map_or_else(|| format!("{} {}", request.method, template(path)), |known| known.id.clone());
    let status = exchange.outcome.as_ref().map_or("no answer".to_owned(), |answer| answer.status.as_u16().to_string());
    Kin { integration: integration.clone(), operation, status }
}

/// A path that the manifest does not name, with `{n}` for its numbers.
fn template(path: &str) -> String {
    let numbers = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    path.split('/').map(|part| if numbers(part) { "{n}" } else { part }).collect::<Vec<_>>().join("/")
}
