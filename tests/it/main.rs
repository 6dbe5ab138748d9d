//! The integration tests, one binary.
#![expect(clippy::expect_used, clippy::disallowed_methods, reason = "a test may fail loudly and touch files")]

mod bad_workspace;
mod chatwoot_sdk;
mod chatwoot_twin;
mod cli;
mod committed;
mod contracts_page;
mod dashboard_chromium;
mod gate;
mod init;
mod interrupt;
mod ledger;
mod lint;
mod live;
mod live_tls;
mod lost_records;
mod never_green;
mod peer;
mod postgrest;
mod postgrest_server;
mod report;
mod report_hostile;
mod report_schemas;
mod report_size;
mod sample;
mod secrets;
mod sentences;
mod serve;
mod serve_cli;
mod server;
mod shell;
mod shopify_sdk;
mod supabase_sdk;
mod supabase_twin;
mod tidy;
mod workspace;
