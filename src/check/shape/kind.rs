//! The types of JSON values, as JSON Schema names them.

use serde_json::Value;

/// A type of JSON Schema 2020-12 (Validation, §6.1.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Null,
    Boolean,
    Object,
    Array,
    Number,
    Integer,
    String,
}

/// Every type that a value without a declared one may have. An integer is a number.
pub const ANY: [Kind; 6] = [Kind::Null, Kind::Boolean, Kind::Object, Kind::Array, Kind::Number, Kind::String];

impl Kind {
    pub fn named(name: &str) -> Option<Self> {
        ANY.into_iter().chain([Self::Integer]).find(|kind| kind.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Array => "array",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::String => "string",
        }
    }

    /// Tells whether a value is of this type. `1.0` is an integer (JSON Schema 2020-12 Core, §4.2.3).
    pub fn takes(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null)
            | (Self::Boolean, Value::Bool(_))
            | (Self::Object, Value::Object(_))
            | (Self::Array, Value::Array(_))
            | (Self::Number, Value::Number(_))
            | (Self::String, Value::String(_)) => true,
            (Self::Integer, Value::Number(number)) => {
                number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|number| number.fract() == 0.0)
            }
            _ => false,
        }
    }

    /// The types that a schema's own `type`, `enum` and `const` leave; None when it has none of them.
    pub fn of(schema: &Value) -> Option<Vec<Self>> {
        let mut kinds: Option<Vec<Self>> = match schema.get("type") {
            Some(Value::String(name)) => Some(Self::named(name).into_iter().collect()),
            Some(Value::Array(names)) => Some(names.iter().filter_map(Value::as_str).filter_map(Self::named).collect()),
            _ => None,
        };
        let values = match (schema.get("enum"), schema.get("const")) {
            (Some(Value::Array(values)), _) => values.iter().collect(),
            (_, Some(value)) => vec![value],
            _ => return kinds,
        };
        let all = kinds.get_or_insert_with(|| ANY.to_vec());
        all.retain(|kind| values.iter().any(|value| kind.takes(value)));
        kinds
    }

    /// The types that two schemas leave together.
    pub fn both(one: &[Self], other: &[Self]) -> Vec<Self> {
        let narrower = |kind: &Self| match kind {
            kind if other.contains(kind) => Some(*kind),
            Self::Number if other.contains(&Self::Integer) => Some(Self::Integer),
            Self::Integer if other.contains(&Self::Number) => Some(Self::Integer),
            _ => None,
        };
        one.iter().filter_map(narrower).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Kind;

    #[test]
    fn the_types_that_a_schema_leaves() {
        let table = [
            (json!({}), None),
            (json!({"type": "string"}), Some("string")),
            (json!({"type": ["integer", "null"]}), Some("integer null")),
            (json!({"enum": ["a", "b", null]}), Some("null string")),
            (json!({"type": ["string", "null"], "enum": ["a"]}), Some("string")),
            (json!({"const": 1.0, "type": ["integer", "boolean"]}), Some("integer")),
        ];
        for (schema, kinds) in table {
            let named =
                Kind::of(&schema).map(|kinds| kinds.into_iter().map(Kind::as_str).collect::<Vec<_>>().join(" "));
            assert_eq!(named.as_deref(), kinds, "{schema}");
        }
    }

    #[test]
    fn together_the_narrower_type_holds() {
        assert_eq!(Kind::both(&[Kind::Number, Kind::Null], &[Kind::Integer]), [Kind::Integer]);
        assert_eq!(Kind::both(&[Kind::Integer], &[Kind::Number, Kind::String]), [Kind::Integer]);
        assert_eq!(Kind::both(&[Kind::String], &[Kind::Null]), []);
    }
}
