//! Whether letters were drawn or written: what stands behind a secret's name may be a secret, a word or another name.

/// Tells whether a value looks drawn from all letters, and not like a word, a path or an identifier.
///
/// Three measures together: letters and digits mixed, entropy per letter, and how often the kind of letter changes from one to
/// the next. An identifier changes rarely (`getAccessTokenFromOAuth2`), a drawn value about every second time.
pub fn looks_random(value: &[u8]) -> bool {
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    letters > 0 && digits > 0 && !is_wordy(value) && changes(value) >= 0.25 && entropy(value) >= least_entropy(value)
}

/// Tells whether a value holds a digit and is not made of words: all that can be asked of one that a vendor's letters begin.
pub fn is_no_word(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_digit) && !is_wordy(value)
}

/// Bits a letter. Sixteen different ones have 4 at most, so a short value cannot have more.
fn least_entropy(value: &[u8]) -> f64 {
    if value.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-') { 2.6 } else { 3.2 }
}

/// Shannon's, over the letters of the value.
#[expect(clippy::cast_precision_loss, reason = "a value has a few hundred letters")]
fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value {
        counts[usize::from(*byte)] += 1;
    }
    let length = value.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Lower,
    Upper,
    Digit,
    Other,
}

/// The share of neighbours of another kind. `Ab` is none: so words begin.
#[expect(clippy::cast_precision_loss, reason = "a value has a few hundred letters")]
fn changes(value: &[u8]) -> f64 {
    let kind = |byte: &u8| match byte {
        b'a'..=b'z' => Kind::Lower,
        b'A'..=b'Z' => Kind::Upper,
        b'0'..=b'9' => Kind::Digit,
        _ => Kind::Other,
    };
    let changed = |pair: &[u8]| {
        let (one, other) = (kind(&pair[0]), kind(&pair[1]));
        one != other && one != Kind::Other && other != Kind::Other && !(one == Kind::Upper && other == Kind::Lower)
    };
    value.windows(2).filter(|pair| changed(pair)).count() as f64 / (value.len().max(2) - 1) as f64
}

/// Most of it is made of whole words in small or capital letters.
fn is_wordy(value: &[u8]) -> bool {
    let words = value.split(|byte| b"_./-+=~".contains(byte)).filter(|word| {
        word.len() >= 3 && (word.iter().all(u8::is_ascii_lowercase) || word.iter().all(u8::is_ascii_uppercase))
    });
    words.map(<[u8]>::len).sum::<usize>() * 2 > value.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, proptest};

    use super::looks_random;

    #[test]
    fn identifiers_paths_and_sentences_are_not_random() {
        for text in [
            "getAccessTokenFromOAuth2Provider",
            "SHOPIFY_API_SECRET_KEY_2",
            "src/adapter/vault/kv2.rs",
            "access-token-v2-legacy",
            "shopify-admin-2025-10",
            "2025-10-11T09:00:00Z",
            "application/vnd.api+json",
            "requestAnimationFrame2",
            "aaaaaaaaaaaaaaaa1",
        ] {
            assert!(!looks_random(text.as_bytes()), "{text}");
        }
        for text in
            ["Qm9vWkLp3RtYh7NcXv2B5jGd", "9f8e7d6c5b4a39281706f5e4d3c2b1a0", "a81bc81b-dead-4e5d-abff-90865d1e13b1"]
        {
            assert!(looks_random(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn nothing_panics(value in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80)) {
            let _ = looks_random(&value);
        }
    }
}
