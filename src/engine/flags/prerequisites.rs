//! Whether what a flag needs is there: tables and scopes by the source tree, secrets by the environment, contracts by evidence.

use crate::adapter::environment::Environment;
use crate::adapter::workspace::Workspace;
use crate::domain::flag::audit::{Needed, Presence};
use crate::domain::flag::prerequisite::Prerequisite;
use crate::domain::readiness::{Criterion, Readiness, State};
use crate::domain::usage::{Form, Kind, Usage};

/// What is known of the app in one environment.
pub struct Known<'a> {
    pub workspace: &'a Workspace,
    pub environment: &'a Environment,
    pub readiness: &'a Readiness,
    /// Usages, files of migrations, and whether the source tree was looked at to its end.
    pub searched: (&'a [Usage], &'a [String], bool),
}

/// The words that must be looked for in the source tree.
pub fn words(text: &str) -> Option<String> {
    match Prerequisite::parse(text) {
        Prerequisite::Table(name) | Prerequisite::Scope(name) => Some(name.to_owned()),
        _ => None,
    }
}

/// Judges one prerequisite.
pub fn needed(text: &str, known: &Known) -> Needed {
    let (state, detail) = match Prerequisite::parse(text) {
        Prerequisite::Table(name) => known.table(name),
        Prerequisite::Migration(name) => known.migration(name),
        Prerequisite::Scope(name) => known.scope(name),
        Prerequisite::Secret(name) | Prerequisite::Variable(name) => known.variable(name),
        Prerequisite::Contract(name) => known.contract(name),
        Prerequisite::Other(_) => (Presence::Later, "shown by `preflight flip`, or by a person".to_owned()),
    };
    Needed { what: text.to_owned(), state, detail }
}

type Found = (Presence, String);

impl Known<'_> {
    /// Not found: missing in a tree that was looked at to its end, else unknown.
    fn absent(&self, what: &str) -> Found {
        let (_, _, whole) = self.searched;
        if whole {
            (Presence::Missing, what.to_owned())
        } else {
            (Presence::Unknown, "no source tree was looked at to its end".to_owned())
        }
    }

    fn usage(&self, name: &str, is: impl Fn(&Usage) -> bool) -> Option<Found> {
        let (usages, ..) = self.searched;
        let found = usages.iter().find(|usage| usage.name == name && is(usage))?;
        Some((Presence::There, found.place.to_string()))
    }

    fn table(&self, name: &str) -> Found {
        let made = |usage: &Usage| usage.form == Form::Made && !matches!(usage.kind, Kind::Test | Kind::Documentation);
        self.usage(name, made).unwrap_or_else(|| self.absent("no migration makes it"))
    }

    fn scope(&self, name: &str) -> Found {
        let asked = |usage: &Usage| usage.kind == Kind::Configuration && usage.form != Form::Comment;
        self.usage(name, asked).unwrap_or_else(|| self.absent("no configuration asks for it"))
    }

    fn migration(&self, name: &str) -> Found {
        let (_, migrations, _) = self.searched;
        match migrations.iter().find(|file| file.contains(name)) {
            Some(file) => (Presence::There, file.clone()),
            None => self.absent("there is no such file under migrations/"),
        }
    }

    fn variable(&self, name: &str) -> Found {
        let declared = self.workspace.inventory.secrets.get(name);
        let names = std::iter::once(name)
            .chain(declared.into_iter().flat_map(|secret| secret.aliases.iter().map(String::as_str)));
        for name in names {
            match self.environment.variable(name) {
                Ok(Some(_)) => return (Presence::There, format!("{name} has a value")),
                Ok(None) => {}
                Err(error) => return (Presence::Unknown, error.to_string()),
            }
        }
        let kept = declared.map_or(&[][..], |secret| secret.kept_in.places(self.environment.name()));
        if !kept.is_empty() && !kept.iter().any(|place| place == "env" || place.starts_with("dotenv:")) {
            let detail = "it is not kept in the environment; `preflight secrets` looks where it is";
            return (Presence::Unknown, detail.to_owned());
        }
        if self.environment.has_file() {
            (Presence::Missing, "it has no value".to_owned())
        } else {
            (Presence::Unknown, "it has no value here, and this is not the app's own environment".to_owned())
        }
    }

    /// By the evidence: the contract on the twin, as the matrix shows it.
    fn contract(&self, name: &str) -> Found {
        let has_contract = self
            .workspace
            .contracts
            .iter()
            .any(|(known, contract)| known.as_str() == name && !contract.features.is_empty());
        if !has_contract {
            return (Presence::Missing, "there is no such contract".to_owned());
        }
        let matrix = self.readiness.environments.iter().find(|matrix| matrix.environment == self.environment.name());
        let row = matrix.and_then(|matrix| matrix.rows.iter().find(|row| row.integration.as_str() == name));
        match row.and_then(|row| row.cell(Criterion::ContractTwin)) {
            Some(cell) if cell.state == State::Ready => (Presence::There, cell.reason.clone()),
            Some(cell) if cell.state == State::Failing => (Presence::Missing, cell.reason.clone()),
            Some(cell) => (Presence::Unknown, format!("{}: {}", cell.state.as_str(), cell.reason)),
            None => (Presence::Unknown, "it has no row in the matrix".to_owned()),
        }
    }
}
