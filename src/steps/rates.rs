//! Rate limits: how many were refused, and when one may come again.

use crate::check::retry_after;
use crate::domain::finding::{Code, Finding};
use crate::steps::sentence::{Block, Handler, Keyword, Sentence};

pub const SENTENCES: &[Sentence] = &[
    Sentence {
        keyword: Keyword::Then,
        expression: "{count} of the answers have the status {count}",
        block: Block::None,
        meaning: "Of all answers of the scenario exactly this many have this status.",
        example: "Then 1 of the answers have the status 429",
        handler: Handler::Now(|world, args| {
            let (wanted, status) = (args.count(0)?, args.count(1)?);
            world.last()?;
            let have = world
                .exchanges
                .iter()
                .filter(|exchange| {
                    exchange.outcome.as_ref().is_ok_and(|answer| u64::from(answer.status.as_u16()) == status)
                })
                .count() as u64;
            let all = world.exchanges.len();
            world.promise((have != wanted).then(|| {
                Finding::new(
                    Code::RateLimit,
                    format!("{have} of {all} answers have the status {status}, expected {wanted}"),
                )
                .expected(wanted.to_string())
                .actual(have.to_string())
            }));
            Ok(())
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the answer may be retried after {count} to {count} seconds",
        block: Block::None,
        meaning: "The last answer's `Retry-After` (seconds, decimal seconds or an HTTP date) asks for a wait in this range.",
        example: "Then the answer may be retried after 1 to 2 seconds",
        handler: Handler::Now(|world, args| {
            #[expect(clippy::cast_precision_loss, reason = "seconds that a person wrote are far below 2^52")]
            let (least, most) = (args.count(0)? as f64, args.count(1)? as f64);
            let now = world.now();
            if let Some(answer) = world.answer()? {
                world.promise(retry_after::between(least, most, &answer, now));
            }
            Ok(())
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the answer names no time to retry",
        block: Block::None,
        meaning: "The last answer has no `Retry-After`: a client must choose its own wait.",
        example: "Then the answer names no time to retry",
        handler: Handler::Now(|world, _| {
            if let Some(answer) = world.answer()? {
                world.promise(crate::check::header::is_absent("retry-after", &answer));
            }
            Ok(())
        }),
    },
];
