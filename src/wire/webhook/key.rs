//! Keys: made of a secret's text, or of a public key's; they sign and verify, and are never shown.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING,
    ED25519, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey,
    VerificationAlgorithm,
};

use crate::wire::webhook::scheme::{Algorithm, KeyForm, Scheme};

/// Why a text is no key. No variant holds the text.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadKey {
    #[error("the secret is empty")]
    Empty,
    #[error("the secret is not base64 (after `{0}`)")]
    NotBase64(String),
    #[error("the secret is not hex")]
    NotHex,
    #[error("it is no private {0} key; PKCS#8 is read as PEM or base64")]
    NotPrivate(&'static str),
    #[error("it is no public {0} key; SubjectPublicKeyInfo is read as PEM or base64")]
    NotPublic(&'static str),
    #[error("the scheme shares one secret and has no public key")]
    Shared,
}

/// A key could not sign.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoSignature {
    #[error("a public key only verifies")]
    Public,
    #[error("the system gave no randomness for the signature")]
    NoRandomness,
}

/// A key of one algorithm.
pub struct Key(Inner);

enum Inner {
    Shared(hmac::Key),
    Ed25519 { pair: Option<Box<Ed25519KeyPair>>, public: Vec<u8> },
    P256 { pair: Option<Box<EcdsaKeyPair>>, public: Vec<u8>, raw: bool },
}

/// A pair that was made for a test: the texts that `Scheme::key` and `Scheme::public_key` read.
pub struct Pair {
    pub secret: secrecy::SecretString,
    /// None where one secret is shared.
    pub public: Option<String>,
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(match &self.0 {
            Inner::Shared(_) => "Key(shared)",
            Inner::Ed25519 { .. } => "Key(Ed25519)",
            Inner::P256 { .. } => "Key(P-256)",
        })
    }
}

/// What stands before the 32 bytes of an Ed25519 key in `SubjectPublicKeyInfo` (RFC 8410 §4).
const ED25519_SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What stands before the 65 bytes of a P-256 point in `SubjectPublicKeyInfo` (RFC 5480 §2).
const P256_SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Before a public key of Standard Webhooks v1a (spec, "Asymmetric signatures").
const PUBLIC_PREFIX: &str = "whpk_";

impl Scheme {
    /// The key that signs, and that verifies too.
    ///
    /// # Errors
    /// The text is no key of the scheme's kind.
    pub fn key(&self, secret: &str) -> Result<Key, BadKey> {
        if secret.is_empty() {
            return Err(BadKey::Empty);
        }
        let bare = secret.strip_prefix(self.key_prefix.as_ref()).unwrap_or(secret);
        match self.algorithm {
            Algorithm::Ed25519 => ed25519(bare),
            Algorithm::EcdsaP256 => p256(bare, false),
            Algorithm::EcdsaP256Raw => p256(bare, true),
            _ => {
                let bytes = match self.key {
                    KeyForm::Text => bare.as_bytes().to_vec(),
                    KeyForm::Base64 => {
                        STANDARD.decode(bare).map_err(|_| BadKey::NotBase64(self.key_prefix.to_string()))?
                    }
                    KeyForm::Hex => hex::decode(bare).map_err(|_| BadKey::NotHex)?,
                };
                // Nothing behind a prefix is no secret either.
                if bytes.is_empty() { Err(BadKey::Empty) } else { Ok(self.key_of(&bytes)) }
            }
        }
    }

    /// A shared key of these bytes, were they none: for those who have to sign as a broken receiver verifies.
    /// Of a scheme with key pairs it is one of HMAC-SHA256, as an attacker takes a public key for a shared one.
    pub fn key_of(&self, bytes: &[u8]) -> Key {
        Key(Inner::Shared(hmac::Key::new(digest(self.algorithm), bytes)))
    }

    /// The key that only verifies.
    ///
    /// # Errors
    /// The text is no public key of the scheme's kind, or the scheme has none.
    pub fn public_key(&self, text: &str) -> Result<Key, BadKey> {
        let bytes = || unwrapped(text.strip_prefix(PUBLIC_PREFIX).unwrap_or(text));
        match self.algorithm {
            Algorithm::Ed25519 => {
                let bytes = bytes().ok_or(BadKey::NotPublic("Ed25519"))?;
                let public = bytes.strip_prefix(&ED25519_SPKI[..]).unwrap_or(&bytes);
                if public.len() != 32 {
                    return Err(BadKey::NotPublic("Ed25519"));
                }
                Ok(Key(Inner::Ed25519 { pair: None, public: public.to_vec() }))
            }
            Algorithm::EcdsaP256 | Algorithm::EcdsaP256Raw => {
                let bytes = bytes().ok_or(BadKey::NotPublic("P-256"))?;
                let public = bytes.strip_prefix(&P256_SPKI[..]).unwrap_or(&bytes);
                if public.len() != 65 || public.first() != Some(&4) {
                    return Err(BadKey::NotPublic("P-256"));
                }
                let raw = self.algorithm == Algorithm::EcdsaP256Raw;
                Ok(Key(Inner::P256 { pair: None, public: public.to_vec(), raw }))
            }
            _ => Err(BadKey::Shared),
        }
    }

