//! How an app's parsers turn text into a switch: their rules as data, each with where it was read.

use serde::{Deserialize, Serialize};

use crate::domain::flag::sighting::Switch;

/// A way of reading flags that an app has, and that several flags share.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// `FEATURE_X`, then `FEATURE_FLAG_X`.
    Prefixed,
    /// A plain name.
    Plain,
    /// Exactly `true`, or a query parameter of whoever asks.
    ExactOrQuery,
    /// A browser's storage.
    LocalStorage,
    /// A share of the users, by a hash.
    Rollout,
    /// Exactly `true`.
    Exact,
    /// Exactly `1`.
    One,
}

/// What a rule accepts.
#[derive(Debug)]
pub struct Reading {
    pub rule: Rule,
    pub name: &'static str,
    /// Where the rule was read.
    pub source: &'static str,
    pub truthy: &'static [&'static str],
    pub case_sensitive: bool,
    pub trim: bool,
    /// An empty string is a defined value that means off; otherwise it falls through to the default.
    pub empty_is_off: bool,
    /// What the app takes when nothing is set; None when each caller says so.
    pub default: Option<bool>,
    /// The value is where no one outside can see it.
    pub hidden: Option<&'static str>,
}

/// Usual words for on.
const USUAL: &[&str] = &["1", "true", "yes", "on"];

/// The rules of HotDash's six flag systems and of its single switches, read in its tree over all refs (newest of
/// 2025-10-25); those of `prefixed` were run.
pub const RULES: [Reading; 7] = [
    Reading {
        rule: Rule::Prefixed,
        name: "prefixed",
        source: "app/config/featureFlags.ts",
        truthy: USUAL,
        case_sensitive: false,
        trim: false,
        empty_is_off: true,
        default: None,
        hidden: None,
    },
    Reading {
        rule: Rule::Plain,
        name: "plain",
        source: "app/utils/feature-flags.server.ts",
        truthy: USUAL,
        case_sensitive: false,
        trim: false,
        empty_is_off: false,
        default: Some(false),
        hidden: None,
    },
    Reading {
        rule: Rule::ExactOrQuery,
        name: "exact-or-query",
        source: "app/lib/feature-flags.ts",
        truthy: &["true"],
        case_sensitive: true,
        trim: false,
        empty_is_off: true,
        default: Some(false),
        hidden: None,
    },
    Reading {
        rule: Rule::LocalStorage,
        name: "local-storage",
        source: "app/utils/feature-flags.ts",
        truthy: &["true"],
        case_sensitive: true,
        trim: false,
        empty_is_off: false,
        default: Some(true),
        hidden: Some("it is kept in each user's browser"),
    },
    Reading {
        rule: Rule::Rollout,
        name: "rollout",
        source: "app/services/experiments/feature-flags.ts",
        truthy: &["true"],
        case_sensitive: true,
        trim: false,
        empty_is_off: true,
        default: Some(false),
        hidden: None,
    },
    Reading {
        rule: Rule::Exact,
        name: "exact",
        source: "docs/specs (flag pattern), app/services/ads",
        truthy: &["true"],
        case_sensitive: true,
        trim: false,
        empty_is_off: true,
        default: Some(false),
        hidden: None,
    },
    Reading {
        rule: Rule::One,
        name: "one",
        source: "single switches, such as DASHBOARD_USE_MOCK",
        truthy: &["1"],
        case_sensitive: true,
        trim: false,
        empty_is_off: true,
        default: None,
        hidden: None,
    },
];

impl Rule {
    /// What it accepts.
    pub fn reading(self) -> &'static Reading {
        RULES.iter().find(|reading| reading.rule == self).unwrap_or(&RULES[0])
    }

    pub fn as_str(self) -> &'static str {
        self.reading().name
    }
}

