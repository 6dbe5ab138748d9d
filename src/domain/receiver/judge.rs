//! The judgement of one case: answers and effects in, an outcome with findings out.

use crate::domain::exchange::NoAnswer;
use crate::domain::finding::{Code, Finding};
use crate::domain::receiver::answers::{Answered, Counted, Heard};
use crate::domain::receiver::case::{Answer, Case, Effect, Family};
use crate::domain::receiver::sender::{Sender, misread};
use crate::domain::record::Outcome;

/// What a case showed.
#[derive(Clone, Debug)]
pub struct Judged {
    pub outcome: Outcome,
    pub findings: Vec<Finding>,
    /// Why it was not asked.
    pub reason: Option<String>,
    /// Something that is right and yet worth a word.
    pub note: Option<String>,
}

impl Judged {
    pub fn unasked(reason: impl Into<String>) -> Self {
        Self { outcome: Outcome::Unasked, findings: Vec::new(), reason: Some(reason.into()), note: None }
    }

    /// Broken where something was found, else kept.
    pub fn of(findings: Vec<Finding>) -> Self {
        let outcome = if findings.is_empty() { Outcome::Kept } else { Outcome::Broken };
        Self { outcome, findings, reason: None, note: None }
    }
}

/// Judges what came of a case.
pub fn judge(case: &Case, sender: &Sender, heard: &Heard) -> Judged {
    if let Some(answer) = heard.answers.iter().find(|answer| answer.is_unreachable()) {
        return Judged::unasked(format!("the receiver could not be reached: {}", answer.told()));
    }
    if heard.answers.is_empty() {
        return Judged::unasked("nothing was sent");
    }
    let throttled =
        case.family != Family::Flood && heard.answers.iter().any(|answer| matches!(answer.outcome, Ok(429)));
    if throttled {
        return Judged::unasked("the receiver throttles (429), also after its pauses: send less at once with --rate");
    }
    let mut findings = answers(case, sender, heard);
    let effect = effects(case, heard);
    // That what was accepted also has its effect is no second finding.
    let accepted = !findings.is_empty() && heard.answers.iter().any(Answered::is_accepted);
    if !(accepted && case.effect == Effect::None) {
        findings.extend(effect.as_ref().ok().cloned().flatten());
    }
    let mut judged = Judged::of(findings);
    if let Err(reason) = effect
        && judged.outcome == Outcome::Kept
        && case.needs_observer()
    {
        return Judged::unasked(reason);
    }
    judged.note = note(case, sender, heard);
    judged
}

/// What a good receiver answers, in words.
pub fn wanted(case: &Case, sender: &Sender) -> String {
    let answer = match case.answer {
        Answer::Accepted => "2xx".to_owned(),
        Answer::Refused => sender.told_refusals(),
        Answer::TurnedAway => "a 4xx".to_owned(),
        Answer::Either => "2xx or a 4xx".to_owned(),
        Answer::OneAccepted => "2xx to at least one, no failure to any".to_owned(),
        Answer::FirstAccepted => "2xx to the first, 2xx or a 4xx to the second".to_owned(),
        Answer::Echoed => "200 with the challenge in the body".to_owned(),
        Answer::Unheard => "nothing that would be heard".to_owned(),
        Answer::AcceptedOrThrottled => "2xx, or 429 or 503 above the rate".to_owned(),
    };
    let effect = match case.effect {
        Effect::None => ", and no effect",
        Effect::Exactly(1) => ", and exactly one effect",
        Effect::Exactly(_) | Effect::EachAccepted => ", and one effect for each 2xx",
        Effect::AsAnswered => ", and one effect if it is 2xx, else none",
        Effect::Between(..) => ", and one or two effects",
        Effect::Unasked => "",
    };
    format!("{answer}{effect}")
}

