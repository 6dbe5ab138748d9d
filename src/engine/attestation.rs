//! Signs entries of the ledger as an in-toto statement.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::adapter::signing::SigningKey;
use crate::domain::chain::Line;
use crate::domain::chain::hash::Hash;
use crate::domain::entry::Entry;
use crate::wire::dsse::{BUNDLE, Envelope, IN_TOTO, Signature, pae};
use crate::wire::statement::{Stated, Subject, statement};

/// What the signature is wrapped in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// A Sigstore bundle, which `cosign` takes.
    Bundle,
    /// The DSSE envelope alone.
    Envelope,
}

/// Signs lines, each with its bytes; `head` is the hash of the ledger's last line.
///
/// The subjects are the records that the entries rest on, and the line itself where an entry rests on none.
///
/// # Errors
/// A line is no JSON, or the key does not sign.
pub fn sign(lines: &[(&Line, &[u8])], head: Hash, tool: &str, key: &SigningKey, form: Form) -> anyhow::Result<Value> {
    let mut subjects: Vec<Subject> = Vec::new();
    let mut stated = Vec::new();
    for (line, bytes) in lines {
        let subject = match line.entry.as_ref().ok().and_then(Entry::evidence) {
            Some(shown) => Subject { name: shown.record.clone(), digest: shown.digest.clone() },
            None => Subject {
                name: format!("ledger.jsonl#{}", line.sequence.unwrap_or_default()),
                digest: line.hash.to_string(),
            },
        };
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
        let entry = serde_json::from_slice(bytes).with_context(|| format!("line {} is no JSON", line.number))?;
        stated.push(Stated { line_sha256: line.hash.to_string(), entry });
    }
    let payload = statement(&subjects, &stated, &head.to_string(), tool).to_string();
    let sig = key.sign(&pae(IN_TOTO, payload.as_bytes()))?;
    let envelope = Envelope {
        payload: STANDARD.encode(payload),
        payload_type: IN_TOTO.to_owned(),
        signatures: vec![Signature { keyid: String::new(), sig: STANDARD.encode(sig) }],
    };
    Ok(match form {
        Form::Envelope => serde_json::to_value(envelope)?,
        Form::Bundle => {
            // The id is the digest that the hint is made of.
            let hint = STANDARD.encode(hex::decode(key.public().id())?);
            json!({
                "mediaType": BUNDLE,
                "verificationMaterial": { "publicKey": { "hint": hint } },
                "dsseEnvelope": envelope,
            })
        }
    })
}