    /// A secret, or a pair of keys, that is good for tests alone.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn make_pair(&self, random: &SystemRandom) -> Result<Pair, NoSignature> {
        use ring::rand::SecureRandom as _;
        let mut bytes = [0; 32];
        random.fill(&mut bytes).map_err(|_| NoSignature::NoRandomness)?;
        let prefix = &self.key_prefix;
        let (secret, public) = match self.algorithm {
            Algorithm::Ed25519 => {
                let pair = Ed25519KeyPair::from_seed_unchecked(&bytes).map_err(|_| NoSignature::NoRandomness)?;
                let public = pair.public_key().as_ref();
                let public = if prefix.is_empty() {
                    STANDARD.encode([&ED25519_SPKI[..], public].concat())
                } else {
                    format!("{PUBLIC_PREFIX}{}", STANDARD.encode(public))
                };
                (format!("{prefix}{}", STANDARD.encode(bytes)), Some(public))
            }
            Algorithm::EcdsaP256 | Algorithm::EcdsaP256Raw => {
                let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, random);
                let document = document.map_err(|_| NoSignature::NoRandomness)?;
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), random);
                let pair = pair.map_err(|_| NoSignature::NoRandomness)?;
                let public = [&P256_SPKI[..], pair.public_key().as_ref()].concat();
                (STANDARD.encode(document.as_ref()), Some(STANDARD.encode(public)))
            }
            _ => match self.key {
                KeyForm::Base64 => (format!("{prefix}{}", STANDARD.encode(bytes)), None),
                KeyForm::Text | KeyForm::Hex => (format!("{prefix}{}", hex::encode(bytes)), None),
            },
        };
        Ok(Pair { secret: secret.into(), public })
    }
}

impl Key {
    /// The signature's bytes.
    ///
    /// # Errors
    /// It is a public key, or the system gives no randomness.
    pub fn sign(&self, content: &[u8]) -> Result<Vec<u8>, NoSignature> {
        match &self.0 {
            Inner::Shared(key) => Ok(hmac::sign(key, content).as_ref().to_vec()),
            Inner::Ed25519 { pair, .. } => {
                let pair = pair.as_ref().ok_or(NoSignature::Public)?;
                Ok(pair.sign(content).as_ref().to_vec())
            }
            Inner::P256 { pair, .. } => {
                let pair = pair.as_ref().ok_or(NoSignature::Public)?;
                // Each signature of ECDSA needs a number that nobody else knows.
                let signature = pair.sign(&SystemRandom::new(), content).map_err(|_| NoSignature::NoRandomness)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }

    /// Whether the signature is right; how long that takes does not tell how much of it is.
    pub fn verifies(&self, content: &[u8], signature: &[u8]) -> bool {
        let with = |algorithm: &'static dyn VerificationAlgorithm, public: &[u8]| {
            UnparsedPublicKey::new(algorithm, public).verify(content, signature).is_ok()
        };
        match &self.0 {
            Inner::Shared(key) => hmac::verify(key, content, signature).is_ok(),
            Inner::Ed25519 { public, .. } => with(&ED25519, public),
            Inner::P256 { public, raw: true, .. } => with(&ECDSA_P256_SHA256_FIXED, public),
            Inner::P256 { public, raw: false, .. } => with(&ECDSA_P256_SHA256_ASN1, public),
        }
    }
}

fn digest(algorithm: Algorithm) -> hmac::Algorithm {
    match algorithm {
        Algorithm::HmacSha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Algorithm::HmacSha384 => hmac::HMAC_SHA384,
        Algorithm::HmacSha512 => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    }
}

fn ed25519(text: &str) -> Result<Key, BadKey> {
    let bad = BadKey::NotPrivate("Ed25519");
    let bytes = unwrapped(text).ok_or_else(|| bad.clone())?;
    let pair = match bytes.len() {
        32 => Ed25519KeyPair::from_seed_unchecked(&bytes),
        // The seed and the public key after it, as NaCl keeps them.
        64 => Ed25519KeyPair::from_seed_and_public_key(&bytes[..32], &bytes[32..]),
        _ => Ed25519KeyPair::from_pkcs8_maybe_unchecked(&bytes),
    };
    let pair = pair.map_err(|_| bad)?;
    let public = pair.public_key().as_ref().to_vec();
    Ok(Key(Inner::Ed25519 { pair: Some(Box::new(pair)), public }))
}

fn p256(text: &str, raw: bool) -> Result<Key, BadKey> {
    let bytes = unwrapped(text).ok_or(BadKey::NotPrivate("P-256"))?;
    let algorithm: &'static EcdsaSigningAlgorithm =
        if raw { &ECDSA_P256_SHA256_FIXED_SIGNING } else { &ECDSA_P256_SHA256_ASN1_SIGNING };
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, &bytes, &SystemRandom::new());
    let pair = pair.map_err(|_| BadKey::NotPrivate("P-256"))?;
    let public = pair.public_key().as_ref().to_vec();
    Ok(Key(Inner::P256 { pair: Some(Box::new(pair)), public, raw }))
}

/// The bytes of PEM or base64.
fn unwrapped(text: &str) -> Option<Vec<u8>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    let bare: String = lines.collect();
    STANDARD_NO_PAD.decode(bare.trim_end_matches('=')).ok().filter(|bytes| !bytes.is_empty())
}