fn answers(case: &Case, sender: &Sender, heard: &Heard) -> Vec<Finding> {
    let all = heard.answers.iter();
    match case.answer {
        Answer::Accepted => all.filter_map(|answer| not_accepted(answer, sender)).take(1).collect(),
        Answer::Refused => all.filter_map(|answer| not_refused(case, answer, sender)).take(1).collect(),
        Answer::TurnedAway => all.filter_map(|answer| not_turned_away(case, answer, heard, sender)).take(1).collect(),
        Answer::Either => all.filter_map(|answer| not_either(answer, sender)).take(1).collect(),
        Answer::OneAccepted => {
            let failed = all.clone().filter(|answer| !answer.is_accepted() && !asks_for_patience(answer));
            let failed = failed.filter_map(|answer| not_accepted(answer, sender)).take(1);
            if heard.answers.iter().any(Answered::is_accepted) {
                failed.collect()
            } else {
                all.filter_map(|answer| not_accepted(answer, sender)).take(1).collect()
            }
        }
        Answer::FirstAccepted => {
            let first = all.clone().take(1).filter_map(|answer| not_accepted(answer, sender));
            first.chain(all.skip(1).filter_map(|answer| not_either(answer, sender))).take(1).collect()
        }
        Answer::Echoed => all.filter_map(|answer| not_echoed(answer, heard)).take(1).collect(),
        Answer::Unheard => Vec::new(),
        Answer::AcceptedOrThrottled => {
            let bad = all.filter(|answer| !answer.is_accepted() && !asks_for_patience(answer));
            bad.filter_map(|answer| not_accepted(answer, sender)).take(1).collect()
        }
    }
}

fn asks_for_patience(answer: &Answered) -> bool {
    matches!(answer.outcome, Ok(409 | 425 | 429 | 503))
}

fn status(message: String, answer: &Answered, expected: String) -> Finding {
    let code = if answer.outcome.is_ok() { Code::Status } else { Code::NoAnswer };
    Finding::new(code, message).expected(expected).actual(answer.told())
}

fn not_accepted(answer: &Answered, sender: &Sender) -> Option<Finding> {
    let why = match &answer.outcome {
        Ok(200..300) => return None,
        Ok(300..400) => "a right delivery is redirected: a sender does not follow, and takes it for failed".to_owned(),
        Ok(400..500) => format!("a right delivery is refused: {}", sender.on_refusal),
        Ok(_) => format!("a right delivery fails: {}", sender.on_failure),
        Err(reason) => silent("a right delivery", reason, sender),
    };
    Some(status(why, answer, "2xx".to_owned()))
}

fn not_refused(case: &Case, answer: &Answered, sender: &Sender) -> Option<Finding> {
    let why = match &answer.outcome {
        Ok(status) if sender.refusals.contains(status) => return None,
        Ok(200..300) => format!("it is accepted: {}", case.shows),
        Ok(300..400) => "it is redirected and not refused".to_owned(),
        Ok(status @ 400..500) => match misread(*status) {
            Some(means) => format!("{status} is no refusal: {means}"),
            // Where the sender has a rule of its own for the status, another one breaks it.
            None if sender.is_strict => {
                format!("{status} is not the refusal that is asked for: {}", sender.on_refusal)
            }
            None => return None,
        },
        Ok(_) => format!("the receiver fails on it: {}", case.shows),
        Err(reason) => silent("it", reason, sender),
    };
    Some(status(why, answer, sender.told_refusals()))
}

fn not_turned_away(case: &Case, answer: &Answered, heard: &Heard, sender: &Sender) -> Option<Finding> {
    let why = match &answer.outcome {
        Ok(200..300) => format!("it is accepted: {}", case.shows),
        Ok(400..500) => {
            let echoed = heard.challenge.as_ref().is_some_and(|challenge| holds(&answer.body, challenge));
            if !echoed {
                return None;
            }
            "it is refused, and the challenge comes back all the same".to_owned()
        }
        Ok(300..400) => "it is redirected and not refused".to_owned(),
        // One that says no more to an oversized stranger is well advised.
        Err(NoAnswer::Reset) => return None,
        Ok(_) => format!("the receiver fails on it: {}", case.shows),
        Err(reason) => silent("it", reason, sender),
    };
    Some(status(why, answer, "a 4xx".to_owned()))
}

fn not_either(answer: &Answered, sender: &Sender) -> Option<Finding> {
    let why = match &answer.outcome {
        Ok(200..300 | 400..500) => return None,
        Ok(300..400) => "it is redirected: a sender does not follow, and takes it for failed".to_owned(),
        Ok(_) => format!("the receiver fails on it: {}", sender.on_failure),
        Err(reason) => silent("it", reason, sender),
    };
    Some(status(why, answer, "2xx or a 4xx".to_owned()))
}

fn not_echoed(answer: &Answered, heard: &Heard) -> Option<Finding> {
    let expected = "200 with the challenge in the body".to_owned();
    if !matches!(answer.outcome, Ok(200..300)) {
        return Some(status("the handshake is not answered".to_owned(), answer, expected));
    }
    let challenge = heard.challenge.as_deref().unwrap_or_default();
    (!holds(&answer.body, challenge))
        .then(|| status("the handshake is answered without its challenge".to_owned(), answer, expected))
}

fn holds(body: &[u8], text: &str) -> bool {
    !text.is_empty() && String::from_utf8_lossy(body).contains(text)
}

