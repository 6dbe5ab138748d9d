//! The ways in which a receiver is wrong, each with the cases that have to find it, and no others.

/// One way in which a receiver is wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Flaw {
    /// It verifies nothing.
    AcceptsAll,
    /// It compares as much of the signature as came.
    AcceptsPrefix,
    /// It compares as much of the signature as it expects.
    IgnoresTail,
    /// It forgets the `sha256=` that stands before the digest.
    ComparesBareHex,
    /// It takes the digest with the prefix or without.
    PrefixOptional,
    /// It signs the parsed body, written again.
    SignsParsedBody,
    /// It trims the body before it verifies.
    TrimsBody,
    /// It signs the body without the timestamp.
    SignsBodyAlone,
    /// It looks at no timestamp's age.
    NoWindow,
    /// It looks only whether a timestamp is old.
    FutureAllowed,
    /// It reads timestamps with `parseInt`.
    LenientTimestamp,
    /// It remembers no delivery.
    NoDedupe,
    /// It remembers bodies instead of ids.
    DedupesByBody,
    /// It remembers signatures instead of ids.
    DedupesBySignature,
    /// It looks an id up, does the work, and notes the id then.
    DedupesInTwoSteps,
    /// It notes ids before it verifies.
    NotesIdFirst,
    /// It compares texts of two lengths by a function that throws.
    FailsOnWrongLength,
    /// It answers 200 to what it refuses.
    AnswersOkToBad,
    /// It has the effect before it verifies.
    WorksBeforeVerifying,
    /// An empty secret is as good as its own.
    FailsOpen,
    /// It says in its refusal which signature it expected.
    EchoesSignature,
    /// It says in its refusal what it signs with.
    EchoesSecret,
    /// It answers after the sender has hung up.
    Slow,
    /// It shows a stack trace for a body that it cannot parse.
    ShowsTrace,
    /// It takes a GET for a delivery.
    AcceptsGet,
    /// It refuses everything.
    RefusesAll,
    /// It answers right deliveries and does nothing.
    DoesNothing,
    /// It takes the digest in base64 too.
    GuessesEncoding,
    /// It fails on an event that it does not know.
    FailsOnUnknownEvent,
    /// It fails on a body that is no JSON.
    FailsOnBadJson,
    /// It redirects.
    Redirects,
    /// It takes GitHub's signature too.
    AcceptsOtherScheme,
    /// It takes SHA-1 too.
    AcceptsSha1,
    /// Its parser takes 100 kB, as a well-known one does by default.
    SmallBodies,
    /// It ends a subscription with 410 instead of refusing.
    SaysGone,
    /// It does everything twice.
    WorksTwice,
    /// It compares letter by letter and stops at the first difference, which is slow enough to be seen.
    StopsAtFirstDifference,
    /// Of a list it looks at the first signature alone.
    FirstOfList,
    /// Of a list it looks at the last signature alone.
    LastOfList,
    /// It passes over the version of a signature.
    IgnoresVersion,
    /// It works on as much of a body as came.
    WorksOnHalf,
    /// Behind its answer stands a queue of forty, and what does not fit is lost.
    LosesWhatIsTooMuch,
    /// Its fortieth delivery is its last: it fails from then on.
    FailsWhenItIsTooMuch,
    /// Its queue holds five.
    SmallQueue,
    /// No flaw: from its fortieth delivery on it asks for a pause.
    AsksForAPause,
}

/// Right deliveries of an event that is worked on.
const WITH_AN_EFFECT: &[&str] = &[
    "valid",
    "valid-non-ascii",
    "valid-escaped-unicode",
    "valid-crlf",
    "valid-unusual-json",
    "valid-large",
    "late-within-window",
    "clock-slightly-ahead",
    "duplicate-at-once",
    "duplicate-later",
    "duplicate-concurrently",
    "same-id-other-body",
    "out-of-order",
    "id-after-forgery",
    "valid-afterwards",
];

/// The other case that only a right delivery passes: a receiver that refuses those is found by them all.
const UNKNOWN_EVENT: &[&str] = &["unknown-event"];

/// Cases that only a wrong delivery passes.
const ACCEPTED_WRONG: &[&str] = &[
    "no-signature",
    "empty-signature",
    "truncated-signature",
    "short-signature",
    "long-signature",
    "prefixed-signature",
    "bare-signature",
    "signature-in-another-encoding",
    "signature-that-is-no-encoding",
    "reserialised-body",
    "flipped-byte",
    "added-newline",
    "another-secret",
    "empty-secret",
    "another-scheme",
    "sha1-signature",
    "unkeyed-digest",
    "misread-secret",
    "body-signed-alone",
    "no-timestamp",
    "stale-timestamp",
    "very-stale-timestamp",
    "future-timestamp",
    "far-future-timestamp",
    "timestamp-that-is-no-number",
    "timestamp-with-plus",
    "timestamp-with-a-tail",
    "changed-timestamp",
];

impl Flaw {
    /// Those of a receiver of Chatwoot's deliveries.
    pub const OF_CHATWOOT: [Self; 37] = [
        Self::AcceptsAll,
        Self::AcceptsPrefix,
        Self::IgnoresTail,
        Self::ComparesBareHex,
        Self::PrefixOptional,
        Self::SignsParsedBody,
        Self::TrimsBody,
        Self::SignsBodyAlone,
        Self::NoWindow,
        Self::FutureAllowed,
        Self::LenientTimestamp,
        Self::NoDedupe,
        Self::DedupesByBody,
        Self::DedupesBySignature,
        Self::DedupesInTwoSteps,
        Self::NotesIdFirst,
        Self::FailsOnWrongLength,
        Self::AnswersOkToBad,
        Self::WorksBeforeVerifying,
        Self::FailsOpen,
        Self::EchoesSignature,
        Self::EchoesSecret,
        Self::Slow,
        Self::ShowsTrace,
        Self::AcceptsGet,
        Self::RefusesAll,
        Self::DoesNothing,
        Self::GuessesEncoding,
        Self::FailsOnUnknownEvent,
        Self::FailsOnBadJson,
        Self::Redirects,
        Self::AcceptsOtherScheme,
        Self::AcceptsSha1,
        Self::SmallBodies,
        Self::SaysGone,
        Self::WorksTwice,
        Self::WorksOnHalf,
    ];

