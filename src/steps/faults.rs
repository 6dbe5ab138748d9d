//! Misbehaviour that a scenario asks for.

use std::time::Duration;

use http::StatusCode;

use crate::domain::fault::{Fault, FaultRule, WireFault};
use crate::domain::integration::Name;
use crate::steps::args::Args;
use crate::steps::sentence::{Block, Handler, Keyword, Sentence};
use crate::steps::world::{StepResult, Stop, World};

pub const SENTENCES: &[Sentence] = &[
    Sentence {
        keyword: Keyword::Given,
        expression: "{text} answers {count}",
        block: Block::None,
        meaning: "From now on the twin of this integration answers every request with its vendor's refusal of this status.",
        example: "Given \"supabase\" answers 503",
        handler: Handler::Now(|world, args| misbehave(world, args, None, Fault::Status(status(args, 1)?))),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "{text} answers {count} to the next {count} request(s)",
        block: Block::None,
        meaning: "The twin answers this many requests with its vendor's refusal of this status, then is itself again.",
        example: "Given \"chatwoot\" answers 500 to the next 2 requests",
        handler: Handler::Now(|world, args| {
            let times = u32::try_from(args.count(2)?).map_err(|_| "that many requests are never sent".to_owned())?;
            misbehave(world, args, Some(times), Fault::Status(status(args, 1)?))
        }),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "{text} takes {count} ms to answer",
        block: Block::None,
        meaning: "The twin's answers are right and late. Nobody waits: the delay counts as time of the answer.",
        example: "Given \"supabase\" takes 5000 ms to answer",
        handler: Handler::Now(|world, args| {
            misbehave(world, args, None, Fault::Delay(Duration::from_millis(args.count(1)?)))
        }),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "{text} sends its body over {count} ms",
        block: Block::None,
        meaning: "The twin's answers begin at once and their bodies trickle in over this time.",
        example: "Given \"shopify\" sends its body over 8000 ms",
        handler: Handler::Now(|world, args| {
            misbehave(world, args, None, Fault::SlowBody(Duration::from_millis(args.count(1)?)))
        }),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "{text} throttles with Retry-After {text}",
        block: Block::None,
        meaning: "The twin refuses every request with 429 and this `Retry-After`: seconds, decimal seconds or an HTTP date.",
        example: "Given \"shopify\" throttles with Retry-After \"2.0\"",
        handler: Handler::Now(|world, args| misbehave(world, args, None, Fault::TooManyRequests(Some(args.text(1))))),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "{text} throttles without Retry-After",
        block: Block::None,
        meaning: "The twin refuses every request with 429 and names no time to retry.",
        example: "Given \"chatwoot\" throttles without Retry-After",
        handler: Handler::Now(|world, args| misbehave(world, args, None, Fault::TooManyRequests(None))),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "{text} resets the connection",
        block: Block::None,
        meaning: "The twin closes the connection without an answer.",
        example: "Given \"supabase\" resets the connection",
        handler: Handler::Now(|world, args| misbehave(world, args, None, Fault::Wire(WireFault::ResetBeforeAnswer))),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "{text} resets the connection in the body",
        block: Block::None,
        meaning: "The twin closes the connection half way through the body.",
        example: "Given \"supabase\" resets the connection in the body",
        handler: Handler::Now(|world, args| misbehave(world, args, None, Fault::Wire(WireFault::ResetInBody))),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "{text} truncates its body",
        block: Block::None,
        meaning: "The twin sends half of the body that its head has promised.",
        example: "Given \"supabase\" truncates its body",
        handler: Handler::Now(|world, args| misbehave(world, args, None, Fault::Wire(WireFault::TruncatedBody))),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "{text} answers with invalid JSON",
        block: Block::None,
        meaning: "The twin's answers say that they are JSON and break off in the middle of it.",
        example: "Given \"supabase\" answers with invalid JSON",
        handler: Handler::Now(|world, args| misbehave(world, args, None, Fault::InvalidJson)),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "{text} answers with the media type {text}",
        block: Block::None,
        meaning: "The twin's answers come under another media type.",
        example: "Given \"supabase\" answers with the media type \"text/html\"",
        handler: Handler::Now(|world, args| misbehave(world, args, None, Fault::ContentType(args.text(1)))),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "{text} behaves again",
        block: Block::None,
        meaning: "The twin of this integration stops misbehaving.",
        example: "Given \"supabase\" behaves again",
        handler: Handler::Now(|world, args| {
            let at = twin(world, &args.text(0))?;
            world.seat()?.scene().behave(&at);
            Ok(())
        }),
    },
];

fn status(args: &Args, index: usize) -> Result<StatusCode, String> {
    let code = u16::try_from(args.count(index)?).ok().and_then(|code| StatusCode::from_u16(code).ok());
    code.ok_or_else(|| format!("`{}` is no HTTP status", args.text(index)))
}

/// The name of a twin that the scenario may speak of: that of its integration, or of one that it stands on.
///
/// # Errors
/// The scenario is not on a twin, or there is no such twin here.
pub fn twin(world: &World, name: &str) -> Result<Name, Stop> {
    let scene = world.seat()?.scene();
    let own = world.integration()?;
    let mut here = std::iter::once(own).chain(&world.party()?.manifest.stands_on);
    if let Some(found) = here.find(|here| here.as_str() == name && scene.names().any(|playing| playing == *here)) {
        return Ok(found.clone());
    }
    Err(Stop::BadStep(format!(
        "no twin `{name}` plays in a scenario of {own}; one that {own} asks is named under `stands_on` in its manifest"
    )))
}

fn misbehave(world: &mut World, args: &Args, remaining: Option<u32>, fault: Fault) -> StepResult {
    let at = twin(world, &args.text(0))?;
    world.seat()?.scene().misbehave(FaultRule { at, method: None, path: String::new(), remaining, fault });
    Ok(())
}
