//! The `Prefer` header (RFC 7240) with PostgREST's preferences.

/// What a request prefers; None where it says nothing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Preferences {
    pub resolution: Option<Resolution>,
    pub representation: Option<Representation>,
    /// `params=single-object`, gone since PostgREST 13.
    pub single_object: bool,
    pub count: Option<Count>,
    pub missing: Option<Missing>,
    pub strict: Option<bool>,
    /// Rows that may change at most, from PostgREST 12.2 on, with `handling=strict`.
    pub max_affected: Option<i64>,
    /// What this version does not know, refused under `handling=strict`.
    pub invalid: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Resolution {
    MergeDuplicates,
    IgnoreDuplicates,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Representation {
    Full,
    Minimal,
    HeadersOnly,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Count {
    Exact,
    Planned,
    Estimated,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Missing {
    Default,
    Null,
}

const RESOLUTIONS: [(&str, Resolution); 2] = [
    ("resolution=merge-duplicates", Resolution::MergeDuplicates),
    ("resolution=ignore-duplicates", Resolution::IgnoreDuplicates),
];
const REPRESENTATIONS: [(&str, Representation); 3] = [
    ("return=representation", Representation::Full),
    ("return=minimal", Representation::Minimal),
    ("return=headers-only", Representation::HeadersOnly),
];
const COUNTS: [(&str, Count); 3] =
    [("count=exact", Count::Exact), ("count=planned", Count::Planned), ("count=estimated", Count::Estimated)];
const MISSING: [(&str, Missing); 2] = [("missing=default", Missing::Default), ("missing=null", Missing::Null)];
const HANDLING: [(&str, bool); 2] = [("handling=strict", true), ("handling=lenient", false)];
/// Accepted, and without effect unless the server is configured for it (`db-tx-end`).
const TRANSACTION: [(&str, ()); 2] = [("tx=commit", ()), ("tx=rollback", ())];
const SINGLE_OBJECT: &str = "params=single-object";

impl Preferences {
    /// Reads all `Prefer` headers; the first of several values for one preference counts.
    pub fn read<'a>(headers: impl IntoIterator<Item = &'a str>, max_affected: bool) -> Self {
        let given: Vec<&str> = headers.into_iter().flat_map(|header| header.split(',')).map(str::trim).collect();
        let limit = |text: &&str| text.strip_prefix("max-affected=").and_then(|number| number.parse().ok());
        let known = |text: &str| {
            first(&[text], &RESOLUTIONS).is_some()
                || first(&[text], &REPRESENTATIONS).is_some()
                || first(&[text], &COUNTS).is_some()
                || first(&[text], &MISSING).is_some()
                || first(&[text], &HANDLING).is_some()
                || first(&[text], &TRANSACTION).is_some()
                || (text == SINGLE_OBJECT && !max_affected)
                || (max_affected && text.starts_with("max-affected="))
        };
        Self {
            resolution: first(&given, &RESOLUTIONS),
            representation: first(&given, &REPRESENTATIONS),
            single_object: given.contains(&SINGLE_OBJECT) && !max_affected,
            count: first(&given, &COUNTS),
            missing: first(&given, &MISSING),
            strict: first(&given, &HANDLING),
            max_affected: if max_affected { given.iter().find_map(limit) } else { None },
            invalid: given.iter().filter(|text| !known(text)).map(|text| (*text).to_owned()).collect(),
        }
    }

    /// Whether the rows are counted besides being answered.
    pub fn counts(&self) -> bool {
        matches!(self.count, Some(Count::Exact | Count::Estimated))
    }

    /// The preferences of one list that were honoured, as `Preference-Applied` names them.
    pub fn applied(&self, honoured: &[Honoured]) -> Option<String> {
        let name = |honoured: &Honoured| match honoured {
            Honoured::Resolution => spelled(self.resolution, &RESOLUTIONS).map(str::to_owned),
            Honoured::Missing => spelled(self.missing, &MISSING).map(str::to_owned),
            Honoured::Representation => spelled(self.representation, &REPRESENTATIONS).map(str::to_owned),
            Honoured::Parameters => self.single_object.then(|| SINGLE_OBJECT.to_owned()),
            Honoured::Count => spelled(self.count, &COUNTS).map(str::to_owned),
            Honoured::Handling => spelled(self.strict, &HANDLING).map(str::to_owned),
            Honoured::MaxAffected => match (self.max_affected, self.strict) {
                (Some(limit), Some(true)) => Some(format!("max-affected={limit}")),
                _ => None,
            },
        };
        let names: Vec<String> = honoured.iter().filter_map(name).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

/// A preference that an answer may say it honoured, in the order in which they are named.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Honoured {
    Resolution,
    Missing,
    Representation,
    Parameters,
    Count,
    Handling,
    MaxAffected,
}

fn first<T: Copy>(given: &[&str], words: &[(&str, T)]) -> Option<T> {
    given.iter().find_map(|text| words.iter().find(|(word, _)| word == text)).map(|(_, value)| *value)
}

fn spelled<'a, T: PartialEq>(value: Option<T>, words: &'a [(&'a str, T)]) -> Option<&'a str> {
    let value = value?;
    words.iter().find(|(_, known)| *known == value).map(|(word, _)| *word)
}

#[cfg(test)]
mod tests {
    use super::{Count, Honoured, Preferences, Representation};

    #[test]
    fn preferences_are_read_from_all_headers_and_the_first_counts() {
        let read = Preferences::read(["count=exact,  return=representation", "return=minimal, anything"], false);
        assert_eq!((read.count, read.representation), (Some(Count::Exact), Some(Representation::Full)));
        assert_eq!(read.invalid, ["anything"]);
        let applied = read.applied(&[Honoured::Representation, Honoured::Count]);
        assert_eq!(applied.as_deref(), Some("return=representation, count=exact"));
        assert_eq!(Preferences::default().applied(&[Honoured::Count]), None);
    }
}
