//! Which branches of optional, nullable and one-of promises the answers of a run have shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::check::shape::{self, Seen, Shape};
use crate::domain::witness::Witness;

/// For each promise with branches: how often each branch was seen.
#[derive(Clone, Debug, Default)]
pub struct Branches {
    seen: BTreeMap<String, BTreeMap<String, u32>>,
    /// By the name of the schema that was promised.
    shapes: BTreeMap<String, (Arc<Shape>, Seen)>,
}

impl Branches {
    /// Notes that of the `branches` of the promise `label` this one was seen.
    pub fn note<'a>(&mut self, label: &str, branches: impl IntoIterator<Item = &'a str>, seen: &str) {
        let known = self.seen.entry(label.to_owned()).or_default();
        for branch in branches {
            known.entry(branch.to_owned()).or_default();
        }
        *known.entry(seen.to_owned()).or_default() += 1;
    }

    /// Notes what a document shows that is valid against the schema `name`.
    pub fn note_document(&mut self, name: &str, shape: &Arc<Shape>, document: &Value) {
        if shape.is_plain() {
            return;
        }
        if !self.shapes.contains_key(name) {
            self.shapes.insert(name.to_owned(), (Arc::clone(shape), Seen::default()));
        }
        if let Some((shape, seen)) = self.shapes.get_mut(name) {
            shape.note(document, seen);
        }
    }

    pub fn merge(&mut self, other: Self) {
        for (name, (shape, seen)) in other.shapes {
            self.shapes.entry(name).or_insert_with(|| (shape, Seen::default())).1.merge(&seen);
        }
        for (label, branches) in other.seen {
            let known = self.seen.entry(label).or_default();
            for (branch, times) in branches {
                *known.entry(branch).or_default() += times;
            }
        }
    }

    /// The same with labels and branches rewritten: a promise may have been about a secret.
    #[must_use]
    pub fn relabelled(self, rewrite: impl Fn(&str) -> String) -> Self {
        let mut rewritten = Self { shapes: self.shapes, ..Self::default() };
        for (label, branches) in self.seen {
            let known = rewritten.seen.entry(rewrite(&label)).or_default();
            for (branch, times) in branches {
                *known.entry(rewrite(&branch)).or_default() += times;
            }
        }
        rewritten
    }

    /// What was promised with branches, and which of them were seen.
    pub fn witness(&self) -> Witness {
        let seen =
            |branches: &BTreeMap<String, u32>| branches.iter().map(|(b, times)| (b.clone(), *times > 0)).collect();
        Witness {
            promises: self.seen.iter().map(|(label, branches)| (label.clone(), seen(branches))).collect(),
            schemas: shape::witness(self.shapes.values().map(|(shape, seen)| (shape.as_ref(), seen))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Branches;

    #[test]
    fn a_branch_that_no_answer_showed_is_named() {
        let mut branches = Branches::default();
        branches.note("f:1 $.a", ["null", "present"], "present");
        let mut later = Branches::default();
        later.note("f:2 $.b", ["open", "resolved"], "open");
        later.note("f:2 $.b", ["open", "resolved"], "resolved");
        branches.merge(later);
        assert_eq!(branches.witness().unseen(), ["f:1 $.a: never null"]);
    }
}