fn silent(what: &str, reason: &NoAnswer, sender: &Sender) -> String {
    match reason {
        NoAnswer::Reset => format!("the connection is closed on {what} without an answer: {}", sender.on_failure),
        NoAnswer::TimedOut(_) => format!("{what} is never answered: {}", sender.on_failure),
        NoAnswer::TooLong(_) => format!("{what} is answered without end"),
        other => format!("{what} is not answered whole: {other}"),
    }
}

/// A finding where the count is wrong; an error where there is no count.
fn effects(case: &Case, heard: &Heard) -> Result<Option<Finding>, String> {
    let accepted =
        i64::try_from(heard.answers.iter().filter(|answer| answer.is_accepted()).count()).unwrap_or(i64::MAX);
    let (least, most) = match case.effect {
        Effect::Unasked => return Ok(None),
        Effect::None => (0, 0),
        Effect::Exactly(number) => (i64::from(number), i64::from(number)),
        Effect::AsAnswered => (accepted.min(1), accepted.min(1)),
        Effect::EachAccepted => (accepted, accepted),
        Effect::Between(least, most) => (i64::from(least), i64::from(most)),
    };
    let counted = match &heard.effects {
        Counted::Effects(count) => *count,
        Counted::Unknown(reason) => return Err(reason.clone()),
    };
    // What was refused had no chance to have the effect: the answer is the finding, and one is enough.
    if (least..=most).contains(&counted) || (counted == 0 && accepted == 0) {
        return Ok(None);
    }
    let expected = if least == most { told(least) } else { format!("{least} to {most} effects") };
    let message = match (counted, most) {
        (..=-1, _) => "the count of effects went down".to_owned(),
        (0, _) => "it was answered with 2xx and had no effect".to_owned(),
        (_, 0) if accepted == 0 => format!("it was refused, and had an effect all the same: {}", case.shows),
        (_, 0) => format!("it had an effect: {}", case.shows),
        (count, most) if count > most => format!("it happened {count} times: {}", case.shows),
        _ => "it was accepted, and a part of it had no effect".to_owned(),
    };
    Ok(Some(Finding::new(Code::Idempotence, message).expected(expected).actual(told(counted))))
}

fn told(effects: i64) -> String {
    match effects {
        0 => "no effect".to_owned(),
        1 => "1 effect".to_owned(),
        several => format!("{several} effects"),
    }
}

