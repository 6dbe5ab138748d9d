//! Signatures that are wrong, which a good receiver refuses.

use crate::domain::receiver::case::{Answer, Case, Effect, Family, Forgery, Trick};

const fn refused(name: &'static str, forgery: Forgery, sent: &'static str, shows: &'static str) -> Case {
    Case {
        name,
        family: Family::Signature,
        trick: Trick::Forgery(forgery),
        sent,
        shows,
        answer: Answer::Refused,
        effect: Effect::None,
    }
}

pub(super) const CASES: &[Case] = &[
    refused(
        "no-signature",
        Forgery::Missing,
        "a delivery without its signature",
        "anybody may deliver: the signature is not asked for",
    ),
    refused(
        "empty-signature",
        Forgery::Empty,
        "an empty signature",
        "an empty text passes for a signature: a comparison of nothing with nothing",
    ),
    refused(
        "truncated-signature",
        Forgery::Truncated,
        "the first half of the right signature",
        "a part of the signature is enough, so it can be guessed piece by piece",
    ),
    refused(
        "short-signature",
        Forgery::OneTooShort,
        "the right signature without its last letters",
        "signatures of another length are compared as far as they go, or make the receiver fail",
    ),
    refused(
        "long-signature",
        Forgery::TooLong,
        "the right signature with letters behind it",
        "only the beginning is compared, or a comparison of two lengths makes the receiver fail",
    ),
    refused(
        "prefixed-signature",
        Forgery::Prefixed,
        "the right signature behind a prefix that the sender does not write",
        "what stands before the signature is passed over: another header, or another algorithm, passes as well",
    ),
    refused(
        "bare-signature",
        Forgery::Bare,
        "the right digest without the prefix that names its algorithm",
        "the name of the algorithm is not looked at: the sender's next one will be taken for this one",
    ),
    refused(
        "signature-in-another-case",
        Forgery::WrongCase,
        "the right signature with capital and small letters exchanged",
        "signatures are compared without regard to case, so each letter is worth less",
    ),
    refused(
        "signature-in-another-encoding",
        Forgery::WrongEncoding,
        "the right digest in the encoding that the sender does not use (hex for base64, base64 for hex)",
        "the receiver guesses encodings: what it accepts is not what the sender documents",
    ),
    refused(
        "signature-that-is-no-encoding",
        Forgery::NoEncoding,
        "letters that are neither hex nor base64 in the place of the signature",
        "a signature that cannot be decoded is taken for an empty one, or makes the receiver fail",
    ),
    refused(
        "reserialised-body",
        Forgery::Reserialised,
        "the signature of the same JSON, written again with other white space",
        "the parsed body is signed: two texts pass under one signature",
    ),
    refused(
        "flipped-byte",
        Forgery::FlippedByte,
        "a right signature over a body of which one letter was changed",
        "the body can be changed on its way",
    ),
    refused(
        "added-newline",
        Forgery::AddedNewline,
        "a right signature over a body behind which a line end was added",
        "the body is trimmed before it is verified: what was signed is not what is read",
    ),
    refused(
        "another-secret",
        Forgery::AnotherSecret,
        "a signature made with another secret",
        "the secret is not what decides",
    ),
    refused(
        "empty-secret",
        Forgery::EmptySecret,
        "a signature made with an empty secret",
        "without its secret the receiver fails open: it verifies against nothing",
    ),
    refused(
        "another-scheme",
        Forgery::OtherScheme,
        "the signature of another sender's scheme, made with the right secret, and none of its own",
        "any scheme will do: what another endpoint gave away opens this one",
    ),
    refused(
        "all-signatures-wrong",
        Forgery::SeveralAllWrong,
        "several signatures of which none is right",
        "a list of signatures passes because it is a list",
    ),
    refused(
        "sha1-signature",
        Forgery::Sha1,
        "an HMAC with SHA-1 under the name of the algorithm, or in the place of the right one",
        "the sender of the request chooses the algorithm",
    ),
    refused(
        "another-version-label",
        Forgery::OtherLabel,
        "the right digest under the label of another version of the scheme",
        "labels are passed over: a weaker version passes when one comes",
    ),
    refused(
        "unkeyed-digest",
        Forgery::Unkeyed,
        "a SHA-256 of what is signed, made without any secret",
        "anybody can compute what is accepted",
    ),
    refused(
        "misread-secret",
        Forgery::MisreadSecret,
        "a signature whose secret was read otherwise (decoded where it is text, text where it is decoded)",
        "the secret is not read as the sender documents it, or in more than one way",
    ),
    refused(
        "body-signed-alone",
        Forgery::BodyAlone,
        "a signature over the body alone where the sender signs more",
        "the timestamp, the id or the address is not signed: a delivery can be dated anew and played again",
    ),
    refused(
        "no-delivery-id",
        Forgery::MissingId,
        "a delivery without the id that is part of what is signed",
        "the id is not part of what is verified",
    ),
    refused(
        "changed-delivery-id",
        Forgery::OtherId,
        "a delivery under another id than the one it was signed for",
        "a delivery can be played again under a new id",
    ),
];
