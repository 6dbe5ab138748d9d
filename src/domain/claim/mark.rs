//! Status marks and status words: what a row says of itself.

/// What a row of a list or a table says of its subject.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum State {
    Done,
    Partial,
    /// Open, blocked, failed, skipped: anything that is not done.
    Open,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Open => "not done",
        }
    }
}

/// Marks; after the sign itself how it looks when UTF-8 was read as Mac Roman and as Windows-1252, as documents that went
/// through a spreadsheet or a mailer often are.
const MARKS: [(&[&str], State); 21] = [
    (&["✅", "‚úÖ", "âœ…"], State::Done),
    (&["✔", "‚úî", "âœ”"], State::Done),
    (&["✓", "‚úì", "âœ“"], State::Done),
    (&["☑", "‚òë", "â˜‘"], State::Done),
    (&["🟢", "\u{f8ff}üü¢", "ðŸŸ¢"], State::Done),
    (&["🟡", "\u{f8ff}üü°", "ðŸŸ¡"], State::Partial),
    (&["🟠", "\u{f8ff}üü†", "ðŸŸ\u{a0}"], State::Partial),
    (&["🚧", "\u{f8ff}üöß", "ðŸš§"], State::Partial),
    (&["⚠", "‚ö†", "âš\u{a0}"], State::Partial),
    (&["❌", "‚ùå", "âŒ"], State::Open),
    (&["✗", "‚úó", "âœ—"], State::Open),
    (&["✘", "‚úò", "âœ˜"], State::Open),
    (&["🔴", "\u{f8ff}üî¥", "ðŸ”´"], State::Open),
    (&["🚫", "\u{f8ff}üö´", "ðŸš«"], State::Open),
    (&["⛔", "‚õî", "â›”"], State::Open),
    (&["⬜", "‚¨ú", "â¬œ"], State::Open),
    (&["☐", "‚òê", "â˜\u{90}"], State::Open),
    (&["⏳", "‚è≥", "â\u{8f}³"], State::Open),
    (&["⏸", "‚è∏", "â\u{8f}¸"], State::Open),
    (&["⏭", "‚è≠", "â\u{8f}\u{ad}"], State::Open),
    (&["🔲", "\u{f8ff}üî≤", "ðŸ”²"], State::Open),
];

/// The mark that a text begins with.
pub fn leading(text: &str) -> Option<State> {
    let text = text.trim_start();
    // No mark begins with a letter of ASCII, and nearly every text does.
    if text.as_bytes().first().is_none_or(u8::is_ascii) {
        return None;
    }
    MARKS.iter().find(|(signs, _)| signs.iter().any(|sign| text.starts_with(sign))).map(|(_, state)| *state)
}

/// What a table's cell says, when it says nothing but a state: a mark, or a word of status.
pub fn cell(text: &str) -> Option<State> {
    leading(text).or_else(|| {
        let lower = text.trim().trim_end_matches('.').to_lowercase();
        match lower.as_str() {
            "done" | "complete" | "completed" | "yes" | "present" | "ready" | "pass" | "passed" | "passing"
            | "kept" | "healthy" | "verified" | "x" => Some(State::Done),
            "partial" | "partly" | "in progress" | "degraded" | "wip" | "draft" => Some(State::Partial),
            "open" | "blocked" | "pending" | "no" | "missing" | "absent" | "failed" | "fail" | "failing"
            | "skipped" | "todo" | "unknown" | "broken" | "not started" | "none" | "stale" | "-" | "—" => {
                Some(State::Open)
            }
            _ => None,
        }
    })
}

/// Words that make a count a statement about status, when they stand beside it.
pub const DONE_WORDS: [&str; 27] = [
    "complete",
    "completed",
    "done",
    "finished",
    "passed",
    "pass",
    "passes",
    "passing",
    "healthy",
    "ready",
    "verified",
    "kept",
    "green",
    "present",
    "delivered",
    "available",
    "working",
    "live",
    "implemented",
    "covered",
    "validated",
    "approved",
    "configured",
    "deployed",
    "succeeded",
    "ok",
    "successful",
];

/// Words of a share that is not done.
pub const OPEN_WORDS: [&str; 16] = [
    "blocked",
    "failed",
    "failing",
    "skipped",
    "pending",
    "remaining",
    "partial",
    "open",
    "missing",
    "broken",
    "unhealthy",
    "ignored",
    "incomplete",
    "unfinished",
    "absent",
    "todo",
];

#[cfg(test)]
mod tests {
    use super::{State, cell, leading};

    #[test]
    fn a_mark_is_known_also_when_its_encoding_was_mistaken() {
        for (text, state) in [
            ("✅ Shopify", Some(State::Done)),
            ("  ⏭️ skipped", Some(State::Open)),
            ("‚úÖ Shopify", Some(State::Done)),
            ("\u{f8ff}üü° Task 3", Some(State::Partial)),
            ("ðŸš« Blocked", Some(State::Open)),
            ("âœ… Shopify", Some(State::Done)),
            ("Shopify ✅", None),
            ("", None),
        ] {
            assert_eq!(leading(text), state, "{text}");
        }
    }

    #[test]
    fn a_cell_is_a_state_only_when_it_says_nothing_else() {
        for (text, state) in [
            (" Done ", Some(State::Done)),
            ("Pending", Some(State::Open)),
            ("In progress", Some(State::Partial)),
            ("Pending vendor contract", None),
            ("🚫 Blocked: mock only", Some(State::Open)),
            ("", None),
        ] {
            assert_eq!(cell(text), state, "{text}");
        }
    }
}
