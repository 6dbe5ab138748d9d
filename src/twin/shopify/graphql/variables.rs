//! Variables: what was given, checked against what the operation declares.

use serde_json::{Map, Value, json};

use crate::twin::shopify::graphql::arguments::{is_global_id, value_of};
use crate::twin::shopify::graphql::document::Operation;
use crate::twin::shopify::graphql::error::Error;
use crate::twin::shopify::graphql::schema::{Kind, Schema, TypeRef};

/// One thing that is wrong with a variable's value.
struct Problem {
    path: Vec<Value>,
    explanation: String,
}

/// The values of an operation's variables, defaults filled in.
///
/// # Errors
/// One error for each variable whose value does not fit (`INVALID_VARIABLE`).
pub fn coerce(
    schema: &Schema,
    version: &str,
    operation: &Operation,
    given: &Map<String, Value>,
) -> Result<Map<String, Value>, Vec<Error>> {
    let mut values = Map::new();
    let mut errors = Vec::new();
    for definition in &operation.variables {
        let ty = TypeRef::of(&definition.var_type);
        let default = definition.default_value.as_ref().and_then(|literal| value_of(literal, &Map::new()));
        let Some(value) = given.get(&definition.name).cloned().or(default) else {
            if matches!(ty, TypeRef::NonNull(_)) {
                let problem = Problem { path: Vec::new(), explanation: "Expected value to not be null".into() };
                errors.push(invalid(&definition.name, &ty, &Value::Null, &[problem], definition.position));
            }
            continue;
        };
        let mut problems = Vec::new();
        Reader { schema, version, problems: &mut problems }.read(&value, &ty, &mut Vec::new());
        if !problems.is_empty() {
            errors.push(invalid(&definition.name, &ty, &value, &problems, definition.position));
        }
        values.insert(definition.name.clone(), as_list(value, &ty));
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

/// A single value where a list is declared is a list of one (GraphQL, October 2021, §3.11).
fn as_list(value: Value, ty: &TypeRef) -> Value {
    if ty.is_list() && !value.is_array() && !value.is_null() { Value::Array(vec![value]) } else { value }
}

fn invalid(name: &str, ty: &TypeRef, value: &Value, problems: &[Problem], position: graphql_parser::Pos) -> Error {
    let reasons: Vec<_> = problems
        .iter()
        .filter(|problem| !problem.path.is_empty())
        .map(|problem| {
            let path: Vec<_> =
                problem.path.iter().map(|part| part.as_str().map_or(part.to_string(), str::to_owned)).collect();
            format!("{} ({})", path.join("."), problem.explanation)
        })
        .collect();
    let tail = if reasons.is_empty() { String::new() } else { format!(" for {}", reasons.join(", ")) };
    let problems: Vec<_> =
        problems.iter().map(|problem| json!({ "path": problem.path, "explanation": problem.explanation })).collect();
    let extensions = json!({ "code": "INVALID_VARIABLE", "value": value, "problems": problems });
    let mut error = Error::new(format!("Variable ${name} of type {ty} was provided invalid value{tail}"), extensions);
    error.locations.push(position);
    error
}

struct Reader<'a> {
    schema: &'a Schema,
    version: &'a str,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn complain(&mut self, path: &[Value], explanation: String) {
        self.problems.push(Problem { path: path.to_vec(), explanation });
    }

    fn read(&mut self, value: &Value, ty: &TypeRef, path: &mut Vec<Value>) {
        match (value, ty) {
            (Value::Null, TypeRef::NonNull(_)) => self.complain(path, "Expected value to not be null".into()),
            (Value::Null, _) => {}
            (Value::Array(items), TypeRef::List(inner)) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(json!(index));
                    self.read(item, inner, path);
                    path.pop();
                }
            }
            (_, TypeRef::NonNull(inner) | TypeRef::List(inner)) => self.read(value, inner, path),
            (_, TypeRef::Named(name)) => self.read_named(value, name, path),
        }
    }

    fn read_named(&mut self, value: &Value, name: &str, path: &mut Vec<Value>) {
        let Some(ty) = self.schema.get(name) else { return };
        match (ty.kind, value) {
            (Kind::Input, Value::Object(members)) => self.read_members(name, members, path),
            (Kind::Input, _) => self.complain(path, format!("Expected {value} to be a key-value object.")),
            (Kind::Enum, _) => {
                let known: Vec<_> = self.schema.values(name, self.version).collect();
                if !value.as_str().is_some_and(|text| known.contains(&text)) {
                    self.complain(path, format!("Expected {value} to be one of: {}", known.join(", ")));
                }
            }
            _ => match (name, value) {
                ("ID", Value::String(id)) if !is_global_id(id) => {
                    self.complain(path, format!("Invalid global id '{id}'"));
                }
                _ if scalar_fits(name, value) => {}
                _ => self.complain(path, format!("Could not coerce value {value} to {name}")),
            },
        }
    }

    fn read_members(&mut self, name: &str, members: &Map<String, Value>, path: &mut Vec<Value>) {
        let Some(ty) = self.schema.get(name) else { return };
        for key in members.keys() {
            if ty.field(key, self.version).is_none() && !self.schema.is_beyond(name, key) {
                path.push(json!(key));
                self.complain(path, format!("Field is not defined on {name}"));
                path.pop();
            }
        }
        for member in ty.fields.iter().filter(|member| member.span.holds(self.version)) {
            path.push(json!(member.name));
            match members.get(&member.name) {
                Some(value) => self.read(value, &member.ty, path),
                None if matches!(member.ty, TypeRef::NonNull(_)) && member.default.is_none() => {
                    self.complain(path, "Expected value to not be null".into());
                }
                None => {}
            }
            path.pop();
        }
    }
}

/// An input member given in the variables that the API has and the twin does not model (`ProductInput.category`).
pub fn beyond(schema: &Schema, version: &str, value: &Value, ty: &TypeRef) -> Option<String> {
    match (value, ty) {
        (Value::Array(items), TypeRef::List(inner)) => {
            items.iter().find_map(|item| beyond(schema, version, item, inner))
        }
        (Value::Object(members), TypeRef::Named(name)) => {
            let ty = schema.get(name)?;
            members.iter().find_map(|(key, item)| match ty.field(key, version) {
                Some(member) => beyond(schema, version, item, &member.ty),
                None => schema.is_beyond(name, key).then(|| format!("{name}.{key}")),
            })
        }
        (_, TypeRef::NonNull(inner) | TypeRef::List(inner)) => beyond(schema, version, value, inner),
        _ => None,
    }
}

fn scalar_fits(name: &str, value: &Value) -> bool {
    match name {
        "JSON" => true,
        "Int" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "Float" => value.is_number(),
        "Boolean" => value.is_boolean(),
        "Decimal" | "Money" => value.is_number() || value.as_str().is_some_and(|text| text.parse::<f64>().is_ok()),
        "ID" | "UnsignedInt64" => value.is_string() || value.is_i64(),
        _ => value.is_string(),
    }
}
