//! Minutes that are over are added to their hour and their day, many at a time; and what is older than it is kept goes.
//!
//! A minute says whether its hour and day hold it. Both change together, so whatever ends the program, a sum is exact: a reader adds
//! the minutes that are still outside.

use std::collections::BTreeMap;

use rusqlite::params;

use crate::adapter::history::error::HistoryError;
use crate::adapter::history::sqlite::write::Change;
use crate::adapter::history::sqlite::{failure, tally};
use crate::domain::monitor::span::Span;
use crate::domain::monitor::tally::Tally;

/// Minutes that are folded at one time: so many that ten thousand services are done within a minute, so few that the
/// next batch does not wait long.
pub const AT_ONCE: u32 = 5000;

impl Change<'_> {
    /// Folds minutes that began before a second, at most so many, and says how many there were.
    pub fn fold(&self, before: i64, most: u32) -> Result<usize, HistoryError> {
        let due = self.due(before, most)?;
        // In the order of their beginnings, so that the last one of each service stands.
        let last: BTreeMap<&str, i64> = due.iter().map(|(service, start)| (service.as_str(), *start)).collect();
        for (service, last) in last {
            self.fold_one(service, last)?;
        }
        Ok(due.len())
    }

    fn due(&self, before: i64, most: u32) -> Result<Vec<(String, i64)>, HistoryError> {
        let query = "SELECT service_name, timestamp FROM integration_health_checks INDEXED BY unfolded
            WHERE folded = 0 AND timestamp < ?1 ORDER BY service_name, timestamp LIMIT ?2";
        let other = |source| failure(self.path, source);
        let mut query = self.change.prepare_cached(query).map_err(other)?;
        let rows = query.query_map(params![before, most], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.and_then(Iterator::collect).map_err(other)
    }

    /// All minutes of a service up to this one.
    fn fold_one(&self, service: &str, last: i64) -> Result<(), HistoryError> {
        let other = |source| failure(self.path, source);
        let query = "SELECT timestamp, service_type, good, error_count, no_data, retry_count, latency
            FROM integration_health_checks INDEXED BY unfolded WHERE folded = 0 AND service_name = ?1 AND timestamp <= ?2";
        let mut query = self.change.prepare_cached(query).map_err(other)?;
        let mut found = query.query(params![service, last]).map_err(other)?;
        let mut sums = BTreeMap::<(Span, i64), (String, Tally)>::new();
        while let Some(row) = found.next().map_err(other)? {
            let (start, kind): (i64, String) = (row.get(0).map_err(other)?, row.get(1).map_err(other)?);
            let minute = tally(row, 2).map_err(other)?.map_err(|source| self.row(service, source))?;
            for span in [Span::Hour, Span::Day] {
                let start = start.div_euclid(span.seconds()) * span.seconds();
                let (own, sum) = sums.entry((span, start)).or_default();
                own.clone_from(&kind);
                sum.add(&minute);
            }
        }
        drop(found);
        for ((span, start), (kind, sum)) in sums {
            self.add(service, &kind, span, start, &sum)?;
        }
        let done = "UPDATE integration_health_checks INDEXED BY unfolded SET folded = 1
            WHERE folded = 0 AND service_name = ?1 AND timestamp <= ?2";
        self.run(done, params![service, last]).map(|_| ())
    }
}
