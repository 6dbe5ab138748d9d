//! How long answers took: a histogram of which only the places that are used take room, so that a minute is a few bytes.
//!
//! Places are those of an `HdrHistogram` of two significant digits, and it is written in that library's V2 format, so that any of
//! its readers reads it. The library itself keeps all places: eleven kilobytes for a minute of twelve answers. The tests hold both
//! against each other.

/// The longest answer that is told from a longer one: an hour, in microseconds.
const LONGEST_US: u64 = 3_600_000_000;
/// Places of the same width: 256 of one microsecond, then 128 to each doubling.
const HALF: u64 = 128;
/// What a file of the V2 format begins with (`HdrHistogram`, `EncodableHistogram`; one byte and more for each word).
const COOKIE: u32 = 0x1c84_9313;
const HEAD: usize = 40;
const DIGITS: u32 = 2;

/// Answers by how long they took. Two of them can be added to one, in any order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latencies {
    /// Place and count, in the order of places; no count is 0.
    counts: Vec<(u16, u32)>,
}

/// Bytes that are no histogram, or one of another shape.
#[derive(Debug, thiserror::Error)]
#[error("the stored latencies cannot be read: {0}")]
pub struct Unreadable(&'static str);

impl Latencies {
    pub fn note(&mut self, latency_us: u64) {
        self.more(place(latency_us.clamp(1, LONGEST_US)), 1);
    }

    pub fn add(&mut self, other: &Self) {
        if self.counts.is_empty() {
            self.counts.clone_from(&other.counts);
            return;
        }
        for (place, count) in &other.counts {
            self.more(*place, *count);
        }
    }

    fn more(&mut self, place: u16, more: u32) {
        match self.counts.binary_search_by_key(&place, |(place, _)| *place) {
            Ok(index) => self.counts[index].1 = self.counts[index].1.saturating_add(more),
            Err(index) => self.counts.insert(index, (place, more)),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Microseconds that this share (0 to 100) of answers stayed within, to one part in a hundred and never too little; None
    /// where no answer came.
    pub fn percentile_us(&self, percent: f64) -> Option<u64> {
        let all: u64 = self.counts.iter().map(|(_, count)| u64::from(*count)).sum();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "counts are far below 2^52"
        )]
        let rank = ((percent.clamp(0.0, 100.0) / 100.0 * all as f64).ceil() as u64).max(1);
        let mut seen = 0;
        let found = self.counts.iter().find(|(_, count)| {
            seen += u64::from(*count);
            seen >= rank
        });
        found.map(|(place, _)| longest_of(*place))
    }

    /// `HdrHistogram`'s V2 format, not compressed; no bytes for none.
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.counts.is_empty() {
            return Vec::new();
        }
        let mut bytes = vec![0; HEAD];
        let mut next = 0;
        for (place, count) in &self.counts {
            let gap = i64::from(*place) - next;
            if gap > 0 {
                put(&mut bytes, -gap);
            }
            put(&mut bytes, i64::from(*count));
            next = i64::from(*place) + 1;
        }
        let length = u32::try_from(bytes.len() - HEAD).unwrap_or(u32::MAX);
        // Head: cookie, length, offset of normalised places, digits, smallest, longest, ratio to a double.
        bytes[..4].copy_from_slice(&COOKIE.to_be_bytes());
        bytes[4..8].copy_from_slice(&length.to_be_bytes());
        bytes[12..16].copy_from_slice(&DIGITS.to_be_bytes());
        bytes[16..24].copy_from_slice(&1_u64.to_be_bytes());
        bytes[24..32].copy_from_slice(&LONGEST_US.to_be_bytes());
        bytes[32..40].copy_from_slice(&1.0_f64.to_be_bytes());
        bytes
    }

    /// Reads them back; no bytes are none.
    ///
    /// # Errors
    /// The bytes are no such histogram.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let (head, payload) = bytes.split_at_checked(HEAD).ok_or(Unreadable("they are cut off"))?;
        let word = |at: usize| head[at..at + 4].iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
        let is_smallest_one = head[16..24] == 1_u64.to_be_bytes();
        if word(0) != COOKIE || word(8) != 0 || word(12) != DIGITS || !is_smallest_one {
            return Err(Unreadable("they are no histogram of two digits"));
        }
        if usize::try_from(word(4)).ok() != Some(payload.len()) {
            return Err(Unreadable("they are cut off"));
        }
        let (mut rest, mut next, mut counts) = (payload, 0_u64, Vec::new());
        while !rest.is_empty() {
            let number = take(&mut rest).ok_or(Unreadable("a count is cut off"))?;
            if number < 0 {
                next = next.saturating_add(number.unsigned_abs());
                continue;
            }
            if number > 0 {
                let place = u16::try_from(next).ok().filter(|place| *place <= place_of_longest());
                let count = u32::try_from(number).ok();
                counts.push(place.zip(count).ok_or(Unreadable("a count is too large"))?);
            }
            next += 1;
        }
        Ok(Self { counts })
    }
}

fn place(latency_us: u64) -> u16 {
    let doubling = (latency_us | 255).ilog2() - 7;
    u16::try_from(u64::from(doubling) * HALF + (latency_us >> doubling)).unwrap_or(u16::MAX)
}

