//! Ids and tokens that look random and are a function of the seed.

use sha2::{Digest, Sha256};

/// A source of ids: the same seed gives the same ids in the same order.
#[derive(Clone, Debug)]
pub struct Ids {
    seed: u64,
    drawn: u64,
}

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

impl Ids {
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    fn draw(&mut self) -> [u8; 32] {
        self.drawn += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(self.drawn.to_be_bytes());
        hash.finalize().into()
    }

    /// A version 4 UUID (RFC 9562).
    pub fn uuid(&mut self) -> String {
        let mut bytes = self.draw();
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let text = hex::encode(&bytes[..16]);
        format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
    }

    /// `length` base 58 letters, at most 32.
    pub fn base58(&mut self, length: usize) -> String {
        self.draw().iter().take(length).map(|byte| char::from(BASE58[usize::from(*byte) % 58])).collect()
    }

    /// `length` lower-case hexadecimal digits, at most 64.
    pub fn hex(&mut self, length: usize) -> String {
        let mut text = hex::encode(self.draw());
        text.truncate(length);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (mut one, mut other) = (Ids::new(7), Ids::new(7));
        let uuid = one.uuid();
        assert_eq!(uuid, other.uuid());
        assert_ne!(uuid, one.uuid());
        assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"));
        assert_ne!(Ids::new(8).uuid(), uuid);
        assert_eq!(one.base58(24).len(), 24);
        assert_eq!(one.hex(32).len(), 32);
    }
}
