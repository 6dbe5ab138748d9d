//! One value inside a body, addressed by JSONPath.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::check::document::{Comparison, Strictness, same};
use crate::check::freshness;
use crate::check::matcher::{Matcher, plain, shown};
use crate::check::path::{Node, select};
use crate::domain::finding::{Code, Finding};
use crate::steps::args::Args;
use crate::steps::sentence::{Block, Handler, Keyword, Sentence};
use crate::steps::world::{StepResult, World};

pub const SENTENCES: &[Sentence] = &[
    Sentence {
        keyword: Keyword::Then,
        expression: "{path} is {value}",
        block: Block::None,
        meaning: "The path selects one value, and it is this one or like this matcher.",
        example: "Then \"$.data.source\" is \"fixture\"",
        handler: Handler::Now(is),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "{path} is not {value}",
        block: Block::None,
        meaning: "The path selects one value, and it is another one than this.",
        example: "Then \"$.data.source\" is not \"fixture\"",
        handler: Handler::Now(is_not),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "{path} is:",
        block: Block::DocString,
        meaning: "The path selects one value, and it is this JSON; texts that begin with `#` are matchers.",
        example: "Then \"$.meta\" is:\n  \"\"\"\n  {\"all_count\": \"#integer\"}\n  \"\"\"",
        handler: Handler::Now(is_document),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "{path} is one of {text}",
        block: Block::None,
        meaning: "The path selects one value, and it is one of these words. A word that no answer showed is reported.",
        example: "Then \"$.status\" is one of \"open, resolved, pending, snoozed\"",
        handler: Handler::Now(|world, args| one_of(world, args, false)),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "{path} contains {value}",
        block: Block::None,
        meaning: "The path selects one value: a text that holds this text, or an array that holds this element.",
        example: "Then \"$.fallback_reason\" contains \"timed out\"",
        handler: Handler::Now(contains),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "{path} is at most {count} second(s) old",
        block: Block::None,
        meaning: "The path selects one time that is no longer ago than this, and no more than that ahead: an answer of a \
                  cache is older. A time is RFC 3339, `2026-01-01 00:00:00` in UTC, or seconds since 1970.",
        example: "Then \"$.timestamp\" is at most 120 seconds old",
        handler: Handler::Now(is_recent),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "{path} is present",
        block: Block::None,
        meaning: "The path selects something.",
        example: "Then \"$.timestamp\" is present",
        handler: Handler::Now(|world, args| {
            let path = args.text(0);
            world.judge_nodes(&path, |nodes| Ok(nodes.is_empty().then(|| nothing(&path))))
        }),
    },
    Sentence {
        keyword: Keyword::Then,
        expression: "{path} is absent",
        block: Block::None,
        meaning: "The path selects nothing.",
        example: "Then \"$.error\" is absent",
        handler: Handler::Now(|world, args| {
            let path = args.text(0);
            world.judge_nodes(&path, |nodes| Ok(nodes.first().map(|node| finding(Code::Value, &path, node, "absent"))))
        }),
    },
];

/// What one value must be: itself, or like a matcher.
pub fn judge_value(path: &str, expected: &Value, node: &Node, now: Timestamp) -> Result<Option<Finding>, String> {
    if let Some(text) = expected.as_str().filter(|text| text.starts_with('#')) {
        let matcher = Matcher::parse_promise(text)?;
        return Ok(matcher.judge(Some(node.value), now).err().map(|words| finding(Code::Value, path, node, &words)));
    }
    Ok((!same(expected, node.value)).then(|| finding(Code::Value, path, node, &shown(Some(expected)))))
}

pub fn finding(code: Code, path: &str, node: &Node, expected: &str) -> Finding {
    let came = shown(Some(node.value));
    Finding::new(code, format!("{path} is {came}, expected {expected}"))
        .expected(expected)
        .actual(came)
        .pointer(node.pointer.clone())
}

pub fn nothing(path: &str) -> Finding {
    Finding::new(Code::Value, format!("{path} selects nothing")).expected("a value").actual("nothing")
}

/// The one node of a path, or the finding that it is not one.
pub fn single<'a, 'b>(path: &str, nodes: &'b [Node<'a>]) -> Result<&'b Node<'a>, Box<Finding>> {
    match nodes {
        [node] => Ok(node),
        [] => Err(Box::new(nothing(path))),
        many => Err(Box::new(
            Finding::new(Code::Value, format!("{path} selects {} values, expected one", many.len()))
                .expected("one value")
                .actual(format!("{} values", many.len())),
        )),
    }
}

