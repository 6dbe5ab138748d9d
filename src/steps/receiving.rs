//! Webhooks that are sent to a receiver, rightly and wrongly signed.

use std::borrow::Cow;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::SignedDuration;

use crate::adapter::schemes;
use crate::steps::args::Args;
use crate::steps::sentence::{Block, Handler, Keyword, Sentence};
use crate::steps::world::{StepResult, Stop, World};
use crate::wire::webhook::key::{BadKey, Key};
use crate::wire::webhook::payload;
use crate::wire::webhook::scheme::Scheme;
use crate::wire::webhook::sign::{Unsignable, Unsigned};

/// A delivery that is being prepared.
#[derive(Clone)]
pub struct Hook {
    scheme: Cow<'static, Scheme>,
    event: String,
    body: Bytes,
    /// Signs; None sends no signature.
    secret: Option<String>,
    /// Sent in place of the signature that the secret gives.
    signature: Option<String>,
    /// How far the timestamp lies from now.
    offset: SignedDuration,
    /// Sent in place of the signed body.
    changed: Option<Bytes>,
    headers: Vec<(String, Option<String>)>,
    delivery: String,
    /// Which exchange it last was.
    sent: Option<usize>,
}

pub const SENTENCES: &[Sentence] = &[
    Sentence {
        keyword: Keyword::Given,
        expression: "a {text} webhook {text}:",
        block: Block::DocString,
        meaning: "Prepares a delivery of a vendor's event with this raw body, signed as the vendor signs, dated now.",
        example: "Given a \"shopify\" webhook \"orders/create\":\n  \"\"\"\n  {\"id\": 1}\n  \"\"\"",
        handler: Handler::Now(|world, args| prepare(world, args, Bytes::from(args.docstring()?.to_owned()))),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "a {text} webhook {text}",
        block: Block::None,
        meaning: "Prepares a delivery of a vendor's event with a body as the vendor makes it, signed as the vendor signs, dated now. The scheme is a known one, or the name of a fixture that describes one.",
        example: "Given a \"stripe\" webhook \"invoice.paid\"",
        handler: Handler::Now(|world, args| {
            let (name, event, now) = (args.text(0), args.text(1), world.now());
            let body = payload::of(scheme(world, &name)?.as_ref(), &event, now)
                .ok_or_else(|| Stop::BadStep(format!("no body is known for `{event}` of {name}; give one")))?;
            prepare(world, args, body)
        }),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "a {text} webhook {text} with the fixture {text}",
        block: Block::None,
        meaning: "Prepares a delivery of a vendor's event with the bytes of a fixture, signed as the vendor signs, dated now.",
        example: "Given a \"chatwoot\" webhook \"message_created\" with the fixture \"webhooks/message_created.json\"",
        handler: Handler::Now(|world, args| {
            let own = world.integration()?.clone();
            let name = args.text(2);
            let body =
                world.run()?.fixture(&own, &name).cloned().ok_or_else(|| format!("there is no fixture `{name}`"))?;
            prepare(world, args, body)
        }),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the webhook is signed with {text}",
        block: Block::None,
        meaning: "The delivery is signed with this secret.",
        example: "Given the webhook is signed with \"another-secret\"",
        handler: Handler::Now(|world, args| change(world, |hook| hook.secret = Some(args.text(0)))),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the webhook is not signed",
        block: Block::None,
        meaning: "The delivery carries no signature.",
        example: "Given the webhook is not signed",
        handler: Handler::Now(|world, _| change(world, |hook| hook.secret = None)),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the webhook's signature is {text}",
        block: Block::None,
        meaning: "The delivery carries this in place of its signature.",
        example: "Given the webhook's signature is \"sha256=00\"",
        handler: Handler::Now(|world, args| change(world, |hook| hook.signature = Some(args.text(0)))),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the webhook was signed {count} seconds ago",
        block: Block::None,
        meaning: "The delivery is dated, and signed for, this long ago.",
        example: "Given the webhook was signed 301 seconds ago",
        handler: Handler::Now(|world, args| {
            let seconds = i64::try_from(args.count(0)?).map_err(|_| "that long ago there was no time".to_owned())?;
            change(world, |hook| hook.offset = -SignedDuration::from_secs(seconds))
        }),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the webhook is dated {count} seconds ahead",
        block: Block::None,
        meaning: "The delivery is dated, and signed for, this far in the future.",
        example: "Given the webhook is dated 301 seconds ahead",
        handler: Handler::Now(|world, args| {
            let seconds = i64::try_from(args.count(0)?).map_err(|_| "that far ahead there is no time".to_owned())?;
            change(world, |hook| hook.offset = SignedDuration::from_secs(seconds))
        }),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the webhook's header {text} is {text}",
        block: Block::None,
        meaning: "The delivery carries this header; it replaces one that the vendor sends.",
        example: "Given the webhook's header \"X-Shopify-Shop-Domain\" is \"other.myshopify.com\"",
        handler: Handler::Now(|world, args| {
            change(world, |hook| hook.headers.push((args.text(0), Some(args.text(1)))))
        }),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the webhook has no header {text}",
        block: Block::None,
        meaning: "The delivery lacks a header that the vendor sends.",
        example: "Given the webhook has no header \"X-Shopify-Topic\"",
        handler: Handler::Now(|world, args| change(world, |hook| hook.headers.push((args.text(0), None)))),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the webhook's body is changed after signing to:",
        block: Block::DocString,
        meaning: "The delivery is signed for its own body and carries this one.",
        example: "Given the webhook's body is changed after signing to:\n  \"\"\"\n  {\"id\":1}\n  \"\"\"",
        handler: Handler::Now(|world, args| {
            let body = Bytes::from(args.docstring()?.to_owned());
            change(world, |hook| hook.changed = Some(body))
        }),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "the webhook is delivered to {text}",
        block: Block::None,
        meaning: "Posts the delivery to a path of the receiver.",
        example: "When the webhook is delivered to \"/webhooks/shopify\"",
        handler: Handler::Later(|world, args| async move { deliver(world, &args.text(0)).await }.boxed_local()),
    },
    Sentence {
        keyword: Keyword::When,
        expression: "the webhook is delivered again",
        block: Block::None,
        meaning: "Posts the same delivery again, header for header and byte for byte, as a vendor's retry does.",
        example: "When the webhook is delivered again",
        handler: Handler::Later(again),
    },
];

