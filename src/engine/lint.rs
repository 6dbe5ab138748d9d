//! `lint`: what is wrong with a workspace, as far as it can be told without running anything.

mod coverage;
mod feature;
pub mod finding;
mod fixture;
mod manifest;
mod policy;
mod reference;
mod scenario;
mod schema;
mod secret;
mod subschema;
mod tag;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use gherkin::{Step, StepType};

use crate::adapter::contracts::Contract;
use crate::adapter::workspace::Workspace;
use crate::adapter::yaml;
use crate::check::schema::Schemas;
use crate::domain::contract::Place;
use crate::domain::integration::Name;
use crate::engine::lint::feature::Parsed;
use crate::engine::lint::finding::{Code, Finding};
use crate::engine::probe::plan;
use crate::steps::vocabulary::{self, Match};

/// Examines a workspace with the vocabulary that runs use.
pub fn by_the_vocabulary(workspace: &Workspace) -> Vec<Finding> {
    lint(workspace, &vocabulary::find)
}

/// Examines a workspace. Pure: `find` looks a step up in the vocabulary.
///
/// The findings are sorted by place. None means: nothing wrong was found that can be found without running.
pub fn lint(workspace: &Workspace, find: &dyn Fn(&Step) -> Match) -> Vec<Finding> {
    let mut bench = Bench::new(workspace, find);
    bench.workspace();
    for contract in bench.contracts() {
        bench.contract(contract);
    }
    secret::look(&mut bench);
    let mut findings = bench.findings;
    findings.sort_by(|one, other| (&one.place, one.code).cmp(&(&other.place, other.code)));
    findings.dedup();
    findings
}

/// The contracts that `lint` examines: in a workspace those that it lists or adds to, not all that are shipped.
pub fn examined(workspace: &Workspace) -> Vec<&Contract> {
    let concerns = |name: &Name| {
        workspace.root.is_none()
            || workspace.inventory.integrations.contains_key(name)
            || workspace.own_files.iter().any(|path| path.split('/').nth(1) == Some(name.as_str()))
    };
    workspace.contracts.values().filter(|contract| concerns(&contract.name)).collect()
}

/// What a match depends on.
type Asked = (StepType, String, bool, bool);

/// What every examination looks at, and where it leaves what it found.
struct Bench<'a> {
    workspace: &'a Workspace,
    vocabulary: &'a dyn Fn(&Step) -> Match,
    /// What the vocabulary said already: an outline has each of its steps once a row.
    known: RefCell<HashMap<Asked, Match>>,
    /// The schemas of all contracts: a step may name any of them.
    schemas: Schemas,
    findings: Vec<Finding>,
}

impl<'a> Bench<'a> {
    fn new(workspace: &'a Workspace, find: &'a dyn Fn(&Step) -> Match) -> Self {
        let documents: BTreeMap<_, _> =
            workspace.contracts.values().flat_map(|contract| contract.schemas.clone()).collect();
        Self {
            workspace,
            vocabulary: find,
            known: RefCell::default(),
            schemas: Schemas::new(documents),
            findings: Vec::new(),
        }
    }

    /// Looks a step up in the vocabulary.
    fn find(&self, step: &Step) -> Match {
        let asked = (step.ty, step.value.clone(), step.docstring.is_some(), step.table.is_some());
        self.known.borrow_mut().entry(asked).or_insert_with(|| (self.vocabulary)(step)).clone()
    }

    fn add(&mut self, code: Code, place: Place, message: impl Into<String>, hint: Option<String>) {
        self.findings.push(Finding { severity: code.severity(), code, place, message: message.into(), hint });
    }

