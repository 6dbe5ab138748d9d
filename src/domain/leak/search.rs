//! The search: one pass for the letters by which secrets begin, and a closer look only where some stand.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use regex::bytes::Regex;

use crate::domain::leak::assignment;
use crate::domain::leak::random::{is_no_word, looks_random};
use crate::domain::leak::shapes::{BY_NAME, SHAPES, Test, WORDS};
use crate::domain::leak::synthetic::is_synthetic;
use crate::domain::secret::placeholder::placeholder;

/// Bytes behind its beginning that a find is looked at.
pub const REACH: usize = 4096;

/// Bytes before its beginning: the name of what is assigned.
pub const BACK: usize = 128;

/// Beginnings shorter than this are no beginnings in base64: too many other texts hold them.
const LEAST_WRAPPED: usize = 4;

/// Something that looks like a secret.
#[derive(Debug)]
pub struct Hit<'t> {
    /// Where it begins; of a wrapped one, where its wrapping does.
    pub at: usize,
    pub kind: &'static str,
    pub value: Cow<'t, [u8]>,
    /// It was found in base64.
    pub wrapped: bool,
    /// Its shape is proof; else a name or the letters around it made it one, which means nothing in what is no text.
    pub is_sure: bool,
    rank: usize,
    /// Bytes of the text that it covers.
    covers: usize,
}

/// What a beginning is the beginning of.
enum Meaning {
    /// Of the shape of this number.
    Shape(usize),
    /// Of a word in a secret's name.
    Word,
    /// Of a shape in base64; the letters before it that belong to its group of four.
    Wrapped(usize),
}

struct Automaton {
    beginnings: AhoCorasick,
    meanings: Vec<Meaning>,
    expressions: Vec<Option<Regex>>,
}

/// None if the table cannot be built; a test keeps it buildable.
static AUTOMATON: LazyLock<Option<Automaton>> = LazyLock::new(build);

fn build() -> Option<Automaton> {
    let (mut beginnings, mut meanings): (Vec<String>, Vec<Meaning>) = (Vec::new(), Vec::new());
    for (number, shape) in SHAPES.iter().enumerate() {
        for anchor in shape.anchors {
            beginnings.push((*anchor).to_owned());
            meanings.push(Meaning::Shape(number));
            if shape.test == Test::Shape && anchor.len() >= LEAST_WRAPPED {
                for (lead, core) in wrapped(anchor.as_bytes()) {
                    beginnings.push(core);
                    meanings.push(Meaning::Wrapped(lead));
                }
            }
        }
    }
    for word in WORDS {
        for writing in writings(word) {
            beginnings.push(writing);
            meanings.push(Meaning::Word);
        }
    }
    let expression = |text: &str| Regex::new(&format!("^(?:{text})")).ok();
    Some(Automaton {
        beginnings: AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(&beginnings).ok()?,
        meanings,
        expressions: SHAPES.iter().map(|shape| expression(shape.expression)).collect(),
    })
}

/// `token`, `TOKEN`, `Token`.
fn writings(word: &str) -> Vec<String> {
    let mut capital = word.to_owned();
    if let Some(first) = capital.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let mut all = vec![word.to_owned(), word.to_ascii_uppercase(), capital];
    if let Some(last) = word.strip_prefix('_') {
        // `apiKey`, `serviceKey`.
        all.push(format!("{}{}", last[..1].to_ascii_uppercase(), &last[1..]));
    }
    all.sort();
    all.dedup();
    all
}

/// What base64 makes of a text wherever it stands in a group of three bytes: the letters that depend on nothing else, and how
/// many of its group stand before them.
fn wrapped(text: &[u8]) -> Vec<(usize, String)> {
    [(0, 0), (1, 2), (2, 3)]
        .into_iter()
        .filter_map(|(before, lead)| {
            let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(text.iter().copied()).collect();
            let sure = padded.len() * 8 / 6;
            let core = LENIENT.encode(&padded).get(lead..sure)?.to_owned();
            (core.len() >= 4).then_some((lead, core))
        })
        .collect()
}

static LENIENT: LazyLock<GeneralPurpose> = LazyLock::new(|| {
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(&STANDARD, config)
});

/// Finds what begins `within` the text; what stands around it is looked at too, [`BACK`] before and [`REACH`] behind.
pub fn search(text: &[u8], within: Range<usize>) -> Vec<Hit<'_>> {
    let Some(automaton) = AUTOMATON.as_ref() else { return Vec::new() };
    let mut hits = automaton.hits(text, within, true);
    hits.sort_by_key(|hit| (hit.at, hit.rank));
    let mut end = 0;
    // Two shapes at one place are one find, and so are a name's find and what stands within it.
    let mut kept: Vec<Hit<'_>> = Vec::new();
    for hit in hits {
        let over = hit.at + hit.covers;
        match kept.last_mut() {
            Some(last) if hit.at < end => {
                if hit.rank < last.rank {
                    *last = hit;
                }
                end = end.max(over);
            }
            _ => {
                end = over;
                kept.push(hit);
            }
        }
    }
    kept
}

