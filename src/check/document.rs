//! A whole expected JSON document against the one that came.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::check::branches::Branches;
use crate::check::matcher::{Matcher, shown};
use crate::domain::finding::{Code, Finding};

/// How much the expectation must say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Strictness {
    /// Members that the expectation does not name are a difference.
    Exact,
    /// Members that the expectation does not name are allowed.
    Subset,
}

/// A comparison of one document.
pub struct Comparison<'a> {
    pub strictness: Strictness,
    /// The time of the answer, for `#future` and `#past`.
    pub now: Timestamp,
    /// Names the promise in the list of branches (`features/x.feature:12`).
    pub label: &'a str,
    pub branches: &'a mut Branches,
    /// Only whether there is a difference is asked for.
    pub brief: bool,
}

/// One difference.
struct Mismatch {
    pointer: String,
    expected: String,
    actual: String,
}

impl Comparison<'_> {
    /// Compares; None when everything is as expected.
    ///
    /// # Errors
    /// What is wrong with the expectation itself.
    pub fn compare(mut self, expected: &Value, actual: &Value) -> Result<Option<Finding>, String> {
        if promises_nothing(expected, self.strictness) {
            return Err(format!(
                "`{}` takes any document, so it promises nothing: name a member",
                shown(Some(expected))
            ));
        }
        let mut mismatches = Vec::new();
        self.value(expected, Some(actual), &mut String::new(), &mut mismatches)?;
        let Some(first) = mismatches.first() else { return Ok(None) };
        if self.brief {
            return Ok(Some(Finding::new(Code::Body, String::new())));
        }
        let all: Vec<_> = mismatches
            .iter()
            .map(|m| format!("{}: expected {}, came {}", at(&m.pointer), m.expected, m.actual))
            .collect();
        let message = match all.len() {
            1 => all[0].clone(),
            count => format!("{count} differences: {}", all[..count.min(5)].join("; ")),
        };
        let finding = Finding::new(Code::Body, message)
            .expected(first.expected.clone())
            .actual(first.actual.clone())
            .pointer(first.pointer.clone())
            .diff(difference(&self.wanted(expected, actual), actual));
        Ok(Some(finding))
    }

    fn value(
        &mut self,
        expected: &Value,
        actual: Option<&Value>,
        pointer: &mut String,
        out: &mut Vec<Mismatch>,
    ) -> Result<(), String> {
        match (expected, actual) {
            (Value::String(text), _) if text.starts_with('#') => {
                let matcher = Matcher::parse(text)?;
                match matcher.judge(actual, self.now) {
                    Ok(()) => self.note(&matcher, text, actual, pointer),
                    Err(words) => {
                        out.push(Mismatch { pointer: pointer.clone(), expected: words, actual: shown(actual) });
                    }
                }
            }
            (Value::Object(wanted), Some(Value::Object(given))) => self.object(wanted, given, pointer, out)?,
            (Value::Array(wanted), Some(Value::Array(given))) => {
                if wanted.len() != given.len() {
                    let (expected, actual) = (format!("{} items", wanted.len()), format!("{} items", given.len()));
                    out.push(Mismatch { pointer: pointer.clone(), expected, actual });
                }
                for (index, (want, have)) in wanted.iter().zip(given).enumerate() {
                    self.below(&index.to_string(), want, Some(have), pointer, out)?;
                }
            }
            (wanted, Some(given)) if same(wanted, given) => {}
            (wanted, given) => {
                out.push(Mismatch { pointer: pointer.clone(), expected: shown(Some(wanted)), actual: shown(given) });
            }
        }
        Ok(())
    }

    fn object(
        &mut self,
        wanted: &Map<String, Value>,
        given: &Map<String, Value>,
        pointer: &mut String,
        out: &mut Vec<Mismatch>,
    ) -> Result<(), String> {
        for (key, want) in wanted {
            self.below(key, want, given.get(key), pointer, out)?;
        }
        if self.strictness == Strictness::Exact {
            for (key, have) in given.iter().filter(|(key, _)| !wanted.contains_key(*key)) {
                let pointer = format!("{pointer}/{}", escape(key));
                out.push(Mismatch { pointer, expected: "absent".to_owned(), actual: shown(Some(have)) });
            }
        }
        Ok(())
    }

    fn below(
        &mut self,
        key: &str,
        want: &Value,
        have: Option<&Value>,
        pointer: &mut String,
        out: &mut Vec<Mismatch>,
    ) -> Result<(), String> {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&escape(key));
        self.value(want, have, pointer, out)?;
        pointer.truncate(length);
        Ok(())
    }

    fn note(&mut self, matcher: &Matcher, text: &str, actual: Option<&Value>, pointer: &str) {
        let branches = matcher.branches();
        if !branches.is_empty() {
            let label = format!("{} {} ({text})", self.label, at(pointer));
            self.branches.note(&label, branches, &matcher.branch_of(actual));
        }
    }
}