fn note(case: &Case, sender: &Sender, heard: &Heard) -> Option<String> {
    let other = heard.answers.iter().find_map(|answer| match answer.outcome {
        Ok(status @ 400..500) if case.answer == Answer::Refused && !sender.refusals.contains(&status) => Some(status),
        _ => None,
    })?;
    Some(format!("refused with {other}; usual is {}", sender.told_refusals()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{judge, wanted};
    use crate::domain::exchange::NoAnswer;
    use crate::domain::receiver::answers::{Answered, Counted, Heard};
    use crate::domain::receiver::case::Family;
    use crate::domain::receiver::cases::{all, named};
    use crate::domain::receiver::sender::Sender;
    use crate::domain::record::Outcome::{self, Broken, Kept, Unasked};

    fn answered(outcome: Result<u16, NoAnswer>) -> Answered {
        Answered { outcome, took: Duration::from_millis(3), location: None, media_type: None, body: b"c-42".to_vec() }
    }

    fn heard(statuses: &[u16], effects: Option<i64>) -> Heard {
        let effects = effects.map_or(Counted::Unknown("nobody counted".into()), Counted::Effects);
        Heard {
            answers: statuses.iter().map(|status| answered(Ok(*status))).collect(),
            effects,
            challenge: Some("c-42".into()),
        }
    }

    #[test]
    fn each_case_is_judged_by_answers_and_effects_together() {
        let table: &[(&str, &[u16], Option<i64>, Outcome)] = &[
            ("valid", &[200], Some(1), Kept),
            ("valid", &[204], None, Kept),
            ("valid", &[200], Some(0), Broken),
            ("valid", &[200], Some(2), Broken),
            ("valid", &[401], Some(0), Broken),
            ("valid", &[302], Some(0), Broken),
            ("valid", &[500], Some(1), Broken),
            ("no-signature", &[401], Some(0), Kept),
            ("no-signature", &[401], None, Kept),
            ("no-signature", &[404], Some(0), Kept),
            ("no-signature", &[401], Some(1), Broken),
            ("no-signature", &[200], Some(0), Broken),
            ("no-signature", &[500], Some(0), Broken),
            ("no-signature", &[410], Some(0), Broken),
            ("no-signature", &[302], Some(0), Broken),
            ("no-signature", &[429], Some(0), Unasked),
            ("duplicate-at-once", &[200, 200], Some(1), Kept),
            ("duplicate-at-once", &[200, 200], Some(2), Broken),
            ("duplicate-at-once", &[200, 409], Some(1), Broken),
            ("duplicate-at-once", &[200, 200], None, Unasked),
            ("duplicate-at-once", &[200, 500], None, Broken),
            ("duplicate-concurrently", &[200, 409, 503], Some(1), Kept),
            ("duplicate-concurrently", &[409, 409], Some(0), Broken),
            ("duplicate-concurrently", &[200, 400], Some(1), Broken),
            ("same-id-other-body", &[200, 422], Some(1), Kept),
            ("same-id-other-body", &[200, 200], Some(2), Broken),
            ("out-of-order", &[200, 200], Some(2), Kept),
            ("out-of-order", &[200, 200], Some(1), Kept),
            ("out-of-order", &[200, 422], Some(1), Broken),
            ("another-content-type", &[415], Some(0), Kept),
            ("another-content-type", &[200], Some(1), Kept),
            ("another-content-type", &[415], Some(1), Broken),
            ("another-content-type", &[500], Some(0), Broken),
            ("get-request", &[405], Some(0), Kept),
            ("get-request", &[200], Some(0), Broken),
            ("url-verification", &[200], Some(0), Kept),
            ("url-verification", &[401], Some(0), Broken),
            ("hub-challenge-wrong-token", &[403], Some(0), Broken),
            ("flood-above-rate", &[200, 429, 503], Some(1), Kept),
            ("flood-above-rate", &[200, 429, 500], Some(1), Broken),
            ("flood-at-rate", &[200, 200], Some(1), Broken),
        ];
        for (name, statuses, effects, expected) in table {
            let case = named(name).unwrap();
            let mut heard = heard(statuses, *effects);
            heard.challenge = heard.challenge.filter(|_| case.family == Family::Handshake);
            let judged = judge(case, &Sender::default(), &heard);
            assert_eq!(judged.outcome, *expected, "{name} {statuses:?} {effects:?}: {:?}", judged.findings);
            assert_eq!(judged.findings.is_empty(), *expected != Broken, "{name}");
            assert_eq!(judged.reason.is_some(), *expected == Unasked, "{name}");
        }
    }

    #[test]
    fn who_cannot_be_reached_was_not_asked_and_who_closes_early_answered_badly() {
        let with = |reason: NoAnswer| Heard {
            answers: vec![answered(Err(reason))],
            effects: Counted::Effects(0),
            challenge: None,
        };
        for (name, reason, expected) in [
            ("valid", NoAnswer::Refused("no".into()), Unasked),
            ("no-signature", NoAnswer::Dns("no".into()), Unasked),
            ("no-signature", NoAnswer::Reset, Broken),
            ("oversize-body", NoAnswer::Reset, Kept),
            ("oversize-body", NoAnswer::TimedOut(9), Broken),
            ("valid", NoAnswer::TimedOut(9), Broken),
            ("valid", NoAnswer::TooLong(9), Broken),
            ("valid", NoAnswer::CutOff("x".into()), Broken),
        ] {
            assert_eq!(
                judge(named(name).unwrap(), &Sender::default(), &with(reason.clone())).outcome,
                expected,
                "{name} {reason}"
            );
        }
        let nothing = Heard { answers: Vec::new(), effects: Counted::Effects(0), challenge: None };
        assert_eq!(judge(named("valid").unwrap(), &Sender::default(), &nothing).outcome, Unasked);
    }

    #[test]
    fn the_status_that_the_sender_asks_for_counts() {
        let strict = Sender { refusals: vec![401], is_strict: true, ..Sender::default() };
        let refused =
            |sender: &Sender, status: u16| judge(named("another-secret").unwrap(), sender, &heard(&[status], Some(0)));
        assert_eq!(refused(&strict, 403).outcome, Broken);
        assert_eq!(refused(&strict, 401).outcome, Kept);
        assert_eq!(refused(&Sender::default(), 403).outcome, Kept);
        let note = refused(&Sender::default(), 422).note;
        assert_eq!(note.as_deref(), Some("refused with 422; usual is 401 (or 400, 403)"));
    }

    #[test]
    fn every_case_says_what_is_wanted() {
        for case in all() {
            assert!(wanted(case, &Sender::default()).len() > 2, "{}", case.name);
        }
    }
}
