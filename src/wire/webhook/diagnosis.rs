//! Why a signature is wrong: what was done differently is found by doing it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::wire::webhook::bodies::rewrites;
use crate::wire::webhook::content::{self, Parts};
use crate::wire::webhook::key::Key;
use crate::wire::webhook::scheme::{Algorithm, Encoding, Scheme, Signed};
use crate::wire::webhook::schemes::SCHEMES;
use crate::wire::webhook::template::Template;
use crate::wire::webhook::verify::Received;

/// Bodies above this are not rewritten: what is found there is found in small ones too.
const MOST_BYTES: usize = 256 * 1024;

/// What would have made the signature right. Empty where no one change and no pair of changes does.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Diagnosis {
    /// Each a sentence of its own; together they say how the signature was made.
    pub reasons: Vec<String>,
}

/// One choice among several, with what is said where it is not the scheme's.
struct Choice<T> {
    said: Option<String>,
    value: T,
}

fn right<T>(value: T) -> Choice<T> {
    Choice { said: None, value }
}

fn other<T>(said: impl Into<String>, value: T) -> Choice<T> {
    Choice { said: Some(said.into()), value }
}

/// Looks for the fewest changes that make the signature right. `secret` is the text of a shared one.
pub fn diagnose(scheme: &Scheme, secret: Option<&str>, key: &Key, received: &Received<'_>) -> Diagnosis {
    let mut reasons = elsewhere(scheme, received);
    if let Signed::Template(template) = &scheme.signed
        && let Some(found) = (Search { scheme, template, received }).run(secret, key)
    {
        reasons.push(format!("the signature is right, but {}", found.join(", and ")));
    }
    Diagnosis { reasons }
}

/// Headers of another scheme, where this one's are missing.
fn elsewhere(scheme: &Scheme, received: &Received<'_>) -> Vec<String> {
    if received.headers.contains_key(scheme.signature.header.as_ref()) {
        return Vec::new();
    }
    let mut others: Vec<&str> = Vec::new();
    for known in SCHEMES.into_iter().filter(|known| received.headers.contains_key(known.signature.header.as_ref())) {
        others.push(&known.name);
    }
    match others.as_slice() {
        [] => Vec::new(),
        others => vec![format!("the headers are those of {}", others.join(" or "))],
    }
}

struct Search<'a> {
    scheme: &'a Scheme,
    template: &'a Template,
    received: &'a Received<'a>,
}

