//! Whether a secret stands in a URL, where logs and proxies keep it (RFC 9110 §17.9; RFC 6750 §2.3 for tokens).

use crate::check::gauntlet::trial::{Trial, named};
use crate::domain::gauntlet::{Code, Flaw, Judged, Question};

/// No request's URL holds the value of a secret that the twin gave out.
pub fn secrets(trial: &Trial<'_>) -> Judged {
    let mut flaws = Vec::new();
    let mut seen = 0;
    for (play, played) in trial.numbered() {
        for arrival in &played.timeline.arrivals {
            seen += 1;
            if !arrival.secrets_in_url.is_empty() {
                let message = format!("{} carries {} in its URL", named(arrival), arrival.secrets_in_url.join(", "));
                flaws.push(Flaw::new(Code::SecretInUrl, message, play, vec![arrival.number]));
            }
        }
    }
    Judged::broken(Question::Secrets, flaws).unwrap_or_else(|| match seen {
        0 => Judged::unasked(Question::Secrets, "the client sent no request"),
        _ => Judged::kept(Question::Secrets, format!("none in {seen} URLs")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::gauntlet::trial::tests::{lesson, play, verdict};
    use crate::domain::gauntlet::{Code, Ended};
    use crate::domain::record::Outcome;
    use crate::domain::timeline::tests::arrival;

    #[test]
    fn a_secret_in_a_url_is_found() {
        let lesson = lesson(&json!({"secrets": true}));
        let mut leaky = arrival(1, 0, "/a?access_token=[redacted]", None);
        leaky.secrets_in_url = vec!["CHATWOOT_API_TOKEN".into()];
        assert_eq!(
            verdict(&lesson, &[play(Ended::Exit(0), vec![leaky])], None),
            (Outcome::Broken, vec![Code::SecretInUrl])
        );
        let clean = play(Ended::Exit(0), vec![arrival(1, 0, "/a", None)]);
        assert_eq!(verdict(&lesson, &[clean], None).0, Outcome::Kept);
    }
}
