//! One case of the suite: what is sent, what it shows, and what a good receiver does.

use serde::{Deserialize, Serialize};

/// One case.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// `stale-timestamp`: unique, part of the record's format.
    pub name: &'static str,
    pub family: Family,
    pub trick: Trick,
    /// What is sent, in words and without secrets.
    pub sent: &'static str,
    /// What a receiver that does otherwise lays itself open to.
    pub shows: &'static str,
    pub answer: Answer,
    pub effect: Effect,
}

impl Case {
    /// Only a count of effects can tell: an answer alone proves nothing here.
    pub fn needs_observer(&self) -> bool {
        matches!(self.family, Family::Once) || matches!(self.trick, Trick::Shape(Shape::CutBody))
    }
}

/// What cases have in common.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Deliveries as the sender makes them.
    Accept,
    /// Signatures that are wrong.
    Signature,
    /// Timestamps that are wrong.
    Timestamp,
    /// Deliveries that come more than once, or in another order.
    Once,
    /// Requests that are no delivery, or a strange one.
    Protocol,
    /// What a sender asks before it delivers.
    Handshake,
    /// What all answers have in common.
    Answers,
    /// Many deliveries at once.
    Flood,
}

impl Family {
    pub const ALL: [Self; 8] = [
        Self::Accept,
        Self::Signature,
        Self::Timestamp,
        Self::Once,
        Self::Protocol,
        Self::Handshake,
        Self::Answers,
        Self::Flood,
    ];

    /// The heading in reports.
    pub fn title(self) -> &'static str {
        match self {
            Self::Accept => "right deliveries",
            Self::Signature => "wrong signatures",
            Self::Timestamp => "timestamps",
            Self::Once => "exactly once",
            Self::Protocol => "strange requests",
            Self::Handshake => "handshakes",
            Self::Answers => "all answers",
            Self::Flood => "flood",
        }
    }
}

/// What a good receiver answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// 2xx.
    Accepted,
    /// It may see that this is no delivery: a refusal of the kind that the sender's rules allow.
    Refused,
    /// It is not a delivery at all: any 4xx, or a connection that is closed.
    TurnedAway,
    /// Either 2xx or a 4xx, but an answer.
    Either,
    /// Of several at once at least one is accepted, and the others are not failed.
    OneAccepted,
    /// The first is accepted, the second is accepted or refused.
    FirstAccepted,
    /// 200, and the challenge in the body.
    Echoed,
    /// The sender does not hear it.
    Unheard,
    /// Many at once: 2xx or 429 or 503, and nothing else.
    AcceptedOrThrottled,
}

/// What a good receiver does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effect {
    None,
    Exactly(u32),
    /// One if it answered 2xx, else none.
    AsAnswered,
    /// As many as were answered with 2xx.
    EachAccepted,
    Between(u32, u32),
    /// Nobody asks.
    Unasked,
}

/// How a delivery is spoiled, or what is done with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trick {
    Body(Body),
    Forgery(Forgery),
    Dating(Dating),
    Repeat(Repeat),
    Shape(Shape),
    Handshake(Handshake),
    Overall(Overall),
    Flood(Flood),
}

/// A delivery that is rightly signed, with such a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Body {
    Plain,
    NonAscii,
    EscapedUnicode,
    CrLf,
    /// White space, numbers and escapes as no serialiser would write them.
    Unusual,
    Large,
    Empty,
    NoJson,
    NoUtf8,
    Deep,
    UnknownEvent,
    OtherContentType,
    SeveralRightLast,
    SeveralRightFirst,
}

/// A delivery whose signature is not its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Forgery {
    Missing,
    Empty,
    Truncated,
    OneTooShort,
    TooLong,
    Prefixed,
    Bare,
    WrongCase,
    WrongEncoding,
    NoEncoding,
    Reserialised,
    FlippedByte,
    AddedNewline,
    AnotherSecret,
    EmptySecret,
    OtherScheme,
    SeveralAllWrong,
    Sha1,
    OtherLabel,
    Unkeyed,
    MisreadSecret,
    BodyAlone,
    MissingId,
    OtherId,
}

/// A delivery whose timestamp is not now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dating {
    Missing,
    Stale,
    VeryStale,
    WithinPast,
    Ahead,
    FarAhead,
    SlightlyAhead,
    NoNumber,
    Plus,
    Trailing,
    Resigned,
}

/// A delivery that comes again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Repeat {
    AtOnce,
    Later,
    Concurrently,
    OtherBody,
    OutOfOrder,
    AfterForgery,
}

/// A request that is shaped otherwise.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    Get,
    Head,
    Oversize,
    SlowBody,
    CutBody,
    Afterwards,
}

/// What a sender asks before it delivers.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Handshake {
    UrlVerification,
    SslCheck,
    HubChallenge,
    HubWrongToken,
}

/// What all answers have in common.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Overall {
    InTime,
    NoSecret,
    NoSignature,
    NoTrace,
}

/// Many deliveries at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Flood {
    AtRate,
    Above,
}
