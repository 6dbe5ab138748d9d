//! Feature flags: what the workspace declares of them, and how each of an app's parsers reads one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The schemes of `kept_in`.
pub const KEEPERS: [&str; 7] = ["env", "fly", "flagd", "ofrep", "unleash", "query", "command"];

/// A flag's place in the inventory.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Which integrations it takes from mock to live.
    #[serde(default)]
    pub integrations: Vec<String>,
    #[serde(default)]
    pub owner: Option<String>,
    #[serde(default)]
    pub default: bool,
    /// How the app reads it.
    pub parser: Parser,
    /// What must be in place before it is switched on: tables, secrets, scopes, migrations, contracts.
    #[serde(default)]
    pub prerequisites: Vec<String>,
    /// Every name that a rollback must unset.
    #[serde(default)]
    pub rollback: Vec<String>,
    /// Seconds that a rollback may take.
    #[serde(default)]
    pub rollback_seconds: Option<u32>,
    /// Where its value is kept: `env`, `fly`, `flagd:FILE`, `ofrep:URL`, `unleash:URL`, `query:NAME`, `command:…`.
    #[serde(default)]
    pub kept_in: Vec<String>,
    /// How other parts of the app read the same names.
    #[serde(default)]
    pub other_parsers: BTreeMap<String, Parser>,
    #[serde(default)]
    pub note: Option<String>,
}

/// How one of an app's parsers turns environment variables into a switch.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parser {
    /// Variable names, the first *defined* one decides.
    pub names: Vec<String>,
    /// Values that mean on.
    #[serde(default = "usual_truths")]
    pub truthy: Vec<String>,
    #[serde(default)]
    pub case_sensitive: bool,
    #[serde(default)]
    pub trim: bool,
    /// An empty string is a defined value that means off; otherwise it falls through to the default.
    #[serde(default)]
    pub empty_is_off: bool,
}

fn usual_truths() -> Vec<String> {
    ["1", "true", "yes", "on"].map(str::to_owned).into()
}

impl Parser {
    /// The switch that this parser sees, given a way to look a variable up.
    pub fn read(&self, default: bool, lookup: impl Fn(&str) -> Option<String>) -> bool {
        let Some(mut value) = self.names.iter().find_map(|name| lookup(name)) else {
            return default;
        };
        if self.trim {
            value = value.trim().to_owned();
        }
        if value.is_empty() {
            return !self.empty_is_off && default;
        }
        self.truthy.iter().any(
            |truth| {
                if self.case_sensitive { *truth == value } else { truth.eq_ignore_ascii_case(&value) }
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Parser, usual_truths};

    /// HotDash `config/featureFlags.ts`: not trimmed, an empty string is off, the first defined name wins.
    fn parser() -> Parser {
        Parser {
            names: vec!["FEATURE_X".into(), "FEATURE_FLAG_X".into()],
            truthy: usual_truths(),
            case_sensitive: false,
            trim: false,
            empty_is_off: true,
        }
    }

    #[test]
    fn the_parser_reads_as_the_app_does() {
        type Variables = &'static [(&'static str, &'static str)];
        let table: [(Variables, bool, bool); 7] = [
            (&[], false, false),
            (&[], true, true),
            (&[("FEATURE_X", "TRUE")], false, true),
            (&[("FEATURE_X", " true")], false, false),
            (&[("FEATURE_X", "")], true, false),
            (&[("FEATURE_FLAG_X", "yes")], false, true),
            (&[("FEATURE_X", "0"), ("FEATURE_FLAG_X", "1")], false, false),
        ];
        for (variables, default, expected) in table {
            let lookup =
                |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(parser().read(default, lookup), expected, "{variables:?}");
        }
    }
}
