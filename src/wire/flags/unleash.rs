//! The Unleash client API (captured from unleash-server 8.2.0), as far as it can be judged without knowing who asks.

use serde_json::Value;

use crate::domain::exchange::Response;
use crate::domain::flag::sighting::{Reason, Sighting, Switch, Unseen};
use crate::wire::flags::{json, malformed, refused};

/// The answer's own word for its state: the revision counts up.
pub fn revision(body: &Value) -> Option<u64> {
    body.get("meta")?.get("revisionId")?.as_u64()
}

/// What `GET /api/client/features` says of a flag, for the environment that the token is made for.
pub fn features(response: &Response, key: &str, environment: Option<&str>) -> Sighting {
    if let Some(unknown) = refused(response) {
        return unknown;
    }
    let body = match json(response) {
        Ok(body) => body,
        Err(unknown) => return *unknown,
    };
    let told = body.get("query").and_then(|query| query.get("environment")).and_then(Value::as_str);
    if let (Some(told), Some(wanted)) = (told, environment)
        && told != wanted
    {
        let detail = format!("the token is for environment `{told}`, not for `{wanted}`");
        return Sighting::unknown(Unseen::OtherContext, detail);
    }
    let Some(features) = body.get("features").and_then(Value::as_array) else {
        return malformed("there is no list `features`");
    };
    let version = response.header("etag").or_else(|| revision(&body).map(|number| number.to_string()));
    let Some(feature) = features.iter().find(|feature| feature.get("name").and_then(Value::as_str) == Some(key)) else {
        let detail = format!("`{key}` is not among {} flags", features.len());
        return Sighting::unknown(Unseen::NoSuchFlag, detail).with_version(version);
    };
    let sighting = match feature.get("enabled").and_then(Value::as_bool) {
        None => malformed("`enabled` is no boolean"),
        Some(false) => Sighting::of(Switch::Off).because(Reason::Disabled),
        Some(true) => strategies(feature),
    };
    sighting.with_version(version)
}

/// `enabled && (no strategies || any strategy matches)`.
fn strategies(feature: &Value) -> Sighting {
    let Some(strategies) = feature.get("strategies").and_then(Value::as_array) else {
        return malformed("there is no list `strategies`");
    };
    if strategies.is_empty() {
        return Sighting::of(Switch::On).because(Reason::Static);
    }
    let seen: Vec<Switch> = strategies.iter().map(strategy).collect();
    let switch = if seen.contains(&Switch::On) {
        Switch::On
    } else if let Some(unknown) = seen.iter().find(|switch| switch.is_unknown()) {
        unknown.clone()
    } else {
        Switch::Off
    };
    Sighting::of(switch).because(Reason::Static)
}

/// What one strategy gives to everybody alike; unknown where it depends on who asks.
fn strategy(strategy: &Value) -> Switch {
    let conditions = ["constraints", "segments"].iter().filter_map(|name| strategy.get(*name)?.as_array());
    if conditions.into_iter().any(|conditions| !conditions.is_empty()) {
        return Switch::unknown(Unseen::Targeted, "a strategy has constraints");
    }
    if strategy.get("disabled") == Some(&Value::Bool(true)) {
        return Switch::Off;
    }
    let parameter = |name: &str| strategy.get("parameters").and_then(|parameters| parameters.get(name));
    match strategy.get("name").and_then(Value::as_str) {
        Some("default") => Switch::On,
        Some("flexibleRollout") => match parameter("rollout").and_then(percent) {
            Some(percent) => Switch::share(percent),
            None => Switch::unknown(Unseen::Malformed, "a rollout is no percentage"),
        },
        _ => Switch::unknown(Unseen::Targeted, "a strategy depends on who asks"),
    }
}

/// Unleash writes numbers as texts.
fn percent(value: &Value) -> Option<u8> {
    let number = value.as_str().map_or_else(|| value.as_u64(), |text| text.parse().ok())?;
    u8::try_from(number).ok().filter(|percent| *percent <= 100)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use serde_json::{Value, json};

    use super::features;
    use crate::domain::exchange::Response;

    fn answer(body: &Value) -> Response {
        let body = Bytes::from(body.to_string());
        Response { status: StatusCode::OK, headers: HeaderMap::new(), body }
    }

    fn with(enabled: bool, strategies: &Value) -> Response {
        let feature = json!({ "name": "live", "enabled": enabled, "strategies": strategies });
        let query = json!({ "environment": "development" });
        answer(&json!({ "features": [feature], "query": query, "meta": { "revisionId": 10 } }))
    }

    #[test]
    fn a_flag_is_on_when_it_is_enabled_for_everybody() {
        let rollout = |share: &str| json!({ "name": "flexibleRollout", "parameters": { "rollout": share } });
        let constrained = json!({ "name": "default", "constraints": [{ "contextName": "userId" }] });
        let table = [
            (true, json!([]), "on"),
            (false, json!([]), "off"),
            (true, json!([{ "name": "default" }]), "on"),
            (true, json!([rollout("100")]), "on"),
            (true, json!([rollout("0")]), "off"),
            (true, json!([rollout("50")]), "split"),
            (true, json!([rollout("many")]), "malformed"),
            (true, json!([rollout("50"), { "name": "default" }]), "on"),
            (true, json!([constrained]), "targeted"),
            (true, json!([{ "name": "userWithId", "parameters": { "userIds": "1" } }]), "targeted"),
            (false, json!([rollout("100")]), "off"),
            (true, json!("x"), "malformed"),
        ];
        for (enabled, strategies, word) in table {
            let seen = features(&with(enabled, &strategies), "live", None);
            assert_eq!(seen.switch.as_str(), word, "{enabled} {strategies}");
            assert_eq!(seen.version.as_deref(), Some("10"));
        }
    }

    #[test]
    fn another_environment_and_other_shapes_are_unknown() {
        let whole = with(true, &json!([]));
        assert_eq!(features(&whole, "live", Some("development")).switch.as_str(), "on");
        assert_eq!(features(&whole, "live", Some("production")).switch.as_str(), "other-context");
        assert_eq!(features(&whole, "dead", None).switch.as_str(), "no-such-flag");
        assert_eq!(features(&answer(&json!({})), "live", None).switch.as_str(), "malformed");
        let page = Response { body: Bytes::from_static(b"<html>"), ..whole };
        assert_eq!(features(&page, "live", None).switch.as_str(), "not-json");
    }
}
