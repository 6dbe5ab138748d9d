//! A long ledger is read in portions, by all threads of the machine, and never held as a whole.

use std::io::{self, Read};
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread;

use memchr::{memchr_iter, memrchr};

use crate::adapter::lanes;
use crate::domain::chain::{Line, lines_behind};

/// Bytes that are read at once: they stay near the processor until they are hashed and parsed.
const PORTION: u64 = 256 * 1024;

/// Reads the lines of a ledger, those that are no entries with them, and keeps of each portion what is to be kept.
pub fn read<T: Send>(source: impl Read + Send, keep: impl Fn(Vec<Line>) -> Vec<T> + Sync) -> io::Result<Vec<T>> {
    let mut portions = Portions { source, begun: Vec::new(), before: 0, ended: false };
    let mut bytes = Vec::new();
    let first = portions.next(&mut bytes)?.map(|before| keep(lines_behind(before, &bytes))).unwrap_or_default();
    if portions.ended {
        return Ok(first);
    }
    let portions = Mutex::new(portions);
    let mut parts = thread::scope(|scope| {
        let take = || take(&portions, &keep);
        let others: Vec<_> = (1..lanes::of_the_machine()).map(|_| scope.spawn(take)).collect();
        let mut parts = take()?;
        for other in others {
            // Lines must not be lost without a word.
            parts.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        io::Result::Ok(parts)
    })?;
    parts.sort_unstable_by_key(|(before, _)| *before);
    let mut whole = first;
    whole.reserve(parts.iter().map(|(_, part)| part.len()).sum());
    whole.extend(parts.into_iter().flat_map(|(_, part)| part));
    Ok(whole)
}

/// What was kept of a portion, by the number of lines before it.
type Kept<T> = (usize, Vec<T>);

/// Takes and parses portions until none is left.
fn take<R: Read, T>(portions: &Mutex<Portions<R>>, keep: impl Fn(Vec<Line>) -> Vec<T>) -> io::Result<Vec<Kept<T>>> {
    let (mut bytes, mut parts) = (Vec::new(), Vec::new());
    loop {
        let taken = portions.lock().unwrap_or_else(PoisonError::into_inner).next(&mut bytes)?;
        match taken {
            Some(before) => parts.push((before, keep(lines_behind(before, &bytes)))),
            None => return Ok(parts),
        }
    }
}

/// What is left of a text.
struct Portions<R> {
    source: R,
    /// The beginning of a line that was read with the portion before.
    begun: Vec<u8>,
    /// Lines that were taken.
    before: usize,
    ended: bool,
}

impl<R: Read> Portions<R> {
    /// Puts the next whole lines into `bytes`, and says how many stand before them; `None` at the end.
    fn next(&mut self, bytes: &mut Vec<u8>) -> io::Result<Option<usize>> {
        if self.ended {
            return Ok(None);
        }
        bytes.clear();
        bytes.append(&mut self.begun);
        loop {
            let before = bytes.len();
            let read = self.source.by_ref().take(PORTION).read_to_end(bytes)?;
            if (read as u64) < PORTION {
                self.ended = true;
                break;
            }
            if let Some(end) = memrchr(b'\n', &bytes[before..]) {
                self.begun.extend_from_slice(&bytes[before + end + 1..]);
                bytes.truncate(before + end + 1);
                break;
            }
        }
        let before = self.before;
        self.before += memchr_iter(b'\n', bytes).count();
        Ok(Some(before))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::{PORTION, read};
    use crate::domain::chain::{self, Line};

    #[test]
    fn many_threads_read_what_one_reads() {
        let long = "x".repeat(usize::try_from(PORTION).unwrap() * 3);
        let many: String = (0..90_000).flat_map(|number: u32| [number.to_string(), "\n\n".to_owned()]).collect();
        for text in ["", "1", "\n", &many, &many[..many.len() - 2], &long, &format!("1\n{long}\n{many}{long}\n\n2")] {
            let told = |lines: Vec<Line>| lines.iter().map(|line| (line.number, line.hash)).collect::<Vec<_>>();
            let read = read(text.as_bytes(), told).unwrap();
            assert!(read == told(chain::lines(text.as_bytes())), "{} of {} bytes", read.len(), text.len());
        }
    }

    /// Breaks off behind so many bytes.
    struct Broken(u64);

    impl Read for Broken {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::Error::other("the disk is gone"));
            }
            let some = bytes.len().min(1000);
            bytes[..some].fill(b'\n');
            self.0 = self.0.saturating_sub(1000);
            Ok(some)
        }
    }

    #[test]
    fn a_file_that_breaks_off_is_no_shorter_ledger() {
        for length in [0, PORTION / 2, PORTION * 5] {
            assert!(read(Broken(length), |lines| lines).is_err(), "{length}");
        }
    }
}