impl Comparison<'_> {
    /// The expectation as it would look if it had been met: where a matcher holds, and where a subset leaves members
    /// open, what came stands in its place. So a diff shows nothing but what differs.
    fn wanted(&self, expected: &Value, actual: &Value) -> Value {
        match (expected, actual) {
            (Value::String(text), _) if text.starts_with('#') => {
                let holds = Matcher::parse(text).is_ok_and(|matcher| matcher.judge(Some(actual), self.now).is_ok());
                if holds { actual.clone() } else { expected.clone() }
            }
            (Value::Object(wanted), Value::Object(given)) => {
                let absent_is_right = |value: &Value| {
                    let matcher = value.as_str().filter(|text| text.starts_with('#')).map(Matcher::parse);
                    matcher.is_some_and(|matcher| matcher.is_ok_and(|matcher| matcher.allows_absence()))
                };
                let named = wanted.iter().filter(|(key, value)| given.contains_key(*key) || !absent_is_right(value));
                let mut members: Map<String, Value> = named
                    .map(|(key, value)| {
                        let value = given.get(key).map_or_else(|| value.clone(), |have| self.wanted(value, have));
                        (key.clone(), value)
                    })
                    .collect();
                if self.strictness == Strictness::Subset {
                    let open = given.iter().filter(|(key, _)| !wanted.contains_key(*key));
                    members.extend(open.map(|(key, value)| (key.clone(), value.clone())));
                }
                Value::Object(members)
            }
            (Value::Array(wanted), Value::Array(given)) => wanted
                .iter()
                .enumerate()
                .map(|(index, value)| given.get(index).map_or_else(|| value.clone(), |have| self.wanted(value, have)))
                .collect(),
            (expected, _) => expected.clone(),
        }
    }
}

/// Tells whether no document could break the expectation. Members that a subset leaves open may be absent, too.
pub fn promises_nothing(expected: &Value, strictness: Strictness) -> bool {
    match expected {
        Value::String(text) => {
            text.starts_with('#') && Matcher::parse(text).is_ok_and(|matcher| matcher.takes_anything())
        }
        Value::Object(members) if strictness == Strictness::Subset => {
            members.values().all(|member| member.is_string() && promises_nothing(member, strictness))
        }
        _ => false,
    }
}

/// Equal as JSON: `1` and `1.0` are one number (RFC 8259 §6 knows no integer type).
pub fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => one == other,
    }
}

fn at(pointer: &str) -> &str {
    if pointer.is_empty() { "the document" } else { pointer }
}

