//! The only rooms that touch the outside: network, files, clock, environment.

pub mod breakable;
pub mod client;
pub mod clock;
pub mod contracts;
pub mod courier;
pub mod embedded;
pub mod encoding;
pub mod environment;
pub mod files;
pub mod folder;
pub mod halt;
pub mod ledger;
pub mod mount;
pub mod permits;
pub mod serve;
pub mod signing;
pub mod spelling;
pub mod stage;
pub mod starter;
pub mod tls;
pub mod watch;
pub mod workspace;
pub mod yaml;
