//! How the shapes of two answers differ, and which of their values are different every time.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::domain::json::type_name;

/// The types that stand at each path of a document. Elements of an array share a path: `$.data.ideas[*].id`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Shape(BTreeMap<String, Place>);

/// What stands at a path.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Place {
    types: BTreeSet<&'static str>,
    /// How often a value stands there.
    times: usize,
    /// How often that value is an object.
    objects: usize,
}

/// One difference between the shape that was and the one that came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Drift {
    /// It stood in every answer before, and in none now.
    Gone { path: String },
    /// Nothing of the type that it had before.
    Type { path: String, before: String, now: String },
    /// It is new.
    New { path: String },
}

impl Drift {
    /// It stands at or below one of these paths.
    pub fn is_below(&self, paths: &[String]) -> bool {
        let (Self::Gone { path } | Self::Type { path, .. } | Self::New { path }) = self;
        paths
            .iter()
            .any(|above| path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '['])))
    }

    /// A reader of the old shape is hurt by it.
    pub fn breaks(&self) -> bool {
        !matches!(self, Self::New { .. })
    }
}

impl std::fmt::Display for Drift {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::Gone { path } => write!(formatter, "{path} is gone"),
            Self::Type { path, before, now } => write!(formatter, "{path} was {before}, is {now}"),
            Self::New { path } => write!(formatter, "{path} is new"),
        }
    }
}

impl Shape {
    pub fn of(document: &Value) -> Self {
        let mut shape = Self::default();
        shape.walk("$", document);
        shape
    }

    fn walk(&mut self, path: &str, value: &Value) {
        // A whole number is a number that happens to be whole.
        let kind = if value.is_number() { "number" } else { type_name(value) };
        let place = self.0.entry(path.to_owned()).or_default();
        place.types.insert(kind);
        place.times += 1;
        place.objects += usize::from(value.is_object());
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    self.walk(&format!("{path}.{name}"), value);
                }
            }
            Value::Array(elements) => {
                let path = format!("{path}[*]");
                for element in elements {
                    self.walk(&path, element);
                }
            }
            _ => {}
        }
    }

    /// What changed from this shape to another. Null says nothing of a type; below an array that is empty, or a member
    /// that is gone, nothing can be missed; a member that was not in every element may be missing now.
    pub fn drift(&self, now: &Self) -> Vec<Drift> {
        let mut drifts = Vec::new();
        for (path, before) in &self.0 {
            match now.0.get(path) {
                None if self.is_always(path) && now.holds_parent_of(path) => {
                    drifts.push(Drift::Gone { path: path.clone() });
                }
                None => {}
                Some(Place { types, .. }) => {
                    let before = &before.types;
                    let told = |types: &BTreeSet<&str>| types.iter().copied().collect::<Vec<_>>().join(" or ");
                    let said = |types: &BTreeSet<&str>| types.iter().any(|name| *name != "null");
                    if said(before)
                        && said(types)
                        && before.iter().filter(|t| **t != "null").all(|t| !types.contains(t))
                    {
                        let (before, now) = (told(before), told(types));
                        drifts.push(Drift::Type { path: path.clone(), before, now });
                    }
                }
            }
        }
        drifts.extend(
            now.0
                .keys()
                .filter(|path| !self.0.contains_key(*path) && self.holds_parent_of(path))
                .map(|path| Drift::New { path: path.clone() }),
        );
        drifts
    }

    /// Whether every object that could have this member has it.
    fn is_always(&self, path: &str) -> bool {
        let Some((parent, _)) = path.rsplit_once('.') else { return true };
        let times = self.0.get(path).map_or(0, |place| place.times);
        self.0.get(parent).is_none_or(|parent| parent.objects <= times)
    }

    /// Whether a value stands there that could have this child.
    fn holds_parent_of(&self, path: &str) -> bool {
        if path.ends_with("[*]") {
            // An array that is empty or gone shows nothing of its elements.
            return false;
        }
        let parent = path.rsplit_once('.').map_or("$", |(parent, _)| parent);
        self.0.get(parent).is_some_and(|place| place.objects > 0)
    }
}

