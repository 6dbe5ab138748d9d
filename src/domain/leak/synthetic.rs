//! Values that say of themselves that they are none: fixtures and examples are full of them.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Words by which a value says that it is none.
const MARKS: [&[u8]; 7] = [b"preflight", b"synthetic", b"example", b"redacted", b"placeholder", b"changeme", b"your"];

/// Tells whether a value opens nothing.
pub fn is_synthetic(value: &[u8]) -> bool {
    if is_marked(value) {
        return true;
    }
    let body = value.rsplit(|byte| matches!(byte, b'_' | b'-')).next().unwrap_or_default();
    let distinct: BTreeSet<u8> = body.iter().copied().collect();
    // `0000…` and `abab…` open nothing.
    if distinct.len() <= 4 && body.len() >= 8 {
        return true;
    }
    let mut parts = value.split(|byte| *byte == b'.').skip(1);
    parts.next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok()).is_some_and(|payload| is_marked(&payload))
}

fn is_marked(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    MARKS.iter().any(|mark| lower.windows(mark.len()).any(|part| part == *mark))
}
