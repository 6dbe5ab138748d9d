//! Lists inside a body, and all values that a JSONPath selects: how many, each of them, their order.

use serde_json::Value;

use crate::check::document::same;
use crate::check::matcher::shown;
use crate::check::path::{Node, select};
use crate::domain::finding::{Code, Finding};
use crate::steps::args::Args;
use crate::steps::sentence::{Block, Handler, Keyword, Sentence};
use crate::steps::values::{finding, judge_value, nothing, one_of, single};
use crate::steps::world::{StepResult, World};

pub const SENTENCES: &[Sentence] = &[
    Sentence {
        keyword: Keyword::Then,
        expression: "{path} has {count} item(s)",
        block: Block::None,
        meaning: "The path selects one array of this length.",
        example: "Then \"$.data.ideas\" has 5 items",
        handler: Handler::Now(|world, args| {
            let count = args.count(1)?;
            length(world, &args.text(0), &format!("{count} items"), |length| length == count)
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "{path} has at least {count} item(s)",
        block: Block::None,
        meaning: "The path selects one array of this length or longer.",
        example: "Then \"$.payload\" has at least 1 item",
        handler: Handler::Now(|world, args| {
            let count = args.count(1)?;
            if count == 0 {
                return Err("every array has at least 0 items, so this promises nothing".to_owned().into());
            }
            length(world, &args.text(0), &format!("at least {count} items"), |length| length >= count)
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "{path} has at most {count} item(s)",
        block: Block::None,
        meaning: "The path selects one array of this length or shorter.",
        example: "Then \"$.data.ideas\" has at most 5 items",
        handler: Handler::Now(|world, args| {
            let count = args.count(1)?;
            length(world, &args.text(0), &format!("at most {count} items"), |length| length <= count)
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "{path} has {count} item(s), exactly {count} of them with {name} {value}",
        block: Block::None,
        meaning: "The path selects one array of this length, and this many of its elements have this member with this value.",
        example: "Then \"$.data.ideas\" has 5 items, exactly 1 of them with type \"wildcard\"",
        handler: Handler::Now(has_exactly),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "each {path} is {value}",
        block: Block::None,
        meaning: "The path selects at least one value, and each is this one or like this matcher.",
        example: "Then each \"$.data.ideas[*].id\" is \"#string\"",
        handler: Handler::Now(each_is),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "each {path} is one of {text}",
        block: Block::None,
        meaning: "The path selects at least one value, and each is one of these words. A word that no answer showed is reported.",
        example: "Then each \"$.data.ideas[*].type\" is one of \"launch, evergreen, wildcard\"",
        handler: Handler::Now(|world, args| one_of(world, args, true)),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "each {path} matches schema {text}",
        block: Block::None,
        meaning: "The path selects at least one value, and each is valid against the schema.",
        example: "Then each \"$.data.payload[*]\" matches schema \"chatwoot/conversation\"",
        handler: Handler::Now(each_matches_schema),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the values of {path} are unique",
        block: Block::None,
        meaning: "The path selects at least one value, and no value twice.",
        example: "Then the values of \"$.data.ideas[*].id\" are unique",
        handler: Handler::Now(|world, args| {
            let path = args.text(0);
            world.judge_nodes(&path, |nodes| {
                Ok(if nodes.is_empty() {
                    Some(nothing(&path))
                } else {
                    repeated(nodes.iter().map(|node| (node.pointer.clone(), node.value.clone())))
                })
            })
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "the values of {path} are in {direction} order",
        block: Block::None,
        meaning: "The path selects at least two values, and each is not before its predecessor: numbers by size, texts by Unicode.",
        example: "Then the values of \"$[*].id\" are in ascending order",
        handler: Handler::Now(in_order),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "no {path} is found at {path} in the fixture {text}",
        block: Block::None,
        meaning: "What the first path selects in the answer is nowhere in what the second selects in a fixture: live data is not the mock's.",
        example: "Then no \"$.data.ideas[*].id\" is found at \"$[*].id\" in the fixture \"idea-pool/ideas.json\"",
        handler: Handler::Now(not_in_fixture),
    },
];

fn length(world: &mut World, path: &str, wanted: &str, fits: impl Fn(u64) -> bool) -> StepResult {
    world.judge_nodes(path, |nodes| {
        let node = match single(path, nodes) {
            Ok(node) => node,
            Err(finding) => return Ok(Some(*finding)),
        };
        let Some(items) = node.value.as_array() else {
            return Ok(Some(finding(Code::Count, path, node, &format!("an array of {wanted}"))));
        };
        Ok((!fits(items.len() as u64)).then(|| count_finding(path, node, wanted, items.len())))
    })
}

fn count_finding(path: &str, node: &Node, wanted: &str, came: usize) -> Finding {
    Finding::new(Code::Count, format!("{path} has {came} items, expected {wanted}"))
        .expected(wanted)
        .actual(format!("{came} items"))
        .pointer(node.pointer.clone())
}

fn has_exactly(world: &mut World, args: &Args) -> StepResult {
    let (path, count, few, member, value) = (args.text(0), args.count(1)?, args.count(2)?, args.text(3), args.value(4));
    world.judge_nodes(&path, |nodes| {
        let node = match single(&path, nodes) {
            Ok(node) => node,
            Err(finding) => return Ok(Some(*finding)),
        };
        let Some(items) = node.value.as_array() else {
            return Ok(Some(finding(Code::Count, &path, node, &format!("an array of {count}"))));
        };
        if items.len() as u64 != count {
            return Ok(Some(count_finding(&path, node, &format!("{count} items"), items.len())));
        }
        let have = items.iter().filter(|item| item.get(&member).is_some_and(|found| same(found, &value))).count();
        let such = format!("{few} items with {member} {}", shown(Some(&value)));
        Ok((have as u64 != few).then(|| {
            Finding::new(
                Code::Count,
                format!("{path} has {have} items with {member} {}, expected {few}", shown(Some(&value))),
            )
            .expected(such)
            .actual(format!("{have}"))
            .pointer(node.pointer.clone())
        }))
    })
}

fn each_is(world: &mut World, args: &Args) -> StepResult {
    let (path, expected, now) = (args.text(0), args.value(1), world.now());
    world.judge_nodes(&path, |nodes| {
        if nodes.is_empty() {
            return Ok(Some(nothing(&path)));
        }
        for node in nodes {
            if let Some(finding) = judge_value(&path, &expected, node, now)? {
                return Ok(Some(finding));
            }
        }
        Ok(None)
    })
}

fn each_matches_schema(world: &mut World, args: &Args) -> StepResult {
    let (path, name) = (args.text(0), args.text(1));
    let Some(document) = world.document()? else { return Ok(()) };
    let nodes = select(&path, &document)?;
    let finding = match nodes.as_slice() {
        [] => Some(nothing(&path)),
        nodes => world.judge_by_schema(&name, nodes.iter().map(|node| (node.value, node.pointer.as_str())))?,
    };
    world.promise(finding);
    Ok(())
}

/// The finding that a value stands twice.
pub fn repeated(values: impl IntoIterator<Item = (String, Value)>) -> Option<Finding> {
    let mut seen: Vec<(String, Value)> = Vec::new();
    for (pointer, value) in values {
        if let Some((first, _)) = seen.iter().find(|(_, known)| same(known, &value)) {
            let message = format!("{} stands at {first} and again at {pointer}", shown(Some(&value)));
            return Some(
                Finding::new(Code::Unique, message)
                    .expected("unique values")
                    .actual(shown(Some(&value)))
                    .pointer(pointer),
            );
        }
        seen.push((pointer, value));
    }
    None
}

fn in_order(world: &mut World, args: &Args) -> StepResult {
    let (path, direction) = (args.text(0), args.text(1));
    world.judge_nodes(&path, |nodes| {
        if nodes.len() < 2 {
            return Ok(Some(
                Finding::new(Code::Order, format!("{path} selects {} values, an order needs two", nodes.len()))
                    .expected("two values or more"),
            ));
        }
        let out_of_order = nodes.windows(2).find(|pair| match compare(pair[0].value, pair[1].value) {
            None => true,
            Some(order) if direction == "ascending" => order.is_gt(),
            Some(order) => order.is_lt(),
        });
        Ok(out_of_order.map(|pair| {
            let (one, next) = (shown(Some(pair[0].value)), shown(Some(pair[1].value)));
            Finding::new(Code::Order, format!("{path} is not in {direction} order: {next} comes after {one}"))
                .expected(format!("{direction} order"))
                .actual(format!("{one}, {next}"))
                .pointer(pair[1].pointer.clone())
        }))
    })
}

fn compare(one: &Value, other: &Value) -> Option<std::cmp::Ordering> {
    match (one, other) {
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn not_in_fixture(world: &mut World, args: &Args) -> StepResult {
    let (path, fixture_path, name) = (args.text(0), args.text(1), args.text(2));
    let own = world.integration()?.clone();
    let bytes = world.run()?.fixture(&own, &name).cloned().ok_or_else(|| format!("there is no fixture `{name}`"))?;
    let fixture: Value =
        serde_json::from_slice(&bytes).map_err(|error| format!("the fixture `{name}` is no JSON: {error}"))?;
    let known: Vec<Value> = select(&fixture_path, &fixture)?.into_iter().map(|node| node.value.clone()).collect();
    if known.is_empty() {
        return Err(
            format!("{fixture_path} selects nothing in the fixture `{name}`, so nothing could be found there").into()
        );
    }
    world.judge_nodes(&path, |nodes| {
        if nodes.is_empty() {
            return Ok(Some(nothing(&path)));
        }
        let copied = nodes.iter().find(|node| known.iter().any(|value| same(value, node.value)));
        Ok(copied.map(|node| finding(Code::Mode, &path, node, &format!("a value that is not in the fixture {name}"))))
    })
}
