//! Reads the shape of a JSON Schema out of its document and of those that it refers to.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jsonschema::Validator;
use regex::Regex;
use serde_json::Value;

use crate::check::document::escape;
use crate::check::shape::kind::{ANY, Kind};
use crate::check::shape::{Alternative, Branch, Inner, Member, Node, Shape};

/// Where schemas are found and compiled.
pub trait Library {
    /// The schema that `reference` means in the document `from`: its document, and the JSON Pointer within it.
    fn find(&self, from: &str, reference: &str) -> Option<(&str, String, &Value)>;

    /// Compiles the part of a document that a JSON Pointer names.
    fn compile(&self, document: &str, pointer: &str) -> Option<Arc<Validator>>;
}

/// Places of one schema that are followed. A schema of a vendor has some hundreds; without a limit a few lines that
/// combine alternatives could ask for millions.
const MOST_NODES: usize = 10_000;

/// How deep they are followed: no document that is read is nested deeper (`domain/json.rs`).
const MOST_DEPTH: usize = 128;

/// A schema that applies in a place.
#[derive(Clone)]
struct Part<'a> {
    document: &'a str,
    /// Where it stands in its document.
    pointer: String,
    /// Where the value stands that it describes, within what its document describes.
    label: String,
    schema: &'a Value,
}

/// Schemas that apply to one value together.
type Parts<'a> = Vec<Part<'a>>;

/// Which schemas a node is made of: its own, and those beside which it is an alternative.
type Key = (Vec<(String, String)>, Vec<(String, String)>);

pub struct Reader<'a, L> {
    library: &'a L,
    shape: Shape,
    known: HashMap<Key, usize>,
    depth: usize,
}

impl<'a, L: Library> Reader<'a, L> {
    /// The shape of the document that is called so.
    pub fn read(library: &'a L, document: &'a str, schema: &'a Value) -> Shape {
        let mut reader = Self { library, shape: Shape::default(), known: HashMap::new(), depth: 0 };
        let root = Part { document, pointer: String::new(), label: String::new(), schema };
        let own = reader.together([root]);
        reader.node(&own, &[]);
        reader.shape.pruned()
    }