impl Automaton {
    fn hits<'t>(&self, text: &'t [u8], within: Range<usize>, unwrap: bool) -> Vec<Hit<'t>> {
        let mut hits = Vec::new();
        let ahead = within.end.saturating_add(REACH).min(text.len());
        for found in self.beginnings.find_overlapping_iter(&text[within.start..ahead]) {
            let (start, end) = (within.start + found.start(), within.start + found.end());
            if start >= within.end {
                continue;
            }
            match self.meanings.get(found.pattern().as_usize()) {
                Some(Meaning::Shape(number)) => hits.extend(self.shape(text, start, *number)),
                Some(Meaning::Word) => hits.extend(by_name(text, end)),
                Some(Meaning::Wrapped(lead)) if unwrap => hits.extend(self.unwrapped(text, start, *lead)),
                _ => {}
            }
        }
        hits
    }

    fn shape<'t>(&self, text: &'t [u8], start: usize, number: usize) -> Option<Hit<'t>> {
        let (shape, expression) = (SHAPES.get(number)?, self.expressions.get(number)?.as_ref()?);
        let inside_word = start > 0 && (text[start - 1].is_ascii_alphanumeric() || text[start - 1] == b'_');
        let begins_as_word = text[start].is_ascii_alphanumeric();
        if begins_as_word && inside_word {
            return None;
        }
        let rest = &text[start..text.len().min(start + REACH)];
        let captures = expression.captures(rest)?;
        let value = captures.get(1).or_else(|| captures.get(0))?;
        let bytes = &rest[value.range()];
        let holds = match shape.test {
            Test::Shape => true,
            Test::Random => looks_random(bytes),
            Test::NoWord => is_no_word(bytes),
            // `postgres:postgres` is what an example says.
            Test::Password => {
                let user = &rest[3.min(value.start())..value.start().saturating_sub(1)];
                bytes != user && std::str::from_utf8(bytes).is_ok_and(|text| placeholder(text).is_none())
            }
            Test::Basic => is_basic(bytes),
        };
        (holds && !is_synthetic(bytes)).then(|| Hit {
            at: start + value.start(),
            kind: shape.kind,
            value: bytes.into(),
            wrapped: false,
            is_sure: shape.test == Test::Shape,
            rank: number,
            covers: value.len(),
        })
    }

    /// Takes off base64, and looks at what was in it.
    fn unwrapped<'t>(&self, text: &'t [u8], core: usize, lead: usize) -> Option<Hit<'t>> {
        let start = core.checked_sub(lead)?;
        let rest = &text[start..text.len().min(start + REACH)];
        let standard: Vec<u8> = rest.iter().map_while(|byte| letter(*byte)).collect();
        let whole = standard.len() - standard.len() % 4;
        // A last group of two or three letters is one without its padding; one letter is none.
        let end = if standard.len() - whole == 1 { whole } else { standard.len() };
        let plain = LENIENT.decode(&standard[..end]).ok()?;
        let inner = self.hits(&plain, 0..3.min(plain.len()), false).into_iter().min_by_key(|hit| hit.rank)?;
        let (kind, rank, value) = (inner.kind, inner.rank, inner.value.into_owned());
        Some(Hit { at: start, kind, value: value.into(), wrapped: true, is_sure: true, rank, covers: standard.len() })
    }
}

/// A letter of base64, those of its URL-safe alphabet as the standard ones.
fn letter(byte: u8) -> Option<u8> {
    match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        b'+' | b'/' => Some(byte),
        _ => byte.is_ascii_alphanumeric().then_some(byte),
    }
}

fn by_name(text: &[u8], end_of_word: usize) -> Option<Hit<'_>> {
    let range = assignment::value(text, end_of_word)?;
    let value = &text[range.clone()];
    (looks_random(value) && !is_synthetic(value)).then(|| Hit {
        at: range.start,
        kind: BY_NAME,
        value: value.into(),
        wrapped: false,
        is_sure: false,
        rank: SHAPES.len(),
        covers: value.len(),
    })
}

fn is_basic(bytes: &[u8]) -> bool {
    let Some(plain) = LENIENT.decode(bytes).ok().and_then(|plain| String::from_utf8(plain).ok()) else { return false };
    let Some((_, password)) = plain.split_once(':') else { return false };
    let printable = plain.chars().all(|letter| !letter.is_control());
    printable && password.len() >= 4 && placeholder(password).is_none() && !is_synthetic(plain.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{AUTOMATON, SHAPES};

    #[test]
    fn every_expression_is_one() {
        let automaton = AUTOMATON.as_ref().expect("the table can be built");
        for (shape, expression) in SHAPES.iter().zip(&automaton.expressions) {
            assert!(expression.is_some(), "{}", shape.kind);
            assert!(shape.anchors.iter().all(|anchor| anchor.len() >= 2), "{}", shape.kind);
        }
    }
}