    fn workspace(&mut self) {
        for problem in &self.workspace.problems {
            let message = format!("{}: {}", problem.within, problem.message);
            self.add(Code::Contradiction, problem.place.clone(), message, problem.hint.clone());
        }
        policy::look(self);
        for source in self.workspace.probes.values() {
            if let Err(error) = source.read().and_then(|written| plan::read(self.workspace, &written)) {
                self.add(Code::Unreadable, at(&source.path, error.line()), error.problem(), error.hint());
            }
        }
        // A file of a contract that is not listed is told below, once for the contract.
        let told_below = |path: &String| self.workspace.contracts.values().any(|known| known.files.contains_key(path));
        let strays: Vec<_> = self.workspace.strays.iter().filter(|stray| !told_below(&stray.path)).collect();
        for stray in strays {
            self.add(Code::StrayFile, at(&stray.path, 1), stray.reason.clone(), None);
        }
        for name in self.workspace.contracts.keys() {
            let folder = format!("features/{name}/");
            let own = self.workspace.own_files.iter().any(|path| path.starts_with(&folder));
            if own && !self.workspace.inventory.integrations.contains_key(name) {
                let place = at(&format!("features/{name}"), 1);
                let hint = format!("add `{name}:` under `integrations` in preflight.yaml");
                self.add(
                    Code::UnlistedContract,
                    place,
                    format!("no run includes the contract of `{name}`"),
                    Some(hint),
                );
            }
        }
    }

    fn contracts(&self) -> Vec<&'a Contract> {
        examined(self.workspace)
    }

    fn contract(&mut self, contract: &'a Contract) {
        for unreadable in &contract.unreadable {
            self.add(Code::Unreadable, unreadable.place.clone(), unreadable.message.clone(), None);
        }
        let mut parsed = Vec::new();
        for source in &contract.features {
            match feature::parse(source) {
                Ok(feature) => parsed.push(feature),
                Err(fault) => self.add(Code::Unparseable, at(&source.path, fault.line), fault.message, fault.hint),
            }
        }
        if contract.features.is_empty() && !contract.unreadable.iter().any(|file| file.place.file.ends_with(".feature"))
        {
            let hint = format!("write features/{}/<subject>.feature", contract.name);
            let place = at(&format!("features/{}", contract.name), 1);
            self.add(Code::EmptyFolder, place, "there is no feature in it, so nothing is promised", Some(hint));
        }
        self.features(contract, &parsed);
        manifest::look(self, contract);
        schema::look(self, contract);
        fixture::look(self, contract);
    }

    fn features(&mut self, contract: &'a Contract, parsed: &[Parsed]) {
        for feature in parsed {
            feature::look(self, feature);
            for case in feature.cases() {
                scenario::look(self, &case);
                tag::look(self, contract, &case);
                reference::look(self, contract, &case);
            }
        }
        scenario::duplicates(self, parsed);
        // What an unread feature asks is not known, and an empty contract was told already.
        if !parsed.is_empty() && parsed.len() == contract.features.len() && contract.unreadable.is_empty() {
            coverage::look(self, contract, parsed);
        }
    }
}

/// The place of a key or a list item of a YAML or JSON file; JSON is YAML too.
fn place_of(contract: &Contract, path: &str, keys: &[&str]) -> Place {
    let text = contract.files.get(path).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    let mut keys = keys;
    let line = loop {
        match yaml::locate(text, keys) {
            Some((line, _)) => break line,
            None => match keys.split_last() {
                Some((_, above)) => keys = above,
                None => break 1,
            },
        }
    };
    at(path, line)
}

/// A JSON Pointer, empty at the root.
fn pointer_of(keys: &[&str]) -> String {
    keys.iter().fold(String::new(), |pointer, key| pointer + "/" + key)
}

fn at(file: &str, line: usize) -> Place {
    Place { file: file.to_owned(), line }
}

/// `did you mean …?`, or what there is.
fn suggestion<'k>(word: &str, known: impl Iterator<Item = &'k str> + Clone, nothing: &str) -> String {
    if let Some(near) = crate::domain::nearest::nearest(word, known.clone()) {
        return format!("did you mean `{near}`?");
    }
    let list: Vec<_> = known.take(12).collect();
    if list.is_empty() { nothing.to_owned() } else { format!("there is: {}", list.join(", ")) }
}
