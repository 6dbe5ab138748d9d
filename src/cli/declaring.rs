//! What every verb that declares something shares: by whom, why, until when, and signed with which key.

use std::path::PathBuf;

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use crate::adapter::clock;
use crate::adapter::ledger::Ledger;
use crate::adapter::signing::{self, SigningKey};
use crate::adapter::workspace::Workspace;
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::Advice;
use crate::cli::{command, home, outputs};
use crate::domain::chain::hash::Hash;
use crate::domain::declaration::standing::{Court, Doubt};
use crate::domain::declaration::{Declaration, What};
use crate::domain::entry::{Body, Entry, History, VERSION};
use crate::domain::moment::Moment;
use crate::domain::nearest::nearest;
use crate::domain::secret::Redactor;

/// Whose word it is.
#[derive(Args, Clone, Debug)]
pub struct Word {
    /// Who declares it
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub why: Option<String>,
    /// Signs it with this private key (PKCS#8 PEM, Ed25519 or P-256)
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
}

/// Where a verb that declares works.
pub struct Desk {
    pub workspace: Workspace,
    pub ledger: Ledger,
    pub history: History,
    pub now: Timestamp,
    pub console: Console,
}

/// What is to be declared.
pub struct Draft {
    pub what: What,
    /// Everywhere when absent.
    pub environment: Option<String>,
    pub until: Option<Timestamp>,
    /// The environments in which it has to count, or it is not written at all.
    pub counts_in: Vec<String>,
}

impl Desk {
    /// Opens the workspace and its ledger.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn open(common: &Common, console: Console) -> anyhow::Result<Self> {
        let workspace = home::workspace(common)?.coherent()?;
        let ledger = Ledger::new(&outputs::folder(common, &workspace));
        let reading = ledger.read()?;
        let mut history = reading.history;
        signing::check(&workspace.inventory, &mut history);
        for lost in &reading.lost {
            console.say(&format!("warning: line {} of the ledger was passed over: {}", lost.line, lost.reason));
        }
        // To the second: what is declared is read by people. A line of the ledger has its time in full.
        let now = clock::now();
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Ok(Self { workspace, ledger, history, now, console })
    }

    pub fn court<'a>(&'a self, environment: &'a str) -> Court<'a> {
        Court { inventory: &self.workspace.inventory, history: &self.history, environment, now: self.now }
    }

    /// Writes a declaration, if it will count for something. Returns its sequence.
    ///
    /// # Errors
    /// Something is missing from it, it would count for nothing, or it cannot be written.
    pub fn declare(&self, draft: Draft, word: &Word) -> anyhow::Result<u64> {
        let said = |text: &Option<String>, what: &str, option: &str| {
            let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
            text.map(str::to_owned)
                .ok_or_else(|| Advice::new(format!("it does not say {what}"), format!("add {option}")))
        };
        let mut declaration = Declaration {
            what: draft.what,
            workspace: self.workspace.inventory.name.clone(),
            environment: draft.environment,
            by: said(&word.by, "who declares it", "--by NAME")?,
            why: said(&word.why, "why", "--why TEXT")?,
            at: self.now,
            until: draft.until,
            signature: None,
            signed_by: None,
        };
        let redactor = command::redactor(&self.workspace, &Redactor::default());
        let text = declaration.signed_text();
        if redactor.text(&text) != text {
            let hint = "say it without; what is declared is kept, and others read it";
            return Err(Advice::new(format!("this {} holds the value of a secret", declaration.noun()), hint).into());
        }
        if let Some(path) = &word.key {
            SigningKey::read(path)?.declare(&mut declaration)?;
        }
        for environment in &draft.counts_in {
            if let Some(doubt) = self.doubt(&declaration, environment) {
                return Err(self.refused(&declaration, &doubt, environment).into());
            }
        }
        let noun = declaration.noun();
        let sequence = self.ledger.declare(declaration.clone(), clock::now())?;
        if self.console.json() {
            let entry = serde_json::json!({"sequence": sequence, "declaration": declaration});
            self.console.give(&serde_json::to_string_pretty(&entry)?);
        }
        self.console.say(&format!("entry {sequence} of the ledger: {noun} by {}", declaration.by));
        Ok(sequence)
    }

    /// What would be said of the declaration once it stood in the ledger.
    fn doubt(&self, declaration: &Declaration, environment: &str) -> Option<Doubt> {
        let sequence = self.history.entries.iter().map(|entry| entry.sequence).max().unwrap_or(0) + 1;
        let mut history = self.history.clone();
        history.entries.push(Entry {
            version: VERSION,
            sequence,
            previous: Hash::NOTHING,
            written: self.now,
            body: Body::Declaration(Box::new(declaration.clone())),
        });
        signing::check(&self.workspace.inventory, &mut history);
        let court = Court { history: &history, ..self.court(environment) };
        history.declarations().next_back().and_then(|(sequence, declared)| court.doubts(sequence, declared))
    }

    fn refused(&self, declaration: &Declaration, doubt: &Doubt, environment: &str) -> Advice {
        let approvers = self.workspace.inventory.approvers.iter();
        let names: Vec<&str> =
            approvers.filter(|(_, approver)| approver.signs_for(environment)).map(|(name, _)| name.as_str()).collect();
        let hint = match doubt {
            Doubt::Unsigned => format!("add --key FILE; {environment} asks for a signature of: {}", names.join(", ")),
            Doubt::BadSignature => {
                format!("sign with a key whose public half preflight.yaml knows: {}", names.join(", "))
            }
            Doubt::OthersSignature(name) => format!("write --by {name}, or sign with the key of {}", declaration.by),
            _ => "nothing was written".to_owned(),
        };
        Advice::new(format!("this {} would count for nothing: it {doubt}", declaration.noun()), hint)
    }

    /// An environment that is declared.
    ///
    /// # Errors
    /// None is named, or one that is not declared.
    pub fn environment(&self, named: Option<&str>) -> Result<String, Advice> {
        let known: Vec<&str> = self.workspace.inventory.environments.keys().map(String::as_str).collect();
        let Some(named) = named else {
            return Err(Advice::new("it names no environment", format!("add --env, one of: {}", known.join(", "))));
        };
        if known.contains(&named) {
            return Ok(named.to_owned());
        }
        Err(unknown("environment", named, &known))
    }
}

