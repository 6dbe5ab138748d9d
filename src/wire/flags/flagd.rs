//! flagd flag definitions (`https://flagd.dev/schema/v0/flags.json`): what a file says of a flag, and how it is turned.

use serde_json::{Map, Value};

use crate::domain::flag::sighting::{Reason, Sighting, Unseen};
use crate::wire::flags::{malformed, switch};

/// Why a definition cannot be turned.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotTurned {
    #[error("the file defines no flag `{0}`")]
    NoSuchFlag(String),
    #[error("flag `{0}` has no variant that is {1}")]
    NoVariant(String, bool),
    #[error("flag `{0}` depends on who asks (targeting): turning its default would not turn it for all")]
    Targeted(String),
}

/// What a definition says of a flag. The file's `flags` is an object, or a list of `{key, …}` as the daemon takes it too.
pub fn read(file: &Value, key: &str) -> Sighting {
    let version = file.pointer("/metadata/version").map(|version| match version {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    let sighting = match definition(file, key) {
        Err(unknown) => *unknown,
        Ok(flag) => evaluate(flag),
    };
    sighting.with_version(version)
}

fn definition<'a>(file: &'a Value, key: &str) -> Result<&'a Map<String, Value>, Box<Sighting>> {
    let flag = match file.get("flags") {
        Some(Value::Object(flags)) => flags.get(key),
        Some(Value::Array(flags)) => flags.iter().find(|flag| flag.get("key").and_then(Value::as_str) == Some(key)),
        _ => return Err(Box::new(malformed("the file has no `flags`"))),
    };
    let missing = || Box::new(Sighting::unknown(Unseen::NoSuchFlag, format!("the file defines no flag `{key}`")));
    flag.ok_or_else(missing)?.as_object().ok_or_else(|| Box::new(malformed("the definition is no object")))
}

fn evaluate(flag: &Map<String, Value>) -> Sighting {
    match flag.get("state").and_then(Value::as_str) {
        Some("ENABLED") => {}
        // flagd answers a disabled flag with an error, so that the code's own default applies.
        Some("DISABLED") => {
            let detail = "the flag is DISABLED: the code's own default applies";
            return Sighting::unknown(Unseen::NoValue, detail).because(Reason::Disabled);
        }
        _ => return malformed("`state` is neither ENABLED nor DISABLED"),
    }
    let Some(variants) = flag.get("variants").and_then(Value::as_object).filter(|variants| !variants.is_empty()) else {
        return malformed("there are no `variants`");
    };
    if is_targeted(flag) {
        return Sighting::unknown(Unseen::Targeted, "it has targeting rules; ask flagd itself (ofrep:URL)");
    }
    let Some(name) = flag.get("defaultVariant").and_then(Value::as_str) else {
        return Sighting::unknown(Unseen::NoVariant, "no default variant: the code's own default applies");
    };
    match variants.get(name) {
        None => malformed("the default variant is not among the variants"),
        Some(value) => {
            Sighting { variant: Some(name.to_owned()), ..Sighting::of(switch(value)) }.because(Reason::Static)
        }
    }
}

fn is_targeted(flag: &Map<String, Value>) -> bool {
    flag.get("targeting")
        .is_some_and(|rules| rules.as_object().is_none_or(|rules| !rules.is_empty()) && !rules.is_null())
}

/// Turns a flag for everybody: enabled, with the variant that is `on` as its default.
///
/// # Errors
/// It has no such variant, or rules of its own.
pub fn turn(file: &mut Value, key: &str, on: bool) -> Result<(), NotTurned> {
    let flag = match file.get_mut("flags") {
        Some(Value::Object(flags)) => flags.get_mut(key),
        Some(Value::Array(flags)) => flags.iter_mut().find(|flag| flag.get("key").and_then(Value::as_str) == Some(key)),
        _ => None,
    };
    let flag = flag.and_then(Value::as_object_mut).ok_or_else(|| NotTurned::NoSuchFlag(key.to_owned()))?;
    if is_targeted(flag) {
        return Err(NotTurned::Targeted(key.to_owned()));
    }
    let variants = flag.get("variants").and_then(Value::as_object);
    let wanted = variants.and_then(|variants| variants.iter().find(|(_, value)| **value == Value::Bool(on)));
    let Some((name, _)) = wanted else { return Err(NotTurned::NoVariant(key.to_owned(), on)) };
    let name = name.clone();
    flag.insert("defaultVariant".to_owned(), name.into());
    flag.insert("state".to_owned(), "ENABLED".into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{NotTurned, read, turn};

    fn file(change: impl Fn(&mut Value)) -> Value {
        let mut flag =
            json!({ "state": "ENABLED", "variants": { "live": true, "mock": false }, "defaultVariant": "mock" });
        change(&mut flag);
        json!({ "flags": { "live": flag }, "metadata": { "version": "17" } })
    }

    #[test]
    fn a_definition_is_on_off_or_unknown_in_its_own_word() {
        let table = [
            (file(|_| {}), "off"),
            (file(|flag| flag["defaultVariant"] = "live".into()), "on"),
            (file(|flag| flag["targeting"] = json!({})), "off"),
            (file(|flag| flag["state"] = "DISABLED".into()), "no-value"),
            (file(|flag| flag["state"] = "enabled".into()), "malformed"),
            (file(|flag| flag["defaultVariant"] = Value::Null), "no-variant"),
            (file(|flag| flag["defaultVariant"] = "other".into()), "malformed"),
            (file(|flag| flag["variants"] = json!({})), "malformed"),
            (file(|flag| flag["variants"] = json!({ "mock": "no" })), "not-boolean"),
            (file(|flag| flag["targeting"] = json!({ "if": [true, "live"] })), "targeted"),
            (json!({ "flags": {} }), "no-such-flag"),
            (json!({}), "malformed"),
            (
                json!({ "flags": [{ "key": "live", "state": "ENABLED", "variants": { "on": true }, "defaultVariant": "on" }] }),
                "on",
            ),
        ];
        for (file, word) in table {
            assert_eq!(read(&file, "live").switch.as_str(), word, "{file}");
        }
        assert_eq!(read(&file(|_| {}), "live").version.as_deref(), Some("17"));
    }

    #[test]
    fn a_flag_is_turned_by_its_default_variant_and_back() {
        let mut whole = file(|_| {});
        turn(&mut whole, "live", true).unwrap();
        assert_eq!(read(&whole, "live").switch.as_str(), "on");
        turn(&mut whole, "live", false).unwrap();
        assert_eq!(whole, file(|_| {}));
        assert!(matches!(turn(&mut whole, "dead", true), Err(NotTurned::NoSuchFlag(_))));
        let mut targeted = file(|flag| flag["targeting"] = json!({ "if": [] }));
        assert!(matches!(turn(&mut targeted, "live", true), Err(NotTurned::Targeted(_))));
        let mut texts = file(|flag| flag["variants"] = json!({ "mock": "no" }));
        assert_eq!(turn(&mut texts, "live", true).unwrap_err().to_string(), "flag `live` has no variant that is true");
    }
}
