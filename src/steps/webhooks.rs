//! Webhooks that the service sends.

use serde_json::Value;

use crate::check::document::{Comparison, Strictness};
use crate::check::matcher::{Matcher, plain};
use crate::domain::delivery::Delivery;
use crate::domain::finding::{Code, Finding};
use crate::domain::json;
use crate::steps::args::Args;
use crate::steps::receiving::scheme;
use crate::steps::sentence::{Block, Handler, Keyword, Sentence};
use crate::steps::world::{StepResult, Stop, World};
use crate::wire::webhook::key::BadKey;
use crate::wire::webhook::schemes::SCHEMES;
use crate::wire::webhook::verify::Received;

pub const SENTENCES: &[Sentence] = &[
    Sentence {
        keyword: Keyword::Then,
        expression: "the webhook {text} is delivered",
        block: Block::None,
        meaning: "What was asked so far set this event off.",
        example: "Then the webhook \"conversation_status_changed\" is delivered",
        handler: Handler::Now(|world, args| {
            let event = args.text(0);
            latest(world, &event)?;
            world.promise(None);
            Ok(())
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the webhook {text} contains:",
        block: Block::DocString,
        meaning: "The last delivery of this event has these members, and may have more; texts that begin with `#` are matchers.",
        example: "Then the webhook \"message_created\" contains:\n  \"\"\"\n  {\"private\": true}\n  \"\"\"",
        handler: Handler::Now(contains),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the webhook {text} matches schema {text}",
        block: Block::None,
        meaning: "The body of the last delivery of this event is valid against the schema.",
        example: "Then the webhook \"message_created\" matches schema \"chatwoot/webhook-message\"",
        handler: Handler::Now(matches_schema),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the webhook {text} has the header {text} {value}",
        block: Block::None,
        meaning: "The last delivery of this event has this header with this value, or like this matcher.",
        example: "Then the webhook \"message_created\" has the header \"X-Chatwoot-Delivery\" \"#uuid\"",
        handler: Handler::Now(has_header),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the webhook {text} is signed by {text} with the secret {text}",
        block: Block::None,
        meaning: "The last delivery of this event verifies under the scheme with this secret, over its raw body.",
        example: "Then the webhook \"message_created\" is signed by \"chatwoot\" with the secret \"${secret}\"",
        handler: Handler::Now(is_signed),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the webhook {text} carries no signature",
        block: Block::None,
        meaning: "The last delivery of this event has none of the signature headers that are known.",
        example: "Then the webhook \"message_created\" carries no signature",
        handler: Handler::Now(|world, args| {
            let delivery = latest(world, &args.text(0))?;
            let names = SCHEMES.into_iter().map(|scheme| &scheme.signature.header);
            let signed = names.into_iter().find(|name| delivery.request.headers().contains_key(name.as_ref()));
            world.promise(signed.map(|name| {
                Finding::new(Code::Signature, format!("the delivery has the header {name}")).expected("no signature")
            }));
            Ok(())
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "no webhook is delivered",
        block: Block::None,
        meaning: "What was asked so far set no event off.",
        example: "Then no webhook is delivered",
        handler: Handler::Now(|world, _| delivered(world, 0)),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "{count} webhook(s) is/are delivered",
        block: Block::None,
        meaning: "What was asked so far set this many deliveries off.",
        example: "Then 2 webhooks are delivered",
        handler: Handler::Now(|world, args| {
            let wanted = args.count(0)?;
            delivered(world, wanted)
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the webhook {text} is not delivered",
        block: Block::None,
        meaning: "What was asked so far did not set this event off.",
        example: "Then the webhook \"conversation_resolved\" is not delivered",
        handler: Handler::Now(|world, args| {
            let event = args.text(0);
            if world.answer()?.is_none() {
                return Ok(());
            }
            let events = events(world)?;
            world.promise(events.contains(&event).then(|| {
                Finding::new(Code::Webhook, format!("the webhook {event} was delivered")).expected("no such delivery")
            }));
            Ok(())
        }),
    },
];

fn events(world: &mut World) -> Result<Vec<String>, Stop> {
    Ok(world.deliveries()?.into_iter().map(|delivery| delivery.event).collect())
}

fn delivered(world: &mut World, wanted: u64) -> StepResult {
    // Silence after a request that nobody answered shows nothing.
    if world.answer()?.is_none() {
        return Ok(());
    }
    let events = events(world)?;
    world.promise((events.len() as u64 != wanted).then(|| {
        let came = if events.is_empty() { "none".to_owned() } else { events.join(", ") };
        Finding::new(Code::Webhook, format!("{} webhooks were delivered ({came}), expected {wanted}", events.len()))
            .expected(wanted.to_string())
            .actual(came)
    }));
    Ok(())
}

/// The last delivery of an event; where there is none, that is the finding and the scenario goes no further.
fn latest(world: &mut World, event: &str) -> Result<Delivery, Stop> {
    let found = world.deliveries()?.into_iter().rev().find(|delivery| delivery.event == event);
    if let Some(delivery) = found {
        return Ok(delivery);
    }
    let events = events(world)?;
    let came = if events.is_empty() { "none".to_owned() } else { events.join(", ") };
    world.promise(Some(
        Finding::new(Code::Webhook, format!("the webhook {event} was not delivered (delivered: {came})"))
            .expected(event)
            .actual(came),
    ));
    Err(Stop::Unasked(format!("the webhook {event} was not delivered")))
}

fn payload(world: &mut World, delivery: &Delivery) -> Option<Value> {
    match json::parse(delivery.request.body()) {
        Ok(value) => Some(value),
        Err(error) => {
            world.promise(Some(Finding::new(Code::Unreadable, format!("the delivery's body is no JSON: {error}"))));
            None
        }
    }
}

fn contains(world: &mut World, args: &Args) -> StepResult {
    let expected = args.json()?;
    let delivery = latest(world, &args.text(0))?;
    let Some(actual) = payload(world, &delivery) else { return Ok(()) };
    let (now, label, brief) = (world.now(), world.place().to_string(), world.brief);
    let comparison =
        Comparison { strictness: Strictness::Subset, now, label: &label, branches: &mut world.branches, brief };
    let finding = comparison.compare(&expected, &actual)?;
    world.promise(finding);
    Ok(())
}

fn matches_schema(world: &mut World, args: &Args) -> StepResult {
    let delivery = latest(world, &args.text(0))?;
    let Some(actual) = payload(world, &delivery) else { return Ok(()) };
    let finding = world.judge_by_schema(&args.text(1), [(&actual, "")])?;
    world.promise(finding);
    Ok(())
}

fn has_header(world: &mut World, args: &Args) -> StepResult {
    let (name, expected, now) = (args.text(1), plain(&args.value(2)), world.now());
    let delivery = latest(world, &args.text(0))?;
    let came =
        delivery.request.headers().get(&name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let holds = match (&came, expected.starts_with('#')) {
        (None, _) => false,
        (Some(value), true) => Matcher::parse_promise(&expected)?.judge(Some(&Value::from(value.clone())), now).is_ok(),
        (Some(value), false) => *value == expected,
    };
    world.promise((!holds).then(|| {
        let came = came.unwrap_or_else(|| "absent".to_owned());
        Finding::new(Code::Header, format!("the delivery's header {name} is {came}, expected {expected}"))
            .expected(expected)
            .actual(came)
    }));
    Ok(())
}

fn is_signed(world: &mut World, args: &Args) -> StepResult {
    let (name, secret, now) = (args.text(1), args.text(2), world.now());
    let scheme = scheme(world, &name)?;
    let key = match scheme.public_key(&secret) {
        Err(BadKey::Shared) => scheme.key(&secret),
        public => public,
    };
    let key = key.map_err(|error| format!("the secret of {name}: {error}"))?;
    let delivery = latest(world, &args.text(0))?;
    let request = &delivery.request;
    let url = request.uri().to_string();
    let received = Received { method: request.method(), url: &url, headers: request.headers(), body: request.body() };
    let verified = scheme.verify(&key, &received, now);
    world.promise(verified.err().map(|refusal| {
        Finding::new(Code::Signature, format!("the delivery does not verify: {refusal}"))
            .expected(format!("signed by {name}"))
    }));
    Ok(())
}
