//! Tells by an answer of the consumer which path it came from.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::check::matcher::{Matcher, shown};
use crate::check::path;
use crate::domain::flag::canary::Canary;
use crate::engine::flip::hands::Answer;

/// Where an answer came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Path {
    Live,
    Mock,
    /// Neither, or both at once: with what does not fit.
    Neither(String),
    /// No answer, with the reason.
    Silent(String),
}

/// Looks at an answer.
pub fn path_of(canary: &Canary, answer: &Result<Answer, String>, now: Timestamp) -> Path {
    let answer = match answer {
        Ok(answer) => answer,
        Err(reason) => return Path::Silent(reason.clone()),
    };
    if !(200..300).contains(&answer.status) {
        return Path::Neither(format!("the status is {}", answer.status));
    }
    match (unlike(&canary.live, &answer.body, now), unlike(&canary.mock, &answer.body, now)) {
        (None, Some(_)) => Path::Live,
        (Some(_), None) => Path::Mock,
        (None, None) => Path::Neither("it is like the live and the mock one at once".to_owned()),
        (Some(live), Some(_)) => Path::Neither(live),
    }
}

/// The first promise that the body does not keep.
fn unlike(promises: &BTreeMap<String, Value>, body: &Value, now: Timestamp) -> Option<String> {
    if promises.is_empty() {
        return Some("nothing is declared of it".to_owned());
    }
    promises.iter().find_map(|(pointer, expected)| {
        let nodes = match path::select(pointer, body) {
            Ok(nodes) => nodes,
            Err(problem) => return Some(problem),
        };
        let values: Vec<Option<&Value>> =
            if nodes.is_empty() { vec![None] } else { nodes.iter().map(|node| Some(node.value)).collect() };
        values.into_iter().find_map(|value| {
            let fits = match expected.as_str().filter(|text| text.starts_with('#')) {
                Some(matcher) => Matcher::parse(matcher).and_then(|matcher| matcher.judge(value, now)).is_ok(),
                None => value == Some(expected),
            };
            (!fits).then(|| format!("{pointer} is {}", shown(value)))
        })
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::{Path, path_of};
    use crate::domain::flag::canary::Canary;
    use crate::engine::flip::hands::Answer;

    #[test]
    fn an_answer_tells_its_path() {
        let canary: Canary = serde_json::from_value(json!({
            "request": "GET /ideas",
            "live": {"$.source": "supabase", "$.ideas[*].id": "#uuid"},
            "mock": {"$.source": "fixture"},
        }))
        .expect("a canary");
        let id = "0b2f9e1c-7d3a-4e55-9c1a-2f6b8d4e7a10";
        for (status, body, path) in [
            (200, json!({"source": "supabase", "ideas": [{"id": id}]}), Path::Live),
            (200, json!({"source": "fixture", "ideas": [{"id": "1"}]}), Path::Mock),
            (
                200,
                json!({"source": "supabase", "ideas": [{"id": "fixture-1"}]}),
                neither("$.ideas[*].id is \"fixture-1\""),
            ),
            (200, json!({"source": "supabase", "ideas": []}), neither("$.ideas[*].id is nothing")),
            (200, json!("<html>"), neither("$.ideas[*].id is nothing")),
            (503, json!({"source": "supabase"}), neither("the status is 503")),
        ] {
            let answer = Ok(Answer { status, body: body.clone(), flaw: None });
            assert_eq!(path_of(&canary, &answer, Timestamp::UNIX_EPOCH), path, "{body}");
        }
        let refused = Err("connection refused".to_owned());
        assert_eq!(path_of(&canary, &refused, Timestamp::UNIX_EPOCH), Path::Silent("connection refused".to_owned()));
    }

    fn neither(why: &str) -> Path {
        Path::Neither(why.to_owned())
    }

    #[test]
    fn a_canary_that_cannot_tell_them_apart_is_neither() {
        let canary: Canary =
            serde_json::from_value(json!({"request": "GET /", "live": {"$.ok": true}, "mock": {"$.ok": "#boolean"}}))
                .expect("a canary");
        let answer = Ok(Answer { status: 200, body: json!({"ok": true}), flaw: None });
        let path = path_of(&canary, &answer, Timestamp::UNIX_EPOCH);
        assert_eq!(path, neither("it is like the live and the mock one at once"));
    }
}
