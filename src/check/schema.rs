//! JSON Schemas (2020-12), compiled once and kept.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::{Retrieve, Uri, ValidationError, Validator};
use serde_json::{Value, json};
use url::Url;

use crate::check::branches::Branches;
use crate::check::matcher::shown;
use crate::check::shape::Shape;
use crate::check::shape::reader::{Library, Reader};
use crate::domain::finding::{Code, Finding};

/// Where schemas without an absolute `$id` stand.
const ROOT: &str = "preflight:///schemas/";

/// The schemas of a workspace by name (`chatwoot/conversation`), compiled when first used.
pub struct Schemas {
    documents: Arc<BTreeMap<String, Value>>,
    /// Address -> name.
    addresses: Arc<HashMap<String, String>>,
    compiled: Mutex<HashMap<String, Arc<Validator>>>,
    shapes: Mutex<HashMap<String, Arc<Shape>>>,
}

/// A schema that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadSchema {
    #[error("there is no schema `{name}`{}", nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Unknown { name: String, nearest: Option<String> },
    #[error("schemas/{name}.json does not compile: {reason}")]
    Invalid { name: String, reason: String },
}

impl Schemas {
    pub fn new(documents: BTreeMap<String, Value>) -> Self {
        let addresses = documents.iter().map(|(name, document)| (address(name, document), name.clone())).collect();
        Self {
            documents: Arc::new(documents),
            addresses: Arc::new(addresses),
            compiled: Mutex::default(),
            shapes: Mutex::default(),
        }
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.documents.keys().map(String::as_str)
    }

    /// The compiled schema of a name.
    ///
    /// # Errors
    /// The schema is unknown, is no schema, or refers to what is not there.
    pub fn get(&self, name: &str) -> Result<Arc<Validator>, BadSchema> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(validator) = compiled.get(name) {
            return Ok(Arc::clone(validator));
        }
        let validator = Arc::new(self.compile(name)?);
        compiled.insert(name.to_owned(), Arc::clone(&validator));
        Ok(validator)
    }

    fn compile(&self, name: &str) -> Result<Validator, BadSchema> {
        let document = self.documents.get(name).ok_or_else(|| self.unknown(name))?;
        let invalid = |error: ValidationError| BadSchema::Invalid { name: name.to_owned(), reason: reason(&error) };
        self.build(address(name, document), document).map_err(invalid)
    }

    fn unknown(&self, name: &str) -> BadSchema {
        let nearest = crate::domain::nearest::nearest(name, self.names()).map(str::to_owned);
        BadSchema::Unknown { name: name.to_owned(), nearest }
    }

    fn build(&self, address: String, document: &Value) -> Result<Validator, ValidationError<'static>> {
        jsonschema::options()
            .with_retriever(Shelf { documents: Arc::clone(&self.documents), addresses: Arc::clone(&self.addresses) })
            .with_base_uri(address)
            .should_validate_formats(true)
            .build(document)
    }

    /// The branches of the schema of a name, read when first asked for.
    ///
    /// # Errors
    /// The schema is unknown.
    pub fn shape(&self, name: &str) -> Result<Arc<Shape>, BadSchema> {
        let mut shapes = self.shapes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shape) = shapes.get(name) {
            return Ok(Arc::clone(shape));
        }
        let (name, document) = self.documents.get_key_value(name).ok_or_else(|| self.unknown(name))?;
        let shape = Arc::new(Reader::read(self, name, document));
        shapes.insert(name.to_owned(), Arc::clone(&shape));
        Ok(shape)
    }
}

impl Library for Schemas {
    fn find(&self, from: &str, reference: &str) -> Option<(&str, String, &Value)> {
        let base = Url::parse(&address(from, self.documents.get(from)?)).ok()?;
        let mut url = base.join(reference).ok()?;
        let fragment = url.fragment().map(str::to_owned).unwrap_or_default();
        url.set_fragment(None);
        let (name, document) = self.documents.get_key_value(self.addresses.get(url.as_str())?)?;
        let pointer = decoded(&fragment);
        document.pointer(&pointer).map(|schema| (name.as_str(), pointer.clone(), schema))
    }

    fn compile(&self, document: &str, pointer: &str) -> Option<Arc<Validator>> {
        let mut url = Url::parse(&address(document, self.documents.get(document)?)).ok()?;
        url.set_fragment(Some(pointer));
        let part = format!("{document}#{pointer}");
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(validator) = compiled.get(&part) {
            return Some(Arc::clone(validator));
        }
        let validator = self.build(ROOT.to_owned(), &json!({ "$ref": url.as_str() })).ok().map(Arc::new)?;
        compiled.insert(part, Arc::clone(&validator));
        Some(validator)
    }
}

/// Gives the compiler the documents that a schema refers to, from memory alone.
struct Shelf {
    documents: Arc<BTreeMap<String, Value>>,
    addresses: Arc<HashMap<String, String>>,
}

