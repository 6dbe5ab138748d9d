//! The last report of a service that reports to us: a file that it writes, or the ledger. Silence is the failure.

use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::adapter::{clock, files};
use crate::domain::evidence::Evidence;
use crate::domain::finding::{Code, Finding};
use crate::domain::json;
use crate::domain::probe::ask::Heartbeat;
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::domain::probe::heard::Heard;
use crate::domain::record::Kind;
use crate::engine::probe::plan::Planned;
use crate::engine::probe::ward::Ward;

/// Looks when the service last reported.
pub fn ask(ward: &Ward, planned: &Planned, heartbeat: &Heartbeat, file: Option<&Path>) -> Heard {
    let last = match file {
        Some(file) => of_file(file, heartbeat.time.as_deref()),
        None => of_ledger(ward, planned),
    };
    judge(last, clock::now(), Duration::from_secs(heartbeat.within_seconds))
}

/// What the last report (None: there never was one) says now.
fn judge(last: Result<Option<Timestamp>, CannotTell>, now: Timestamp, within: Duration) -> Heard {
    let silent =
        |told: String| Finding::new(Code::Silent, told).expected(format!("a report every {} s", within.as_secs()));
    match last {
        Err(cannot) => Heard::nothing(cannot),
        Ok(None) => Heard::default().promise(Some(silent("it never reported".to_owned()))),
        Ok(Some(last)) => {
            let age = now.duration_since(last);
            let limit = SignedDuration::try_from(within).unwrap_or(SignedDuration::MAX);
            let finding = if age > limit {
                let told = format!("its last report is {} s old, of {last}", age.as_secs());
                Some(silent(told).actual(format!("{} s", age.as_secs())))
            } else if -age > limit {
                Some(silent(format!("its last report is dated {} s ahead, {last}", -age.as_secs())))
            } else {
                None
            };
            Heard::default().fact("reported", last.to_string()).promise(finding)
        }
    }
}

fn of_file(path: &Path, time: Option<&str>) -> Result<Option<Timestamp>, CannotTell> {
    let Some(pointer) = time else { return Ok(files::modified(path)) };
    let Ok(bytes) = files::read(path) else { return Ok(None) };
    let failed = |told: String| CannotTell::new(Word::Failed, told);
    let document = json::parse(&bytes).map_err(|error| failed(format!("its report is no JSON: {error}")))?;
    let text = document.pointer(pointer).and_then(|value| value.as_str());
    let text = text.ok_or_else(|| failed(format!("its report has no text at {pointer}")))?;
    text.parse().map(Some).map_err(|_| failed(format!("its report has no time (RFC 3339) at {pointer}")))
}

/// The newest entry about the integration in this environment that no probe wrote.
fn of_ledger(ward: &Ward, planned: &Planned) -> Result<Option<Timestamp>, CannotTell> {
    let read = ward.ledger.read().map_err(|error| CannotTell::new(Word::Failed, error.to_string()))?;
    let is_its = |shown: &&Evidence| {
        shown.integration == planned.integration
            && shown.kind != Kind::Probe
            && shown.environment.as_deref() == Some(ward.environment.as_str())
    };
    Ok(read.history.evidence().map(|(_, shown)| shown).filter(is_its).map(|shown| shown.finished).max())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::judge;

    #[test]
    fn silence_is_the_failure() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let at = |text: &str| Ok(Some(text.parse().unwrap()));
        for (last, told) in [
            (at("2026-11-20T11:59:00Z"), None),
            (at("2026-11-20T11:55:00Z"), None),
            (at("2026-11-20T11:54:59Z"), Some("301 s old")),
            (at("2026-11-20T12:06:00Z"), Some("360 s ahead")),
            (Ok(None), Some("never reported")),
        ] {
            let heard = judge(last, now, Duration::from_mins(5));
            let came = heard.findings.first().map(|finding| finding.message.clone());
            assert_eq!(came.is_some(), told.is_some(), "{came:?}");
            assert!(came.unwrap_or_default().contains(told.unwrap_or_default()));
            assert_eq!(heard.checks, 1);
        }
    }
}
