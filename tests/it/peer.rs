//! Tests that need a real peer, and say so where it is not there.

use std::io::Write as _;

/// Says on screen that a test was skipped, and why; where peers are required, that is a failure.
///
/// libtest keeps what a passing test prints to itself, so this goes past it to the real stderr: a skipped test that looks
/// like one that passed is what nobody should see.
pub fn skipped(needs: &str) {
    assert!(std::env::var_os("PREFLIGHT_REQUIRE_PEERS").is_none(), "needs {needs}");
    drop(writeln!(std::io::stderr(), "\nskipped: needs {needs}"));
}
