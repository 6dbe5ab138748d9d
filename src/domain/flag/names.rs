//! The names of a flag: what a source tree may call it, which names look like a flag, and two names for one flag.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::flag::Declared;

/// Beginnings and ends by which a variable looks like a flag.
const BEGINNINGS: [&str; 5] = ["FEATURE_", "FF_", "ENABLE_", "DISABLE_", "USE_MOCK"];
const ENDS: [&str; 9] = [
    "_ENABLED",
    "_DISABLED",
    "_LIVE",
    "_USE_MOCK",
    "_MOCK_MODE",
    "_REAL_DATA",
    "_FEATURE_FLAG",
    "_FLAG",
    "_LIVE_POSTING",
];

/// Words that say that something is a switch, and not what it switches.
const FILLERS: [&str; 8] = ["feature", "flag", "enabled", "enable", "live", "real", "data", "use"];

/// Whether a variable looks like a flag by its name.
pub fn looks_like_flag(variable: &str) -> bool {
    BEGINNINGS.iter().any(|beginning| variable.starts_with(beginning)) || ENDS.iter().any(|end| variable.ends_with(end))
}

/// Every word that the source tree may use for a flag: its variables, its own name in three spellings, its symbols.
pub fn handles(name: &str, declared: &Declared) -> BTreeSet<String> {
    let mut handles: BTreeSet<String> = declared.variables().into_iter().map(str::to_owned).collect();
    handles.insert(name.to_owned());
    handles.insert(name.to_ascii_uppercase().replace(['-', '.'], "_"));
    handles.insert(camel(name));
    handles.extend(declared.symbols.iter().cloned());
    handles
}

/// `supabase_idea_pool` as `supabaseIdeaPool`.
fn camel(name: &str) -> String {
    let mut words = name.split(['_', '-', '.']).filter(|word| !word.is_empty());
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// Flags that are one under two names: they share a variable, or their names say the same thing in other words.
/// By flag: the others, with the reason.
pub fn twins(flags: &BTreeMap<String, Declared>) -> BTreeMap<&str, Vec<(&str, String)>> {
    let mut twins: BTreeMap<&str, Vec<(&str, String)>> = BTreeMap::new();
    for (index, (one, declared)) in flags.iter().enumerate() {
        for (other, other_declared) in flags.iter().skip(index + 1) {
            let Some(reason) = alike(one, declared, other, other_declared) else { continue };
            twins.entry(one).or_default().push((other, reason.clone()));
            twins.entry(other).or_default().push((one, reason));
        }
    }
    twins
}

fn alike(one: &str, declared: &Declared, other: &str, other_declared: &Declared) -> Option<String> {
    let theirs = other_declared.variables();
    if let Some(shared) = declared.variables().into_iter().find(|name| theirs.contains(name)) {
        return Some(format!("both read {shared}"));
    }
    let concerns_same = declared.integrations.iter().any(|name| other_declared.integrations.contains(name));
    let (mine, theirs) = (subject(one), subject(other));
    (concerns_same && !mine.is_empty() && mine == theirs).then(|| "their names say the same".to_owned())
}

/// What a name is about, without what says that it is a switch.
fn subject(name: &str) -> BTreeSet<String> {
    let words = name.split(['_', '-', '.']).map(str::to_ascii_lowercase);
    words.filter(|word| !word.is_empty() && !FILLERS.contains(&word.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{handles, looks_like_flag, twins};
    use crate::domain::flag::Declared;
    use crate::domain::flag::parser::Parser;

    fn flag(names: &[&str]) -> Declared {
        Declared { parser: Parser::of(None, names), integrations: vec!["idea-pool".into()], ..Declared::default() }
    }

    #[test]
    fn a_flag_has_many_spellings() {
        let handles = handles("supabase_idea_pool", &flag(&["FEATURE_SUPABASE_IDEA_POOL"]));
        let expected = ["FEATURE_SUPABASE_IDEA_POOL", "SUPABASE_IDEA_POOL", "supabaseIdeaPool", "supabase_idea_pool"];
        assert!(handles.iter().eq(expected), "{handles:?}");
    }

    #[test]
    fn a_variable_looks_like_a_flag_or_does_not() {
        for name in ["FEATURE_X", "PUBLER_LIVE", "GA_USE_MOCK", "ADS_REAL_DATA", "STOREFRONT_MCP_ENABLED", "ENABLE_X"] {
            assert!(looks_like_flag(name), "{name}");
        }
        for name in ["DATABASE_URL", "NODE_ENV", "LIVE", "SHOPIFY_API_KEY", "FEATURES"] {
            assert!(!looks_like_flag(name), "{name}");
        }
    }

    #[test]
    fn two_names_for_one_flag_are_found() {
        let flags = BTreeMap::from([
            ("supabase_idea_pool".to_owned(), flag(&["FEATURE_SUPABASE_IDEA_POOL"])),
            ("idea_pool_supabase_enabled".to_owned(), flag(&["IDEA_POOL_SUPABASE_ENABLED"])),
            ("publer_live".to_owned(), flag(&["PUBLER_LIVE"])),
            ("publer_posting".to_owned(), flag(&["PUBLER_LIVE"])),
            ("other".to_owned(), flag(&["OTHER"])),
        ]);
        let twins = twins(&flags);
        assert_eq!(twins["supabase_idea_pool"][0].0, "idea_pool_supabase_enabled");
        assert_eq!(twins["publer_live"], [("publer_posting", "both read PUBLER_LIVE".to_owned())]);
        assert!(!twins.contains_key("other"));
    }
}
