//! HTTP message signatures (RFC 9421), with the body bound by its digest (RFC 9530).

use std::fmt::Write as _;

use http::HeaderMap;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256, Sha512};
use url::{Position, Url};

use crate::wire::webhook::content::Parts;
use crate::wire::webhook::key::Key;
use crate::wire::webhook::refusal::Refusal;
use crate::wire::webhook::scheme::{Algorithm, List, Scheme, Text};
use crate::wire::webhook::sign::Unsignable;
use crate::wire::webhook::structured::{Bare, Member, Parameters, Value, dictionary, write_list};
use crate::wire::webhook::verify::{Received, one};

const INPUT: &str = "signature-input";
const DIGEST: &str = "content-digest";

/// The name by which our own signatures call their key; a receiver that has one key passes it over.
const KEY_ID: &str = "preflight";

/// The lines that are signed when a delivery of ours is.
pub(super) fn to_sign(scheme: &Scheme, components: &List<Text>, parts: &Parts<'_>) -> Result<String, Unsignable> {
    let mut base = String::new();
    for name in components.iter() {
        let value = match (name.as_ref(), parts.headers.contains_key(name.as_ref())) {
            (DIGEST, false) => Ok(digest(parts.body)),
            _ => derive(name, parts),
        };
        let value = value.map_err(|missing| match missing {
            Missing::Header(name) => Unsignable::NoHeader(name),
            Missing::Component(name) => Unsignable::Component(name),
        })?;
        let _ = writeln!(base, "\"{name}\": {value}");
    }
    let _ = write!(base, "\"@signature-params\": {}", parameters(scheme, components, parts));
    Ok(base)
}

/// The headers of our own signature: digest, input and signature; several signatures get a label each.
pub(super) fn fields(
    scheme: &Scheme,
    components: &List<Text>,
    signatures: &[String],
    parts: &Parts<'_>,
) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    if components.iter().any(|name| name == DIGEST) && !parts.headers.contains_key(DIGEST) {
        headers.push((DIGEST.to_owned(), digest(parts.body)));
    }
    let parameters = parameters(scheme, components, parts);
    let labels = 1..=signatures.len();
    let input: Vec<_> = labels.clone().map(|number| format!("sig{number}={parameters}")).collect();
    let signed: Vec<_> =
        labels.zip(signatures).map(|(number, signature)| format!("sig{number}=:{signature}:")).collect();
    headers.push((INPUT.to_owned(), input.join(", ")));
    headers.push((scheme.signature.header.to_string(), signed.join(", ")));
    headers
}

/// `("@method" …);created=…;keyid="…"`. The time is taken as it is written, so that a wrong one can be signed.
fn parameters(scheme: &Scheme, components: &List<Text>, parts: &Parts<'_>) -> String {
    let names: Vec<String> = components.iter().map(|name| format!("\"{name}\"")).collect();
    let is_dated = scheme.timestamp.is_some() && !parts.timestamp.is_empty();
    let created = if is_dated { format!(";created={}", parts.timestamp) } else { String::new() };
    format!("({}){created};keyid=\"{KEY_ID}\"", names.join(" "))
}

fn digest(body: &[u8]) -> String {
    format!("sha-256={}", Bare::Bytes(Sha256::digest(body).to_vec()).written())
}

/// Checks a delivery. Any one signature that covers what it must and is right will do.
pub(super) fn verify(
    scheme: &Scheme,
    components: &List<Text>,
    key: &Key,
    received: &Received<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let name = scheme.signature.header.as_ref();
    let signatures = members(received.headers, name)?.ok_or_else(|| Refusal::NoSignature(name.to_owned()))?;
    let inputs = members(received.headers, INPUT)?.ok_or_else(|| Refusal::NoSignature(INPUT.to_owned()))?;
    let mut reason = Refusal::NoSignature(name.to_owned());
    for input in &inputs {
        let signature = signatures.iter().find(|member| member.key == input.key);
        let Some(Value::Item(Bare::Bytes(bytes))) = signature.map(|member| &member.value) else { continue };
        match one_signature(scheme, components, key, received, now, input, bytes) {
            Ok(()) => return Ok(()),
            Err(refusal) => reason = refusal,
        }
    }
    Err(reason)
}

fn one_signature(
    scheme: &Scheme,
    components: &List<Text>,
    key: &Key,
    received: &Received<'_>,
    now: Timestamp,
    input: &Member,
    signature: &[u8],
) -> Result<(), Refusal> {
    let Value::List(items) = &input.value else {
        return Err(Refusal::Unstructured { header: INPUT.to_owned(), reason: "a list was expected".to_owned() });
    };
    let covered: Vec<&str> = items.iter().filter_map(|(item, own)| plain(item, own)).collect();
    if let Some(missing) = components.iter().find(|name| !covered.contains(&name.as_ref())) {
        return Err(Refusal::NotCovered(missing.to_string()));
    }
    let parameter = |name: &str| input.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    match parameter("alg") {
        Some(Bare::Text(alg)) if alg != algorithm(scheme.algorithm) => {
            return Err(Refusal::OtherAlgorithm(alg.clone()));
        }
        _ => {}
    }
    let created = match parameter("created") {
        Some(Bare::Integer(created)) => Some(created.to_string()),
        Some(_) => return Err(Refusal::BadTimestamp),
        None if scheme.timestamp.is_some() => return Err(Refusal::NoTimestamp),
        None => None,
    };
    let base = to_verify(items, &input.parameters, received)?;
    match scheme.algorithm.length() {
        Some(expected) if signature.len() != expected => {
            return Err(Refusal::WrongLength { found: signature.len(), expected });
        }
        _ if !key.verifies(base.as_bytes(), signature) => return Err(Refusal::WrongSignature),
        _ => {}
    }
    if covered.contains(&DIGEST) {
        check_digest(received)?;
    }
    if let Some(Bare::Integer(expires)) = parameter("expires")
        && now.as_second() > *expires
    {
        return Err(Refusal::Expired(now.as_second() - expires));
    }
    match (&scheme.timestamp, created) {
        (Some(stamp), Some(created)) => stamp.check(&created, now),
        _ => Ok(()),
    }
}

