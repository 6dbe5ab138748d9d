//! What a user types: arguments, one file a verb, and the exit code.

pub mod alert;
pub mod alerting;
pub mod approve;
pub mod args;
pub mod blockers;
pub mod check;
pub mod command;
pub mod console;
pub mod declaring;
pub mod evidence;
pub mod exit;
pub mod flags;
pub mod flip;
pub mod gate;
pub mod gauntlet;
pub mod home;
pub mod init;
pub mod lint;
pub mod merge;
pub mod outputs;
pub mod probe;
pub mod prove;
pub mod report;
pub mod secrets;
pub mod serve;
pub mod steps;
mod verb;
pub mod waive;
pub mod watch;
pub mod webhook;

pub use crate::cli::verb::run;
