//! How long an answer may take.

use std::time::Duration;

use crate::check::latency;
use crate::steps::sentence::{Block, Handler, Keyword, Sentence};
use crate::steps::world::no_answer;

pub const SENTENCES: &[Sentence] = &[
    Sentence {
        keyword: Keyword::Then,
        expression: "the answer comes within {count} ms",
        block: Block::None,
        meaning: "The last answer came whole within this time. On a twin the modelled delay counts, not the machine's.",
        example: "Then the answer comes within 300 ms",
        handler: Handler::Now(|world, args| {
            let limit = Duration::from_millis(args.count(0)?);
            let exchange = world.last()?;
            let finding = exchange.outcome.as_ref().err().map(no_answer).or_else(|| latency::within(limit, exchange));
            world.promise(finding);
            Ok(())
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "every answer comes within {count} ms",
        block: Block::None,
        meaning: "Every answer of the scenario came whole within this time.",
        example: "Then every answer comes within 1000 ms",
        handler: Handler::Now(|world, args| {
            let limit = Duration::from_millis(args.count(0)?);
            world.last()?;
            let slow = world.exchanges.iter().find_map(|exchange| {
                exchange.outcome.as_ref().err().map(no_answer).or_else(|| latency::within(limit, exchange))
            });
            world.promise(slow);
            Ok(())
        }),
    },
];
