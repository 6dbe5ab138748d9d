//! From files of probes to what is asked: sentences read, needs known, everything that can be wrong found before anything is sent.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::adapter::contracts;
use crate::adapter::probes::{ProbesError, Written};
use crate::adapter::workspace::Workspace;
use crate::domain::integration::{Manifest, Name};
use crate::domain::nearest::nearest;
use crate::domain::probe::ask::Ask;
use crate::domain::probe::specified::{Probe, Step, Truth};
use crate::steps::promise::{Part, Promise};

/// A probe that can be asked again and again.
#[derive(Clone, Debug)]
pub struct Planned {
    pub integration: Name,
    pub title: String,
    /// Its file, relative to the workspace.
    pub path: String,
    pub probe: Probe,
    pub steps: Vec<PlannedStep>,
    /// The integration's manifest with what the file of probes adds to it.
    pub manifest: Arc<Manifest>,
    /// What a right service answers, where the file says so.
    pub truth: Option<Arc<Truth>>,
}

/// A step with its sentences read.
#[derive(Clone, Debug)]
pub struct PlannedStep {
    pub step: Step,
    pub promises: Vec<Promise>,
    /// Variables of the integration that it cannot be asked without.
    pub needs: BTreeSet<String>,
}

/// Every probe of the workspace, in the order of integration and file: of those integrations that the inventory names, or
/// of all that are shipped where there is no inventory.
///
/// # Errors
/// A file is none, a sentence is none, a probe cannot fail; where and why.
pub fn plan(workspace: &Workspace) -> Result<Vec<Planned>, ProbesError> {
    let mut planned = Vec::new();
    let is_known = |name: &Name| workspace.root.is_none() || workspace.inventory.integrations.contains_key(name);
    for source in workspace.probes.values().filter(|source| is_known(&source.integration)) {
        planned.extend(read(workspace, &source.read()?)?);
    }
    let mut names = BTreeSet::new();
    for probe in &planned {
        let (path, name) = (probe.path.clone(), &probe.probe.name);
        if !names.insert(name.clone()) {
            let message = format!("the probe `{name}` stands in another file too; a name is one in the workspace");
            return Err(ProbesError::Wrong { path, line: 1, within: "probes".to_owned(), message });
        }
    }
    for probe in &planned {
        if let Some(missing) = probe.probe.depends_on.iter().find(|name| !names.contains(name)) {
            let near = nearest(missing.as_str(), names.iter().map(Name::as_str));
            let near = near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
            let message = format!("the probe `{}` depends on `{missing}`, which is no probe{near}", probe.probe.name);
            let path = probe.path.clone();
            return Err(ProbesError::Wrong { path, line: 1, within: "probes".to_owned(), message });
        }
    }
    Ok(planned)
}

/// The probes of one file.
///
/// # Errors
/// As of [`plan`].
pub fn read(workspace: &Workspace, written: &Written) -> Result<Vec<Planned>, ProbesError> {
    let manifest = Arc::new(manifest(workspace, written));
    let truth = written.book.truth.clone().map(Arc::new);
    let title = workspace.inventory.integrations.get(&written.integration).and_then(|known| known.title.clone());
    let title = title.unwrap_or_else(|| manifest.title.clone());
    let probe = |(index, probe): (usize, &Probe)| {
        let reader = Reader { written, manifest: &manifest, keys: vec!["probes".to_owned(), index.to_string()] };
        Ok(Planned {
            integration: written.integration.clone(),
            title: probe.title.clone().unwrap_or_else(|| title.clone()),
            path: written.path.clone(),
            probe: probe.clone(),
            steps: reader.steps(probe)?,
            manifest: Arc::clone(&manifest),
            truth: truth.clone(),
        })
    };
    written.book.probes.iter().enumerate().map(probe).collect()
}

/// What is known of the integration: its manifest, as far as it has one, under what the file of probes says.
fn manifest(workspace: &Workspace, written: &Written) -> Manifest {
    let mut manifest = match workspace.contracts.get(&written.integration) {
        Some(contract) => contract.manifest.clone(),
        None => contracts::nameless(&written.integration),
    };
    manifest.variables.extend(written.book.variables.clone());
    manifest.credentials.extend(written.book.credentials.clone());
    manifest
}

struct Reader<'a> {
    written: &'a Written,
    manifest: &'a Manifest,
    keys: Vec<String>,
}

