//! Signatures of the user's own keys, Ed25519 or ECDSA on P-256: PEM in, signature out, and whether one is right.

mod pem;

use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use sha2::{Digest, Sha256};

use crate::adapter::files::{self, FileError};
use crate::adapter::signing::pem::{PemError, Spki};
use crate::domain::declaration::{Algorithm, Declaration, Signature};
use crate::domain::entry::{Body, History};
use crate::domain::inventory::Inventory;

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{}: {source}", path.display())]
    Key { path: PathBuf, source: PemError },
    #[error("{}: neither an Ed25519 nor a P-256 key", path.display())]
    Unknown { path: PathBuf },
    #[error("{}: the key could not sign", path.display())]
    Unable { path: PathBuf },
}

impl SigningError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::File(error) => error.hint().map(str::to_owned),
            Self::Key { source: PemError::Sec1, .. } => {
                Some("turn it into PKCS#8: openssl pkcs8 -topk8 -nocrypt -in OLD.pem -out NEW.pem".to_owned())
            }
            Self::Key { source: PemError::Encrypted, .. } => {
                Some("take the passphrase off for the run: openssl pkcs8 -in OLD.pem -out NEW.pem".to_owned())
            }
            Self::Key { .. } | Self::Unknown { .. } => {
                Some("make one with: openssl genpkey -algorithm ed25519 -out key.pem".to_owned())
            }
            Self::Unable { .. } => None,
        }
    }
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
}

/// A private key. It is shown by its id alone.
pub struct SigningKey {
    pair: Pair,
    public: PublicKey,
    path: PathBuf,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "SigningKey({})", self.public.id)
    }
}

impl SigningKey {
    /// Reads a private key in PKCS#8 PEM (`-----BEGIN PRIVATE KEY-----`), as openssl writes it.
    ///
    /// # Errors
    /// The file cannot be read, or holds no such key.
    pub fn read(path: &Path) -> Result<Self, SigningError> {
        Self::from_pem(path, &files::read(path)?)
    }

    /// The key in a PEM text; `path` is only named in errors.
    ///
    /// # Errors
    /// It is no Ed25519 or P-256 key in PKCS#8.
    pub fn from_pem(path: &Path, text: &[u8]) -> Result<Self, SigningError> {
        let der = pem::private(text).map_err(|source| SigningError::Key { path: path.to_owned(), source })?;
        let unknown = || SigningError::Unknown { path: path.to_owned() };
        let (pair, algorithm, point) = if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der) {
            let point = pair.public_key().as_ref().to_vec();
            (Pair::Ed25519(pair), Algorithm::Ed25519, point)
        } else {
            let random = SystemRandom::new();
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der, &random);
            let pair = pair.map_err(|_| unknown())?;
            let point = pair.public_key().as_ref().to_vec();
            (Pair::P256(pair), Algorithm::EcdsaP256Sha256, point)
        };
        Ok(Self { pair, public: PublicKey::of(Spki { algorithm, point }), path: path.to_owned() })
    }

    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs a message: 64 bytes for Ed25519, ASN.1 DER for ECDSA.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        match &self.pair {
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::P256(pair) => pair
                .sign(&SystemRandom::new(), message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| SigningError::Unable { path: self.path.clone() }),
        }
    }

    /// Puts this key's signature on a declaration.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn declare(&self, declaration: &mut Declaration) -> Result<(), SigningError> {
        let value = STANDARD.encode(self.sign(declaration.signed_text().as_bytes())?);
        declaration.signature =
            Some(Signature { key: self.public.id.clone(), algorithm: self.public.spki.algorithm, value });
        Ok(())
    }
}

/// A public key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicKey {
    spki: Spki,
    id: String,
}

impl PublicKey {
    /// Reads a public key in PEM (`-----BEGIN PUBLIC KEY-----`).
    ///
    /// # Errors
    /// It is none, or of another kind than Ed25519 and P-256.
    pub fn from_pem(text: &str) -> Result<Self, PemError> {
        pem::public(text.as_bytes()).map(Self::of)
    }

    fn of(spki: Spki) -> Self {
        let id = hex::encode(Sha256::digest(spki.der()));
        Self { spki, id }
    }

    /// SHA-256 (hex) of the key as DER (`SubjectPublicKeyInfo`).
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn algorithm(&self) -> Algorithm {
        self.spki.algorithm
    }

    pub fn to_pem(&self) -> String {
        pem::write("PUBLIC KEY", &self.spki.der())
    }

