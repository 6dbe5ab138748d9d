//! Whether a flag is on for who asks: `enabled && (no strategies || any strategy matches)`.
//!
//! The hash of a rollout is that of Unleash's clients (murmur3, `groupId:id` modulo 100, plus 1; unleash-client 6.12.1,
//! `strategy/util`); tests/peers/flags holds it against that client.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// What came of an evaluation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Verdict {
    pub(super) on: bool,
    /// As OFREP writes it.
    pub(super) reason: &'static str,
}

/// The strategy that Unleash gives a flag that is enabled without one.
pub(super) fn for_all(name: &str) -> Value {
    json!({
        "name": "flexibleRollout", "constraints": [],
        "parameters": { "groupId": name, "rollout": "100", "stickiness": "default" }, "variants": [],
    })
}

/// # Errors
/// A strategy or an operator that is not modelled.
pub(super) fn verdict(
    name: &str,
    enabled: bool,
    strategies: &[Value],
    context: &BTreeMap<String, String>,
) -> Result<Verdict, String> {
    if !enabled {
        return Ok(Verdict { on: false, reason: "DISABLED" });
    }
    if strategies.is_empty() {
        return Ok(Verdict { on: true, reason: "STATIC" });
    }
    let mut last = Verdict { on: false, reason: "STATIC" };
    for strategy in strategies {
        last = matches(name, strategy, context)?;
        if last.on {
            return Ok(last);
        }
    }
    Ok(last)
}

fn matches(flag: &str, strategy: &Value, context: &BTreeMap<String, String>) -> Result<Verdict, String> {
    let constraints = strategy["constraints"].as_array().map_or(&[][..], Vec::as_slice);
    for one in constraints {
        if !holds(one, context)? {
            return Ok(Verdict { on: false, reason: "TARGETING_MATCH" });
        }
    }
    let all = if constraints.is_empty() { "STATIC" } else { "TARGETING_MATCH" };
    let parameter = |name: &str| strategy["parameters"][name].as_str().unwrap_or_default();
    match strategy["name"].as_str().unwrap_or_default() {
        "default" => Ok(Verdict { on: true, reason: all }),
        "userWithId" => {
            let user = context.get("userId").map_or("", String::as_str);
            let on = parameter("userIds").split(',').any(|id| !user.is_empty() && id.trim() == user);
            Ok(Verdict { on, reason: "TARGETING_MATCH" })
        }
        "flexibleRollout" => {
            let share: u32 = parameter("rollout").parse().map_err(|_| "a rollout that is no number".to_owned())?;
            let group = if parameter("groupId").is_empty() { flag } else { parameter("groupId") };
            match share {
                0 => Ok(Verdict { on: false, reason: all }),
                100.. => Ok(Verdict { on: true, reason: all }),
                _ => {
                    let id = sticky(parameter("stickiness"), context)?;
                    Ok(Verdict { on: normalized(group, id) <= share, reason: "SPLIT" })
                }
            }
        }
        other => Err(format!("the strategy {other}")),
    }
}

/// What a rollout is decided by.
fn sticky<'a>(stickiness: &str, context: &'a BTreeMap<String, String>) -> Result<&'a str, String> {
    let found = match stickiness {
        "default" | "" => context.get("userId").or_else(|| context.get("sessionId")),
        other => context.get(other),
    };
    found.map(String::as_str).ok_or_else(|| "a rollout for somebody without an id, which is random".to_owned())
}

fn holds(constraint: &Value, context: &BTreeMap<String, String>) -> Result<bool, String> {
    let name = constraint["contextName"].as_str().unwrap_or_default();
    let value = context.get(name);
    let listed = constraint["values"]
        .as_array()
        .is_some_and(|values| values.iter().any(|known| value.is_some_and(|value| known.as_str() == Some(value))));
    let held = match constraint["operator"].as_str().unwrap_or_default() {
        "IN" => listed,
        "NOT_IN" => !listed,
        other => return Err(format!("the operator {other}")),
    };
    Ok(held != (constraint["inverted"] == Value::Bool(true)))
}

/// 1 to 100, the same for one id and group for ever.
fn normalized(group: &str, id: &str) -> u32 {
    murmur3(format!("{group}:{id}").as_bytes()) % 100 + 1
}

/// MurmurHash3, x86, 32 bits, seed 0 (Austin Appleby, public domain).
fn murmur3(bytes: &[u8]) -> u32 {
    const C1: u32 = 0xcc9e_2d51;
    const C2: u32 = 0x1b87_3593;
    let mixed = |block: u32| block.wrapping_mul(C1).rotate_left(15).wrapping_mul(C2);
    let mut hash = 0_u32;
    let blocks = bytes.chunks_exact(4);
    let tail = blocks.remainder();
    for block in blocks {
        let block = block.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
        hash = (hash ^ mixed(block)).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    if !tail.is_empty() {
        hash ^= mixed(tail.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte)));
    }
    hash ^= u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{murmur3, normalized, verdict};

    fn user(id: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("userId".to_owned(), id.to_owned())])
    }

    #[test]
    fn the_hash_is_the_published_one() {
        // Test vectors of MurmurHash3_x86_32 with the seed 0.
        for (text, hash) in [("", 0), ("test", 0xba6b_d213), ("Hello, world!", 0xc036_3e43)] {
            assert_eq!(murmur3(text.as_bytes()), hash, "{text}");
        }
        // unleash/client-specification: the value of user 123 in group gr1 is 73, of 999 in groupX 25.
        assert_eq!((normalized("gr1", "123"), normalized("groupX", "999")), (73, 25));
    }

    #[test]
    fn a_flag_is_on_for_whom_a_strategy_matches() {
        let rollout =
            |share: &str| json!({ "name": "flexibleRollout", "parameters": { "rollout": share, "groupId": "gr1" } });
        let named = json!({ "name": "userWithId", "parameters": { "userIds": "7, 123" } });
        let limited = |operator: &str| {
            json!({ "name": "default", "constraints": [
            { "contextName": "userId", "operator": operator, "values": ["123"] } ] })
        };
        let table: [(bool, Vec<Value>, bool, &str); 11] = [
            (false, vec![rollout("100")], false, "DISABLED"),
            (true, vec![], true, "STATIC"),
            (true, vec![rollout("100")], true, "STATIC"),
            (true, vec![rollout("0")], false, "STATIC"),
            (true, vec![rollout("72")], false, "SPLIT"),
            (true, vec![rollout("73")], true, "SPLIT"),
            (true, vec![named], true, "TARGETING_MATCH"),
            (true, vec![limited("IN")], true, "TARGETING_MATCH"),
            (true, vec![limited("NOT_IN")], false, "TARGETING_MATCH"),
            (true, vec![rollout("0"), json!({ "name": "default" })], true, "STATIC"),
            (true, vec![limited("NOT_IN"), rollout("0")], false, "STATIC"),
        ];
        for (enabled, strategies, on, reason) in table {
            let seen = verdict("live", enabled, &strategies, &user("123")).unwrap();
            assert_eq!((seen.on, seen.reason), (on, reason), "{enabled} {strategies:?}");
        }
        assert!(verdict("live", true, &[json!({ "name": "remoteAddress" })], &user("1")).is_err());
        assert!(verdict("live", true, &[rollout("50")], &BTreeMap::new()).is_err());
    }
}
