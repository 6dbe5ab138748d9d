//! The signing envelope of DSSE 1.0 (secure-systems-lab/dsse, `protocol.md` and `envelope.md`).

use serde::{Deserialize, Serialize};

/// The payload type of an in-toto statement (in-toto/attestation, `spec/v1/envelope.md`).
pub const IN_TOTO: &str = "application/vnd.in-toto+json";

/// The media type of a Sigstore bundle that holds a key's hint and an envelope (sigstore/protobuf-specs).
pub const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// What is signed: `DSSEv1 LEN(type) type LEN(body) body`, lengths in bytes.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut signed = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    signed.extend_from_slice(payload);
    signed
}

/// A signed payload. All three texts are base64 but the payload's type.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    pub payload: String,
    pub payload_type: String,
    pub signatures: Vec<Signature>,
}

/// One signature over [`pae`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Signature {
    /// Empty: a verifier passes over a signature whose id is not the one that it makes of its own key, and each makes another.
    pub keyid: String,
    pub sig: String,
}

#[cfg(test)]
mod tests {
    use super::pae;

    /// The test vector of secure-systems-lab/dsse, `protocol.md` ("Test vectors").
    #[test]
    fn the_published_encoding() {
        let signed = pae("http://example.com/HelloWorld", b"hello world");
        assert_eq!(signed, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn lengths_are_bytes() {
        assert_eq!(pae("t", "é".as_bytes()), "DSSEv1 1 t 2 é".as_bytes());
        assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
    }
}