/// How one part of an app reads a flag.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(from = "Written")]
pub struct Parser {
    pub rule: Option<Rule>,
    /// The file that holds it, in the source tree.
    pub file: Option<String>,
    /// Variable names, the first *defined* one decides.
    pub names: Vec<String>,
    /// Values that mean on.
    pub truthy: Vec<String>,
    pub case_sensitive: bool,
    pub trim: bool,
    /// An empty string is a defined value that means off; otherwise it falls through to the default.
    pub empty_is_off: bool,
    /// What it takes when nothing is set, where that is not the flag's own default.
    pub default: Option<bool>,
    /// A query parameter that switches it for whoever asks.
    pub query: Option<String>,
    /// The share of users for whom a `rollout` is on, in percent.
    pub percent: Option<u8>,
}

/// A parser as it is written: what is left out comes from its rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    rule: Option<Rule>,
    #[serde(default)]
    file: Option<String>,
    names: Vec<String>,
    #[serde(default)]
    truthy: Option<Vec<String>>,
    #[serde(default)]
    case_sensitive: Option<bool>,
    #[serde(default)]
    trim: Option<bool>,
    #[serde(default)]
    empty_is_off: Option<bool>,
    #[serde(default)]
    default: Option<bool>,
    #[serde(default)]
    query: Option<String>,
    #[serde(default)]
    percent: Option<u8>,
}

impl From<Written> for Parser {
    fn from(written: Written) -> Self {
        let rule = written.rule.map(Rule::reading);
        let usual = || rule.map_or(USUAL, |rule| rule.truthy).iter().map(|word| (*word).to_owned()).collect();
        Self {
            rule: written.rule,
            file: written.file,
            names: written.names,
            truthy: written.truthy.unwrap_or_else(usual),
            case_sensitive: written.case_sensitive.or(rule.map(|rule| rule.case_sensitive)).unwrap_or(false),
            trim: written.trim.or(rule.map(|rule| rule.trim)).unwrap_or(false),
            empty_is_off: written.empty_is_off.or(rule.map(|rule| rule.empty_is_off)).unwrap_or(false),
            default: written.default.or(rule.and_then(|rule| rule.default)),
            query: written.query,
            percent: written.percent,
        }
    }
}

impl Default for Parser {
    fn default() -> Self {
        Self::of(None, &[])
    }
}

/// What a parser made of the variables.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Read {
    pub switch: Switch,
    /// The variable that decided; None when the default did.
    pub by: Option<String>,
    /// Variables that are set as well, and that this parser does not look at because of the first one.
    pub shadowed: Vec<(String, bool)>,
}

impl Parser {
    /// A parser by a rule, for these variables.
    pub fn of(rule: Option<Rule>, names: &[&str]) -> Self {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Written {
            rule,
            file: None,
            names,
            truthy: None,
            case_sensitive: None,
            trim: None,
            empty_is_off: None,
            default: None,
            query: None,
            percent: None,
        }
        .into()
    }

    /// The switch that this parser sees, given a way to look a variable up.
    pub fn read(&self, default: bool, lookup: impl Fn(&str) -> Option<String>) -> bool {
        let defined = self.names.iter().find_map(|name| lookup(name));
        defined.map_or(default, |value| self.means_on(&value, default))
    }

    /// The same with what decided, and what it does not look at.
    pub fn judge(&self, default: bool, lookup: impl Fn(&str) -> Option<String>) -> Read {
        let default = self.default.unwrap_or(default);
        let mut defined = self.names.iter().filter_map(|name| lookup(name).map(|value| (name.clone(), value)));
        let first = defined.next();
        let shadowed = defined.map(|(name, value)| (name, self.means_on(&value, default))).collect();
        if let Some(hidden) = self.rule.and_then(|rule| rule.reading().hidden) {
            return Read { switch: Switch::hidden(hidden), by: None, shadowed };
        }
        match (first, self.percent) {
            (Some((name, value)), _) => {
                Read { switch: Switch::from(self.means_on(&value, default)), by: Some(name), shadowed }
            }
            (None, Some(percent)) => Read { switch: Switch::share(percent), by: None, shadowed },
            (None, None) => Read { switch: Switch::from(default), by: None, shadowed },
        }
    }

