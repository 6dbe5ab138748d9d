//! The value of a signature header, taken apart and put together: one signature, or a list of them with its timestamp.

use crate::wire::webhook::refusal::Refusal;
use crate::wire::webhook::scheme::Scheme;

/// What a signature header holds, each without what stands before it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Entries<'a> {
    /// At least one of the scheme's own version; those of others are passed over.
    pub signatures: Vec<&'a str>,
    pub timestamp: Option<&'a str>,
}

/// Takes a header's value apart.
///
/// # Errors
/// It is empty, no signature in it is of the scheme, or its timestamp stands twice.
pub fn read<'a>(scheme: &Scheme, value: &'a str) -> Result<Entries<'a>, Refusal> {
    let (field, prefix) = (&scheme.signature, scheme.signature.prefix.as_ref());
    if value.trim().is_empty() {
        return Err(Refusal::EmptySignature(field.header.to_string()));
    }
    let stamp = scheme.timestamp.as_ref().and_then(|stamp| stamp.entry.as_deref());
    let mut entries = Entries::default();
    let pieces: Vec<&str> = match field.separator {
        Some(separator) => value.split(separator).map(str::trim).collect(),
        None => vec![value],
    };
    for piece in pieces {
        if let Some(timestamp) = stamp.and_then(|prefix| piece.strip_prefix(prefix)) {
            if entries.timestamp.replace(timestamp).is_some() {
                return Err(Refusal::Repeated(field.header.to_string()));
            }
        } else if let Some(signature) = piece.strip_prefix(prefix) {
            entries.signatures.push(signature);
        }
    }
    if entries.signatures.is_empty() {
        return Err(Refusal::NoKnownVersion(prefix.to_owned()));
    }
    if entries.signatures.iter().all(|signature| signature.is_empty()) {
        return Err(Refusal::EmptySignature(field.header.to_string()));
    }
    Ok(entries)
}

/// Puts a header's value together. Of a scheme without lists the last signature alone is written.
pub fn write(scheme: &Scheme, signatures: &[String], timestamp: &str) -> String {
    let field = &scheme.signature;
    let signed = |signature: &String| format!("{}{signature}", field.prefix);
    let Some(separator) = field.separator else {
        return signatures.last().map(signed).unwrap_or_default();
    };
    let stamp = scheme.timestamp.as_ref().and_then(|stamp| stamp.entry.as_deref());
    let stamp = stamp.map(|prefix| format!("{prefix}{timestamp}"));
    let entries: Vec<String> = stamp.into_iter().chain(signatures.iter().map(signed)).collect();
    entries.join(&separator.to_string())
}

#[cfg(test)]
mod tests {
    use super::{read, write};
    use crate::wire::webhook::refusal::Refusal;
    use crate::wire::webhook::schemes::{CHATWOOT, PAGERDUTY, STANDARD, STRIPE};

    #[test]
    fn lists_are_read_and_other_versions_passed_over() {
        let stripe = read(&STRIPE, "t=12,v1=aa,v0=bb, v1=cc").unwrap();
        assert_eq!((stripe.signatures, stripe.timestamp), (vec!["aa", "cc"], Some("12")));
        assert_eq!(read(&STANDARD, "v1,AA== v1a,BB== v2,CC==").unwrap().signatures, ["AA=="]);
        assert_eq!(read(&PAGERDUTY, "v1=a,v1=b").unwrap().signatures, ["a", "b"]);
        assert_eq!(read(&CHATWOOT, "sha256=a,sha256=b").unwrap().signatures, ["a,sha256=b"]);
    }

    #[test]
    fn what_holds_no_signature_says_why() {
        let version = |prefix: &str| Refusal::NoKnownVersion(prefix.to_owned());
        assert_eq!(read(&STRIPE, "t=12,v0=bb"), Err(version("v1=")));
        assert_eq!(read(&STANDARD, "v1a,BB=="), Err(version("v1,")));
        assert_eq!(read(&CHATWOOT, "a17b"), Err(version("sha256=")));
        assert_eq!(read(&CHATWOOT, "sha256="), Err(Refusal::EmptySignature("x-chatwoot-signature".to_owned())));
        assert_eq!(read(&STRIPE, "  "), Err(Refusal::EmptySignature("stripe-signature".to_owned())));
        assert_eq!(read(&STRIPE, "t=1,t=2,v1=a"), Err(Refusal::Repeated("stripe-signature".to_owned())));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let signatures = ["aa".to_owned(), "bb".to_owned()];
        assert_eq!(write(&STRIPE, &signatures, "12"), "t=12,v1=aa,v1=bb");
        assert_eq!(write(&STANDARD, &signatures, "12"), "v1,aa v1,bb");
        assert_eq!(write(&CHATWOOT, &signatures, "12"), "sha256=bb");
    }
}