impl Retrieve for Shelf {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let document = self.addresses.get(uri.as_str()).and_then(|name| self.documents.get(name));
        document.cloned().ok_or_else(|| format!("no schema has the address {uri}").into())
    }
}

/// Why a schema does not compile, with the place within it where there is one.
fn reason(error: &ValidationError) -> String {
    let place = error.instance_path().to_string();
    if place.is_empty() { error.to_string() } else { format!("{place}: {error}") }
}

/// Where `$ref` finds a schema: its `$id`, or its place under a root of our own.
fn address(name: &str, document: &Value) -> String {
    match document.get("$id").and_then(Value::as_str) {
        Some(id) if id.contains("://") => id.to_owned(),
        _ => format!("{ROOT}{name}.json"),
    }
}

/// The text of a URI's fragment (RFC 3986 §2.1; RFC 6901 §6).
fn decoded(fragment: &str) -> String {
    // A form's `+` is a space, a fragment's is itself.
    let pair = format!("={}", fragment.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map_or_else(String::new, |(_, text)| text.into_owned())
}

/// The value must be valid; the finding names the first violations. `pointer` is where the value stands in the body.
pub fn check(name: &str, validator: &Validator, value: &Value, pointer: &str) -> Option<Finding> {
    if validator.is_valid(value) {
        return None;
    }
    let violations: Vec<_> = validator.iter_errors(value).collect();
    let first = violations.first()?;
    let told: Vec<_> = violations
        .iter()
        .take(5)
        .map(|error| format!("{}{}: {}", pointer, error.instance_path(), cut(&error.to_string())))
        .collect();
    let more = violations.len().saturating_sub(5);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    Some(
        Finding::new(Code::Schema, format!("not valid against {name}: {}{more}", told.join("; ")))
            .expected(format!("valid against {name} ({})", first.schema_path()))
            .actual(shown(Some(first.instance())))
            .pointer(format!("{pointer}{}", first.instance_path())),
    )
}

impl Schemas {
    /// Each value must be valid against the schema of a name; the branches that valid ones show are noted.
    ///
    /// # Errors
    /// The schema cannot be used.
    pub fn check<'a>(
        &self,
        name: &str,
        values: impl IntoIterator<Item = (&'a Value, &'a str)>,
        branches: &mut Branches,
    ) -> Result<Option<Finding>, BadSchema> {
        let (validator, shape) = (self.get(name)?, self.shape(name)?);
        for (value, pointer) in values {
            if let Some(finding) = check(name, &validator, value, pointer) {
                return Ok(Some(finding));
            }
            branches.note_document(name, &shape, value);
        }
        Ok(None)
    }

    /// Whether each value is valid against the schema of a name.
    ///
    /// # Errors
    /// The schema cannot be used.
    pub fn allows<'a>(&self, name: &str, values: impl IntoIterator<Item = &'a Value>) -> Result<bool, BadSchema> {
        let validator = self.get(name)?;
        Ok(values.into_iter().all(|value| validator.is_valid(value)))
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= 240 {
        text.to_owned()
    } else {
        format!("{}…", text.chars().take(230).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{BadSchema, Schemas, check};

    fn schemas() -> Schemas {
        Schemas::new(BTreeMap::from([
            (
                "shop/idea".into(),
                json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "at": {"format": "date-time"}}}),
            ),
            ("shop/ideas".into(), json!({"type": "array", "items": {"$ref": "idea.json"}})),
            ("shop/dangling".into(), json!({"$ref": "nowhere.json"})),
        ]))
    }

    #[test]
    fn a_value_is_judged_by_the_schema_and_those_it_refers_to() {
        let ideas = schemas().get("shop/ideas").unwrap();
        assert_eq!(check("shop/ideas", &ideas, &json!([{"id": 1}]), ""), None);
        let finding = check("shop/ideas", &ideas, &json!([{"id": 1}, {"id": "2"}]), "/data").unwrap();
        assert_eq!(finding.pointer.as_deref(), Some("/data/1/id"));
        assert!(
            check("shop/idea", &schemas().get("shop/idea").unwrap(), &json!({"id": 1, "at": "yesterday"}), "")
                .is_some()
        );
    }

    #[test]
    fn a_schema_that_cannot_be_used_says_why() {
        assert_eq!(
            schemas().get("shop/idee").unwrap_err(),
            BadSchema::Unknown { name: "shop/idee".into(), nearest: Some("shop/idea".into()) }
        );
        assert!(matches!(schemas().get("shop/dangling"), Err(BadSchema::Invalid { .. })));
        let misspelled = json!({"properties": {"a": {"type": "strin"}}});
        let error = Schemas::new(BTreeMap::from([("shop/b".into(), misspelled)])).get("shop/b").unwrap_err();
        assert!(error.to_string().contains("does not compile: /properties/a/type: \"strin\""), "{error}");
    }
}