    /// Whether a value that is set means on.
    pub fn means_on(&self, value: &str, default: bool) -> bool {
        let value = if self.trim { value.trim() } else { value };
        if value.is_empty() {
            return !self.empty_is_off && default;
        }
        self.truthy.iter().any(
            |truth| {
                if self.case_sensitive { truth == value } else { truth.eq_ignore_ascii_case(value) }
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Parser, RULES, Rule};
    use crate::domain::flag::sighting::Switch;

    type Variables = &'static [(&'static str, &'static str)];

    fn lookup(variables: Variables) -> impl Fn(&str) -> Option<String> {
        |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    /// `HotDash` `config/featureFlags.ts`: not trimmed, an empty string is off, the first defined name wins.
    #[test]
    fn the_parser_reads_as_the_app_does() {
        let parser = Parser::of(Some(Rule::Prefixed), &["FEATURE_X", "FEATURE_FLAG_X"]);
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
            assert_eq!(parser.read(default, lookup(variables)), expected, "{variables:?}");
            assert_eq!(parser.judge(default, lookup(variables)).switch, Switch::from(expected), "{variables:?}");
        }
    }

    /// One value, every rule: where an app has several parsers, one text is on here and off there.
    #[test]
    fn one_text_means_different_things_to_different_rules() {
        use Rule::{Exact, ExactOrQuery, One, Plain, Prefixed, Rollout};
        let table: [(&str, &[Rule]); 8] = [
            ("1", &[Prefixed, Plain, One]),
            ("true", &[Prefixed, Plain, ExactOrQuery, Rollout, Exact]),
            ("TRUE", &[Prefixed, Plain]),
            ("yes", &[Prefixed, Plain]),
            ("On", &[Prefixed, Plain]),
            (" true", &[]),
            ("0", &[]),
            ("enabled", &[]),
        ];
        for (text, on) in table {
            for rule in RULES.iter().map(|reading| reading.rule) {
                assert_eq!(
                    Parser::of(Some(rule), &["X"]).means_on(text, false),
                    on.contains(&rule) || rule == Rule::LocalStorage && text == "true",
                    "{text} {rule:?}"
                );
            }
        }
        // The empty string: the default where it falls through, off where it is a value.
        let on: Vec<Rule> = RULES
            .iter()
            .map(|reading| reading.rule)
            .filter(|rule| Parser::of(Some(*rule), &["X"]).means_on("", true))
            .collect();
        assert_eq!(on, [Plain, Rule::LocalStorage]);
    }

    #[test]
    fn what_nobody_outside_can_see_is_unknown_and_a_share_is_no_switch() {
        let none: Variables = &[];
        let browser = Parser::of(Some(Rule::LocalStorage), &["tile"]);
        assert!(browser.judge(false, lookup(none)).switch.is_unknown());
        for (percent, expected) in [(0, Some(false)), (50, None), (100, Some(true))] {
            let parser = Parser { percent: Some(percent), ..Parser::of(Some(Rule::Rollout), &["FEATURE_DARK_MODE"]) };
            assert_eq!(parser.judge(false, lookup(none)).switch.known(), expected, "{percent} %");
        }
    }

    #[test]
    fn a_shadowed_name_is_told() {
        let parser = Parser::of(Some(Rule::Prefixed), &["FEATURE_X", "FEATURE_FLAG_X"]);
        let read = parser.judge(false, lookup(&[("FEATURE_X", "0"), ("FEATURE_FLAG_X", "1")]));
        assert_eq!(read.by.as_deref(), Some("FEATURE_X"));
        assert_eq!(read.shadowed, [("FEATURE_FLAG_X".to_owned(), true)]);
    }
}
