//! What a typed cell claims: that it is ready, that it is not, or nothing that could be held against evidence.

/// What a cell claims.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Claim {
    Ready,
    NotReady,
    Unclear,
}

/// Words that take a claim back, wherever they stand: `Staging credentials live, proof missing` is not ready.
const AGAINST: [&str; 38] = [
    "not ",
    "no ",
    "n/a",
    "none",
    "never",
    "block",
    "pending",
    "await",
    "waiting",
    "mock only",
    "mock-only",
    "fail",
    "missing",
    "draft",
    "partial",
    "in progress",
    "todo",
    "tbd",
    "unknown",
    "stale",
    "expired",
    "expiring",
    "broken",
    "down",
    "unavailable",
    "outstanding",
    "incomplete",
    "skipped",
    "to be ",
    "staged",
    "requires",
    "depends",
    "unhealthy",
    "🚫",
    "⛔",
    "❌",
    "⏳",
    "🚧",
];

/// Words by which people call something ready.
const FOR: [&str; 21] = [
    "ready",
    "live",
    "healthy",
    "verified",
    "green",
    "✅",
    "🟢",
    "pass",
    "current",
    "complete",
    "working",
    "active",
    "deployed",
    "delivered",
    "confirmed",
    "done",
    "ok",
    "covered",
    "managed",
    "provisioned",
    "100 %",
];

/// Reads a cell as a claim. What is against wins: a cell that says both is not ready.
pub fn claim(text: &str) -> Claim {
    let text = format!("{} ", text.to_lowercase());
    // A server's error is no readiness, whatever stands beside it.
    let error = text
        .split(|letter: char| !letter.is_ascii_digit())
        .any(|word| word.len() == 3 && (word.starts_with('4') || word.starts_with('5')) && text.contains(word));
    let go = text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "go");
    if error || text.contains("no-go") || AGAINST.iter().any(|word| starts_a_word(&text, word)) {
        Claim::NotReady
    } else if go || FOR.iter().any(|word| starts_a_word(&text, word)) {
        Claim::Ready
    } else {
        Claim::Unclear
    }
}

fn starts_a_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| !text[..at].chars().next_back().is_some_and(char::is_alphanumeric))
}

/// A cell of blockers that says that there are none.
pub fn says_none(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let bare = text.trim_matches(|letter: char| !letter.is_alphanumeric());
    bare.is_empty()
        || starts_a_word(&text, "none")
        || starts_a_word(&text, "no blocker")
        || bare == "n/a"
        || bare == "no"
}

/// Ticket numbers, as in `OCC-INF-221` and `DEPLOY-147`.
pub fn tickets(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-')).filter(|word| {
        let Some((head, number)) = word.rsplit_once('-') else { return false };
        let capitals = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase());
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && head.split('-').all(capitals)
    })
}

#[cfg(test)]
mod tests {
    use super::{Claim, claim, says_none, tickets};

    #[test]
    fn a_cell_is_read_as_a_person_means_it() {
        for (text, read) in [
            ("✅ READY", Claim::Ready),
            ("local GO", Claim::Ready),
            ("local GO; staging NO-GO", Claim::NotReady),
            ("Google", Claim::Unclear),
            ("Live usage limited to core DB", Claim::Ready),
            ("Secrets managed via GitHub/vault", Claim::Ready),
            ("Mock dataset healthy; typed client ready", Claim::Ready),
            ("🚫 Blocked — mock mode only", Claim::NotReady),
            ("Staging credentials live; latency proof missing", Claim::NotReady),
            ("Not yet stood up; plan finalized", Claim::NotReady),
            ("503 errors", Claim::NotReady),
            ("HTTP 410 in 173 ms, verified", Claim::NotReady),
            ("Credentials not requested", Claim::NotReady),
            ("N/A (POC gating)", Claim::NotReady),
            ("unhealthy", Claim::NotReady),
            ("see the runbook", Claim::Unclear),
            ("notable", Claim::Unclear),
            ("", Claim::Unclear),
        ] {
            assert_eq!(claim(text), read, "{text}");
        }
    }

    #[test]
    fn no_blocker_is_told_from_another_subject() {
        for text in ["", "-", "—", "None", "none declared", "No blockers", "n/a"] {
            assert!(says_none(text), "{text}");
        }
        assert!(!says_none("Manager coordinating with infra for an ETA"));
    }

    #[test]
    fn tickets_are_told_from_dates_and_versions() {
        let found: Vec<_> = tickets("OCC-INF-221 since 2025-10-07, see DEPLOY-147 and v1-2, GA4-x").collect();
        assert_eq!(found, ["OCC-INF-221", "DEPLOY-147"]);
    }
}
