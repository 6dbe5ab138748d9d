//! The tables of a history, and the way from each version to the next.

/// Each brings the file from its place in the list to the one after it.
///
/// Names of tables and columns are those of the users' design (HotDash, integration health dashboard, four tables), which
/// was never migrated. Times are seconds since 1970; latencies are microseconds, as a histogram (`HdrHistogram` V2).
pub const MIGRATIONS: [&str; 1] = ["
CREATE TABLE integration_health_checks (
    service_name  TEXT    NOT NULL,
    span          INTEGER NOT NULL,
    timestamp     INTEGER NOT NULL,
    service_type  TEXT    NOT NULL,
    good          INTEGER NOT NULL,
    error_count   INTEGER NOT NULL,
    no_data       INTEGER NOT NULL,
    retry_count   INTEGER NOT NULL,
    latency       BLOB    NOT NULL,
    PRIMARY KEY (service_name, span, timestamp)
) WITHOUT ROWID;

CREATE TABLE failures (
    service_name  TEXT    NOT NULL,
    hour          INTEGER NOT NULL,
    print         TEXT    NOT NULL,
    first         INTEGER NOT NULL,
    last          INTEGER NOT NULL,
    times         INTEGER NOT NULL,
    document      TEXT    NOT NULL,
    PRIMARY KEY (service_name, hour, print)
) WITHOUT ROWID;

CREATE TABLE integration_incidents (
    id            TEXT    PRIMARY KEY,
    created_at    INTEGER NOT NULL,
    resolved_at   INTEGER,
    service_name  TEXT    NOT NULL,
    severity      TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    document      TEXT    NOT NULL
) WITHOUT ROWID;

CREATE INDEX incidents_by_time ON integration_incidents (created_at);

CREATE TABLE pulses (
    service_name  TEXT    PRIMARY KEY,
    document      TEXT    NOT NULL
) WITHOUT ROWID;
"];