/// "There is no … of that name", with the nearest one.
pub fn unknown(kind: &str, named: &str, known: &[&str]) -> Advice {
    let near = nearest(named, known.iter().copied()).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    let list = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Advice::new(format!("there is no {kind} `{named}`"), format!("{near}known: {list}"))
}

/// When something ends: a moment (`2026-12-01`, the end of that day in UTC), or a while from now (`90m`, `8h`, `3d`).
///
/// # Errors
/// It is missing, or neither.
pub fn until(text: Option<&str>, now: Timestamp) -> Result<Timestamp, Advice> {
    let hint = "write --until 2026-12-01 (the end of that day, UTC), 2026-12-01T17:00Z, 90m, 8h or 3d";
    let Some(text) = text else { return Err(Advice::new("it has no expiry", hint)) };
    if let Some(duration) = duration(text) {
        return now.checked_add(duration).map_err(|_| Advice::new(format!("`{text}` is too far ahead"), hint));
    }
    let moment: Moment =
        text.parse().map_err(|_| Advice::new(format!("`{text}` is no moment and no duration"), hint))?;
    Ok(moment.end())
}

fn duration(text: &str) -> Option<SignedDuration> {
    let minutes = match text.chars().next_back()? {
        'm' => 1,
        'h' => 60,
        'd' => 60 * 24,
        _ => return None,
    };
    let count: u32 = text[..text.len() - 1].parse().ok()?;
    Some(SignedDuration::from_mins(i64::from(count) * minutes))
}

#[cfg(test)]
mod tests {
    use super::until;

    #[test]
    fn an_end_is_a_moment_or_a_while_from_now() {
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        for (text, end) in [
            ("90m", "2026-11-20T13:30:00Z"),
            ("8h", "2026-11-20T20:00:00Z"),
            ("3d", "2026-11-23T12:00:00Z"),
            ("2026-12-01", "2026-12-02T00:00:00Z"),
            ("2026-12-01T17:00-05:00", "2026-12-01T22:00:00Z"),
        ] {
            assert_eq!(until(Some(text), now).unwrap().to_string(), end, "{text}");
        }
        for text in ["", "d", "-1d", "1.5h", "3w", "2026-02-30", "2026-12-01T17:00", "tomorrow", "é"] {
            assert!(until(Some(text), now).is_err(), "{text}");
        }
        assert_eq!(until(None, now).unwrap_err().to_string(), "it has no expiry");
    }
}
