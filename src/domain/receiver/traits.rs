//! What a scheme has a notion of: from it follows which cases can be asked at all.

use crate::domain::receiver::case::{Answer, Body, Case, Dating, Effect, Flood, Forgery, Handshake, Repeat, Trick};

/// What of a scheme decides which cases apply.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about a scheme")]
pub struct Traits {
    /// Something is written before the digest (`sha256=`, `v1=`).
    pub has_prefix: bool,
    /// A version label stands before each signature (`v1=`, `v1,`).
    pub has_version: bool,
    /// One delivery may carry several signatures.
    pub is_list: bool,
    /// The digest is written in hexadecimal.
    pub is_hex: bool,
    /// Signer and receiver share a secret; else the receiver has a public key alone.
    pub is_symmetric: bool,
    /// The scheme itself signs with SHA-1.
    pub is_sha1: bool,
    /// The secret can be read in two ways: it has a prefix, or looks encoded.
    pub secret_has_two_readings: bool,
    /// More than the body is signed.
    pub signs_more_than_body: bool,
    pub timestamp: Option<Stamp>,
    pub id: Id,
    /// The body is JSON.
    pub is_json: bool,
    pub handshakes: Vec<Handshake>,
}

/// How a scheme dates its deliveries.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// The window in seconds; None where the sender documents none.
    pub past: Option<i64>,
    pub future: Option<i64>,
    /// Seconds since 1970 as text; else a date.
    pub is_seconds: bool,
}

/// Where a delivery's id stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Id {
    /// In a header, which is part of what is signed or is not.
    Header { signed: bool },
    /// In the body.
    Body,
    /// Nowhere: the sender names its deliveries by nothing.
    Nowhere,
}

/// What the user gave beside the address.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given {
    pub observer: bool,
    pub verify_token: bool,
    pub flood: bool,
}

/// Whether a case can be asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Asks {
    Yes,
    /// The scheme has no notion of it.
    NotApplicable(&'static str),
    /// It could be, with something more from the user.
    Unasked(&'static str),
}

/// Tells whether a case can be asked of a scheme's receiver.
pub fn asks(case: &Case, traits: &Traits, given: Given) -> Asks {
    if let Some(reason) = not_applicable(case, traits) {
        return Asks::NotApplicable(reason);
    }
    match case.trick {
        Trick::Handshake(Handshake::HubChallenge | Handshake::HubWrongToken) if !given.verify_token => {
            Asks::Unasked("needs the verify token: --verify-token-env NAME")
        }
        Trick::Flood(Flood::AtRate | Flood::Above) if !given.flood => Asks::NotApplicable("not asked for (--flood)"),
        _ if case.needs_observer() && !given.observer => {
            Asks::Unasked("needs a count of effects: --observe, --observe-command or --observe-header")
        }
        _ => Asks::Yes,
    }
}

/// A case with what a good receiver of this scheme does, where that is another thing than of most.
pub fn fitted(case: &Case, traits: &Traits, scheme: &str) -> Case {
    // The same digest in capital letters: who decodes it has verified it, who compares texts has not.
    let same_digest = case.trick == Trick::Forgery(Forgery::WrongCase) && traits.is_hex;
    // The sender's own libraries read it so, and nobody without the secret can make it.
    let read_so = LENIENT.contains(&(scheme, case.name));
    if same_digest || read_so { Case { answer: Answer::Either, effect: Effect::AsAnswered, ..*case } } else { *case }
}

/// Scheme and case, where the sender's own library accepts what others refuse: `slack_sdk` 3.47 reads the timestamp with
/// `int()`, Bolt 5.1 with `Number()`.
const LENIENT: [(&str, &str); 1] = [("slack", "timestamp-with-plus")];

fn not_applicable(case: &Case, traits: &Traits) -> Option<&'static str> {
    match case.trick {
        Trick::Body(body) => of_body(body, traits),
        Trick::Forgery(forgery) => of_forgery(forgery, traits),
        Trick::Dating(dating) => of_dating(dating, traits),
        Trick::Repeat(repeat) => of_repeat(repeat, traits),
        Trick::Handshake(handshake) => {
            (!traits.handshakes.contains(&handshake)).then_some("the sender makes no such handshake")
        }
        Trick::Shape(_) | Trick::Overall(_) | Trick::Flood(_) => None,
    }
}