impl Reader<'_> {
    fn wrong(&self, keys: &[&str], message: impl Into<String>) -> ProbesError {
        let keys = [self.keys.clone(), keys.iter().map(|key| (*key).to_owned()).collect()].concat();
        self.written.wrong(&keys, message)
    }

    fn steps(&self, probe: &Probe) -> Result<Vec<PlannedStep>, ProbesError> {
        let mut remembered = BTreeSet::new();
        let mut server: BTreeSet<String> = BTreeSet::new();
        if let Some(own) = &probe.server {
            for text in own.command.iter().chain(own.env.values()).chain(own.headers.values()) {
                server.extend(names(text));
            }
            self.declared(&["server"], &server)?;
        }
        let mut planned = Vec::new();
        for (index, step) in probe.steps.iter().enumerate() {
            let index = index.to_string();
            let (step, at) = (step.clone(), ["steps", index.as_str()]);
            let promises = self.promises(&step, &at)?;
            let mut needs: BTreeSet<String> = step.ask.texts().iter().flat_map(|text| names(text)).collect();
            needs.extend(promises.iter().flat_map(Promise::texts).flat_map(names));
            needs.extend(self.credential(&step, &at)?);
            if matches!(step.ask, Ask::Mcp(_)) {
                needs.extend(server.iter().cloned());
            }
            // What this step remembers its own sentences may name, too.
            remembered.extend(step.remember.keys().cloned());
            needs.retain(|name| !remembered.contains(name));
            self.declared(&at, &needs)?;
            planned.push(PlannedStep { step, promises, needs });
        }
        Ok(planned)
    }

    fn promises(&self, step: &Step, at: &[&str; 2]) -> Result<Vec<Promise>, ProbesError> {
        let kind = step.ask.kind();
        let mut promises = Vec::new();
        for (index, text) in step.expect.iter().enumerate() {
            let index = index.to_string();
            let keys = [at[0], at[1], "expect", index.as_str()];
            let line =
                self.written.line(&[self.keys.clone(), keys.iter().map(|key| (*key).to_owned()).collect()].concat());
            let promise = Promise::read(text, line).map_err(|told| self.wrong(&keys, told))?;
            if !kind.is_over_http() && promise.part != Part::Body && promise.part != Part::Time {
                let told = format!("{kind} has no status and no headers: promise something of its document");
                return Err(self.wrong(&keys, told));
            }
            promises.push(promise);
        }
        let looks_within = promises.iter().any(|promise| promise.part == Part::Body);
        if kind.brings_a_document() && !kind.promises_by_itself() && !looks_within {
            let told = "it promises nothing of what is answered, so a page that says something else would pass: add a \
                        sentence about the body";
            return Err(self.wrong(&[at[0], at[1], "expect"], told));
        }
        Ok(promises)
    }

    /// The variables of the credential that a step is asked with.
    fn credential(&self, step: &Step, at: &[&str; 2]) -> Result<BTreeSet<String>, ProbesError> {
        let Ask::Http(http) = &step.ask else { return Ok(BTreeSet::new()) };
        let Some(name) = &http.credential else { return Ok(BTreeSet::new()) };
        let Some(credential) = self.manifest.credentials.get(name) else {
            let known: Vec<&str> = self.manifest.credentials.keys().map(String::as_str).collect();
            let near = nearest(name, known.iter().copied()).map(|near| format!(" (did you mean `{near}`?)"));
            let told =
                format!("there is no credential `{name}`{}; there are {}", near.unwrap_or_default(), known.join(", "));
            return Err(self.wrong(&[at[0], at[1], "http", "credential"], told));
        };
        Ok(credential.headers.values().chain(credential.query.values()).flat_map(|text| names(text)).collect())
    }

    /// Each name has somebody who provides it.
    fn declared(&self, at: &[&str], needs: &BTreeSet<String>) -> Result<(), ProbesError> {
        let Some(unknown) = needs.iter().find(|name| !self.manifest.variables.contains_key(*name)) else {
            return Ok(());
        };
        let near = nearest(unknown, self.manifest.variables.keys().map(String::as_str));
        let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        let told = format!(
            "nothing provides ${{{unknown}}} ({near}declare it under `variables`, or remember it in a step before)"
        );
        Err(self.wrong(at, told))
    }
}

/// The names that stand in a text as `${NAME}`.
pub fn names(text: &str) -> Vec<String> {
    let parts = text.split("${").skip(1);
    parts.filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

/// The probes that are asked for, by their own name or by that of their integration; all of them where nothing is named.
///
/// # Errors
/// The name that is none, and the nearest one.
pub fn choose(planned: Vec<Planned>, wanted: &[String]) -> Result<Vec<Planned>, (String, Vec<String>)> {
    let known = |name: &String| planned.iter().any(|probe| named(probe, name));
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        let mut all: Vec<String> = Vec::new();
        for probe in &planned {
            all.extend([probe.probe.name.to_string(), probe.integration.to_string()]);
        }
        all.sort();
        all.dedup();
        return Err((unknown.clone(), all));
    }
    Ok(planned.into_iter().filter(|probe| wanted.is_empty() || wanted.iter().any(|name| named(probe, name))).collect())
}

fn named(probe: &Planned, name: &str) -> bool {
    probe.probe.name.as_str() == name || probe.integration.as_str() == name
}
