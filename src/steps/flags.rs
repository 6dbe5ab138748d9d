//! Feature flags and the variables behind them.

use serde_json::Value;

use crate::domain::nearest::nearest;
use crate::steps::args::Args;
use crate::steps::sentence::{Block, Handler, Keyword, Sentence};
use crate::steps::state::arrange;
use crate::steps::world::{StepResult, Stop, World};

/// How the reason begins of a scenario that is about the other state of a flag that we switched.
pub const FLAG_OTHERWISE: &str = "it is about the other state of the flag";

pub const SENTENCES: &[Sentence] = &[
    Sentence {
        keyword: Keyword::Given,
        expression: "the flag {text} is {switch}",
        block: Block::None,
        meaning: "Sets the flag as its parser in preflight.yaml reads it: its first variable becomes 1 or 0, or all of them are removed.",
        example: "Given the flag \"supabase_idea_pool\" is off",
        handler: Handler::Now(flag),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the variable {text} is {text}",
        block: Block::None,
        meaning: "Sets an environment variable of the app, letter for letter.",
        example: "Given the variable \"FEATURE_SUPABASE_IDEA_POOL\" is \"TRUE\"",
        handler: Handler::Now(|world, args| variable(world, &args.text(0), &Value::from(args.text(1)))),
    },
    Sentence {
        keyword: Keyword::Given,
        expression: "the variable {text} is not set",
        block: Block::None,
        meaning: "Removes an environment variable of the app.",
        example: "Given the variable \"SUPABASE_SERVICE_KEY\" is not set",
        handler: Handler::Now(|world, args| variable(world, &args.text(0), &Value::Null)),
    },
];

fn variable(world: &mut World, name: &str, value: &Value) -> StepResult {
    let own = world.integration()?.clone();
    arrange(world, &own, &format!("env:{name}"), value)
}

fn flag(world: &mut World, args: &Args) -> StepResult {
    let (name, switch) = (args.text(0), args.text(1));
    let flags = &world.run()?.flags;
    let Some(declared) = flags.get(&name) else {
        let hint = nearest(&name, flags.keys().map(String::as_str))
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        return Err(Stop::BadStep(format!("preflight.yaml declares no flag `{name}`{hint}")));
    };
    if let Some(on) = world.run()?.switched.get(&name) {
        return match (switch.as_str(), on) {
            ("on", true) | ("off", false) => Ok(()),
            _ => Err(Stop::Unasked(format!("{FLAG_OTHERWISE}: {name} is {}", if *on { "on" } else { "off" }))),
        };
    }
    let names = declared.parser.names.clone();
    let on = declared.word_for_on().to_owned();
    for name in &names {
        variable(world, name, &Value::Null)?;
    }
    let value = match switch.as_str() {
        "on" => on,
        "off" => "0".to_owned(),
        _ => return Ok(()),
    };
    match names.first() {
        Some(first) => variable(world, first, &Value::from(value)),
        None => Err(Stop::BadStep(format!("the parser of the flag `{name}` reads no variable"))),
    }
}