    /// Tells whether a signature over a message was made by this key.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let point = &self.spki.point;
        match self.spki.algorithm {
            Algorithm::Ed25519 => UnparsedPublicKey::new(&ED25519, point).verify(message, signature).is_ok(),
            Algorithm::EcdsaP256Sha256 => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature).is_ok()
            }
        }
    }

    fn made(&self, declaration: &Declaration) -> bool {
        declaration.signature.as_ref().is_some_and(|signature| {
            signature.key == self.id
                && signature.algorithm == self.spki.algorithm
                && STANDARD
                    .decode(&signature.value)
                    .is_ok_and(|value| self.verifies(declaration.signed_text().as_bytes(), &value))
        })
    }
}

/// Says of each declaration whose key signed it. A key of `preflight.yaml` that is none signs nothing.
pub fn check(inventory: &Inventory, history: &mut History) {
    let keys: Vec<(&String, PublicKey)> = inventory
        .approvers
        .iter()
        .filter_map(|(name, approver)| Some((name, PublicKey::from_pem(&approver.key).ok()?)))
        .collect();
    for entry in &mut history.entries {
        if let Body::Declaration(declaration) = &mut entry.body {
            let signer = keys.iter().find(|(_, key)| key.made(declaration));
            declaration.signed_by = signer.map(|(name, _)| (*name).clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{PublicKey, SigningKey, pem};
    use crate::domain::declaration::Algorithm;

    fn key(pem: &str) -> SigningKey {
        SigningKey::from_pem(Path::new("key.pem"), pem.as_bytes()).unwrap()
    }

    /// As openssl writes it: PKCS#8 version 1, without the public key (RFC 8410 §7).
    fn ed25519() -> SigningKey {
        let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
        key(&pem::write("PRIVATE KEY", &[&head[..], &[7; 32]].concat()))
    }

    fn p256() -> SigningKey {
        key(&rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap().serialize_pem())
    }

    #[test]
    fn a_signature_is_right_for_its_key_and_message_alone() {
        let (one, other) = (ed25519(), p256());
        assert_eq!(
            (one.public().algorithm(), other.public().algorithm()),
            (Algorithm::Ed25519, Algorithm::EcdsaP256Sha256)
        );
        for key in [&one, &other] {
            let signature = key.sign(b"message").unwrap();
            let public = PublicKey::from_pem(&key.public().to_pem()).unwrap();
            assert_eq!(&public, key.public());
            assert!(public.verifies(b"message", &signature));
            assert!(!public.verifies(b"massage", &signature));
            assert!(!public.verifies(b"message", &signature[1..]));
            assert!(!public.verifies(b"message", b""));
        }
        assert!(!one.public().verifies(b"message", &other.sign(b"message").unwrap()));
    }

    #[test]
    fn a_key_is_shown_by_its_id_alone() {
        let shown = format!("{:?}", ed25519());
        assert!(shown.starts_with("SigningKey(") && shown.len() == 11 + 64 + 1, "{shown}");
    }

    #[test]
    fn what_is_no_key_says_so() {
        for (text, told) in [
            ("", "holds no PEM block"),
            ("-----BEGIN PRIVATE KEY-----\nMC4C\n", "the PEM block does not end"),
            ("-----BEGIN PRIVATE KEY-----\n####\n-----END PRIVATE KEY-----\n", "the PEM block is not base64"),
            (
                "-----BEGIN EC PRIVATE KEY-----\nMC4C\n-----END EC PRIVATE KEY-----\n",
                "an EC key in its old form (SEC 1), not PKCS#8",
            ),
            (
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMC4C\n-----END ENCRYPTED PRIVATE KEY-----\n",
                "the key is encrypted",
            ),
            (
                "-----BEGIN PUBLIC KEY-----\nMC4C\n-----END PUBLIC KEY-----\n",
                "a `PUBLIC KEY` where a private key is needed",
            ),
            ("-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n", "neither an Ed25519 nor a P-256 key"),
        ] {
            let error = SigningKey::from_pem(Path::new("key.pem"), text.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), format!("key.pem: {told}"));
        }
        let other_curve = pem::write("PUBLIC KEY", &[0x30, 0x05, 1, 2, 3, 4, 5]);
        assert_eq!(
            PublicKey::from_pem(&other_curve).unwrap_err().to_string(),
            "neither an Ed25519 nor a P-256 public key"
        );
    }
}
