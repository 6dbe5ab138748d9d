//! Randomness of the system.

use ring::rand::{SecureRandom as _, SystemRandom};

use crate::domain::secret::sighting::Key;

/// The system has no randomness to give.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandomness;

/// Fills bytes that nobody can guess.
///
/// # Errors
/// The system has none to give.
pub fn fill(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    SystemRandom::new().fill(bytes).map_err(|_| NoRandomness)
}

/// A key that holds for this run alone.
///
/// # Errors
/// The system has none to give.
pub fn key() -> Result<Key, NoRandomness> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(Key::new(bytes))
}

/// A UUID of version 4.
///
/// # Errors
/// The system has none to give.
pub fn uuid() -> Result<String, NoRandomness> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(bytes);
    Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

/// A number from 0 to 1, for waits that are to differ; a half where the system has no randomness to give.
pub fn chance() -> f64 {
    let mut bytes = [0; 4];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}

/// What keys are made with.
pub fn source() -> SystemRandom {
    SystemRandom::new()
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn no_two_runs_have_one_key() {
        let (one, other) = (key().unwrap(), key().unwrap());
        assert_ne!(one.fingerprint(b"value"), other.fingerprint(b"value"));
    }
}