fn prepare(world: &mut World, args: &Args, body: Bytes) -> StepResult {
    let name = args.text(0);
    let scheme = scheme(world, &name)?;
    let secret = world
        .lookup(&scheme.secret_variable)
        .ok_or_else(|| Stop::Unasked(format!("needs ${{{}}}, which has no value", scheme.secret_variable)))?;
    let (now, number) = (world.now(), world.exchanges.len() + 1);
    // A receiver remembers ids for days, so another run needs others; on a twin time is the scene's, and so are they.
    let delivery =
        format!("{:08x}-{:04x}-4000-8000-{number:012x}", now.as_second() & 0xffff_ffff, now.subsec_millisecond());
    world.hook = Some(Hook {
        scheme,
        event: args.text(1),
        body,
        secret: Some(secret),
        signature: None,
        offset: SignedDuration::ZERO,
        changed: None,
        headers: Vec::new(),
        delivery,
        sent: None,
    });
    Ok(())
}

fn change(world: &mut World, edit: impl FnOnce(&mut Hook)) -> StepResult {
    let hook = world
        .hook
        .as_mut()
        .ok_or_else(|| Stop::BadStep("no webhook is prepared: begin with `Given a \"…\" webhook \"…\":`".to_owned()))?;
    edit(hook);
    Ok(())
}

async fn deliver(world: &mut World, path: &str) -> StepResult {
    let hook = world
        .hook
        .clone()
        .ok_or_else(|| Stop::BadStep("no webhook is prepared: begin with `Given a \"…\" webhook \"…\":`".to_owned()))?;
    world.draft.headers = headers(world, &hook, path)?;
    for (name, value) in &hook.headers {
        match value {
            Some(value) => world.give_header(name, value)?,
            None => drop(world.draft.headers.remove(name)),
        }
    }
    let body = hook.changed.unwrap_or(hook.body);
    let path = hook.scheme.address(path, &world.draft.headers, &body);
    world.draft.body = Some(body);
    let sent = world.ask("POST", &path).await;
    let index = world.exchanges.len().checked_sub(1);
    change(world, |hook| hook.sent = index)?;
    sent
}

