//! The tables of a history, and the way from each version to the next.

/// Each brings the file from its place in the list to the one after it.
///
/// Names of tables and columns are those of the users' design (HotDash, integration health dashboard, four tables), which
/// was never migrated. Times are seconds since 1970; latencies are microseconds, as a histogram (`HdrHistogram` V2).
pub const MIGRATIONS: &[&str] = &[FIRST, METRICS, OUTBOX];

const FIRST: &str = "
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
";

/// The users' other two tables, added up by hour and day. `folded` is 0 for a minute that its hour and its day do not hold yet;
/// what the first version wrote holds all of its minutes.
const METRICS: &str = "
ALTER TABLE integration_health_checks ADD COLUMN folded INTEGER NOT NULL DEFAULT 1;

CREATE INDEX unfolded ON integration_health_checks (service_name, timestamp) WHERE folded = 0;

CREATE TABLE api_metrics (
    api_name         TEXT    NOT NULL,
    span             INTEGER NOT NULL,
    timestamp        INTEGER NOT NULL,
    calls            INTEGER NOT NULL,
    error_count      INTEGER NOT NULL,
    throttled        INTEGER NOT NULL,
    quota_limit      INTEGER,
    quota_remaining  INTEGER,
    quota_reset      INTEGER,
    quota_seen       INTEGER,
    PRIMARY KEY (api_name, span, timestamp)
) WITHOUT ROWID;

CREATE TABLE webhook_metrics (
    source           TEXT    NOT NULL,
    span             INTEGER NOT NULL,
    timestamp        INTEGER NOT NULL,
    delivered        INTEGER NOT NULL,
    verified         INTEGER NOT NULL,
    forged           INTEGER NOT NULL,
    refused          INTEGER NOT NULL,
    PRIMARY KEY (source, span, timestamp)
) WITHOUT ROWID;
";

/// What people are to be told, and what became of it; times of letters in milliseconds. `open` is 1 for a letter that waits, or
/// of which the ledger does not know.
const OUTBOX: &str = "
CREATE TABLE cases (
    id            TEXT    PRIMARY KEY,
    over_at       INTEGER,
    document      TEXT    NOT NULL
) WITHOUT ROWID;

CREATE TABLE outbox (
    id            TEXT    PRIMARY KEY,
    channel       TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    settled_at    INTEGER,
    open          INTEGER NOT NULL,
    state         TEXT    NOT NULL,
    document      TEXT    NOT NULL
) WITHOUT ROWID;

CREATE INDEX outbox_open ON outbox (created_at) WHERE open = 1;
";
