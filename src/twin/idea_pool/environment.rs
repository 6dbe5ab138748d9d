//! The environment that the app's process sees: its flag and its Supabase credentials.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::flag::parser::{Parser, Rule};
use crate::twin::kit::credentials;
use crate::twin::setting::Unarranged;

/// The variables of the app's process. Which names are read, and how, is the model's business; any may be set.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// An app with Supabase credentials and without any flag.
    pub(super) fn new() -> Self {
        let variables =
            [("SUPABASE_URL", "http://supabase.example"), ("SUPABASE_SERVICE_KEY", credentials::SUPABASE_SERVICE_KEY)];
        Self { variables: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into() }
    }

    /// Sets a variable, or removes it with null.
    pub(super) fn set(&mut self, name: &str, value: &Value) -> Result<(), Unarranged> {
        match value {
            Value::Null => self.variables.remove(name),
            Value::String(text) => self.variables.insert(name.to_owned(), text.clone()),
            other => {
                let setting = format!("env:{name}");
                return Err(Unarranged::bad_value(&setting, other, "a variable is a text, or null when it is not set"));
            }
        };
        Ok(())
    }

    /// `supabase_idea_pool`, off by default.
    ///
    /// Read as HotDash's `config/featureFlags.ts` reads it: the first *defined* of two names decides; `1`, `true`,
    /// `yes` and `on` mean on in any letter case, are not trimmed; an empty value is off. (Run on 2025-10 code.)
    pub(super) fn flag(&self) -> bool {
        let names = ["FEATURE_SUPABASE_IDEA_POOL", "FEATURE_FLAG_SUPABASE_IDEA_POOL"];
        let parser = Parser::of(Some(Rule::Prefixed), &names);
        parser.read(false, |name| self.variables.get(name).cloned())
    }

    /// The service key, when both Supabase variables have a value.
    ///
    /// Read for every request: HotDash caches its first answer for the life of the process, so that credentials set
    /// later never take effect; the contract promises that they do.
    pub(super) fn service_key(&self) -> Option<&str> {
        let value = |name| self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty());
        value("SUPABASE_URL").and(value("SUPABASE_SERVICE_KEY"))
    }
}
