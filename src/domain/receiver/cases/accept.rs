//! Deliveries as the sender makes them, which a good receiver accepts.

use crate::domain::receiver::case::{Answer, Body, Case, Effect, Family, Trick};

const fn accepted(name: &'static str, body: Body, sent: &'static str, shows: &'static str) -> Case {
    Case {
        name,
        family: Family::Accept,
        trick: Trick::Body(body),
        sent,
        shows,
        answer: Answer::Accepted,
        effect: Effect::Exactly(1),
    }
}

pub(super) const CASES: &[Case] = &[
    accepted(
        "valid",
        Body::Plain,
        "a delivery as the sender makes it",
        "real deliveries are refused: nothing of the sender ever arrives",
    ),
    accepted(
        "valid-non-ascii",
        Body::NonAscii,
        "a rightly signed body with letters beyond ASCII, in UTF-8",
        "every customer with an umlaut in the name is refused: the text was decoded before it was verified",
    ),
    accepted(
        "valid-escaped-unicode",
        Body::EscapedUnicode,
        r"a rightly signed body with its letters escaped (\u00e4) as some senders write them",
        "the body is parsed and written again before it is verified; English text hides it",
    ),
    accepted(
        "valid-crlf",
        Body::CrLf,
        "a rightly signed body with CRLF line ends, also behind its last line",
        "line ends are changed or cut off before the signature is verified",
    ),
    accepted(
        "valid-unusual-json",
        Body::Unusual,
        "a rightly signed body with white space and numbers as no serialiser writes them",
        "the parsed body is signed and not the bytes that came",
    ),
    accepted(
        "valid-large",
        Body::Large,
        "a rightly signed body as large as the sender makes them",
        "large deliveries never arrive: a parser's limit stands before the handler",
    ),
    accepted(
        "right-signature-last",
        Body::SeveralRightLast,
        "several signatures, the right one last, as while a secret is rotated",
        "every delivery is lost while the secret is rotated: only the first signature is looked at",
    ),
    accepted(
        "right-signature-first",
        Body::SeveralRightFirst,
        "several signatures, the right one first",
        "every delivery is lost while the secret is rotated: only the last signature is looked at",
    ),
];