    /// The schemas themselves and all that `$ref` and `allOf` apply with them, each once.
    fn together(&self, parts: impl IntoIterator<Item = Part<'a>>) -> Parts<'a> {
        let (mut known, mut all) = (HashSet::new(), Vec::new());
        let mut open: Vec<Part> = parts.into_iter().collect();
        open.reverse();
        while let Some(part) = open.pop() {
            if !part.schema.is_object() || !known.insert((part.document, part.pointer.clone())) {
                continue;
            }
            if let Some(Value::Array(schemas)) = part.schema.get("allOf") {
                open.extend(
                    schemas.iter().enumerate().rev().map(|(at, it)| part.below(&format!("allOf/{at}"), "", it)),
                );
            }
            open.extend(self.referred(&part));
            all.push(part);
        }
        all
    }

    fn referred(&self, part: &Part<'a>) -> Option<Part<'a>> {
        let reference = part.schema.get("$ref")?.as_str()?;
        let (document, pointer, schema) = self.library.find(part.document, reference)?;
        let label = pointer.replacen("/$defs/", "$defs/", 1);
        Some(Part { document, pointer, label, schema })
    }

    /// The node of the schemas `own`, which hold for a value beside those of `beside`.
    fn node(&mut self, own: &[Part<'a>], beside: &[Part<'a>]) -> Option<usize> {
        let key = (names(own), names(beside));
        if let Some(at) = self.known.get(&key) {
            return Some(*at);
        }
        let at = self.shape.nodes.len();
        if own.is_empty() {
            return None;
        }
        if at == MOST_NODES || self.depth == MOST_DEPTH {
            self.shape.cut = own.first().map(|part| part.document.to_owned());
            return None;
        }
        self.shape.nodes.push(Node::default());
        self.known.insert(key, at);
        self.depth += 1;
        let all: Parts = own.iter().chain(beside).cloned().collect();
        let node = Node {
            kinds: self.kinds(at, own, &all),
            members: self.members(at, own, beside),
            declared: declared(&all).into_iter().map(str::to_owned).collect(),
            entries: self.entries(at, own),
            prefix: self.prefix(own, beside),
            items: self.items(at, own, beside),
            choices: self.choices(at, own, &all),
        };
        self.depth -= 1;
        self.shape.nodes[at] = node;
        Some(at)
    }

    fn branch(&mut self, owner: usize, of: &Part, word: &str, below: &str) -> usize {
        let pointer = format!("{}{below}", of.label);
        let branch = Branch { schema: of.document.to_owned(), word: word.to_owned(), pointer, owner };
        self.shape.branches.push(branch);
        self.shape.branches.len() - 1
    }

    /// The types that a value may have, when there are several and `own` names them.
    fn kinds(&mut self, at: usize, own: &[Part<'a>], all: &[Part<'a>]) -> Vec<(Kind, usize)> {
        let Some(part) = own.iter().rfind(|part| Kind::of(part.schema).is_some_and(|kinds| kinds.len() > 1)) else {
            return Vec::new();
        };
        let kinds = left(all);
        if kinds.len() < 2 {
            return Vec::new();
        }
        kinds.into_iter().map(|kind| (kind, self.branch(at, part, kind.as_str(), ""))).collect()
    }

    fn members(&mut self, at: usize, own: &[Part<'a>], beside: &[Part<'a>]) -> Vec<Member> {
        let (mut members, elsewhere) = (Vec::new(), declared(beside));
        for name in declared(own) {
            let (mine, theirs) = (below(own, name), below(beside, name));
            if mine.iter().chain(&theirs).any(|part| *part.schema == Value::Bool(false)) {
                continue;
            }
            let required = own.iter().chain(beside).any(|part| requires(part.schema, name));
            let declarer = own.iter().rfind(|part| property(part.schema, name).is_some());
            let optional = declarer.filter(|_| !required && !elsewhere.contains(&name)).map(|part| {
                let below = format!("/{}", escape(name));
                (self.branch(at, part, "present", &below), self.branch(at, part, "absent", &below))
            });
            let (mine, theirs) = (self.together(mine), self.together(theirs));
            let node = self.node(&mine, &theirs);
            members.push(Member { name: name.to_owned(), optional, node });
        }
        members
    }

    fn entries(&mut self, at: usize, own: &[Part<'a>]) -> Vec<(Option<Regex>, Inner)> {
        let mut entries = Vec::new();
        for part in own {
            let patterns = part.schema.get("patternProperties").and_then(Value::as_object);
            for (pattern, schema) in patterns.into_iter().flatten() {
                let Ok(names) = Regex::new(pattern) else { continue };
                let inner = part.below(&format!("patternProperties/{}", escape(pattern)), "/*", schema);
                entries.extend(self.inner(at, part, inner, "with an entry").map(|inner| (Some(names), inner)));
            }
        }
        for part in own {
            if let Some(schema) = part.schema.get("additionalProperties") {
                let inner = part.below("additionalProperties", "/*", schema);
                entries.extend(self.inner(at, part, inner, "with an entry").map(|inner| (None, inner)));
            }
        }
        entries
    }

    fn inner(&mut self, at: usize, of: &Part<'a>, part: Part<'a>, word: &str) -> Option<Inner> {
        let parts = self.together([part]);
        let node = self.node(&parts, &[])?;
        Some(Inner { node, some: self.branch(at, of, word, "") })
    }

    fn prefix(&mut self, own: &[Part<'a>], beside: &[Part<'a>]) -> Vec<Option<usize>> {
        let places = |part: &Part<'a>| part.schema.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len);
        let longest = own.iter().map(places).max().unwrap_or_default();
        let at = |parts: &[Part<'a>], index: usize| -> Parts<'a> {
            let schema = |part: &Part<'a>| {
                let schema = part.schema.get("prefixItems")?.get(index)?;
                Some(part.below(&format!("prefixItems/{index}"), &format!("/{index}"), schema))
            };
            self.together(parts.iter().filter_map(schema))
        };
        let nodes: Vec<_> = (0..longest).map(|index| (at(own, index), at(beside, index))).collect();
        nodes.into_iter().map(|(own, beside)| self.node(&own, &beside)).collect()
    }

    fn items(&mut self, at: usize, own: &[Part<'a>], beside: &[Part<'a>]) -> Option<Inner> {
        let each = |parts: &[Part<'a>]| -> Parts<'a> {
            let schema = |part: &Part<'a>| Some(part.below("items", "/*", part.schema.get("items")?));
            self.together(parts.iter().filter_map(schema))
        };
        let (mine, theirs) = (each(own), each(beside));
        let declarer = own.iter().rfind(|part| part.schema.get("items").is_some())?;
        let node = self.node(&mine, &theirs)?;
        Some(Inner { node, some: self.branch(at, declarer, "with an item", "") })
    }

    fn choices(&mut self, at: usize, own: &[Part<'a>], all: &[Part<'a>]) -> Vec<Vec<Alternative>> {
        let mut choices = Vec::new();
        for part in own {
            for keyword in ["anyOf", "oneOf"] {
                if let Some(Value::Array(schemas)) = part.schema.get(keyword) {
                    choices.push(self.alternatives(at, part, keyword, schemas, all));
                }
            }
        }
        choices
    }

    fn alternatives(
        &mut self,
        at: usize,
        of: &Part<'a>,
        keyword: &str,
        schemas: &'a [Value],
        all: &[Part<'a>],
    ) -> Vec<Alternative> {
        let words = words(schemas);
        let possible = left(all);
        let mut alternatives: Vec<(Alternative, String)> = Vec::new();
        for (index, schema) in schemas.iter().enumerate() {
            let pointer = format!("{keyword}/{index}");
            let label = format!(" as {}", words[index]);
            let parts = self.together([of.below(&pointer, &label, schema)]);
            let kinds = Kind::both(&possible, &left(&parts));
            if *schema == Value::Bool(false) || kinds.is_empty() {
                continue;
            }
            // An alternative that is the schema itself again would never end.
            let again = parts.iter().any(|part| all.iter().any(|known| known.is(part)));
            let node = if again { None } else { self.node(&parts, all) };
            let branch = Some(self.branch(at, of, &words[index], ""));
            alternatives.push((Alternative { branch, node, kinds, validator: None }, pointer));
        }
        if let [(only, _)] = alternatives.as_mut_slice() {
            only.branch = None;
        }
        let rivals = |one: usize| {
            let others = alternatives.iter().enumerate().filter(|(other, _)| *other != one);
            others.into_iter().any(|(_, (other, _))| !Kind::both(&alternatives[one].0.kinds, &other.kinds).is_empty())
        };
        let disputed: Vec<bool> = (0..alternatives.len()).map(rivals).collect();
        let compiled = alternatives.into_iter().zip(disputed).map(|((alternative, pointer), disputed)| {
            let pointer = format!("{}/{pointer}", of.pointer);
            let validator = disputed.then(|| self.library.compile(of.document, &pointer)).flatten();
            Alternative { validator, ..alternative }
        });
        compiled.collect()
    }
}

impl<'a> Part<'a> {
    fn below(&self, pointer: &str, label: &str, schema: &'a Value) -> Self {
        Self {
            document: self.document,
            pointer: format!("{}/{pointer}", self.pointer),
            label: format!("{}{label}", self.label),
            schema,
        }
    }

    fn is(&self, other: &Self) -> bool {
        self.document == other.document && self.pointer == other.pointer
    }
}

fn names(parts: &[Part]) -> Vec<(String, String)> {
    let mut names: Vec<_> = parts.iter().map(|part| (part.document.to_owned(), part.pointer.clone())).collect();
    names.sort();
    names
}

/// The types that all of them leave.
fn left(parts: &[Part]) -> Vec<Kind> {
    let kinds = parts.iter().filter_map(|part| Kind::of(part.schema));
    kinds.fold(ANY.to_vec(), |all, kinds| Kind::both(&all, &kinds))
}

fn property<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema.get("properties")?.get(name)
}

fn requires(schema: &Value, name: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|required| required.as_str() == Some(name)))
}

/// The members that they declare, each once, in their order.
fn declared<'a>(parts: &[Part<'a>]) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for part in parts {
        let members = part.schema.get("properties").and_then(Value::as_object);
        for name in members.into_iter().flat_map(|members| members.keys()) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    names
}