impl Search<'_> {
    fn run(&self, secret: Option<&str>, key: &Key) -> Option<Vec<String>> {
        let (value, timestamp, id) = self.texts()?;
        let (signatures, keys) = (self.signatures(value), self.keys(secret, key));
        let (templates, bodies) = (self.templates(), self.bodies());
        let mut best: Option<Vec<String>> = None;
        for body in &bodies {
            for template in &templates {
                if best.as_ref().is_some_and(|best: &Vec<String>| best.len() == 1) {
                    return best;
                }
                let Received { method, url, headers, .. } = *self.received;
                let parts = Parts { method, url, headers, id, timestamp, body: &body.value };
                let Ok(content) = content::bytes(self.scheme, &template.value, &parts) else { continue };
                for key in &keys {
                    for signature in &signatures {
                        let said = [&body.said, &template.said, &key.said, &signature.said];
                        let said: Vec<String> = said.into_iter().flatten().cloned().collect();
                        let shorter = best.as_ref().is_none_or(|best| said.len() < best.len());
                        if shorter
                            && !said.is_empty()
                            && said.len() <= 2
                            && key.value.verifies(&content, &signature.value)
                        {
                            best = Some(said);
                        }
                    }
                }
            }
        }
        best
    }

    /// The signature header's value, the timestamp's and the id's text, as far as they are there.
    fn texts(&self) -> Option<(&str, &str, &str)> {
        let text = |name: &str| self.received.headers.get(name).and_then(|value| value.to_str().ok());
        let value = text(&self.scheme.signature.header)?;
        let entry = self.scheme.timestamp.as_ref().and_then(|stamp| stamp.entry.as_deref());
        let timestamp = match (self.scheme.timestamp_header(), entry) {
            (Some(name), _) => text(name),
            (None, Some(prefix)) => value.split(',').find_map(|piece| piece.trim().strip_prefix(prefix)),
            (None, None) => None,
        };
        let id = self.scheme.delivery_id.as_deref().and_then(text);
        Some((value, timestamp.unwrap_or_default(), id.unwrap_or_default()))
    }

    /// What the header's value may be meant to say.
    fn signatures(&self, value: &str) -> Vec<Choice<Vec<u8>>> {
        let field = &self.scheme.signature;
        let pieces: Vec<&str> = match field.separator {
            Some(separator) => value.split(separator).collect(),
            None => vec![value],
        };
        let mut found = Vec::new();
        for (bare, said) in pieces.into_iter().flat_map(|piece| self.bare(piece.trim())) {
            for (encoding, bytes) in readings(bare) {
                let encoding = (encoding != Some(self.scheme.encoding)).then(|| {
                    let found = encoding.map_or("base64 of its hex text", Encoding::as_str);
                    format!("it is written in {found}, not in {}", self.scheme.encoding.as_str())
                });
                let said = match (&said, encoding) {
                    (Some(one), Some(other)) => Some(format!("{one} and {other}")),
                    (one, other) => one.clone().or(other),
                };
                found.push(Choice { said, value: bytes });
            }
        }
        found
    }

    /// An entry without what stands before the signature: what should, nothing, or something else.
    fn bare<'t>(&self, piece: &'t str) -> Vec<(&'t str, Option<String>)> {
        let prefix = self.scheme.signature.prefix.as_ref();
        let mut found = Vec::new();
        found.extend(piece.strip_prefix(prefix).map(|bare| (bare, None)));
        let should = match prefix {
            "" => "something stands before it".to_owned(),
            prefix => format!("`{prefix}` does not stand before it"),
        };
        if !prefix.is_empty() {
            found.push((piece, Some(should.clone())));
        }
        let other = piece.split_once(['=', ',']).filter(|(before, after)| before.len() < 10 && after.len() > 2);
        found.extend(other.map(|(_, bare)| (bare, Some(should))));
        found
    }

    /// What the secret may be taken for.
    fn keys<'k>(&self, secret: Option<&str>, key: &'k Key) -> Vec<Choice<Keyed<'k>>> {
        let mut keys = vec![right(Keyed::Given(key))];
        let Some(secret) = secret.filter(|_| self.scheme.algorithm.is_shared()) else { return keys };
        let scheme = self.scheme;
        let bare = secret.strip_prefix(scheme.key_prefix.as_ref()).unwrap_or(secret);
        let trimmed = secret.trim().trim_matches(['"', '\'']);
        let mut add = |said: &str, bytes: Option<Vec<u8>>| {
            if let Some(bytes) = bytes {
                keys.push(other(said, Keyed::Made(scheme.key_of(&bytes))));
            }
        };
        if trimmed != secret {
            add(
                "it was made with the secret without the spaces, line breaks or quotes around it",
                Some(trimmed.as_bytes().to_vec()),
            );
        }
        add("it was made with the secret and a line break after it", Some(format!("{secret}\n").into_bytes()));
        add("it was made with the whole text of the secret as the key", Some(secret.as_bytes().to_vec()));
        add("it was made with the secret's text without its prefix as the key", Some(bare.as_bytes().to_vec()));
        add("it was made with the secret decoded from base64", STANDARD.decode(bare).ok());
        add("it was made with the secret decoded from hex", hex::decode(bare).ok());
        let own = scheme.key(secret).is_ok();
        for algorithm in [Algorithm::HmacSha1, Algorithm::HmacSha256, Algorithm::HmacSha512] {
            if own && algorithm != scheme.algorithm {
                let twin = Scheme { algorithm, ..scheme.clone() };
                let said = format!("it was made by {}, not by {}", algorithm.as_str(), scheme.algorithm.as_str());
                keys.extend(twin.key(secret).ok().map(|key| other(said, Keyed::Made(key))));
            }
        }
        keys
    }

    /// What may have been signed instead.
    fn templates(&self) -> Vec<Choice<Template>> {
        let mut templates = vec![right(self.template.clone())];
        for text in [
            "{body}",
            "{timestamp}.{body}",
            "{timestamp}{body}",
            "{body}{timestamp}",
            "{id}.{timestamp}.{body}",
            "v0:{timestamp}:{body}",
            "{url}{body}",
        ] {
            if text != self.template.as_str() {
                let said = format!("it was made over `{text}`, not over `{}`", self.template);
                templates.push(other(said, Template::known(text)));
            }
        }
        templates
    }

    fn bodies(&self) -> Vec<Choice<Vec<u8>>> {
        let body = self.received.body;
        let mut bodies = vec![right(body.to_vec())];
        if body.len() <= MOST_BYTES {
            let changed = |how| format!("it was made over the body {how}, not over these bytes");
            bodies.extend(rewrites(body).into_iter().map(|rewrite| other(changed(rewrite.how), rewrite.body)));
        }
        bodies
    }
}

/// A key that was given, or one that is tried.
enum Keyed<'a> {
    Given(&'a Key),
    Made(Key),
}

impl Keyed<'_> {
    fn verifies(&self, content: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Given(key) => key.verifies(content, signature),
            Self::Made(key) => key.verifies(content, signature),
        }
    }
}

/// Every way in which a text may be read; None is base64 of a hex text.
fn readings(text: &str) -> Vec<(Option<Encoding>, Vec<u8>)> {
    let mut readings: Vec<(Option<Encoding>, Vec<u8>)> =
        Encoding::ALL.into_iter().filter_map(|encoding| Some((Some(encoding), encoding.read(text)?))).collect();
    let loose = URL_SAFE_NO_PAD.decode(text.trim_end_matches('=').replace('+', "-").replace('/', "_"));
    if let Ok(bytes) = loose {
        if readings.is_empty() {
            readings.push((Some(Encoding::Base64Url), bytes.clone()));
        }
        readings.extend(hex::decode(&bytes).ok().map(|inner| (None, inner)));
    }
    readings
}
