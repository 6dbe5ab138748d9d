//! States that a twin is put into because its own API cannot be asked for them.

use serde_json::{Value, json};

use crate::domain::integration::Name;
use crate::steps::args::Args;
use crate::steps::faults::twin;
use crate::steps::sentence::{Block, Handler, Keyword, Sentence};
use crate::steps::world::{StepResult, Stop, World};

pub const SENTENCES: &[Sentence] = &[
    Sentence {
        keyword: Keyword::Given,
        expression: "the setting {text} is {value}",
        block: Block::None,
        meaning: "Puts the integration's own twin into a state; `preflight serve --list` lists the settings.",
        example: "Given the setting \"version\" is \"4.6.0\"",
        handler: Handler::Now(|world, args| {
            let own = world.integration()?.clone();
            arrange(world, &own, &args.text(0), &args.value(1))
        }),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the setting {text} of {text} is {value}",
        block: Block::None,
        meaning: "Puts the twin of another integration into a state.",
        example: "Given the setting \"gateway\" of \"supabase\" is \"hosted\"",
        handler: Handler::Now(|world, args| {
            let at = twin(world, &args.text(1))?;
            arrange(world, &at, &args.text(0), &args.value(2))
        }),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the table {text} of {text} holds:",
        block: Block::Either,
        meaning: "The table has these rows and no others. A cell that is JSON is read as JSON, anything else as text.",
        example: "Given the table \"product_suggestions\" of \"supabase\" holds:\n  | id | title |\n  | 1  | A     |",
        handler: Handler::Now(|world, args| table(world, args, &args.rows()?)),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the table {text} of {text} is empty",
        block: Block::None,
        meaning: "The table has no rows.",
        example: "Given the table \"product_suggestions\" of \"supabase\" is empty",
        handler: Handler::Now(|world, args| table(world, args, &json!([]))),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the table {text} of {text} does not exist",
        block: Block::None,
        meaning: "The table was never migrated.",
        example: "Given the table \"product_suggestions\" of \"supabase\" does not exist",
        handler: Handler::Now(|world, args| table(world, args, &Value::Null)),
    },
];

fn table(world: &mut World, args: &Args, rows: &Value) -> StepResult {
    let at = twin(world, &args.text(1))?;
    arrange(world, &at, &format!("table:{}", args.text(0)), rows)
}

/// Arranges a twin of the scene.
///
/// # Errors
/// There is no scene, no such twin, or no such state.
pub fn arrange(world: &mut World, at: &Name, setting: &str, value: &Value) -> StepResult {
    let arranged = world.seat_as_left()?.scene().arrange(at, setting, value);
    match arranged {
        Some(Ok(())) => Ok(()),
        Some(Err(error)) => Err(Stop::BadStep(error.to_string())),
        None => Err(Stop::BadStep(format!("no twin models {at}"))),
    }
}