fn place_of_longest() -> u16 {
    place(LONGEST_US)
}

/// The longest time of a place.
fn longest_of(place: u16) -> u64 {
    let place = u64::from(place);
    let doubling = (place / HALF).saturating_sub(1);
    ((place - doubling * HALF + 1) << doubling) - 1
}

/// Zigzag and LEB128, as Protocol Buffers' `sint64`; the ninth byte holds eight bits.
fn put(bytes: &mut Vec<u8>, number: i64) {
    let mut word = ((number << 1) ^ (number >> 63)).cast_unsigned();
    while word >= 0x80 {
        bytes.push(low_bits(word) | 0x80);
        word >>= 7;
    }
    bytes.push(low_bits(word));
}

fn low_bits(word: u64) -> u8 {
    u8::try_from(word & 0x7f).unwrap_or_default()
}

/// Words of more than eight bytes are none of ours: such a count is too large for any answer.
fn take(rest: &mut &[u8]) -> Option<i64> {
    let mut word = 0;
    for shift in 0..8 {
        let (first, after) = rest.split_first()?;
        *rest = after;
        word |= u64::from(first & 0x7f) << (7 * shift);
        if first & 0x80 == 0 {
            return Some((word >> 1).cast_signed() ^ -(word & 1).cast_signed());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::{Deserializer, Serializer as _, V2Serializer};
    use proptest::prelude::{any, proptest};

    use super::{LONGEST_US, Latencies, longest_of, place};

    fn of(all: &[u64]) -> Latencies {
        let mut latencies = Latencies::default();
        for latency in all {
            latencies.note(*latency);
        }
        latencies
    }

    #[test]
    fn places_follow_each_other_without_gap() {
        let mut latency = 1;
        while latency < LONGEST_US {
            let at = place(latency);
            let longest = longest_of(at);
            assert!(latency <= longest && longest - latency <= latency / 128, "{latency} {at} {longest}");
            assert_eq!(place(longest + 1), at + 1);
            latency = longest + 1;
        }
    }

    #[test]
    fn a_minute_is_a_few_bytes() {
        let minute = of(&[120_311, 98_000, 101_400, 140_000, 99_312, 130_000, 125_000, 99_999, 110_000, 105_000]);
        assert!(minute.to_bytes().len() < 80, "{}", minute.to_bytes().len());
        assert!(of(&[]).to_bytes().is_empty());
    }

    #[test]
    fn what_is_no_histogram_is_refused() {
        let bytes = of(&[7, 90_000]).to_bytes();
        assert!(Latencies::from_bytes(b"no histogram").is_err());
        for end in 1..bytes.len() {
            assert!(Latencies::from_bytes(&bytes[..end]).is_err(), "{end}");
        }
        for (at, wrong) in [(3, 0), (11, 1), (15, 3), (23, 2), (bytes.len() - 1, 0x80)] {
            let mut other = bytes.clone();
            other[at] = wrong;
            assert!(Latencies::from_bytes(&other).is_err(), "{at}");
        }
        let mut beyond = bytes.clone();
        beyond[40..43].copy_from_slice(&[0xff, 0xff, 0x7f]);
        assert!(Latencies::from_bytes(&beyond).is_err());
    }

    #[test]
    fn an_answer_of_hours_is_as_long_as_the_longest() {
        assert_eq!(of(&[u64::MAX]), of(&[LONGEST_US]));
        assert_eq!(of(&[0]), of(&[1]));
    }

    proptest! {
        #[test]
        fn the_library_reads_what_is_written_and_agrees(
            all in proptest::collection::vec(1_u64..LONGEST_US, 1..200), percent in 0.1_f64..100.0
        ) {
            let mut theirs = Histogram::<u64>::new_with_bounds(1, LONGEST_US, 2).unwrap();
            for latency in &all {
                theirs.record(*latency).unwrap();
            }
            let ours = of(&all);
            let read: Histogram<u64> = Deserializer::new().deserialize(&mut Cursor::new(ours.to_bytes())).unwrap();
            assert_eq!(read, theirs);
            let mut written = Vec::new();
            V2Serializer::new().serialize(&theirs, &mut written).unwrap();
            assert_eq!(Latencies::from_bytes(&written).unwrap(), ours);
            assert_eq!(ours.percentile_us(percent), Some(theirs.value_at_percentile(percent)));
        }

        #[test]
        fn parts_add_up_to_the_whole(
            all in proptest::collection::vec(1_u64..100_000_000, 1..200), cut in any::<proptest::sample::Index>()
        ) {
            let (one, two) = all.split_at(cut.index(all.len()));
            let mut sum = Latencies::default();
            for part in [one, two] {
                sum.add(&Latencies::from_bytes(&of(part).to_bytes()).unwrap());
            }
            assert_eq!(sum, of(&all));
        }

        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let mut whole = of(&[1]).to_bytes();
            whole.truncate(40);
            whole[4..8].copy_from_slice(&u32::try_from(bytes.len()).unwrap().to_be_bytes());
            whole.extend(&bytes);
            let _ = Latencies::from_bytes(&whole);
            let _ = Latencies::from_bytes(&bytes);
        }
    }
}
