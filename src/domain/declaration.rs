//! What a person declares in the ledger: who, why, when, and until when.

pub mod register;
pub mod scope;
pub mod standing;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::domain::declaration::scope::Scope;
use crate::domain::integration::Name;
use crate::domain::moment::Moment;
use crate::domain::readiness::Criterion;

/// One person's word. It is believed as far as [`standing`] goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Declaration {
    pub what: What,
    /// The workspace's name: what is declared in one holds in no other.
    pub workspace: String,
    /// Where it holds; everywhere when absent (an attempt, a resolution, a revocation).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    pub by: String,
    pub why: String,
    pub at: Timestamp,
    /// An approval or a waiver without it opens nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// The approver of `preflight.yaml` whose key made the signature. Never read from the ledger: the reader that checks
    /// the signature fills it in.
    #[serde(skip)]
    pub signed_by: Option<String>,
}

/// What is declared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Something that may be done on a live target.
    Approval {
        scope: Scope,
        /// How many requests it opens; any number when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uses: Option<u32>,
    },
    /// A criterion that the launch may go without for a while.
    Waiver { integration: Name, criterion: Criterion },
    /// A documented attempt to remove a blocker.
    Attempt {
        ticket: String,
        made: Moment,
        what: String,
        /// The rung of the ladder on which it was made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rung: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<String>,
    },
    /// A blocker is gone.
    Resolution {
        ticket: String,
        resolved: Moment,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<String>,
    },
    /// An earlier declaration is taken back, wherever it stands: a copy of it comes back no other way.
    Revocation {
        sequence: u64,
        /// [`Declaration::digest`] of what is taken back.
        digest: String,
    },
}

/// A signature over [`Declaration::signed_text`].
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    /// SHA-256 (hex) of the public key as DER (`SubjectPublicKeyInfo`).
    pub key: String,
    pub algorithm: Algorithm,
    /// Base64. ECDSA in ASN.1, as openssl writes it.
    pub value: String,
}

/// How a declaration, and an exported statement, is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    Ed25519,
    EcdsaP256Sha256,
}

/// An unsafe request that an approval opened, written before it was sent.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Sequence of the approval.
    pub approval: u64,
    /// [`Declaration::digest`] of the approval: a copy of it opens no more.
    pub digest: String,
    pub integration: Name,
    pub environment: String,
    pub method: String,
    /// Below the base URL, without query.
    pub path: String,
    pub at: Timestamp,
}

impl Declaration {
    /// What is signed: the declaration without its signature as JSON, members sorted, without spaces (RFC 8785 for what
    /// stands in one: text and whole numbers).
    pub fn signed_text(&self) -> String {
        let plain = Self { signature: None, ..self.clone() };
        // Names, text and numbers: nothing in it cannot be JSON.
        canonical(serde_json::to_value(plain).unwrap_or_default()).to_string()
    }

    /// SHA-256 (hex) of [`Self::signed_text`].
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.signed_text()))
    }

    /// The word for it in messages.
    pub fn noun(&self) -> &'static str {
        match self.what {
            What::Approval { .. } => "approval",
            What::Waiver { .. } => "waiver",
            What::Attempt { .. } => "attempt",
            What::Resolution { .. } => "resolution",
            What::Revocation { .. } => "revocation",
        }
    }
}

/// The same value with the members of every object sorted.
fn canonical(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<(String, Value)> = members.into_iter().collect();
            sorted.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(sorted.into_iter().map(|(name, value)| (name, canonical(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(canonical).collect()),
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::{Declaration, What};
    use crate::domain::declaration::scope::Scope;

    fn approval() -> Declaration {
        Declaration {
            what: What::Approval { scope: Scope::Flip { flag: "live".into() }, uses: Some(2) },
            workspace: "w".into(),
            environment: Some("staging".into()),
            by: "ana".into(),
            why: "launch \"now\"".into(),
            at: "2026-11-20T12:00:00Z".parse().unwrap(),
            until: Some("2026-11-21T12:00:00Z".parse().unwrap()),
            signature: None,
            signed_by: None,
        }
    }

    #[test]
    fn what_is_signed_has_one_form() {
        let text = "{\"at\":\"2026-11-20T12:00:00Z\",\"by\":\"ana\",\"environment\":\"staging\",\"until\":\"2026-11-21T12:00:00Z\",\
             \"what\":{\"approval\":{\"scope\":{\"flip\":{\"flag\":\"live\"}},\"uses\":2}},\"why\":\"launch \\\"now\\\"\",\"workspace\":\"w\"}";
        assert_eq!(approval().signed_text(), text);
        let read: Declaration = serde_json::from_str(text).unwrap();
        assert_eq!(read.digest(), approval().digest());
    }

    #[test]
    fn every_member_is_under_the_signature() {
        let plain = approval();
        let changes: [fn(&mut Declaration); 6] = [
            |d| d.what = What::Approval { scope: Scope::Flip { flag: "live".into() }, uses: None },
            |d| d.workspace = "v".into(),
            |d| d.environment = None,
            |d| d.by = "bob".into(),
            |d| d.why = String::new(),
            |d| d.until = None,
        ];
        for change in changes {
            let mut other = plain.clone();
            change(&mut other);
            assert_ne!(other.digest(), plain.digest(), "{other:?}");
        }
        assert_eq!(Declaration { signed_by: Some("x".into()), ..plain.clone() }.digest(), plain.digest());
    }
}