/// The lines over which a received signature must be right.
fn to_verify(
    items: &[(Bare, Parameters)],
    parameters: &Parameters,
    received: &Received<'_>,
) -> Result<String, Refusal> {
    let Received { method, url, headers, body } = *received;
    let parts = Parts { method, url, headers, id: "", timestamp: "", body };
    let mut base = String::new();
    for (index, (item, own)) in items.iter().enumerate() {
        let name = plain(item, own).ok_or_else(|| Refusal::UnknownComponent(item.written()))?;
        if items[..index].iter().any(|(other, _)| other == item) {
            return Err(Refusal::Unstructured { header: INPUT.to_owned(), reason: format!("{name} stands twice") });
        }
        let value = derive(name, &parts).map_err(|missing| match missing {
            Missing::Header(name) => Refusal::NoHeader(name),
            Missing::Component(name) => Refusal::UnknownComponent(name),
        })?;
        let _ = writeln!(base, "\"{name}\": {value}");
    }
    let _ = write!(base, "\"@signature-params\": {}", write_list(items, parameters));
    Ok(base)
}

/// A component's name, where it has no parameters of its own; those change what is signed, and are not derived here.
fn plain<'a>(item: &'a Bare, own: &Parameters) -> Option<&'a str> {
    match item {
        Bare::Text(name) if own.is_empty() => Some(name),
        _ => None,
    }
}

enum Missing {
    Header(String),
    Component(String),
}

/// A component's value (RFC 9421 §2.1 and §2.2).
fn derive(name: &str, parts: &Parts<'_>) -> Result<String, Missing> {
    if !name.starts_with('@') {
        let values: Vec<_> = parts.headers.get_all(name).iter().map(|value| value.to_str().map(str::trim)).collect();
        let values: Result<Vec<_>, _> = values.into_iter().collect();
        return match values {
            Ok(values) if !values.is_empty() => Ok(values.join(", ")),
            _ => Err(Missing::Header(name.to_owned())),
        };
    }
    let url = Url::parse(parts.url).map_err(|_| Missing::Component(name.to_owned()))?;
    Ok(match name {
        "@method" => parts.method.as_str().to_owned(),
        "@target-uri" => parts.url.to_owned(),
        "@authority" => url[Position::BeforeHost..Position::AfterPort].to_ascii_lowercase(),
        "@scheme" => url.scheme().to_owned(),
        "@request-target" => url[Position::BeforePath..Position::AfterQuery].to_owned(),
        "@path" => url.path().to_owned(),
        "@query" => format!("?{}", url.query().unwrap_or_default()),
        _ => return Err(Missing::Component(name.to_owned())),
    })
}

/// Holds the body against every digest that is known; one at least has to be.
fn check_digest(received: &Received<'_>) -> Result<(), Refusal> {
    let other = || Refusal::OtherBody(DIGEST.to_owned());
    let digests = members(received.headers, DIGEST)?.unwrap_or_default();
    let mut known = 0;
    for member in &digests {
        let expected = match member.key.as_str() {
            "sha-256" => Sha256::digest(received.body).to_vec(),
            "sha-512" => Sha512::digest(received.body).to_vec(),
            _ => continue,
        };
        known += 1;
        if member.value != Value::Item(Bare::Bytes(expected)) {
            return Err(other());
        }
    }
    if known > 0 { Ok(()) } else { Err(other()) }
}

fn members(headers: &HeaderMap, name: &str) -> Result<Option<Vec<Member>>, Refusal> {
    let Some(text) = one(headers, name)? else { return Ok(None) };
    if text.trim().is_empty() {
        return Err(Refusal::EmptySignature(name.to_owned()));
    }
    let unstructured = |reason: &str| Refusal::Unstructured { header: name.to_owned(), reason: reason.to_owned() };
    dictionary(text).map(Some).map_err(unstructured)
}

/// The algorithm's name in the IANA registry (RFC 9421 §6.2).
fn algorithm(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::HmacSha256 => "hmac-sha256",
        Algorithm::Ed25519 => "ed25519",
        Algorithm::EcdsaP256 | Algorithm::EcdsaP256Raw => "ecdsa-p256-sha256",
        Algorithm::HmacSha1 | Algorithm::HmacSha384 | Algorithm::HmacSha512 => "",
    }
}
