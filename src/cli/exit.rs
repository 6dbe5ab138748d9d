//! The exit codes, and the one place where an error is printed.

use std::process::ExitCode;

use crate::adapter::alerts::ChannelError;
use crate::adapter::child::ChildError;
use crate::adapter::environment::EnvironmentError;
use crate::adapter::files::FileError;
use crate::adapter::history::error::HistoryError;
use crate::adapter::keygen::KeygenError;
use crate::adapter::ledger::LedgerError;
use crate::adapter::plans::PlansError;
use crate::adapter::probes::ProbesError;
use crate::adapter::release::ReleaseError;
use crate::adapter::schemes::SchemeError;
use crate::adapter::serve::BindError;
use crate::adapter::signing::SigningError;
use crate::adapter::sources::SourceError;
use crate::adapter::starter::StarterError;
use crate::adapter::workspace::WorkspaceError;
use crate::cli::console::tell;
use crate::domain::record::Record;
use crate::engine::secrets::AuditError;
use crate::engine::webhook::delivery::DeliveryError;
use crate::engine::webhook::send::SendError;

/// How a verb ended. The worst one wins, in the order `CouldNotRun`, `Broken`, `Unknown`, `Kept`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// 0: all promises kept, or GO.
    Kept,
    /// 1: a promise is broken, or NO-GO.
    Broken,
    /// 2: usage, configuration, an unreadable contract.
    CouldNotRun,
    /// 3: nothing ran, something was not asked, or is stale.
    Unknown,
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Self::Kept => 0,
            Self::Broken => 1,
            Self::CouldNotRun => 2,
            Self::Unknown => 3,
        }
    }

    /// What a record says of the run that made it.
    pub fn of(record: &Record) -> Self {
        let counts = record.counts();
        if record.unreadable().next().is_some() {
            Self::CouldNotRun
        } else if counts.broken > 0 {
            Self::Broken
        } else if record.contracts.iter().any(|contract| contract.scenarios.is_empty()) && !record.partial {
            // Every scenario of it is meant for another target: nothing was asked of it.
            Self::Unknown
        } else if counts.kept == 0 || counts.unasked + counts.untested > 0 || record.interrupted {
            Self::Unknown
        } else {
            Self::Kept
        }
    }
}

impl Exit {
    /// The same, but not a success where something is unknown.
    #[must_use]
    pub fn or_unknown(self, unknown: bool) -> Self {
        if unknown && self == Self::Kept { Self::Unknown } else { self }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// An error that comes with what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Advice {
    pub message: String,
    pub hint: String,
    exit: Exit,
}

impl Advice {
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), exit: Exit::CouldNotRun }
    }

    /// Nothing could be asked, though nothing was wrong with the question.
    pub fn unknown(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), exit: Exit::Unknown }
    }
}

/// A panic is a defect of ours. Its message is not shown, because it may hold anything that was in memory; its place is.
pub fn hide_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        tell(&format!(
            "error: preflight has a defect{place} and stopped; its message may hold a secret and is not shown"
        ));
        tell("hint: report the place, and the command without its values");
    }));
}

/// Prints an error and what to do about it, and says how the verb ended.
pub fn report(error: &anyhow::Error) -> Exit {
    let mut told = Vec::new();
    for cause in error.chain().map(ToString::to_string) {
        // A transparent error says what its cause says.
        if told.last() != Some(&cause) {
            told.push(cause);
        }
    }
    tell(&format!("error: {}", told.join(": ")));
    if let Some(hint) = error.chain().find_map(hint) {
        tell(&format!("hint: {hint}"));
    }
    error.downcast_ref::<Advice>().map_or(Exit::CouldNotRun, |advice| advice.exit)
}

fn hint(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(advice) = error.downcast_ref::<Advice>() {
        return Some(advice.hint.clone());
    }
    if let Some(error) = error.downcast_ref::<WorkspaceError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<EnvironmentError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<StarterError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<ReleaseError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<LedgerError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<ChannelError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<HistoryError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<SchemeError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<SigningError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<KeygenError>() {
        return error.hint().map(str::to_owned);
    }
    if let Some(error) = error.downcast_ref::<BindError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<PlansError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<ProbesError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<ChildError>() {
        return error.hint().map(str::to_owned);
    }
    if let Some(error) = error.downcast_ref::<SourceError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<DeliveryError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<SendError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<AuditError>() {
        return error.hint().map(str::to_owned);
    }
    error.downcast_ref::<FileError>().and_then(FileError::hint).map(str::to_owned)
}
