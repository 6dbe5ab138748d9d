//! What all answers have in common, judged when all have come.

use std::time::Duration;

use crate::domain::finding::{Code, Finding};
use crate::domain::receiver::case::{Case, Overall};
use crate::domain::receiver::judge::Judged;
use crate::domain::receiver::sender::Sender;
use crate::engine::attack::line::Seen;

/// Judges a case over all answers.
pub fn judge(case: &Case, overall: Overall, seen: &Seen, sender: &Sender, deadline: Duration) -> Judged {
    if seen.answers == 0 {
        return Judged::unasked("nothing was answered");
    }
    let found = |code: Code, message: String| Finding::new(code, format!("{message}: {}", case.shows));
    let finding = match overall {
        Overall::InTime => {
            let Some((slowest, where_)) = seen.slowest else { return Judged::unasked("no right delivery was sent") };
            (slowest > deadline).then(|| {
                found(Code::Latency, format!("the answer to `{where_}` took longer than the sender waits"))
                    .expected(format!("within {} ms ({})", deadline.as_millis(), sender.source))
                    .actual(format!("{} ms", slowest.as_millis()))
            })
        }
        Overall::NoSecret => {
            seen.secret_in.map(|name| found(Code::Secret, format!("the answer to `{name}` holds the secret")))
        }
        Overall::NoSignature => seen.signature_in.map(|name| {
            found(Code::Signature, format!("the answer to `{name}` holds the signature that is right for it"))
        }),
        Overall::NoTrace => seen.trace_in.map(|(name, language)| {
            found(Code::Secret, format!("the answer to `{name}` holds a stack trace ({language})"))
        }),
    };
    Judged::of(finding.into_iter().collect())
}