/// What the vendor sends with it.
fn headers(world: &World, hook: &Hook, path: &str) -> Result<HeaderMap, Stop> {
    let (scheme, stamp) = (hook.scheme.as_ref(), hook.scheme.stamp(world.now() + hook.offset));
    for variable in scheme.headers.iter().map(|extra| &extra.variable).filter(|variable| !variable.is_empty()) {
        let missing = || Stop::Unasked(format!("needs ${{{variable}}}, which has no value"));
        world.lookup(variable).ok_or_else(missing)?;
    }
    let bad = |error: Unsignable| Stop::BadStep(error.to_string());
    let nothing = HeaderMap::new();
    let url = scheme.address(&world.address_of(path)?, &nothing, &hook.body);
    let mut unsigned = Unsigned {
        method: &Method::POST,
        url: &url,
        headers: &nothing,
        id: &hook.delivery,
        timestamp: &stamp,
        body: &hook.body,
    };
    let lookup = |variable: &str| world.lookup(variable);
    let envelope: HeaderMap = scheme.envelope(&unsigned, &hook.event, &lookup).map_err(bad)?.into_iter().collect();
    unsigned.headers = &envelope;
    let signed = match (&hook.signature, &hook.secret) {
        (Some(_), _) | (None, None) => scheme.stamped(&unsigned).map_err(bad)?,
        (None, Some(secret)) => scheme.sign(&key(scheme, secret)?, &unsigned).map_err(bad)?,
    };
    let mut headers: HeaderMap = envelope.clone();
    headers.extend(signed);
    if let Some(signature) = &hook.signature {
        let value = HeaderValue::from_bytes(signature.as_bytes())
            .map_err(|_| Stop::BadStep("the webhook's signature cannot stand in a header".to_owned()))?;
        let name = HeaderName::from_bytes(scheme.signature.header.as_bytes())
            .map_err(|_| Stop::BadStep(format!("`{}` is no header's name", scheme.signature.header)))?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// The key that signs. An empty secret signs too: a receiver that has none must not take that for right.
fn key(scheme: &Scheme, secret: &str) -> Result<Key, Stop> {
    match scheme.key(secret) {
        Err(BadKey::Empty) if scheme.algorithm.is_shared() => Ok(scheme.key_of(b"")),
        key => key.map_err(|error| Stop::BadStep(format!("the webhook's secret: {error}"))),
    }
}

/// A scheme that is known, or one that a fixture of the contract describes (`acme.yaml`).
pub fn scheme(world: &World, name: &str) -> Result<Cow<'static, Scheme>, Stop> {
    if !name.contains('.') {
        let found = Scheme::find(name).map_err(|error| Stop::BadStep(format!("{error}: {}", error.hint())))?;
        return Ok(Cow::Borrowed(found));
    }
    let own = world.integration()?.clone();
    let bytes = world.run()?.fixture(&own, name).cloned();
    let bytes = bytes.ok_or_else(|| Stop::BadStep(format!("there is no fixture `{name}` that describes a scheme")))?;
    schemes::read(name, &bytes).map(Cow::Owned).map_err(|error| Stop::BadStep(error.to_string()))
}

/// Repeats the delivery, whatever was asked since.
fn again<'a>(world: &'a mut World, _: &'a Args) -> LocalBoxFuture<'a, StepResult> {
    async move {
        let sent = world.hook.as_ref().and_then(|hook| hook.sent);
        let request = sent.and_then(|index| world.exchanges.request(index)).cloned();
        let request = request
            .ok_or_else(|| Stop::BadStep("no webhook was delivered that could be delivered again".to_owned()))?;
        world.send(request).await
    }
    .boxed_local()
}
