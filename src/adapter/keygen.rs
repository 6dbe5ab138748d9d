//! Makes a key to sign with, and writes it for its owner alone.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519};

use crate::adapter::files::{self, FileError};
use crate::domain::declaration::Algorithm;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeygenError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("nothing was written, because it would overwrite {}", path.display())]
    Exists { path: PathBuf },
    #[error("cannot write {}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("no key could be made: {0}")]
    Unmade(String),
}

impl KeygenError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::File(error) => error.hint(),
            Self::Exists { .. } => Some("name another file; a key that has signed something is still needed"),
            Self::Unwritable { .. } | Self::Unmade(_) => None,
        }
    }
}

/// Makes a key and writes it in PKCS#8 PEM, readable for its owner alone, and its public half beside it, ending in `.pub`;
/// returns the public one's path.
///
/// # Errors
/// One of the files stands there already, or cannot be written; nothing is left then.
pub fn write(path: &Path, algorithm: Algorithm) -> Result<PathBuf, KeygenError> {
    let made = KeyPair::generate_for(match algorithm {
        Algorithm::Ed25519 => &PKCS_ED25519,
        Algorithm::EcdsaP256Sha256 => &PKCS_ECDSA_P256_SHA256,
    });
    let made = made.map_err(|error| KeygenError::Unmade(error.to_string()))?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".pub");
    let public = path.with_file_name(name);
    if public.symlink_metadata().is_ok() {
        return Err(KeygenError::Exists { path: public });
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => KeygenError::Exists { path: path.to_owned() },
        _ => KeygenError::Unwritable { path: path.to_owned(), source },
    })?;
    let written = file.write_all(made.serialize_pem().as_bytes()).and_then(|()| file.sync_all());
    let written = written.map_err(|source| KeygenError::Unwritable { path: path.to_owned(), source });
    let both = written.and_then(|()| Ok(files::write(&public, made.public_key_pem().as_bytes())?));
    if let Err(error) = both {
        files::remove(path);
        return Err(error);
    }
    Ok(public)
}

/// Others than its owner may read a file; always false where a system has no such bits.
pub fn open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::{KeygenError, open_to_others, write};
    use crate::adapter::files;
    use crate::adapter::signing::{PublicKey, SigningKey};
    use crate::domain::declaration::Algorithm;

    #[test]
    fn a_key_is_written_for_its_owner_and_signs() {
        for algorithm in [Algorithm::Ed25519, Algorithm::EcdsaP256Sha256] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("key.pem");
            let public = write(&path, algorithm).unwrap();
            assert!(!open_to_others(&path));
            assert!(open_to_others(&public));
            let key = SigningKey::read(&path).unwrap();
            let public = PublicKey::from_pem(&String::from_utf8_lossy(&files::read(&public).unwrap())).unwrap();
            assert_eq!((key.public(), public.algorithm()), (&public, algorithm));
            assert!(matches!(write(&path, algorithm), Err(KeygenError::Exists { .. })), "it is not overwritten");
        }
    }
}