/// Paths (elements counted) at which two documents differ, where the rest is the same.
pub fn differences(one: &Value, other: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    differ("$", one, other, &mut paths);
    paths
}

fn differ(path: &str, one: &Value, other: &Value, paths: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(left), Value::Object(right)) => {
            let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for name in names {
                let path = format!("{path}.{name}");
                match (left.get(name), right.get(name)) {
                    (Some(one), Some(other)) => differ(&path, one, other, paths),
                    _ => paths.push(path),
                }
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (one, other)) in left.iter().zip(right).enumerate() {
                differ(&format!("{path}[{index}]"), one, other, paths);
            }
        }
        _ if one == other => {}
        _ => paths.push(path.to_owned()),
    }
}

/// What differs between two answers although nothing was changed between them, with elements of an array as one.
pub fn noise(one: &Value, other: &Value) -> BTreeSet<String> {
    differences(one, other).iter().map(|path| general(path)).collect()
}

/// Differences that are no noise.
pub fn beside_noise(one: &Value, other: &Value, noise: &BTreeSet<String>) -> Vec<String> {
    differences(one, other).into_iter().filter(|path| !noise.contains(&general(path))).collect()
}

/// `$.ideas[3].id` -> `$.ideas[*].id`
fn general(path: &str) -> String {
    let mut general = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('[') {
        general.push_str(before);
        match after.split_once(']') {
            Some((index, after)) if index.bytes().all(|byte| byte.is_ascii_digit()) => {
                general.push_str("[*]");
                rest = after;
            }
            _ => {
                general.push('[');
                rest = after;
            }
        }
    }
    general + rest
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Shape, beside_noise, noise};

    fn drift(before: &Value, now: &Value) -> Vec<String> {
        Shape::of(before).drift(&Shape::of(now)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_shape_drifts_where_a_reader_would_notice() {
        let before = json!({"data": {"ideas": [{"id": "a", "due": null}], "count": 1}});
        for (now, told) in [
            (json!({"data": {"ideas": [{"id": "b", "due": "2026"}], "count": 9}}), vec![]),
            (
                json!({"data": {"ideas": [{"id": 7, "due": null}], "count": 1}}),
                vec!["$.data.ideas[*].id was string, is number"],
            ),
            (json!({"data": {"ideas": [{"due": null}], "count": 1}}), vec!["$.data.ideas[*].id is gone"]),
            (json!({"data": {"ideas": [], "count": 0}}), vec![]),
            (json!({"data": {"count": 1}}), vec!["$.data.ideas is gone"]),
            (
                json!({"data": {"ideas": [{"id": "a", "due": null, "x": 1}], "count": 1}}),
                vec!["$.data.ideas[*].x is new"],
            ),
            (json!({"data": {"ideas": [{"id": "a", "due": null}], "count": null}}), vec![]),
            (json!([]), vec!["$ was object, is array"]),
        ] {
            assert_eq!(drift(&before, &now), told, "{now}");
        }
        let some = json!([{"id": 1, "note": "x"}, {"id": 2}]);
        assert_eq!(drift(&some, &json!([{"id": 3}])), Vec::<String>::new(), "what was not everywhere may be missing");
        assert_eq!(drift(&some, &json!([{"note": "x"}])), ["$[*].id is gone"]);
    }

    #[test]
    fn noise_is_what_differs_although_nothing_changed() {
        let one = json!({"at": 1, "ideas": [{"id": "a", "n": 1}, {"id": "b", "n": 2}]});
        let two = json!({"at": 2, "ideas": [{"id": "a", "n": 1}, {"id": "b", "n": 3}]});
        let noise = noise(&one, &two);
        assert_eq!(noise, ["$.at", "$.ideas[*].n"].map(str::to_owned).into());
        let later = json!({"at": 9, "ideas": [{"id": "a", "n": 8}, {"id": "c", "n": 2}]});
        assert_eq!(beside_noise(&one, &later, &noise), ["$.ideas[1].id"]);
        let fewer = json!({"at": 9, "ideas": []});
        assert_eq!(beside_noise(&one, &fewer, &noise), ["$.ideas"]);
    }
}