/// A member name in a JSON Pointer (RFC 6901 §3).
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A unified diff of both documents with sorted keys, cut at 60 lines.
fn difference(expected: &Value, actual: &Value) -> String {
    let (expected, actual) = (pretty(expected), pretty(actual));
    let diff = similar::TextDiff::from_lines(&expected, &actual);
    let text = diff.unified_diff().context_radius(2).header("expected", "actual").to_string();
    let lines: Vec<_> = text.lines().collect();
    if lines.len() <= 60 { text } else { format!("{}\n… {} more lines", lines[..60].join("\n"), lines.len() - 60) }
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(&sorted(value)).unwrap_or_default();
    text.push('\n');
    text
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut keys: Vec<_> = members.iter().collect();
            keys.sort_by_key(|(key, _)| *key);
            Value::Object(keys.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::{Comparison, Strictness};
    use crate::check::branches::Branches;

    fn compare(strictness: Strictness, expected: &Value, actual: &Value) -> Option<String> {
        let mut branches = Branches::default();
        let comparison =
            Comparison { strictness, now: Timestamp::UNIX_EPOCH, label: "f:1", branches: &mut branches, brief: false };
        comparison.compare(expected, actual).unwrap().map(|finding| finding.message)
    }

    #[test]
    fn a_document_with_matchers_holds() {
        let expected = json!({"id": "#integer", "name": "A", "tags": "#[1..] #string", "note": "##string"});
        let actual = json!({"id": 1, "name": "A", "tags": ["x"]});
        assert_eq!(compare(Strictness::Exact, &expected, &actual), None);
        assert_eq!(compare(Strictness::Exact, &json!({"n": 1}), &json!({"n": 1.0})), None);
    }

    #[test]
    fn an_expectation_that_no_document_could_break_is_refused() {
        let compare = |strictness, expected: &Value| {
            let mut branches = Branches::default();
            let now = Timestamp::UNIX_EPOCH;
            Comparison { strictness, now, label: "f:1", branches: &mut branches, brief: false }
                .compare(expected, &json!({}))
        };
        for expected in [json!({}), json!({"a": "#ignore"}), json!("#ignore")] {
            assert!(compare(Strictness::Subset, &expected).unwrap_err().contains("promises nothing"), "{expected}");
        }
        for expected in [json!({}), json!([]), json!({"a": "##string"})] {
            assert!(compare(Strictness::Exact, &expected).is_ok(), "{expected}");
        }
        assert!(compare(Strictness::Subset, &json!({"a": {}})).unwrap().is_some());
    }

    #[test]
    fn every_kind_of_difference_is_found() {
        let table = [
            (json!({"a": 1}), json!({"a": 2}), "/a: expected 1, came 2"),
            (json!({"a": 1}), json!({}), "/a: expected 1, came nothing"),
            (json!({"a": 1}), json!({"a": 1, "b": 2}), "/b: expected absent, came 2"),
            (json!([1, 2]), json!([1]), "the document: expected 2 items, came 1 items"),
            (json!({"a/b": "#uuid"}), json!({"a/b": "x"}), "/a~1b: expected a UUID, came \"x\""),
            (json!({"a": null}), json!({"a": false}), "/a: expected null, came false"),
            (json!({"a": "1"}), json!({"a": 1}), "/a: expected \"1\", came 1"),
        ];
        for (expected, actual, message) in table {
            assert_eq!(compare(Strictness::Exact, &expected, &actual).as_deref(), Some(message));
        }
    }

    #[test]
    fn a_diff_shows_nothing_but_what_differs() {
        let expected = json!({"id": "#integer", "at": "#datetime", "note": "##string", "more": 1});
        let actual = json!({"id": 7, "at": "yesterday", "more": 1, "extra": true});
        let mut branches = Branches::default();
        let comparison = Comparison {
            strictness: Strictness::Subset,
            now: Timestamp::UNIX_EPOCH,
            label: "f:1",
            branches: &mut branches,
            brief: false,
        };
        let diff = comparison.compare(&expected, &actual).unwrap().unwrap().diff.unwrap();
        let changed: Vec<_> = diff.lines().filter(|line| line.starts_with("-  ") || line.starts_with("+  ")).collect();
        assert_eq!(changed, [r##"-  "at": "#datetime","##, r#"+  "at": "yesterday","#]);
    }

    #[test]
    fn a_subset_allows_more_members_but_no_other_value() {
        let actual = json!({"a": {"b": 1, "c": 2}, "d": 3});
        assert_eq!(compare(Strictness::Subset, &json!({"a": {"b": 1}}), &actual), None);
        assert!(compare(Strictness::Subset, &json!({"a": {"b": 2}}), &actual).is_some());
        assert!(compare(Strictness::Subset, &json!({"e": 1}), &actual).is_some());
        assert_eq!(compare(Strictness::Subset, &json!({"e": "#absent"}), &actual), None);
    }
}
