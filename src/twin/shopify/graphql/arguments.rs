//! Argument literals: whether they fit their type, and the values they stand for.

use std::collections::BTreeMap;

use graphql_parser::query::Value as Literal;
use serde_json::{Map, Number, Value, json};

use crate::twin::shopify::graphql::error::Error;
use crate::twin::shopify::graphql::schema::{Field, Kind, Schema, Type, TypeRef};

type Members = BTreeMap<String, Literal<'static, String>>;

/// Checks literals against the types of one API version.
pub struct Checker<'a> {
    pub schema: &'a Schema,
    pub version: &'a str,
    /// Which argument of which field is being checked, for the messages.
    pub argument: &'a str,
    pub field: &'a str,
    pub expected: &'a TypeRef,
}

impl Checker<'_> {
    /// Finds what does not fit; `Err(Ok(_))` is an error of the request, `Err(Err(_))` names what the twin does not model.
    pub fn check(&self, literal: &Literal<'static, String>, ty: &TypeRef) -> Result<(), Result<Error, String>> {
        match (literal, ty) {
            (Literal::Null, TypeRef::NonNull(_)) => Err(Ok(self.incompatible(literal))),
            (Literal::Variable(_) | Literal::Null, _) => Ok(()),
            (Literal::List(items), TypeRef::List(inner)) => items.iter().try_for_each(|item| self.check(item, inner)),
            (_, TypeRef::NonNull(inner) | TypeRef::List(inner)) => self.check(literal, inner),
            (_, TypeRef::Named(name)) => self.check_named(literal, name),
        }
    }

    fn check_named(&self, literal: &Literal<'static, String>, name: &str) -> Result<(), Result<Error, String>> {
        let Some(ty) = self.schema.get(name) else { return Err(Err(format!("type {name}"))) };
        let fits = match (ty.kind, literal) {
            (Kind::Enum, Literal::Enum(value)) => self.schema.values(name, self.version).any(|known| known == value),
            (Kind::Input, Literal::Object(members)) => return self.check_members(ty, members),
            (Kind::Scalar, _) => scalar_fits(name, literal),
            _ => false,
        };
        match literal {
            Literal::String(id) if name == "ID" && !is_global_id(id) => Err(Ok(invalid_id(id))),
            _ if fits => Ok(()),
            _ => Err(Ok(self.incompatible(literal))),
        }
    }

    fn check_members(&self, ty: &Type, members: &Members) -> Result<(), Result<Error, String>> {
        for (name, value) in members {
            match ty.field(name, self.version) {
                Some(member) => self.check(value, &member.ty)?,
                None if self.schema.is_beyond(&ty.name, name) => return Err(Err(format!("{}.{name}", ty.name))),
                None => return Err(Ok(unknown_member(&ty.name, name))),
            }
        }
        let required = |member: &&Field| matches!(member.ty, TypeRef::NonNull(_)) && member.default.is_none();
        let missing = ty.fields.iter().filter(|member| member.span.holds(self.version)).filter(required);
        match missing.into_iter().find(|member| !members.contains_key(&member.name)) {
            Some(member) => Err(Ok(missing_member(&ty.name, member))),
            None => Ok(()),
        }
    }

    fn incompatible(&self, literal: &Literal<'static, String>) -> Error {
        let Self { argument, field, expected, .. } = self;
        let message = format!(
            "Argument '{argument}' on Field '{field}' has an invalid value ({literal}). Expected type '{expected}'."
        );
        let extensions =
            json!({ "code": "argumentLiteralsIncompatible", "typeName": "Field", "argumentName": argument });
        Error::new(message, extensions)
    }
}

fn unknown_member(ty: &str, name: &str) -> Error {
    let extensions =
        json!({ "code": "argumentNotAccepted", "name": ty, "typeName": "InputObject", "argumentName": name });
    Error::new(format!("InputObject '{ty}' doesn't accept argument '{name}'"), extensions)
}

fn missing_member(ty: &str, member: &Field) -> Error {
    let message = format!("Argument '{}' on InputObject '{ty}' is required. Expected type {}", member.name, member.ty);
    let extensions = json!({
        "code": "missingRequiredInputObjectAttribute",
        "argumentName": member.name,
        "argumentType": member.ty.to_string(),
        "inputObjectType": ty,
    });
    Error::new(message, extensions)
}

/// `gid://shopify/Product/1`
pub fn is_global_id(id: &str) -> bool {
    let parts = id.strip_prefix("gid://shopify/").and_then(|rest| rest.split_once('/'));
    parts.is_some_and(|(ty, number)| !ty.is_empty() && number.bytes().next().is_some_and(|b| b.is_ascii_digit()))
}

/// An id of no form that Shopify knows, written into the document.
pub fn invalid_id(id: &str) -> Error {
    let extensions = json!({ "code": "argumentLiteralsIncompatible", "typeName": "CoercionError" });
    Error::new(format!("Invalid global id '{id}'"), extensions)
}

fn scalar_fits(name: &str, literal: &Literal<'static, String>) -> bool {
    match (name, literal) {
        ("Int", Literal::Int(number)) => number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        ("Decimal" | "Money", Literal::String(text)) => text.parse::<f64>().is_ok(),
        ("JSON", _)
        | ("Boolean", Literal::Boolean(_))
        | ("Float" | "Decimal" | "Money", Literal::Int(_) | Literal::Float(_))
        | ("UnsignedInt64" | "ID", Literal::Int(_)) => true,
        ("Int" | "Float" | "Boolean" | "Decimal" | "Money", _) => false,
        (_, literal) => matches!(literal, Literal::String(_)),
    }
}

/// The value that a literal stands for; a variable that was not given stands for nothing.
pub fn value_of(literal: &Literal<'static, String>, variables: &Map<String, Value>) -> Option<Value> {
    Some(match literal {
        Literal::Variable(name) => return variables.get(name).cloned(),
        Literal::Int(number) => number.as_i64().map_or(Value::Null, Value::from),
        Literal::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        Literal::String(text) | Literal::Enum(text) => Value::from(text.as_str()),
        Literal::Boolean(flag) => Value::Bool(*flag),
        Literal::Null => Value::Null,
        Literal::List(items) => items.iter().map(|item| value_of(item, variables).unwrap_or_default()).collect(),
        Literal::Object(members) => {
            let given = members.iter().filter_map(|(name, item)| Some((name.clone(), value_of(item, variables)?)));
            Value::Object(given.collect())
        }
    })
}

/// The arguments of one field, defaults filled in.
pub fn of_field(
    field: &Field,
    version: &str,
    given: &[(String, Literal<'static, String>)],
    variables: &Map<String, Value>,
) -> Map<String, Value> {
    let mut values = Map::new();
    for argument in field.arguments.iter().filter(|argument| argument.span.holds(version)) {
        let written = given.iter().find(|(name, _)| *name == argument.name);
        let value = written.and_then(|(_, literal)| value_of(literal, variables));
        let value = value.or_else(|| argument.default.as_ref().and_then(|default| value_of(default, variables)));
        if let Some(value) = value {
            values.insert(argument.name.clone(), value);
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::is_global_id;

    #[test]
    fn a_global_id_names_its_type_and_number() {
        assert!(is_global_id("gid://shopify/Product/1"));
        assert!(is_global_id("gid://shopify/InventoryLevel/1?inventory_item_id=2"));
        for bad in ["1", "", "gid://shopify/Product/", "gid://shopify/1", "gid://other/Product/1"] {
            assert!(!is_global_id(bad), "{bad}");
        }
    }
}
