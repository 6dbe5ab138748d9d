//! What is older than it is kept goes, and the room is given back.

use jiff::Timestamp;
use rusqlite::params;

use crate::adapter::history::error::HistoryError;
use crate::adapter::history::sqlite::fold::AT_ONCE;
use crate::adapter::history::sqlite::{Sqlite, failure};
use crate::domain::monitor::span::Span;

/// Days that failures and incidents that are over are kept (the users' thirty, and a year).
const FAILURE_DAYS: i64 = 30;
const INCIDENT_DAYS: i64 = 366;
/// Tables of sums, each with the spans that it holds.
const SUMS: [&str; 3] = ["integration_health_checks", "api_metrics", "webhook_metrics"];

impl Sqlite {
    /// Lets go of what is older than it is kept, and gives the room back.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn compact(&mut self, now: Timestamp) -> Result<(), HistoryError> {
        // No minute goes before its hour and its day hold it.
        let over = now.as_second() - Span::Hour.seconds();
        while self.change(|change| change.fold(over, AT_ONCE))? > 0 {}
        self.change(|change| {
            for span in Span::ALL {
                let before = now.as_second() - span.retention().as_secs();
                for table in SUMS {
                    let query = format!("DELETE FROM {table} WHERE span = ?1 AND timestamp < ?2");
                    change.run(&query, [span.seconds(), before])?;
                }
            }
            let days = |days: i64| now.as_second() - days * Span::Day.seconds();
            change.old_alerts(now)?;
            change.run("DELETE FROM failures WHERE last < ?1", params![days(FAILURE_DAYS)])?;
            change.run("DELETE FROM integration_incidents WHERE resolved_at < ?1", params![days(INCIDENT_DAYS)])
        })?;
        let tidy = "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA optimize;";
        self.connection.execute_batch(tidy).map_err(|source| failure(&self.path, source))
    }
}
