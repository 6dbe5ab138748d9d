//! Static validation: whether an operation asks for what the API version has, worded as graphql-ruby words it.

mod inputs;

use std::collections::BTreeSet;

use graphql_parser::Pos;
use graphql_parser::query::{Field as Asked, Selection, SelectionSet};
use serde_json::{Value, json};

use crate::twin::shopify::graphql::document::{Operation, condition};
use crate::twin::shopify::graphql::error::Error;
use crate::twin::shopify::graphql::schema::{Field, Kind, Schema, Type};

/// What validation found.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is wrong with the request.
    pub errors: Vec<Error>,
    /// What the API has and the twin does not model.
    pub gaps: Vec<String>,
}

/// Validates the operation and every fragment that it uses.
pub fn validate(schema: &Schema, version: &str, operation: &Operation) -> Findings {
    let mut validator = Validator {
        schema,
        version,
        operation,
        findings: Findings::default(),
        used_variables: BTreeSet::new(),
        used_fragments: BTreeSet::new(),
        path: vec![json!(operation.label())],
    };
    validator.selection(&operation.selection, operation.kind.root());
    validator.fragments();
    validator.variables();
    validator.findings
}

struct Validator<'a> {
    schema: &'a Schema,
    version: &'a str,
    operation: &'a Operation,
    findings: Findings,
    used_variables: BTreeSet<String>,
    used_fragments: BTreeSet<String>,
    path: Vec<Value>,
}

impl<'a> Validator<'a> {
    fn complain(&mut self, position: Pos, message: String, extensions: Value) {
        let error = Error::new(message, extensions).at(position, &self.path);
        self.findings.errors.push(error);
    }