fn is(world: &mut World, args: &Args) -> StepResult {
    let (path, expected, now) = (args.text(0), args.value(1), world.now());
    let matcher = match expected.as_str() {
        Some(text) if text.starts_with('#') => Some(Matcher::parse_promise(text)?),
        _ => None,
    };
    let Some(document) = world.document()? else { return Ok(()) };
    let nodes = select(&path, &document)?;
    if let Some(matcher) = &matcher {
        let value = nodes.first().map(|node| node.value);
        if nodes.len() < 2 && matcher.judge(value, now).is_ok() {
            let branches = matcher.branches();
            if !branches.is_empty() {
                let label = format!("{} {path} ({})", world.place(), plain(&expected));
                world.branches.note(&label, branches, &matcher.branch_of(value));
            }
            world.promise(None);
            return Ok(());
        }
    }
    let finding = match single(&path, &nodes) {
        Ok(node) => judge_value(&path, &expected, node, now)?,
        Err(finding) => Some(*finding),
    };
    world.promise(finding);
    Ok(())
}

fn is_not(world: &mut World, args: &Args) -> StepResult {
    let (path, unwanted, now) = (args.text(0), args.value(1), world.now());
    world.judge_nodes(&path, |nodes| {
        let node = match single(&path, nodes) {
            Ok(node) => node,
            Err(finding) => return Ok(Some(*finding)),
        };
        let is_it = judge_value(&path, &unwanted, node, now)?.is_none();
        Ok(is_it.then(|| finding(Code::Value, &path, node, &format!("anything but {}", shown(Some(&unwanted))))))
    })
}

fn is_recent(world: &mut World, args: &Args) -> StepResult {
    let (path, most, now) = (args.text(0), args.count(1)?, world.now());
    world.judge_nodes(&path, |nodes| {
        let node = match single(&path, nodes) {
            Ok(node) => node,
            Err(finding) => return Ok(Some(*finding)),
        };
        let limit = Duration::from_secs(most);
        Ok(freshness::older(node.value, now, limit)
            .map(|came| finding(Code::Value, &path, node, &format!("at most {most} s old, and it is {came}"))))
    })
}

fn is_document(world: &mut World, args: &Args) -> StepResult {
    let (path, expected) = (args.text(0), args.json()?);
    let Some(document) = world.document()? else { return Ok(()) };
    let (now, label, brief) = (world.now(), format!("{} {path}", world.place()), world.brief);
    let finding = match single(&path, &select(&path, &document)?) {
        Err(finding) => Some(*finding),
        Ok(node) => {
            let comparison =
                Comparison { strictness: Strictness::Exact, now, label: &label, branches: &mut world.branches, brief };
            comparison.compare(&expected, node.value)?
        }
    };
    world.promise(finding);
    Ok(())
}

pub fn one_of(world: &mut World, args: &Args, many: bool) -> StepResult {
    let (path, text) = (args.text(0), args.text(1));
    let words: Vec<_> = text.split(',').map(str::trim).collect();
    let Some(document) = world.document()? else { return Ok(()) };
    let nodes = select(&path, &document)?;
    let unfit = match (many, single(&path, &nodes)) {
        (false, Err(finding)) => Some(*finding),
        (true, _) if nodes.is_empty() => Some(nothing(&path)),
        _ => nodes
            .iter()
            .find(|node| !words.contains(&plain(node.value).as_str()))
            .map(|node| finding(Code::Value, &path, node, &format!("one of {}", words.join(", ")))),
    };
    if unfit.is_none() {
        let label = format!("{} {path}", world.place());
        for node in &nodes {
            world.branches.note(&label, words.iter().copied(), &plain(node.value));
        }
    }
    world.promise(unfit);
    Ok(())
}

fn contains(world: &mut World, args: &Args) -> StepResult {
    let (path, wanted) = (args.text(0), args.value(1));
    if wanted.as_str() == Some("") {
        return Err("every text contains an empty one, so this promises nothing".to_owned().into());
    }
    world.judge_nodes(&path, |nodes| {
        let node = match single(&path, nodes) {
            Ok(node) => node,
            Err(finding) => return Ok(Some(*finding)),
        };
        let holds = match node.value {
            Value::String(text) => wanted.as_str().is_some_and(|part| text.contains(part)),
            Value::Array(items) => items.iter().any(|item| same(item, &wanted)),
            _ => false,
        };
        Ok((!holds)
            .then(|| finding(Code::Value, &path, node, &format!("something that contains {}", shown(Some(&wanted))))))
    })
}
