//! What is written to a file: sums are added to what stands there, documents put in the place of the one before.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Params, Transaction, params};

use crate::adapter::history::batch::{Batch, Failure, Hour, Minute};
use crate::adapter::history::error::HistoryError;
use crate::adapter::history::sqlite::{failure, tally};
use crate::domain::monitor::incident::Incident;
use crate::domain::monitor::latencies::Unreadable;
use crate::domain::monitor::span::Span;
use crate::domain::monitor::tally::Tally;
use crate::domain::monitor::traffic::{Calls, Deliveries};

/// Spans by which requests are added up.
const BY_HOUR: [Span; 2] = [Span::Hour, Span::Day];

/// What is written together.
pub struct Change<'a> {
    pub change: Transaction<'a>,
    pub path: &'a Path,
}

impl Change<'_> {
    pub fn write(&self, batch: &Batch) -> Result<(), HistoryError> {
        for minute in &batch.minutes {
            self.minute(minute)?;
        }
        for failure in &batch.failures {
            self.failure(failure)?;
        }
        for (name, pulse) in &batch.pulses {
            let document = self.text("a state", pulse)?;
            self.run("INSERT OR REPLACE INTO pulses VALUES (?1, ?2)", params![name.as_str(), document])?;
        }
        for incident in &batch.incidents {
            self.incident(incident)?;
        }
        for hour in &batch.calls {
            self.calls(hour)?;
        }
        for hour in &batch.deliveries {
            self.deliveries(hour)?;
        }
        self.alerts(batch)
    }

    pub fn run(&self, query: &str, given: impl Params) -> Result<usize, HistoryError> {
        let done = self.change.prepare_cached(query).and_then(|mut query| query.execute(given));
        done.map_err(|source| failure(self.path, source))
    }

    /// Adds to a minute. Its hour and its day get it later, with others ([`Change::fold`]); where they have this minute already, at once.
    fn minute(&self, minute: &Minute) -> Result<(), HistoryError> {
        let start = minute.start.div_euclid(Span::Minute.seconds()) * Span::Minute.seconds();
        let (service, kind) = (minute.probe.as_str(), minute.service);
        let known = self.standing(service, Span::Minute, start)?;
        let is_folded = known.as_ref().is_some_and(|(_, is_folded)| *is_folded);
        let mut sum = known.map(|(sum, _)| sum).unwrap_or_default();
        sum.add(&minute.tally);
        self.put(service, kind.as_str(), Span::Minute, start, &sum, is_folded)?;
        if is_folded {
            for span in [Span::Hour, Span::Day] {
                self.add(service, kind.as_str(), span, start, &minute.tally)?;
            }
        }
        Ok(())
    }

    /// Adds to the row of a span that holds that second.
    pub fn add(&self, service: &str, kind: &str, span: Span, second: i64, more: &Tally) -> Result<(), HistoryError> {
        let start = second.div_euclid(span.seconds()) * span.seconds();
        let mut sum = self.standing(service, span, start)?.map(|(sum, _)| sum).unwrap_or_default();
        sum.add(more);
        self.put(service, kind, span, start, &sum, true)
    }

    /// The row that stands there, and whether it is in those of longer spans.
    fn standing(&self, service: &str, span: Span, start: i64) -> Result<Option<(Tally, bool)>, HistoryError> {
        let query = "SELECT good, error_count, no_data, retry_count, latency, folded FROM integration_health_checks
            WHERE service_name = ?1 AND span = ?2 AND timestamp = ?3";
        let found = self.change.prepare_cached(query).and_then(|mut query| {
            let read = |row: &rusqlite::Row| Ok((tally(row, 0)?, row.get::<_, bool>(5)?));
            query.query_row(params![service, span.seconds(), start], read).optional()
        });
        let found = found.map_err(|source| failure(self.path, source))?;
        found.map(|(tally, is_folded)| Ok((tally.map_err(|source| self.row(service, source))?, is_folded))).transpose()
    }

    fn put(
        &self,
        service: &str,
        kind: &str,
        span: Span,
        start: i64,
        sum: &Tally,
        is_folded: bool,
    ) -> Result<(), HistoryError> {
        let query =
            "INSERT OR REPLACE INTO integration_health_checks (service_name, span, timestamp, service_type, good,
            error_count, no_data, retry_count, latency, folded) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let counts = [sum.good, sum.bad, sum.nothing, sum.retries].map(number);
        let [good, bad, nothing, retries] = counts;
        let latency = sum.latency.to_bytes();
        let row = params![service, span.seconds(), start, kind, good, bad, nothing, retries, latency, is_folded];
        self.run(query, row).map(|_| ())
    }

    /// Keeps a failure, or counts it where the same one of this hour is kept already.
    fn failure(&self, failed: &Failure) -> Result<(), HistoryError> {
        let at = failed.run.started;
        let (hour, service) = (Span::Hour.start(at), failed.run.probe.as_str());
        let again = "UPDATE failures SET times = times + 1, last = max(last, ?4)
            WHERE service_name = ?1 AND hour = ?2 AND print = ?3";
        if self.run(again, params![service, hour, failed.print, at.as_second()])? == 0 {
            let document = self.text("a failure", &failed.run)?;
            let first = "INSERT INTO failures (service_name, hour, print, first, last, times, document)
                VALUES (?1, ?2, ?3, ?4, ?4, 1, ?5)";
            self.run(first, params![service, hour, failed.print, at.as_second(), document])?;
        }
        Ok(())
    }

    fn incident(&self, incident: &Incident) -> Result<(), HistoryError> {
        let status = match (incident.resolved, &incident.acknowledged) {
            (Some(_), _) => "resolved",
            (None, Some(_)) => "investigating",
            (None, None) => "open",
        };
        let severity = serde_json::to_value(incident.severity).unwrap_or_default();
        let document = self.text("an incident", incident)?;
        let query =
            "INSERT OR REPLACE INTO integration_incidents (id, created_at, resolved_at, service_name, severity, status,
            document) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let row = params![
            incident.id,
            incident.opened.as_second(),
            incident.resolved.map(Timestamp::as_second),
            incident.service.as_str(),
            severity.as_str(),
            status,
            document,
        ];
        self.run(query, row).map(|_| ())
    }

    /// What was announced last counts, in whichever order it is written.
    fn calls(&self, hour: &Hour<Calls>) -> Result<(), HistoryError> {
        let query = "INSERT INTO api_metrics (api_name, span, timestamp, calls, error_count, throttled, quota_limit,
                quota_remaining, quota_reset, quota_seen) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, error_count = error_count + excluded.error_count,
                throttled = throttled + excluded.throttled,
                quota_limit = iif(ifnull(excluded.quota_seen >= ifnull(quota_seen, 0), 0), excluded.quota_limit, quota_limit),
                quota_remaining =
                    iif(ifnull(excluded.quota_seen >= ifnull(quota_seen, 0), 0), excluded.quota_remaining, quota_remaining),
                quota_reset = iif(ifnull(excluded.quota_seen >= ifnull(quota_seen, 0), 0), excluded.quota_reset, quota_reset),
                quota_seen = max(ifnull(quota_seen, excluded.quota_seen), ifnull(excluded.quota_seen, quota_seen))";
        let (sum, quota) = (&hour.sum, hour.sum.quota);
        for span in BY_HOUR {
            let start = hour.start.div_euclid(span.seconds()) * span.seconds();
            let row = params![
                hour.probe.as_str(),
                span.seconds(),
                start,
                number(sum.calls),
                number(sum.errors),
                number(sum.throttled),
                quota.and_then(|quota| quota.limit).map(number),
                quota.and_then(|quota| quota.remaining).map(number),
                quota.and_then(|quota| quota.reset).map(Timestamp::as_second),
                quota.map(|quota| quota.seen.as_second()),
            ];
            self.run(query, row)?;
        }
        Ok(())
    }

    fn deliveries(&self, hour: &Hour<Deliveries>) -> Result<(), HistoryError> {
        let query = "INSERT INTO webhook_metrics (source, span, timestamp, delivered, verified, forged, refused)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT DO UPDATE SET delivered = delivered + excluded.delivered, verified = verified + excluded.verified,
                forged = forged + excluded.forged, refused = refused + excluded.refused";
        let [delivered, verified, forged, refused] =
            [hour.sum.delivered, hour.sum.verified, hour.sum.forged, hour.sum.refused].map(number);
        for span in BY_HOUR {
            let start = hour.start.div_euclid(span.seconds()) * span.seconds();
            let row = params![hour.probe.as_str(), span.seconds(), start, delivered, verified, forged, refused];
            self.run(query, row)?;
        }
        Ok(())
    }

    pub fn row(&self, service: &str, source: Unreadable) -> HistoryError {
        HistoryError::Row { path: self.path.to_owned(), service: service.to_owned(), source }
    }

    pub fn text<T: serde::Serialize>(&self, what: &str, value: &T) -> Result<String, HistoryError> {
        serde_json::to_string(value).map_err(|source| HistoryError::Document {
            path: self.path.to_owned(),
            what: what.to_owned(),
            source,
        })
    }
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