    /// Those of a receiver of lists, as PagerDuty sends them.
    pub const OF_PAGERDUTY: [Self; 3] = [Self::FirstOfList, Self::LastOfList, Self::IgnoresVersion];

    /// Those that only a flood shows.
    pub const OF_FLOODS: [Self; 4] =
        [Self::LosesWhatIsTooMuch, Self::FailsWhenItIsTooMuch, Self::SmallQueue, Self::AsksForAPause];

    /// The cases that find it.
    pub fn found_by(self) -> Vec<&'static str> {
        let own: &[&[&str]] = match self {
            Self::AcceptsAll | Self::SaysGone => &[ACCEPTED_WRONG],
            Self::AnswersOkToBad => &[ACCEPTED_WRONG, &["signature-in-another-case"]],
            Self::WorksBeforeVerifying => &[ACCEPTED_WRONG, &["signature-in-another-case", "id-after-forgery"]],
            Self::AcceptsPrefix => &[&["empty-signature", "truncated-signature", "short-signature"]],
            Self::IgnoresTail => &[&["long-signature"]],
            Self::ComparesBareHex => &[WITH_AN_EFFECT, UNKNOWN_EVENT, &["bare-signature"]],
            Self::PrefixOptional => &[&["bare-signature"]],
            Self::SignsParsedBody => {
                &[&["valid-escaped-unicode", "valid-crlf", "valid-unusual-json", "reserialised-body", "added-newline"]]
            }
            Self::TrimsBody => &[&["valid-crlf", "added-newline"]],
            Self::SignsBodyAlone => &[WITH_AN_EFFECT, UNKNOWN_EVENT, &["body-signed-alone"]],
            Self::NoWindow => {
                &[&["stale-timestamp", "very-stale-timestamp", "future-timestamp", "far-future-timestamp"]]
            }
            Self::FutureAllowed => &[&["future-timestamp", "far-future-timestamp"]],
            Self::LenientTimestamp => {
                &[&["timestamp-that-is-no-number", "timestamp-with-plus", "timestamp-with-a-tail"]]
            }
            Self::NoDedupe => {
                &[&["duplicate-at-once", "duplicate-later", "duplicate-concurrently", "same-id-other-body"]]
            }
            Self::DedupesByBody => &[&["same-id-other-body"]],
            Self::DedupesBySignature => &[&["duplicate-later", "same-id-other-body"]],
            Self::DedupesInTwoSteps => &[&["duplicate-concurrently"]],
            Self::NotesIdFirst => &[&["id-after-forgery"]],
            Self::FailsOnWrongLength => &[&[
                "empty-signature",
                "truncated-signature",
                "short-signature",
                "long-signature",
                "prefixed-signature",
                "signature-in-another-encoding",
                "signature-that-is-no-encoding",
            ]],
            Self::FailsOpen => &[&["empty-secret"]],
            Self::EchoesSignature => &[&["no-signature-in-answers"]],
            Self::EchoesSecret => &[&["no-secret-in-answers"]],
            Self::Slow => &[&["answers-in-time"]],
            Self::ShowsTrace => &[&["no-stack-trace-in-answers"]],
            Self::AcceptsGet => &[&["get-request", "head-request"]],
            Self::RefusesAll => &[WITH_AN_EFFECT, UNKNOWN_EVENT],
            Self::DoesNothing => &[&["valid"]],
            Self::GuessesEncoding => &[&["signature-in-another-encoding"]],
            Self::FailsOnUnknownEvent => &[&["unknown-event"]],
            Self::FailsOnBadJson => &[&["body-that-is-no-json", "body-that-is-no-utf8", "deep-json", "empty-body"]],
            Self::Redirects => &[
                WITH_AN_EFFECT,
                UNKNOWN_EVENT,
                ACCEPTED_WRONG,
                &["signature-in-another-case", "another-content-type", "empty-body", "body-that-is-no-json"],
                &["body-that-is-no-utf8", "deep-json", "get-request", "head-request", "oversize-body", "slow-body"],
            ],
            Self::AcceptsOtherScheme => &[&["another-scheme"]],
            Self::WorksOnHalf => &[&["cut-body"]],
            Self::LosesWhatIsTooMuch | Self::FailsWhenItIsTooMuch => &[&["flood-above-rate"]],
            Self::SmallQueue => &[&["flood-at-rate", "flood-above-rate"]],
            Self::AcceptsSha1 => &[&["sha1-signature"]],
            Self::SmallBodies => &[&["valid-large"]],
            Self::WorksTwice => &[WITH_AN_EFFECT, &["slow-body"]],
            // One asks for what it may; of the other time is a hint, and breaks nothing.
            Self::AsksForAPause | Self::StopsAtFirstDifference => &[],
            Self::FirstOfList => &[&["right-signature-last"]],
            Self::LastOfList => &[&["right-signature-first"]],
            Self::IgnoresVersion => &[&["another-version-label"]],
        };
        own.concat()
    }
}