fn below<'a>(parts: &[Part<'a>], name: &str) -> Parts<'a> {
    let escaped = escape(name);
    let member = |part: &Part<'a>| {
        let schema = property(part.schema, name)?;
        Some(part.below(&format!("properties/{escaped}"), &format!("/{escaped}"), schema))
    };
    parts.iter().filter_map(member).collect()
}

/// What alternatives are called: by what they refer to, their title, value or type; by number where that is not enough.
fn words(schemas: &[Value]) -> Vec<String> {
    let names: Vec<_> = schemas.iter().map(name).collect();
    let unique = |name: &&String| names.iter().filter(|other| other.as_ref() == Some(*name)).count() == 1;
    let numbered = |index: usize, name: &Option<String>| match name.as_ref() {
        Some(name) if unique(&name) => name.clone(),
        Some(name) => format!("{name} (alternative {})", index + 1),
        None => format!("alternative {}", index + 1),
    };
    names.iter().enumerate().map(|(index, name)| numbered(index, name)).collect()
}

fn name(schema: &Value) -> Option<String> {
    let text = |key: &str| schema.get(key).and_then(Value::as_str);
    if let Some(reference) = text("$ref") {
        let last = reference.rsplit(['/', '#']).find(|part| !part.is_empty())?;
        return Some(last.trim_end_matches(".json").to_owned());
    }
    if let Some(title) = text("title") {
        return Some(title.to_owned());
    }
    if let Some(value) = schema.get("const") {
        return Some(value.to_string());
    }
    let required = schema.get("required").and_then(Value::as_array);
    match (Kind::of(schema).as_deref(), required.map(Vec::as_slice)) {
        (Some([kind]), None) => Some(kind.as_str().to_owned()),
        (_, Some([one])) => Some(format!("with {}", one.as_str()?)),
        (_, Some([one, two])) => Some(format!("with {} and {}", one.as_str()?, two.as_str()?)),
        _ => None,
    }
}
