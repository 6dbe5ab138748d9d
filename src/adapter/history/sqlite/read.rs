//! What is read of a file.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Params, Row as Found, params};

use crate::adapter::history::batch::KeptFailure;
use crate::adapter::history::error::HistoryError;
use crate::adapter::history::sqlite::{Sqlite, failure, tally};
use crate::domain::integration::Name;
use crate::domain::monitor::incident::Incident;
use crate::domain::monitor::pulse::Pulse;
use crate::domain::monitor::series::Row;
use crate::domain::monitor::span::Span;
use crate::domain::monitor::tally::Tally;
use crate::domain::monitor::traffic::{Calls, Deliveries, Quota};

impl Sqlite {
    /// The states as they were last written.
    ///
    /// # Errors
    /// The file cannot be read, or a state in it.
    pub fn pulses(&self) -> Result<BTreeMap<Name, Pulse>, HistoryError> {
        let all = self.documents("SELECT service_name, document FROM pulses", [])?;
        // A name that the workspace's grammar does not know is of no service of it.
        let named = all.into_iter().filter_map(|(name, document)| Some((name.parse::<Name>().ok()?, document)));
        named.map(|(name, document)| Ok((name, self.read("a state", &document)?))).collect()
    }

    /// Incidents that are not over, and those that began since then (seconds since 1970); the newest first.
    ///
    /// # Errors
    /// The file cannot be read, or an incident in it.
    pub fn incidents(&self, since: i64) -> Result<Vec<Incident>, HistoryError> {
        let query = "SELECT id, document FROM integration_incidents
            WHERE resolved_at IS NULL OR created_at >= ?1 ORDER BY created_at DESC, id";
        let all = self.documents(query, [since])?;
        all.into_iter().map(|(_, document)| self.read("an incident", &document)).collect()
    }

    /// What was heard of a service from one second on, by that span; the oldest first. What is not there was not heard.
    ///
    /// # Errors
    /// The file cannot be read, or a row of it.
    pub fn rows(&self, service: &Name, span: Span, since: i64) -> Result<Vec<Row>, HistoryError> {
        let query = "SELECT timestamp, good, error_count, no_data, retry_count, latency FROM integration_health_checks
            WHERE service_name = ?1 AND span = ?2 AND timestamp >= ?3 ORDER BY timestamp";
        let mut rows = self.tallies(service, query, params![service.as_str(), span.seconds(), since])?;
        if span != Span::Minute {
            self.add_unfolded(service, span, since, &mut rows)?;
        }
        Ok(rows.into_iter().map(|(start, tally)| Row { start, span, tally }).collect())
    }

    /// Adds the minutes that their hours and days do not hold yet.
    fn add_unfolded(
        &self,
        service: &Name,
        span: Span,
        since: i64,
        rows: &mut BTreeMap<i64, Tally>,
    ) -> Result<(), HistoryError> {
        let query = "SELECT timestamp, good, error_count, no_data, retry_count, latency
            FROM integration_health_checks INDEXED BY unfolded WHERE folded = 0 AND service_name = ?1";
        for (minute, tally) in self.tallies(service, query, params![service.as_str()])? {
            let start = minute.div_euclid(span.seconds()) * span.seconds();
            if start >= since {
                rows.entry(start).or_default().add(&tally);
            }
        }
        Ok(())
    }

    fn tallies(&self, service: &Name, query: &str, given: impl Params) -> Result<BTreeMap<i64, Tally>, HistoryError> {
        let found = self.all(query, given, |row| Ok((row.get(0)?, tally(row, 1)?)))?;
        let unreadable = |source| HistoryError::Row { path: self.path.clone(), service: service.to_string(), source };
        found.into_iter().map(|(start, tally)| Ok((start, tally.map_err(unreadable)?))).collect()
    }

    /// The latest failures of a service, the newest first.
    ///
    /// # Errors
    /// The file cannot be read, or a failure in it.
    pub fn failures(&self, service: &Name, most: u32) -> Result<Vec<KeptFailure>, HistoryError> {
        let query = "SELECT document, times, last FROM failures WHERE service_name = ?1 ORDER BY last DESC LIMIT ?2";
        let read = |row: &Found| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get(2)?));
        let found = self.all(query, params![service.as_str(), most], read)?;
        let kept = |(document, times, last): (String, i64, i64)| {
            let run = self.read("a failure", &document)?;
            Ok(KeptFailure { run, times: times.unsigned_abs(), last })
        };
        found.into_iter().map(kept).collect()
    }

    /// The requests to a service by hour or day, from one second on; the oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn calls(&self, service: &Name, span: Span, since: i64) -> Result<Vec<(i64, Calls)>, HistoryError> {
        let query =
            "SELECT timestamp, calls, error_count, throttled, quota_limit, quota_remaining, quota_reset, quota_seen
            FROM api_metrics WHERE api_name = ?1 AND span = ?2 AND timestamp >= ?3 ORDER BY timestamp";
        self.all(query, params![service.as_str(), span.seconds(), since], |row| {
            let optional = |column: usize| row.get::<_, Option<i64>>(column);
            let time = |column: usize| optional(column).map(|it| Timestamp::from_second(it?).ok());
            let (limit, remaining, reset, seen) = (optional(4)?, optional(5)?, time(6)?, time(7)?);
            let [limit, remaining] = [limit, remaining].map(|it| it.map(i64::unsigned_abs));
            let quota = seen.map(|seen| Quota { limit, remaining, reset, seen });
            Ok((row.get(0)?, Calls { calls: count(row, 1)?, errors: count(row, 2)?, throttled: count(row, 3)?, quota }))
        })
    }

    /// The deliveries to an endpoint by hour or day, from one second on; the oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn deliveries(&self, service: &Name, span: Span, since: i64) -> Result<Vec<(i64, Deliveries)>, HistoryError> {
        let query = "SELECT timestamp, delivered, verified, forged, refused
            FROM webhook_metrics WHERE source = ?1 AND span = ?2 AND timestamp >= ?3 ORDER BY timestamp";
        self.all(query, params![service.as_str(), span.seconds(), since], |row| {
            let (delivered, verified) = (count(row, 1)?, count(row, 2)?);
            Ok((row.get(0)?, Deliveries { delivered, verified, forged: count(row, 3)?, refused: count(row, 4)? }))
        })
    }

    pub(super) fn documents(&self, query: &str, given: impl Params) -> Result<Vec<(String, String)>, HistoryError> {
        self.all(query, given, |row| Ok((row.get(0)?, row.get(1)?)))
    }

    fn all<T>(
        &self,
        query: &str,
        given: impl Params,
        read: impl FnMut(&Found) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, HistoryError> {
        let mut query = self.connection.prepare_cached(query).map_err(|source| failure(&self.path, source))?;
        let rows = query.query_map(given, read);
        rows.and_then(Iterator::collect).map_err(|source| failure(&self.path, source))
    }

    pub(super) fn read<T: serde::de::DeserializeOwned>(&self, what: &str, document: &str) -> Result<T, HistoryError> {
        serde_json::from_str(document).map_err(|source| HistoryError::Document {
            path: self.path.clone(),
            what: what.to_owned(),
            source,
        })
    }
}

fn count(row: &Found, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::unsigned_abs)
}
