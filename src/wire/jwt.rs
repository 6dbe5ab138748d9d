//! JSON Web Tokens signed with HS256 (RFC 7519, RFC 7515).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// Why a token cannot be believed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BadToken {
    /// Not three parts separated by dots; how many there are.
    Parts(usize),
    /// A part that is no base64url, or no JSON object.
    Unreadable,
    /// Signed with another algorithm than HS256.
    Algorithm,
    Signature,
}

/// Signs claims.
pub fn sign(claims: &Value, secret: &[u8]) -> String {
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let signature =
        URL_SAFE_NO_PAD.encode(mac(&signed, secret).map(|mac| mac.finalize().into_bytes()).unwrap_or_default());
    format!("{signed}.{signature}")
}

/// Checks the signature and returns the claims. Times are not judged.
///
/// # Errors
/// What keeps the token from being believed.
pub fn verify(token: &str, secret: &[u8]) -> Result<Value, BadToken> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else { return Err(BadToken::Parts(parts.len())) };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| BadToken::Unreadable);
    let read = |part: &str| -> Result<Value, BadToken> {
        serde_json::from_slice::<Value>(&decode(part)?).ok().filter(Value::is_object).ok_or(BadToken::Unreadable)
    };
    let (head, body) = (read(header)?, read(claims)?);
    let signature = decode(signature)?;
    if head["alg"] != "HS256" {
        return Err(BadToken::Algorithm);
    }
    let mac = mac(&format!("{header}.{claims}"), secret).ok_or(BadToken::Signature)?;
    mac.verify_slice(&signature).map_err(|_| BadToken::Signature)?;
    Ok(body)
}

fn mac(signed: &str, secret: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(signed.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{BadToken, sign, verify};

    /// The example of jwt.io, which every library checks itself against.
    const EXAMPLE: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
        eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.\
        SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

    #[test]
    fn a_published_token_verifies() {
        let claims = verify(EXAMPLE, b"your-256-bit-secret").unwrap();
        assert_eq!(claims, json!({ "sub": "1234567890", "name": "John Doe", "iat": 1_516_239_022 }));
        assert_eq!(verify(EXAMPLE, b"another"), Err(BadToken::Signature));
    }

    #[test]
    fn what_is_no_token_is_told_apart() {
        let token = sign(&json!({ "role": "anon" }), b"s");
        assert!(verify(&token, b"s").is_ok());
        assert_eq!(verify("sb_publishable_x", b"s"), Err(BadToken::Parts(1)));
        assert_eq!(verify("a.b.c", b"s"), Err(BadToken::Unreadable));
        let none = "eyJhbGciOiJub25lIn0.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.";
        assert_eq!(verify(none, b"s"), Err(BadToken::Algorithm));
    }
}
