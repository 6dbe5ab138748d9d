//! JSON Web Tokens signed with HMAC-SHA256 (RFC 7519, `HS256`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// Why a token is not to be trusted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadToken {
    #[error("the token is not a JWT signed with HS256")]
    Malformed,
    #[error("the signature does not match")]
    WrongSignature,
}

fn mac(secret: &str, signed: &str) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104 §2)")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key length");
    mac.update(signed.as_bytes());
    mac
}

/// A token with these claims.
pub fn sign(secret: &str, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": "JWT" })), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(mac(secret, &signed).finalize().into_bytes());
    format!("{signed}.{signature}")
}

/// The claims of a token, its signature checked in constant time. Times are the caller's to check.
///
/// # Errors
/// Why the token is not to be trusted.
pub fn verify(secret: &str, token: &str) -> Result<Value, BadToken> {
    let (signed, signature) = token.rsplit_once('.').ok_or(BadToken::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(BadToken::Malformed)?;
    let read = |part: &str| -> Option<Value> { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok() };
    if read(header).and_then(|header| header.get("alg")?.as_str().map(|alg| alg == "HS256")) != Some(true) {
        return Err(BadToken::Malformed);
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| BadToken::WrongSignature)?;
    mac(secret, signed).verify_slice(&signature).map_err(|_| BadToken::WrongSignature)?;
    read(claims).ok_or(BadToken::Malformed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{BadToken, sign, verify};

    #[test]
    fn a_published_token_verifies() {
        // The example token of jwt.io.
        let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
        assert_eq!(verify("your-256-bit-secret", token).unwrap()["name"], "John Doe");
    }

    #[test]
    fn what_is_signed_verifies_and_nothing_else_does() {
        let token = sign("s3cret", &json!({ "sub": "1" }));
        assert_eq!(verify("s3cret", &token), Ok(json!({ "sub": "1" })));
        assert_eq!(verify("other", &token), Err(BadToken::WrongSignature));
        assert_eq!(verify("s3cret", &token[..token.len() - 2]), Err(BadToken::WrongSignature));
        let unsigned = format!("{}.{}.", "eyJhbGciOiJub25lIn0", "e30");
        for bad in ["", "a.b", "a.b.c", &unsigned] {
            assert_eq!(verify("s3cret", bad), Err(BadToken::Malformed), "{bad}");
        }
    }
}
