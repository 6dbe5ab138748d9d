//! Whether the time of an answer depends on how much of the signature is right: a hint with its confidence, never a
//! verdict, because a noisy machine shows differences that are none.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What the times of two kinds of wrong signatures say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Answers of each kind.
    pub samples: u32,
    /// Microseconds, of signatures that are wrong from the first letter on.
    pub early_us: f64,
    /// Microseconds, of signatures that are right but for their end.
    pub late_us: f64,
    /// How sure it is that the two differ, from 0 to 1 (Mann-Whitney U, two-sided, normal approximation).
    pub confidence: f64,
    /// The chance that an answer to a nearly right signature took longer than one to a wholly wrong one; 0.5 is no
    /// difference.
    pub superiority: f64,
}

/// Fewer answers than this say nothing.
pub const LEAST: usize = 20;

/// From what confidence on it is told as a suspicion.
const SUSPICIOUS: f64 = 0.999;

/// And from what effect on: a difference that is sure and tiny is the machine's.
const STRONG: f64 = 0.15;

impl Timing {
    /// Compares two samples; None where they are too few.
    pub fn of(early: &[Duration], late: &[Duration]) -> Option<Self> {
        if early.len() < LEAST || late.len() < LEAST {
            return None;
        }
        let (superiority, confidence) = mann_whitney(early, late);
        Some(Self {
            samples: u32::try_from(early.len().min(late.len())).unwrap_or(u32::MAX),
            early_us: median(early),
            late_us: median(late),
            confidence,
            superiority,
        })
    }

    /// It is worth looking at the comparison in the code.
    pub fn is_suspicious(&self) -> bool {
        self.confidence >= SUSPICIOUS && (self.superiority - 0.5).abs() >= STRONG
    }

    /// One sentence.
    pub fn told(&self) -> String {
        let head = if self.is_suspicious() {
            "answers take longer the more of the signature is right, or shorter: look whether it is compared in constant time"
        } else {
            "no difference between signatures that are nearly right and wholly wrong can be told from noise"
        };
        format!(
            "{head} ({} answers each, median {:.0} µs and {:.0} µs, confidence {:.1} %)",
            self.samples,
            self.late_us,
            self.early_us,
            self.confidence * 100.0
        )
    }
}

fn median(times: &[Duration]) -> f64 {
    let mut sorted: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e6).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// The chance that one of `late` is above one of `early`, and how sure it is that this is no accident.
fn mann_whitney(early: &[Duration], late: &[Duration]) -> (f64, f64) {
    let mut all: Vec<(Duration, bool)> =
        early.iter().map(|time| (*time, false)).chain(late.iter().map(|time| (*time, true))).collect();
    all.sort_by_key(|(time, _)| *time);
    let (mut ranks, mut ties, mut index) = (0.0, 0.0, 0);
    while index < all.len() {
        let end = all[index..].iter().take_while(|(time, _)| *time == all[index].0).count() + index;
        // Equal times share the mean of their ranks, which count from one.
        let rank = (float(index) + float(end) + 1.0) / 2.0;
        let size = float(end - index);
        ties += size.powi(3) - size;
        ranks += rank * float(all[index..end].iter().filter(|(_, is_late)| *is_late).count());
        index = end;
    }
    let (m, n) = (float(late.len()), float(early.len()));
    let u = ranks - m * (m + 1.0) / 2.0;
    let total = m + n;
    let variance = m * n / 12.0 * ((total + 1.0) - ties / (total * (total - 1.0)));
    if variance <= 0.0 {
        return (0.5, 0.0);
    }
    let z = ((u - m * n / 2.0).abs() - 0.5).max(0.0) / variance.sqrt();
    (u / (m * n), erf(z / std::f64::consts::SQRT_2))
}

#[expect(clippy::cast_precision_loss, reason = "counts of answers are far below 2^52")]
fn float(number: usize) -> f64 {
    number as f64
}

/// The error function to 1.5e-7 (Abramowitz and Stegun 7.1.26), for numbers from zero on.
fn erf(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let sum = ((((1.061_405_429 * t - 1.453_152_027) * t) + 1.421_413_741) * t - 0.284_496_736) * t + 0.254_829_592;
    1.0 - sum * t * (-x * x).exp()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Timing, erf};

    /// Times around `middle`, with a spread that is the same in each call.
    fn times(middle: u64, count: u64) -> Vec<Duration> {
        (0..count).map(|n| Duration::from_micros(middle + (n * 37) % 50)).collect()
    }

    #[test]
    fn a_clear_difference_is_suspicious_and_noise_is_not() {
        let same = Timing::of(&times(300, 100), &times(300, 100)).unwrap();
        assert!(!same.is_suspicious() && same.confidence < 0.2, "{same:?}");
        let longer = Timing::of(&times(300, 100), &times(340, 100)).unwrap();
        assert!(longer.is_suspicious() && longer.superiority > 0.9, "{longer:?}");
        let slightly = Timing::of(&times(300, 100), &times(303, 100)).unwrap();
        assert!(!slightly.is_suspicious(), "{slightly:?}");
        assert!(longer.told().contains("constant time") && !same.told().contains("constant time"));
    }

    #[test]
    fn too_few_answers_say_nothing_and_equal_ones_no_difference() {
        assert_eq!(Timing::of(&times(1, 19), &times(900, 100)), None);
        let equal = vec![Duration::from_micros(5); 40];
        assert!(Timing::of(&equal, &equal).unwrap().confidence.abs() < 1e-9);
    }

    #[test]
    fn the_error_function_is_the_published_one() {
        for (x, expected) in [(0.0, 0.0), (0.5, 0.520_499_88), (1.0, 0.842_700_79), (2.0, 0.995_322_27)] {
            assert!((erf(x) - expected).abs() < 2e-7, "{x}");
        }
    }
}
