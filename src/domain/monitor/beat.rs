//! One run of a probe, as a monitor counts it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::probe::cannot::Word;
use crate::domain::probe::run::ProbeRun;
use crate::domain::record::Outcome;

/// What a run says of its service.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Said {
    /// All steps held.
    Good,
    /// A promise was broken, or the service was tried and gave nothing.
    Bad,
    /// The question could not be put: no data, which is neither up nor down.
    Nothing,
}

/// One run, counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Beat {
    pub at: Timestamp,
    pub said: Said,
    /// Microseconds of the slowest answer; None where none came.
    pub latency_us: Option<u64>,
}

impl Beat {
    pub fn of(run: &ProbeRun) -> Self {
        let tried = |word: Word| word.is_of_the_service();
        let said = match run.outcome {
            Outcome::Kept => Said::Good,
            Outcome::Broken => Said::Bad,
            Outcome::Unasked | Outcome::Untested => {
                let cannot = run.culprit().and_then(|step| step.cannot.as_ref());
                if cannot.is_some_and(|cannot| tried(cannot.word)) { Said::Bad } else { Said::Nothing }
            }
        };
        Self { at: run.started, said, latency_us: run.latency_us() }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Beat, Said};
    use crate::domain::probe::ask::Kind;
    use crate::domain::probe::cannot::{CannotTell, Word};
    use crate::domain::probe::run::{ProbeRun, StepRun};
    use crate::domain::probe::service::Service;
    use crate::domain::probe::specified::Depth;
    use crate::domain::record::Outcome;

    fn run(step: StepRun) -> ProbeRun {
        ProbeRun {
            probe: "chatwoot".parse().unwrap(),
            integration: "chatwoot".parse().unwrap(),
            title: "Chatwoot".to_owned(),
            service: Service::Api,
            outcome: ProbeRun::outcome_of(std::slice::from_ref(&step)),
            started: Timestamp::UNIX_EPOCH,
            duration_us: 0,
            steps: vec![step],
            host: None,
        }
    }

    fn unasked(word: Word) -> StepRun {
        StepRun::unasked("liveness", Kind::Http, Depth::Liveness, CannotTell::new(word, "why"))
    }

    #[test]
    fn who_was_tried_and_gave_nothing_is_bad_and_who_could_not_be_asked_is_no_data() {
        for (word, said) in [
            (Word::Refused, Said::Bad),
            (Word::TimedOut, Said::Bad),
            (Word::Tls, Said::Bad),
            (Word::Dns, Said::Bad),
            (Word::NoCredentials, Said::Nothing),
            (Word::NotConfigured, Said::Nothing),
            (Word::Interrupted, Said::Nothing),
        ] {
            assert_eq!(Beat::of(&run(unasked(word))).said, said, "{word}");
        }
    }

    #[test]
    fn a_kept_run_is_good_and_a_broken_one_bad() {
        for (outcome, said) in [(Outcome::Kept, Said::Good), (Outcome::Broken, Said::Bad)] {
            let step = StepRun { outcome, cannot: None, latency_us: Some(7), ..unasked(Word::Failed) };
            let beat = Beat::of(&run(step));
            assert_eq!((beat.said, beat.latency_us), (said, Some(7)));
        }
    }
}
