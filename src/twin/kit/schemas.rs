//! A contract's schemas in the tests of its twin: what a twin sends must be what its contract allows.

use jsonschema::{Retrieve, Uri, Validator};
use serde_json::Value;

/// Schemas by file name; one finds another by that name.
#[derive(Clone)]
pub struct Schemas(pub &'static [(&'static str, &'static str)]);

const ROOT: &str = "preflight:///schemas/";

impl Schemas {
    /// Tells whether a value is valid against the schema of a file; what is not is printed.
    pub fn allow(&self, file: &str, value: &Value) -> bool {
        let validator = self.compile(file);
        for error in validator.iter_errors(value) {
            println!("{file}: {}: {error}", error.instance_path());
        }
        validator.is_valid(value)
    }

    fn compile(&self, file: &str) -> Validator {
        jsonschema::options()
            .with_retriever(self.clone())
            .with_base_uri(format!("{ROOT}{file}"))
            .should_validate_formats(true)
            .build(&self.read(file).unwrap())
            .unwrap()
    }

    fn read(&self, file: &str) -> Option<Value> {
        let (_, text) = self.0.iter().find(|(name, _)| *name == file)?;
        Some(serde_json::from_str(text).unwrap())
    }
}

impl Retrieve for Schemas {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let file = uri.as_str().strip_prefix(ROOT).unwrap_or(uri.as_str());
        self.read(file).ok_or_else(|| format!("no schema {file}").into())
    }
}
