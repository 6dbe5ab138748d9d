//! Strange requests, handshakes, what all answers have in common, and floods.

use crate::domain::receiver::case::{Answer, Body, Case, Effect, Family, Flood, Handshake, Overall, Shape, Trick};

const fn shaped(name: &'static str, trick: Trick, sent: &'static str, shows: &'static str) -> Case {
    Case { name, family: Family::Protocol, trick, sent, shows, answer: Answer::TurnedAway, effect: Effect::None }
}

const fn handshake(name: &'static str, shake: Handshake, sent: &'static str, shows: &'static str) -> Case {
    Case { family: Family::Handshake, answer: Answer::Echoed, ..shaped(name, Trick::Handshake(shake), sent, shows) }
}

const fn overall(name: &'static str, overall: Overall, sent: &'static str, shows: &'static str) -> Case {
    Case { family: Family::Answers, effect: Effect::Unasked, ..shaped(name, Trick::Overall(overall), sent, shows) }
}

const fn flood(name: &'static str, flood: Flood, sent: &'static str, shows: &'static str) -> Case {
    Case {
        family: Family::Flood,
        answer: Answer::AcceptedOrThrottled,
        effect: Effect::EachAccepted,
        ..shaped(name, Trick::Flood(flood), sent, shows)
    }
}

pub(super) const CASES: &[Case] = &[
    Case {
        answer: Answer::Accepted,
        effect: Effect::Unasked,
        ..shaped(
            "unknown-event",
            Trick::Body(Body::UnknownEvent),
            "a right delivery of an event that nobody has heard of",
            "an event that the sender adds one day is refused, and with it the subscription ends or is retried for days",
        )
    },
    Case {
        answer: Answer::Either,
        effect: Effect::AsAnswered,
        ..shaped(
            "another-content-type",
            Trick::Body(Body::OtherContentType),
            "a right delivery as text/plain",
            "a body parser decides what is verified, and fails on what it does not know",
        )
    },
    Case {
        answer: Answer::Either,
        effect: Effect::Unasked,
        ..shaped(
            "empty-body",
            Trick::Body(Body::Empty),
            "a rightly signed empty body",
            "an empty body makes the receiver fail",
        )
    },
    Case {
        answer: Answer::Either,
        effect: Effect::Unasked,
        ..shaped(
            "body-that-is-no-json",
            Trick::Body(Body::NoJson),
            "a rightly signed body that is no JSON",
            "a parser's error becomes the receiver's failure, which the sender repeats",
        )
    },
    Case {
        answer: Answer::Either,
        effect: Effect::Unasked,
        ..shaped(
            "body-that-is-no-utf8",
            Trick::Body(Body::NoUtf8),
            "a rightly signed body that is no UTF-8",
            "a decoder's error becomes the receiver's failure, which the sender repeats",
        )
    },
    Case {
        answer: Answer::Either,
        effect: Effect::Unasked,
        ..shaped(
            "deep-json",
            Trick::Body(Body::Deep),
            "a rightly signed body of arrays within arrays, ten thousand deep",
            "a parser that calls itself overflows its stack and takes the process with it",
        )
    },
    shaped(
        "get-request",
        Trick::Shape(Shape::Get),
        "a GET with the headers of a right delivery of an empty body",
        "a link that somebody follows is taken for a delivery",
    ),
    shaped(
        "head-request",
        Trick::Shape(Shape::Head),
        "a HEAD with the headers of a right delivery of an empty body",
        "a check of a link is taken for a delivery",
    ),
    shaped(
        "oversize-body",
        Trick::Shape(Shape::Oversize),
        "four megabytes without a signature",
        "who has no secret can fill the receiver's memory, or make it fail",
    ),
    Case {
        answer: Answer::Either,
        effect: Effect::AsAnswered,
        ..shaped(
            "slow-body",
            Trick::Shape(Shape::SlowBody),
            "a right delivery whose body comes in five pieces over 200 ms",
            "a body is taken for whole before it is",
        )
    },
    Case {
        answer: Answer::Unheard,
        ..shaped(
            "cut-body",
            Trick::Shape(Shape::CutBody),
            "a right delivery that breaks off in the middle of its body",
            "half a delivery has an effect",
        )
    },
    Case {
        answer: Answer::Accepted,
        effect: Effect::Exactly(1),
        ..shaped(
            "valid-afterwards",
            Trick::Shape(Shape::Afterwards),
            "a right delivery after all others",
            "something in the suite put the receiver out of order",
        )
    },
    handshake(
        "url-verification",
        Handshake::UrlVerification,
        "a signed url_verification with a challenge",
        "the address cannot be registered with the sender",
    ),
    Case {
        answer: Answer::Accepted,
        ..handshake(
            "ssl-check",
            Handshake::SslCheck,
            "an unsigned ssl_check form, as the sender's check of certificates posts it",
            "the sender's check of the certificate fails, and the address with it",
        )
    },
    handshake(
        "hub-challenge",
        Handshake::HubChallenge,
        "GET hub.challenge with the right verify token",
        "the address cannot be registered with the sender",
    ),
    Case {
        answer: Answer::TurnedAway,
        ..handshake(
            "hub-challenge-wrong-token",
            Handshake::HubWrongToken,
            "GET hub.challenge with a wrong verify token",
            "anybody may register the address, and what comes back is what was sent",
        )
    },
    overall(
        "answers-in-time",
        Overall::InTime,
        "every right delivery of the suite",
        "the sender has hung up before the answer comes: it takes the delivery for failed and sends it again, or never",
    ),
    overall(
        "no-secret-in-answers",
        Overall::NoSecret,
        "every request of the suite",
        "who reads an answer has the secret",
    ),
    overall(
        "no-signature-in-answers",
        Overall::NoSignature,
        "every request of the suite",
        "the receiver signs whatever it is sent: who asks twice passes",
    ),
    overall(
        "no-stack-trace-in-answers",
        Overall::NoTrace,
        "every request of the suite",
        "answers tell a stranger files, versions and lines of the receiver",
    ),
    Case {
        answer: Answer::Accepted,
        ..flood(
            "flood-at-rate",
            Flood::AtRate,
            "right deliveries for a second at the rate that was asked for",
            "the receiver loses deliveries at a rate that is usual",
        )
    },
    flood(
        "flood-above-rate",
        Flood::Above,
        "ten times as many right deliveries in a second",
        "above its rate the receiver fails instead of asking for a pause, or accepts what it then loses",
    ),
];
