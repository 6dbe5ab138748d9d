//! As whom a request is sent.

use crate::steps::sentence::{Block, Handler, Keyword, Sentence};
use crate::steps::world::Stop;

pub const SENTENCES: &[Sentence] = &[
    Sentence {
        keyword: Keyword::Given,
        expression: "I authenticate as {text}",
        block: Block::None,
        meaning: "From now on requests carry this credential of the integration's manifest.",
        example: "Given I authenticate as \"agent\"",
        handler: Handler::Now(|world, args| {
            let name = args.text(0);
            let known = &world.party()?.manifest.credentials;
            if !known.contains_key(&name) {
                let known: Vec<_> = known.keys().map(String::as_str).collect();
                return Err(Stop::BadStep(format!(
                    "the manifest has no credential `{name}`; it has {}",
                    known.join(", ")
                )));
            }
            world.credential = Some(name);
            Ok(())
        }),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "I do not authenticate",
        block: Block::None,
        meaning: "From now on requests carry no credential.",
        example: "Given I do not authenticate",
        handler: Handler::Now(|world, _| {
            world.credential = None;
            Ok(())
        }),
    },
];
