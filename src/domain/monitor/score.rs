//! The users' health score: a hundred, less what each figure costs, with the reason for each point.

use serde::Serialize;

/// What is known of a service over some time. What was not measured is None, and is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// Share of the time with data in which it was up, 0 to 100.
    pub uptime_percent: Option<f64>,
    /// Share of bad runs, 0 to 100.
    pub error_percent: Option<f64>,
    /// The 95th percentile, in milliseconds. The users' formula says average; their own thresholds say percentile.
    pub p95_ms: Option<u64>,
    /// Share of a quota that is used, 0 to 100.
    pub quota_percent: Option<f64>,
}

/// A score and how it came about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// 0 to 100; None where nothing was measured: no data is no score.
    pub points: Option<i32>,
    /// What was taken away and why, and what is not known.
    pub because: Vec<String>,
}

/// 90 and more is green, 70 and more yellow.
pub const GREEN: i32 = 90;
pub const YELLOW: i32 = 70;

impl Score {
    /// The score of a service (HotDash, integration health dashboard of 2025-10-11).
    pub fn of(figures: &Figures) -> Self {
        let Some(uptime) = figures.uptime_percent else {
            return Self { points: None, because: vec!["no data".to_owned()] };
        };
        let mut points = 100;
        let mut because = Vec::new();
        let mut less = |by: i32, why: String| {
            points -= by;
            because.push(format!("-{by}: {why}"));
        };
        match uptime {
            up if up < 99.0 => less(20, format!("uptime {up:.2} % is below 99 %")),
            up if up < 99.5 => less(10, format!("uptime {up:.2} % is below 99.5 %")),
            _ => {}
        }
        match figures.error_percent {
            Some(share) if share > 5.0 => less(30, format!("{share:.2} % of runs were bad, more than 5 %")),
            Some(share) if share > 1.0 => less(10, format!("{share:.2} % of runs were bad, more than 1 %")),
            _ => {}
        }
        match figures.p95_ms {
            Some(ms) if ms > 2000 => less(20, format!("P95 {ms} ms is above 2 s")),
            Some(ms) if ms > 1000 => less(10, format!("P95 {ms} ms is above 1 s")),
            _ => {}
        }
        match figures.quota_percent {
            Some(share) if share > 90.0 => less(20, format!("{share:.0} % of the quota is used, more than 90 %")),
            Some(share) if share > 70.0 => less(10, format!("{share:.0} % of the quota is used, more than 70 %")),
            _ => {}
        }
        if figures.p95_ms.is_none() {
            because.push("no answer came, so latency is not known".to_owned());
        }
        Self { points: Some(points), because }
    }

    /// The mean over services, with those that have none named: they are no zero and no hundred.
    pub fn mean<'a>(all: impl IntoIterator<Item = (&'a str, &'a Self)>) -> Self {
        let (mut sum, mut count, mut missing) = (0, 0, Vec::new());
        for (name, score) in all {
            match score.points {
                Some(points) => (sum, count) = (sum + points, count + 1),
                None => missing.push(name),
            }
        }
        let mut because = vec![format!("the mean of {count}")];
        if !missing.is_empty() {
            because.push(format!("without a score: {}", missing.join(", ")));
        }
        // A mean that leaves services out is no figure for all of them.
        let points = (missing.is_empty() && count > 0).then(|| sum / count);
        Self { points, because }
    }
}

#[cfg(test)]
mod tests {
    use super::{Figures, Score};

    #[test]
    fn each_figure_costs_what_the_users_table_says() {
        let good = Figures {
            uptime_percent: Some(99.9),
            error_percent: Some(0.1),
            p95_ms: Some(400),
            quota_percent: Some(10.0),
        };
        for (figures, points) in [
            (good, 100),
            (Figures { uptime_percent: Some(99.4), ..good }, 90),
            (Figures { uptime_percent: Some(98.0), ..good }, 80),
            (Figures { error_percent: Some(1.5), ..good }, 90),
            (Figures { error_percent: Some(6.0), ..good }, 70),
            (Figures { p95_ms: Some(1500), ..good }, 90),
            (Figures { p95_ms: Some(2500), ..good }, 80),
            (Figures { quota_percent: Some(75.0), ..good }, 90),
            (Figures { quota_percent: Some(95.0), ..good }, 80),
        ] {
            let score = Score::of(&figures);
            assert_eq!(score.points, Some(points), "{figures:?}");
            assert_eq!(score.because.is_empty(), points == 100, "{score:?}");
        }
    }

    #[test]
    fn no_data_is_no_score_and_not_a_hundred() {
        let none = Score::of(&Figures::default());
        assert_eq!(none.points, None);
        let full = Score::of(&Figures { uptime_percent: Some(100.0), p95_ms: Some(1), ..Figures::default() });
        assert_eq!(Score::mean([("a", &full), ("b", &none)]).points, None);
        assert_eq!(Score::mean([("a", &full)]).points, Some(100));
        assert_eq!(Score::mean([]).points, None);
    }
}
