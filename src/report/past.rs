//! Readiness over time as strips: runs of one state become one segment, and words say what the colours show.

use crate::domain::integration::Name;
use crate::domain::readiness::timeline::{Strip, Timeline};
use crate::domain::readiness::{State, Verdict};

/// Units that one moment takes of a strip's width.
pub const STEP: usize = 6;

/// One cell over time.
pub struct Past<'a> {
    pub strip: &'a Strip,
    pub segments: Vec<Segment<State>>,
}

/// Moments in a row that have one state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Segment<T> {
    pub state: T,
    /// The first of them, from 0.
    pub from: usize,
    pub moments: usize,
}

/// There is something to look back on: two runs at least.
pub fn is_worth_drawing(timeline: &Timeline) -> bool {
    timeline.moments.len() > 2 || timeline.since.iter().any(|since| !since.changes.is_empty())
}

/// What is known of one integration over time.
pub fn of<'a>(timeline: &'a Timeline, name: &Name) -> Vec<Past<'a>> {
    let own = timeline.strips.iter().filter(|strip| strip.integration == *name);
    own.map(|strip| Past { strip, segments: segments(&strip.states) }).collect()
}

/// Joins equal neighbours.
pub fn segments<T: Copy + PartialEq>(states: &[T]) -> Vec<Segment<T>> {
    let mut segments: Vec<Segment<T>> = Vec::new();
    for (index, state) in states.iter().enumerate() {
        match segments.last_mut() {
            Some(last) if last.state == *state => last.moments += 1,
            _ => segments.push(Segment { state: *state, from: index, moments: 1 }),
        }
    }
    segments
}

/// `ready for 3 moments, then failing for 1`, the oldest first.
pub fn words<T>(segments: &[Segment<T>], word: impl Fn(&T) -> &'static str) -> String {
    let said: Vec<String> =
        segments.iter().map(|segment| format!("{} for {}", word(&segment.state), segment.moments)).collect();
    said.join(", then ")
}

/// A sign for each moment of a verdict, so that colour is never alone.
pub fn signs(verdicts: &[Verdict]) -> String {
    let sign = |verdict: &Verdict| match verdict {
        Verdict::Go => "🟢",
        Verdict::NoGo => "❌",
        Verdict::Unknown => "❔",
    };
    verdicts.iter().map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::{Segment, segments, words};
    use crate::domain::readiness::State;

    #[test]
    fn neighbours_of_one_state_are_one_segment() {
        let found = segments(&[State::Ready, State::Ready, State::Failing]);
        let of = |state, from, moments| Segment { state, from, moments };
        assert_eq!(found, [of(State::Ready, 0, 2), of(State::Failing, 2, 1)]);
        assert_eq!(words(&found, |state| state.as_str()), "ready for 2, then failing for 1");
        assert!(segments::<State>(&[]).is_empty());
    }
}