    fn selection(&mut self, set: &'a SelectionSet<'static, String>, parent: &str) {
        self.conflicts(set);
        for item in &set.items {
            match item {
                Selection::Field(field) => {
                    self.path.push(json!(field.alias.as_ref().unwrap_or(&field.name)));
                    self.directives(&field.directives);
                    self.field(field, parent);
                    self.path.pop();
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.directives);
                    self.spread(&spread.fragment_name, spread.position, parent);
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.type_condition.as_ref().map_or(parent, condition);
                    self.path.push(json!(if on == parent { "...".to_owned() } else { format!("... on {on}") }));
                    self.directives(&fragment.directives);
                    if self.condition(on, fragment.position, parent) {
                        self.selection(&fragment.selection_set, on);
                    }
                    self.path.pop();
                }
            }
        }
    }

    /// Two fields under one name must be the same field.
    fn conflicts(&mut self, set: &'a SelectionSet<'static, String>) {
        let mut seen: Vec<&Asked<'static, String>> = Vec::new();
        for item in &set.items {
            let Selection::Field(field) = item else { continue };
            let key = field.alias.as_ref().unwrap_or(&field.name);
            match seen.iter().find(|other| other.alias.as_ref().unwrap_or(&other.name) == key) {
                Some(other) if other.name != field.name => {
                    let message = format!("Field '{key}' has a field conflict: {} or {}?", other.name, field.name);
                    let conflicts = format!("{} or {}", other.name, field.name);
                    let extensions = json!({ "code": "fieldConflict", "fieldName": key, "conflicts": conflicts });
                    self.complain(field.position, message, extensions);
                }
                Some(other) if other.arguments != field.arguments => {
                    let message = format!("Field '{key}' has an argument conflict");
                    let extensions = json!({ "code": "fieldConflict", "fieldName": key, "conflicts": "arguments" });
                    self.complain(field.position, message, extensions);
                }
                _ => seen.push(field),
            }
        }
    }

    fn field(&mut self, asked: &'a Asked<'static, String>, parent: &str) {
        if asked.name == "__typename" {
            return;
        }
        if asked.name == "__schema" || asked.name == "__type" {
            self.findings.gaps.push(format!("introspection ({})", asked.name));
            return;
        }
        let Some(ty) = self.schema.get(parent) else { return };
        let Some(field) = ty.field(&asked.name, self.version) else {
            return self.unknown_field(asked, ty);
        };
        self.arguments(asked, field, parent);
        self.leaf_or_not(asked, field);
        if let Some(target) = self.schema.get(field.ty.base()).filter(|target| !target.is_leaf()) {
            self.selection(&asked.selection_set, &target.name);
        }
    }

    fn unknown_field(&mut self, asked: &Asked<'static, String>, ty: &Type) {
        if self.schema.is_beyond(&ty.name, &asked.name) {
            self.findings.gaps.push(format!("field {}.{}", ty.name, asked.name));
            return;
        }
        let extensions = json!({ "code": "undefinedField", "typeName": ty.name, "fieldName": asked.name });
        self.complain(
            asked.position,
            format!("Field '{}' doesn't exist on type '{}'", asked.name, ty.name),
            extensions,
        );
    }

    fn leaf_or_not(&mut self, asked: &Asked<'static, String>, field: &Field) {
        let leaf = self.schema.get(field.ty.base()).is_some_and(Type::is_leaf);
        let (name, ty) = (&asked.name, field.ty.base());
        let message = match (leaf, asked.selection_set.items.is_empty()) {
            (true, false) => {
                format!("Selections can't be made on scalars (field '{name}' returns {ty} but has selections)")
            }
            (false, true) => {
                format!(
                    "Field must have selections (field '{name}' returns {ty} but has no selections. Did you mean '{name} {{ ... }}'?)"
                )
            }
            _ => return,
        };
        let extensions = json!({ "code": "selectionMismatch", "nodeName": format!("field '{name}'"), "typeName": ty });
        self.complain(asked.position, message, extensions);
    }

    fn spread(&mut self, name: &str, position: Pos, parent: &str) {
        let Some(fragment) = self.operation.fragments.get(name) else {
            let extensions = json!({ "code": "useAndDefineFragment", "fragmentName": name });
            return self.complain(position, format!("Fragment {name} was used, but not defined"), extensions);
        };
        self.condition(condition(&fragment.type_condition), position, parent);
        self.used_fragments.insert(name.to_owned());
    }

    /// Tells whether a fragment on `on` may stand in `parent`; complains when it may not.
    fn condition(&mut self, on: &str, position: Pos, parent: &str) -> bool {
        let Some(ty) = self.schema.get(on) else {
            // The twin does not know the names of all types, so it cannot tell a misspelt one from one it does not model.
            self.findings.gaps.push(format!("fragment on {on}"));
            return false;
        };
        let composite = matches!(ty.kind, Kind::Object | Kind::Interface | Kind::Union);
        let fits = composite && (self.schema.fits(on, parent) || self.schema.fits(parent, on));
        if !fits {
            let extensions = json!({ "code": "cannotSpreadFragment", "typeName": on, "fragmentName": "unknown", "parentName": parent });
            self.complain(position, format!("Fragment on {on} can't be spread inside {parent}"), extensions);
        }
        fits
    }

    /// Each fragment that is used is validated once; one that is not used, or that contains itself, is refused.
    fn fragments(&mut self) {
        let operation = self.operation;
        let mut done = BTreeSet::new();
        while let Some(name) = self.used_fragments.difference(&done).next().cloned() {
            done.insert(name.clone());
            let Some(fragment) = operation.fragments.get(&name) else { continue };
            self.path = vec![json!(format!("fragment {name}"))];
            if contains_itself(operation, &name) {
                let extensions = json!({ "code": "infiniteLoop", "fragmentName": name });
                self.complain(fragment.position, format!("Fragment {name} contains an infinite loop"), extensions);
                continue;
            }
            self.selection(&fragment.selection_set, condition(&fragment.type_condition));
        }
        for (name, fragment) in &operation.fragments {
            if !done.contains(name) {
                self.path = vec![json!(format!("fragment {name}"))];
                let extensions = json!({ "code": "useAndDefineFragment", "fragmentName": name });
                self.complain(fragment.position, format!("Fragment {name} was defined, but not used"), extensions);
            }
        }
    }
}

fn contains_itself(operation: &Operation, name: &str) -> bool {
    let mut waiting = vec![name.to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(next) = waiting.pop() {
        let Some(fragment) = operation.fragments.get(&next) else { continue };
        let mut spreads = Vec::new();
        collect_spreads(&fragment.selection_set, &mut spreads);
        for spread in spreads {
            if spread == name {
                return true;
            }
            if seen.insert(spread.clone()) {
                waiting.push(spread);
            }
        }
    }
    false
}

fn collect_spreads(set: &SelectionSet<'static, String>, into: &mut Vec<String>) {
    for item in &set.items {
        match item {
            Selection::Field(field) => collect_spreads(&field.selection_set, into),
            Selection::FragmentSpread(spread) => into.push(spread.fragment_name.clone()),
            Selection::InlineFragment(fragment) => collect_spreads(&fragment.selection_set, into),
        }
    }
}
