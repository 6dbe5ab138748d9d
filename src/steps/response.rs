//! What an answer must be: status, headers, body, schema.

use crate::check::document::{Comparison, Strictness};
use crate::check::matcher::plain;
use crate::check::{body, header, status};
use crate::domain::exchange::Response;
use crate::domain::finding::{Code, Finding};
use crate::domain::secret::Redactor;
use crate::steps::args::Args;
use crate::steps::sentence::{Block, Handler, Keyword, Sentence};
use crate::steps::world::{StepResult, World, no_answer};

pub const SENTENCES: &[Sentence] = &[
    Sentence {
        keyword: Keyword::Then,
        expression: "the status is {count}",
        block: Block::None,
        meaning: "The last answer has this status.",
        example: "Then the status is 200",
        handler: Handler::Now(|world, args| {
            let allowed = [number(&args.text(0))?];
            on_answer(world, |answer| status::check(&allowed, answer))
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the status is one of {text}",
        block: Block::None,
        meaning: "The last answer has one of these statuses. One that no answer ever had is reported.",
        example: "Then the status is one of \"200, 201\"",
        handler: Handler::Now(status_is_one_of),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the header {text} is {value}",
        block: Block::None,
        meaning: "The last answer has this header with this value, or like this matcher.",
        example: "Then the header \"Retry-After\" is \"#regex ^[0-9]+$\"",
        handler: Handler::Now(|world, args| {
            let (name, expected, now) = (args.text(0), plain(&args.value(1)), world.now());
            let Some(answer) = world.answer()? else { return Ok(()) };
            let finding = header::is(&name, &expected, &answer, now)?;
            world.promise(finding);
            Ok(())
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the header {text} is absent",
        block: Block::None,
        meaning: "The last answer does not have this header.",
        example: "Then the header \"Retry-After\" is absent",
        handler: Handler::Now(|world, args| {
            let name = args.text(0);
            on_answer(world, |answer| header::is_absent(&name, answer))
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the media type is {text}",
        block: Block::None,
        meaning: "The last answer's `Content-Type`, without parameters, is this one.",
        example: "Then the media type is \"application/json\"",
        handler: Handler::Now(|world, args| {
            let expected = args.text(0);
            on_answer(world, |answer| header::media_type(&expected, answer))
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the body is empty",
        block: Block::None,
        meaning: "The last answer has no body.",
        example: "Then the body is empty",
        handler: Handler::Now(|world, _| on_answer(world, body::is_empty)),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the body is the text {text}",
        block: Block::None,
        meaning: "The last answer's body is this text; a line break at its end is not compared.",
        example: "Then the body is the text \"Retry later\"",
        handler: Handler::Now(|world, args| {
            let expected = args.text(0);
            on_answer(world, |answer| body::is_text(&expected, answer))
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the body does not mention {text}",
        block: Block::None,
        meaning: "The last answer's body does not hold this text anywhere.",
        example: "Then the body does not mention \"stack\"",
        handler: Handler::Now(|world, args| {
            let text = args.text(0);
            if text.is_empty() {
                return Err("an empty text is in every body".to_owned().into());
            }
            on_answer(world, |answer| body::does_not_mention(&text, answer))
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the body is:",
        block: Block::DocString,
        meaning: "The last answer's body is this JSON, member for member; texts that begin with `#` are matchers.",
        example: "Then the body is:\n  \"\"\"\n  {\"status\": \"woot\"}\n  \"\"\"",
        handler: Handler::Now(|world, args| compare(world, args, Strictness::Exact)),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the body contains:",
        block: Block::DocString,
        meaning: "The last answer's body has these members with these values, and may have more; arrays have the same length.",
        example: "Then the body contains:\n  \"\"\"\n  {\"id\": \"#integer\", \"private\": true}\n  \"\"\"",
        handler: Handler::Now(|world, args| compare(world, args, Strictness::Subset)),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the body matches schema {text}",
        block: Block::None,
        meaning: "The last answer's body is valid against `schemas/<text>.json` (JSON Schema 2020-12, formats asserted). A branch of the schema that no answer showed is reported.",
        example: "Then the body matches schema \"idea-pool/v4\"",
        handler: Handler::Now(|world, args| {
            let Some(document) = world.document()? else { return Ok(()) };
            let finding = world.judge_by_schema(&args.text(0), [(document.as_ref(), "")])?;
            world.promise(finding);
            Ok(())
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the answer holds no secret",
        block: Block::None,
        meaning: "Neither headers nor body of the last answer hold the value of any credential that this run knows.",
        example: "Then the answer holds no secret",
        handler: Handler::Now(holds_no_secret),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "no answer comes: {name}",
        block: Block::None,
        meaning: "The last request was not answered, for this reason: timed-out, reset (before the answer), cut-off (within it).",
        example: "Then no answer comes: timed-out",
        handler: Handler::Now(|world, args| {
            let expected = args.text(0);
            if !["timed-out", "reset", "cut-off"].contains(&expected.as_str()) {
                return Err(
                    format!("`{expected}` is no way of not answering: write timed-out, reset or cut-off").into()
                );
            }
            let finding = no_answer_comes(&expected, world.last()?);
            world.promise(finding);
            Ok(())
        }),
    },
];

/// Judges the last answer; where none came, that is the finding.
fn on_answer(world: &mut World, judge: impl FnOnce(&Response) -> Option<Finding>) -> StepResult {
    if let Some(answer) = world.answer()? {
        world.promise(judge(&answer));
    }
    Ok(())
}

fn number(text: &str) -> Result<u16, String> {
    text.trim()
        .parse()
        .ok()
        .filter(|status| (100..600).contains(status))
        .ok_or_else(|| format!("`{text}` is no HTTP status"))
}

fn status_is_one_of(world: &mut World, args: &Args) -> StepResult {
    let text = args.text(0);
    let allowed = text.split(',').map(number).collect::<Result<Vec<_>, _>>()?;
    let Some(answer) = world.answer()? else { return Ok(()) };
    let finding = status::check(&allowed, &answer);
    if finding.is_none() {
        let branches: Vec<_> = allowed.iter().map(u16::to_string).collect();
        let label = format!("{} status", world.place());
        world.branches.note(&label, branches.iter().map(String::as_str), answer.status.as_str());
    }
    world.promise(finding);
    Ok(())
}

fn compare(world: &mut World, args: &Args, strictness: Strictness) -> StepResult {
    let expected = args.json()?;
    let Some(document) = world.document()? else { return Ok(()) };
    let (now, label, brief) = (world.now(), world.place().to_string(), world.brief);
    let comparison = Comparison { strictness, now, label: &label, branches: &mut world.branches, brief };
    let finding = comparison.compare(&expected, &document)?;
    world.promise(finding);
    Ok(())
}

fn holds_no_secret(world: &mut World, _: &Args) -> StepResult {
    let Some(answer) = world.answer()? else { return Ok(()) };
    let redactor = world.run()?.redactor.clone();
    if redactor.is_empty() {
        return Err("this run knows no secret, so there is nothing to look for".to_owned().into());
    }
    let finding = leak(&redactor, &answer);
    world.promise(finding);
    Ok(())
}

fn leak(redactor: &Redactor, answer: &Response) -> Option<Finding> {
    let body = String::from_utf8_lossy(&answer.body);
    if redactor.text(&body) != body {
        return Some(Finding::new(Code::Secret, "the body holds the value of a credential").expected("no secret"));
    }
    answer.headers.iter().find_map(|(name, value)| {
        let text = String::from_utf8_lossy(value.as_bytes());
        (redactor.text(&text) != text).then(|| {
            Finding::new(Code::Secret, format!("the header {name} holds the value of a credential"))
                .expected("no secret")
        })
    })
}

fn no_answer_comes(expected: &str, exchange: &crate::domain::exchange::Exchange) -> Option<Finding> {
    use crate::domain::exchange::NoAnswer;

    let reason = match &exchange.outcome {
        Ok(answer) => {
            let came = format!("the status {}", answer.status.as_u16());
            return Some(
                Finding::new(Code::Answered, format!("expected no answer ({expected}), came {came}"))
                    .expected(expected)
                    .actual(came),
            );
        }
        Err(reason) => reason,
    };
    let came = match reason {
        NoAnswer::TimedOut(_) => "timed-out",
        NoAnswer::Reset => "reset",
        NoAnswer::CutOff(_) => "cut-off",
        _ => return Some(no_answer(reason)),
    };
    (came != expected).then(|| {
        Finding::new(Code::NoAnswer, format!("expected {expected}, came {came}")).expected(expected).actual(came)
    })
}
