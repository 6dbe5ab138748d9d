//! Evidence as an in-toto Statement v1 (in-toto/attestation, `spec/v1/statement.md`).

use serde::Serialize;
use serde_json::{Value, json};

/// The statement's type.
pub const TYPE: &str = "https://in-toto.io/Statement/v1";

/// What our predicate is; a name, not an address.
pub const PREDICATE: &str = "urn:preflight:evidence:1";

/// One file that the statement speaks of.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Subject {
    pub name: String,
    /// SHA-256, hex.
    #[serde(serialize_with = "digest")]
    pub digest: String,
}

fn digest<S: serde::Serializer>(digest: &str, serializer: S) -> Result<S::Ok, S::Error> {
    json!({ "sha256": digest }).serialize(serializer)
}

/// One entry as the predicate holds it.
#[derive(Clone, Debug, Serialize)]
pub struct Stated {
    /// SHA-256 (hex) of the ledger's line; the line is `entry` in compact JSON with its members in this order.
    pub line_sha256: String,
    pub entry: Value,
}

/// Puts a statement together; `head` is the hash of the ledger's last line at that time.
pub fn statement(subjects: &[Subject], entries: &[Stated], head: &str, tool: &str) -> Value {
    json!({
        "_type": TYPE,
        "subject": subjects,
        "predicateType": PREDICATE,
        "predicate": { "tool": tool, "ledger": { "head": head }, "entries": entries },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Stated, Subject, statement};

    #[test]
    fn a_statement_has_the_members_of_the_specification() {
        let subject = Subject { name: "records/a.json".into(), digest: "ab".into() };
        let entry = Stated { line_sha256: "cd".into(), entry: json!({"sequence": 3}) };
        assert_eq!(
            statement(&[subject], &[entry], "ef", "preflight 0.1.0"),
            json!({
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [{"name": "records/a.json", "digest": {"sha256": "ab"}}],
                "predicateType": "urn:preflight:evidence:1",
                "predicate": {"tool": "preflight 0.1.0", "ledger": {"head": "ef"},
                              "entries": [{"line_sha256": "cd", "entry": {"sequence": 3}}]},
            })
        );
    }
}
