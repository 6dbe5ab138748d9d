//! PEM blocks (RFC 7468), and public keys as `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7, RFC 8410 §4, RFC 5480 §2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::declaration::Algorithm;

/// Why a text holds no key.
#[derive(Debug, thiserror::Error)]
pub enum PemError {
    #[error("holds no PEM block")]
    NoBlock,
    #[error("the PEM block does not end")]
    CutOff,
    #[error("the PEM block is not base64")]
    NotBase64,
    #[error("the key is encrypted")]
    Encrypted,
    #[error("an EC key in its old form (SEC 1), not PKCS#8")]
    Sec1,
    #[error("a `{found}` where a {wanted} is needed")]
    OtherKind { found: String, wanted: &'static str },
    #[error("neither an Ed25519 nor a P-256 public key")]
    OtherKey,
}

/// A public key: its algorithm, and the point as the algorithm writes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Spki {
    pub algorithm: Algorithm,
    pub point: Vec<u8>,
}

/// The DER of an Ed25519 key up to its 32 bytes.
const ED25519: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The DER of a P-256 key up to its uncompressed point of 65 bytes.
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

impl Spki {
    /// As DER.
    pub fn der(&self) -> Vec<u8> {
        let head: &[u8] = match self.algorithm {
            Algorithm::Ed25519 => &ED25519,
            Algorithm::EcdsaP256Sha256 => &P256,
        };
        [head, &self.point].concat()
    }

    fn read(der: &[u8]) -> Option<Self> {
        let known = [(Algorithm::Ed25519, &ED25519[..], 32), (Algorithm::EcdsaP256Sha256, &P256[..], 65)];
        known.into_iter().find_map(|(algorithm, head, length)| {
            let point = der.strip_prefix(head)?;
            (point.len() == length).then(|| Self { algorithm, point: point.to_vec() })
        })
    }
}

/// The DER of the private key in a text.
pub fn private(text: &[u8]) -> Result<Vec<u8>, PemError> {
    let (label, der) = block(text)?;
    match label.as_str() {
        "PRIVATE KEY" => der,
        "EC PRIVATE KEY" => Err(PemError::Sec1),
        label if label.starts_with("ENCRYPTED") => Err(PemError::Encrypted),
        label => Err(PemError::OtherKind { found: label.to_owned(), wanted: "private key" }),
    }
}

/// The public key in a text.
pub fn public(text: &[u8]) -> Result<Spki, PemError> {
    let (label, der) = block(text)?;
    if label != "PUBLIC KEY" {
        return Err(PemError::OtherKind { found: label, wanted: "public key" });
    }
    Spki::read(&der?).ok_or(PemError::OtherKey)
}

/// The label of the first block, and what is in it.
fn block(text: &[u8]) -> Result<(String, Result<Vec<u8>, PemError>), PemError> {
    let text = String::from_utf8_lossy(text);
    let (_, rest) = text.split_once("-----BEGIN ").ok_or(PemError::NoBlock)?;
    let (label, rest) = rest.split_once("-----").ok_or(PemError::CutOff)?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----")).ok_or(PemError::CutOff)?;
    let body: String = body.chars().filter(|letter| !letter.is_whitespace()).collect();
    Ok((label.to_owned(), STANDARD.decode(body).map_err(|_| PemError::NotBase64)))
}

/// Writes a block, 64 letters a line.
pub fn write(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut lines = format!("-----BEGIN {label}-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, behind) = rest.split_at(rest.len().min(64));
        lines = lines + line + "\n";
        rest = behind;
    }
    lines + "-----END " + label + "-----\n"
}
