//! What of a signature scheme decides which cases can be asked, and what its sender makes of an answer.

use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::receiver::case::Handshake;
use crate::domain::receiver::sender::{DEADLINE_MS, Sender};
use crate::domain::receiver::traits::{Id, Stamp, Traits};
use crate::engine::attack::body::Event;
use crate::engine::attack::craft::forged::other_reading;
use crate::wire::webhook::conduct::{Conduct, Fate};
use crate::wire::webhook::scheme::{Algorithm, Encoding, Handshake as Asked, KeyForm, Scheme, Signed};
use crate::wire::webhook::stamp::Format;

/// The traits of a scheme, with the secret and the event that are used.
pub fn traits(scheme: &Scheme, secret: &SecretString, event: &Event) -> Traits {
    let prefix = scheme.signature.prefix.as_ref();
    let mut letters = prefix.chars();
    let has_version = letters.next() == Some('v') && letters.next().is_some_and(|letter| letter.is_ascii_digit());
    let signs_more_than_body = match &scheme.signed {
        Signed::Template(template) => template.as_str() != "{body}",
        Signed::Components(_) => true,
    };
    let id = match &scheme.delivery_id {
        Some(_) => Id::Header { signed: scheme.signs_id() },
        None if event.id_at.is_some() => Id::Body,
        None => Id::Nowhere,
    };
    Traits {
        has_prefix: !prefix.is_empty(),
        has_version,
        is_list: scheme.signature.separator.is_some(),
        is_hex: matches!(scheme.encoding, Encoding::Hex | Encoding::HexUpper),
        is_symmetric: scheme.algorithm.is_shared(),
        is_sha1: scheme.algorithm == Algorithm::HmacSha1,
        secret_has_two_readings: scheme.key != KeyForm::Text || other_reading(secret.expose_secret()).is_some(),
        signs_more_than_body,
        timestamp: scheme.timestamp.as_ref().map(|stamp| Stamp {
            past: stamp.past.map(i64::from),
            future: stamp.future.map(i64::from),
            is_seconds: stamp.format == Format::UnixSeconds,
        }),
        id,
        is_json: event.is_json(),
        handshakes: scheme.handshakes.iter().flat_map(|asked| handshakes(*asked)).copied().collect(),
    }
}

fn handshakes(asked: Asked) -> &'static [Handshake] {
    match asked {
        Asked::UrlVerification => &[Handshake::UrlVerification],
        Asked::SslCheck => &[Handshake::SslCheck],
        Asked::HubChallenge => &[Handshake::HubChallenge, Handshake::HubWrongToken],
    }
}

/// What the sender of a scheme makes of an answer.
pub fn sender(scheme: &Scheme) -> Sender {
    let conduct = &scheme.conduct;
    // Shopify's review of an app demands 401 for a wrong signature; its library answers 400 where one is missing.
    let is_strict = scheme.name == "shopify";
    let others: &[u16] = if is_strict { &[400] } else { &[401, 400, 403] };
    let mut refusals = conduct.refuse_with.to_vec();
    refusals.extend(others.iter().filter(|status| !conduct.refuse_with.contains(status)));
    Sender {
        deadline_ms: conduct.answer_within_ms.map_or(DEADLINE_MS, u64::from),
        has_own_deadline: conduct.answer_within_ms.is_some(),
        refusals,
        is_strict,
        on_refusal: told(conduct, Fate::Answered(401)),
        on_failure: told(conduct, Fate::Answered(500)),
        large: match scheme.name.as_ref() {
            // Bodies under 20 kB (spec b2fa7b8); 55 kB are guaranteed (PagerDuty/developer-docs@9422439).
            "standard-webhooks" | "standard-webhooks-v1a" | "svix" => 18_000,
            "pagerduty" => 54_000,
            _ => Sender::default().large,
        },
        source: conduct.source.to_string(),
    }
}

/// What becomes of a delivery that was answered so, as the end of a sentence.
fn told(conduct: &Conduct, fate: Fate) -> String {
    let again = match (conduct.retries(fate), conduct.most_retries, conduct.within) {
        (false, _, _) => "it is not sent again".to_owned(),
        (true, Some(times), _) => format!("it is sent again, up to {times} times"),
        (true, None, Some(seconds)) => format!("it is sent again for {} h", seconds / 3600),
        (true, None, None) => "it is sent again".to_owned(),
    };
    match &conduct.disables {
        Some(disabling) if conduct.disables(fate) => format!("{again}; {}", disabling.effect),
        _ => again,
    }
}

#[cfg(test)]
mod tests {
    use super::{sender, traits};
    use crate::domain::receiver::traits::Id;
    use crate::engine::attack::body::{Event, Payload};
    use crate::wire::webhook::scheme::Scheme;

    fn event(id_at: Option<&str>) -> Event {
        let body = Payload::Json(serde_json::json!({ "id": "a" }));
        Event { topic: "a".into(), body, id_at: id_at.map(str::to_owned), topic_at: None }
    }

    #[test]
    fn every_known_scheme_has_traits_and_a_sender() {
        for (name, prefix, list, dated, id) in [
            ("shopify", false, false, false, Id::Header { signed: false }),
            ("chatwoot", true, false, true, Id::Header { signed: false }),
            ("stripe", true, true, true, Id::Nowhere),
            ("standard-webhooks", true, true, true, Id::Header { signed: true }),
            ("github", true, false, false, Id::Header { signed: false }),
        ] {
            let traits = traits(Scheme::named(name).unwrap(), &"whsec_c2VjcmV0LXNlY3JldA==".into(), &event(None));
            let seen = (traits.has_prefix, traits.is_list, traits.timestamp.is_some(), traits.id);
            assert_eq!(seen, (prefix, list, dated, id), "{name}");
        }
        assert_eq!(traits(Scheme::named("stripe").unwrap(), &"s".into(), &event(Some("/id"))).id, Id::Body);
    }

    #[test]
    fn a_sender_says_what_a_status_costs() {
        let of = |name: &str| sender(Scheme::named(name).unwrap());
        assert_eq!((of("shopify").refusals, of("shopify").is_strict), (vec![401, 400], true));
        assert_eq!(of("slack").deadline_ms, 3_000);
        assert!(of("pagerduty").on_refusal.starts_with("it is not sent again; "), "{}", of("pagerduty").on_refusal);
        assert!(of("chatwoot").on_failure.starts_with("it is not sent again"), "{}", of("chatwoot").on_failure);
        assert!(!of("stripe").has_own_deadline && of("stripe").on_failure == "it is sent again for 72 h");
    }
}
