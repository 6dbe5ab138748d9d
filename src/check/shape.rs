//! The branches of a JSON Schema that an answer can show, and which of them a valid document does show.

mod kind;
mod prune;
pub mod reader;

use std::collections::BTreeMap;
use std::sync::Arc;

use jsonschema::Validator;
use regex::Regex;
use serde_json::Value;

use crate::check::shape::kind::Kind;
use crate::domain::witness::SchemaWitness;

/// A compiled schema's branches: optional members, types that may differ, alternatives, lists that may be empty.
///
/// A node is what holds for a value in one place: all schemas that `$ref` and `allOf` apply there together.
#[derive(Debug, Default)]
pub struct Shape {
    nodes: Vec<Node>,
    branches: Vec<Branch>,
    /// The schema within which there was too much to follow.
    cut: Option<String>,
}

/// One branch: in which schema, where, and what it is (`null`, `present`, the name of an alternative).
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Branch {
    /// The document that declares it (`chatwoot/conversation`), not the one that refers to it.
    schema: String,
    word: String,
    /// A JSON Pointer into what the schema describes; `*` stands for each item.
    pointer: String,
    /// The node that has it: where no value was ever looked at, an outer branch says so already.
    owner: usize,
}

#[derive(Debug, Default)]
struct Node {
    kinds: Vec<(Kind, usize)>,
    members: Vec<Member>,
    /// Every name that is declared: the others are entries.
    declared: Vec<String>,
    /// Entries by the expression that their names match; the last may have none.
    entries: Vec<(Option<Regex>, Inner)>,
    prefix: Vec<Option<usize>>,
    items: Option<Inner>,
    choices: Vec<Vec<Alternative>>,
}

#[derive(Debug)]
struct Member {
    name: String,
    /// The branches present and absent, where it is optional.
    optional: Option<(usize, usize)>,
    node: Option<usize>,
}

/// What holds for the items or entries of a value, and the branch that there is one.
#[derive(Debug)]
struct Inner {
    node: usize,
    some: usize,
}

#[derive(Debug)]
struct Alternative {
    /// None where it is the only one.
    branch: Option<usize>,
    node: Option<usize>,
    kinds: Vec<Kind>,
    /// Asked only where more than one alternative takes such a value.
    validator: Option<Arc<Validator>>,
}

/// What the documents of a run have shown of a shape.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    branches: Vec<bool>,
    reached: Vec<bool>,
}

impl Shape {
    /// A schema without branches need not be walked.
    pub fn is_plain(&self) -> bool {
        self.branches.is_empty()
    }

    /// Notes what a document shows; it must be valid against the schema.
    pub fn note(&self, document: &Value, seen: &mut Seen) {
        if self.is_plain() {
            return;
        }
        seen.branches.resize(self.branches.len(), false);
        seen.reached.resize(self.nodes.len(), false);
        self.visit(0, document, seen);
    }

    fn visit(&self, at: usize, value: &Value, seen: &mut Seen) {
        let Some(node) = self.nodes.get(at) else { return };
        seen.reached[at] = true;
        for (_, branch) in node.kinds.iter().filter(|(kind, _)| kind.takes(value)) {
            seen.branches[*branch] = true;
        }
        match value {
            Value::Object(members) => {
                for member in &node.members {
                    let given = members.get(&member.name);
                    if let Some((present, absent)) = member.optional {
                        seen.branches[if given.is_some() { present } else { absent }] = true;
                    }
                    if let (Some(node), Some(value)) = (member.node, given) {
                        self.visit(node, value, seen);
                    }
                }
                if !node.entries.is_empty() {
                    let others = members.iter().filter(|(name, _)| !node.declared.contains(name));
                    for (name, value) in others {
                        self.entry(node, name, value, seen);
                    }
                }
            }
            Value::Array(items) => {
                for (node, value) in node.prefix.iter().zip(items) {
                    if let Some(node) = node {
                        self.visit(*node, value, seen);
                    }
                }
                for value in items.iter().skip(node.prefix.len()) {
                    if let Some(inner) = &node.items {
                        self.inner(inner, value, seen);
                    }
                }
            }
            _ => {}
        }
        for alternatives in &node.choices {
            self.choose(alternatives, value, seen);
        }
    }

    fn entry(&self, node: &Node, name: &str, value: &Value, seen: &mut Seen) {
        let named = |entry: &&(Option<Regex>, Inner)| entry.0.as_ref().is_some_and(|names| names.is_match(name));
        let mut matched = node.entries.iter().filter(named).peekable();
        if matched.peek().is_some() {
            matched.for_each(|(_, inner)| self.inner(inner, value, seen));
        } else {
            let others = node.entries.iter().filter(|(names, _)| names.is_none());
            others.for_each(|(_, inner)| self.inner(inner, value, seen));
        }
    }

    fn inner(&self, inner: &Inner, value: &Value, seen: &mut Seen) {
        seen.branches[inner.some] = true;
        self.visit(inner.node, value, seen);
    }

    /// The document is valid, so where one alternative alone takes such a value, that one holds.
    fn choose(&self, alternatives: &[Alternative], value: &Value, seen: &mut Seen) {
        let fits = |alternative: &&Alternative| alternative.kinds.iter().any(|kind| kind.takes(value));
        let alone = alternatives.iter().filter(fits).count() == 1;
        for alternative in alternatives.iter().filter(fits) {
            if alone || alternative.validator.as_ref().is_some_and(|validator| validator.is_valid(value)) {
                if let Some(branch) = alternative.branch {
                    seen.branches[branch] = true;
                }
                if let Some(node) = alternative.node {
                    self.visit(node, value, seen);
                }
            }
        }
    }
}

impl Seen {
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [(&mut self.branches, &other.branches), (&mut self.reached, &other.reached)] {
            mine.resize(mine.len().max(theirs.len()), false);
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine |= theirs);
        }
    }
}

/// The branches of schemas that documents reached, and whether they showed them. One schema is met through several that
/// refer to it.
pub fn witness<'a>(shapes: impl IntoIterator<Item = (&'a Shape, &'a Seen)>) -> BTreeMap<String, SchemaWitness> {
    let mut schemas: BTreeMap<String, SchemaWitness> = BTreeMap::new();
    for (shape, seen) in shapes {
        let is = |flags: &[bool], at: usize| flags.get(at).copied().unwrap_or_default();
        for (at, branch) in shape.branches.iter().enumerate().filter(|(_, branch)| is(&seen.reached, branch.owner)) {
            let known = schemas.entry(branch.schema.clone()).or_default();
            let pointers = known.branches.entry(branch.word.clone()).or_default();
            *pointers.entry(branch.pointer.clone()).or_default() |= is(&seen.branches, at);
        }
        if let Some(schema) = &shape.cut {
            schemas.entry(schema.clone()).or_default().too_large = true;
        }
    }
    schemas
}

#[cfg(test)]
mod tests;