fn of_body(body: Body, traits: &Traits) -> Option<&'static str> {
    match body {
        Body::SeveralRightLast | Body::SeveralRightFirst => {
            (!traits.is_list).then_some("the scheme knows one signature a delivery")
        }
        Body::EscapedUnicode | Body::CrLf | Body::Unusual | Body::NoJson | Body::Deep if !traits.is_json => {
            Some("the sender's bodies are no JSON")
        }
        _ => None,
    }
}

fn of_forgery(forgery: Forgery, traits: &Traits) -> Option<&'static str> {
    const PUBLIC: &str = "the receiver holds a public key and no secret";
    match forgery {
        Forgery::Bare if !traits.has_prefix => Some("nothing stands before the digest"),
        Forgery::SeveralAllWrong if !traits.is_list => Some("the scheme knows one signature a delivery"),
        Forgery::OtherLabel if !traits.has_version => Some("the signature has no version label"),
        Forgery::EmptySecret | Forgery::Sha1 | Forgery::MisreadSecret if !traits.is_symmetric => Some(PUBLIC),
        Forgery::Sha1 if traits.is_sha1 => Some("the scheme itself signs with SHA-1"),
        Forgery::MisreadSecret if !traits.secret_has_two_readings => Some("the secret can be read in one way only"),
        Forgery::Reserialised if !traits.is_json => Some("the sender's bodies are no JSON"),
        Forgery::BodyAlone if !traits.signs_more_than_body => Some("the body alone is what is signed"),
        Forgery::MissingId | Forgery::OtherId if traits.id != (Id::Header { signed: true }) => {
            Some("no id is part of what is signed")
        }
        _ => None,
    }
}

fn of_dating(dating: Dating, traits: &Traits) -> Option<&'static str> {
    let Some(stamp) = traits.timestamp else { return Some("the scheme dates nothing") };
    match dating {
        Dating::Stale | Dating::VeryStale | Dating::WithinPast if stamp.past.is_none() => {
            Some("the sender documents no window")
        }
        Dating::Ahead | Dating::FarAhead if stamp.future.is_none() => {
            Some("the sender documents no window into the future")
        }
        Dating::Plus | Dating::Trailing if !stamp.is_seconds => Some("the timestamp is no number"),
        _ => None,
    }
}

fn of_repeat(repeat: Repeat, traits: &Traits) -> Option<&'static str> {
    match (repeat, traits.id) {
        (Repeat::OutOfOrder, _) => None,
        (_, Id::Nowhere) => Some("the sender names its deliveries by no id"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Asks, Given, Id, Stamp, Traits, asks};
    use crate::domain::receiver::cases::{all, named};

    fn shopify() -> Traits {
        Traits {
            has_prefix: false,
            has_version: false,
            is_list: false,
            is_hex: false,
            is_symmetric: true,
            is_sha1: false,
            secret_has_two_readings: false,
            signs_more_than_body: false,
            timestamp: None,
            id: Id::Header { signed: false },
            is_json: true,
            handshakes: Vec::new(),
        }
    }

    #[test]
    fn a_scheme_without_a_timestamp_is_not_asked_about_one() {
        let of = |name: &str, traits: &Traits| asks(named(name).unwrap(), traits, Given::default());
        assert_eq!(of("stale-timestamp", &shopify()), Asks::NotApplicable("the scheme dates nothing"));
        let stamp = Stamp { past: Some(300), future: None, is_seconds: true };
        let dated = Traits { timestamp: Some(stamp), ..shopify() };
        assert_eq!(of("stale-timestamp", &dated), Asks::Yes);
        assert!(matches!(of("future-timestamp", &dated), Asks::NotApplicable(_)));
        assert_eq!(of("valid", &shopify()), Asks::Yes);
    }

    #[test]
    fn what_only_a_count_can_tell_is_unasked_without_one() {
        let count =
            |given: Given| all().filter(|case| matches!(asks(case, &shopify(), given), Asks::Unasked(_))).count();
        assert_eq!(count(Given::default()), 7);
        assert_eq!(count(Given { observer: true, ..Given::default() }), 0);
    }
}
