//! Why a consumer does not follow, in words.

use std::time::Duration;

use crate::engine::flip::canary::Path;
use crate::engine::flip::hands::{Evaluated, Reader, Said};

/// Why a consumer does not follow, by what each of the two says.
pub fn lag(on: bool, now: &(Evaluated, Path), limit: Duration) -> Said {
    let within = seconds(limit);
    let (want, other) = if on { ("on", "mock") } else { ("off", "live") };
    match now {
        (Evaluated::Unknown(reason), _) => Said::unasked(format!("the store does not say what the flag is: {reason}")),
        (Evaluated::On, _) if !on => {
            Said::broken(format!("the store took the change and still evaluates the flag as on, {within} later"))
        }
        (Evaluated::Off, _) if on => {
            Said::broken(format!("the store took the change and still evaluates the flag as off, {within} later"))
        }
        (_, Path::Silent(reason)) => {
            Said::broken(format!("the store says {want}, the consumer does not answer: {reason}"))
        }
        (_, Path::Neither(what)) => {
            Said::broken(format!("the store says {want}, the consumer answers as neither path does: {what}"))
        }
        (_, Path::Live | Path::Mock) if on => Said::broken(format!(
            "the store says on, the consumer still answers from the {other} path {within} later: it does not read this flag, or reads it only when it starts"
        )),
        (_, Path::Live | Path::Mock) => Said::broken(format!(
            "the store says off, the consumer still answers from the {other} path {within} later: another name keeps it on, or it holds what it once read"
        )),
    }
}

/// Whether every parser that reads the flag makes the same of the store's text; what cannot be seen is told.
pub fn agreed(on: bool, readers: &[Reader], told: String) -> Said {
    let word = |sees: &Evaluated| match sees {
        Evaluated::On => "on".to_owned(),
        Evaluated::Off => "off".to_owned(),
        Evaluated::Hidden => "hidden".to_owned(),
        Evaluated::Unknown(reason) => reason.clone(),
    };
    let seen = readers
        .iter()
        .map(|reader| format!("parser `{}` reads {} as {}", reader.parser, reader.place, word(&reader.sees)));
    let other = if on { Evaluated::Off } else { Evaluated::On };
    let said = match readers.iter().find(|reader| reader.sees == other) {
        None => Said::kept(told),
        Some(reader) => Said::broken(format!(
            "{told}, but the app's parser `{}` reads {} as {}: a part of the app does not follow",
            reader.parser,
            reader.place,
            word(&other)
        )),
    };
    said.seeing(seen)
}

pub fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
