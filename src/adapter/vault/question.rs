//! What is asked of a store, and what it may answer.

use jiff::Timestamp;
use secrecy::SecretString;

/// One secret, looked for in one place.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Its name and its aliases; any of them will do where the place names none.
    pub names: &'a [&'a str],
    /// Its value is to be looked at, where the store gives it.
    pub wants_value: bool,
}

impl<'a> Question<'a> {
    /// The names to look for: that of the place alone, where it has one.
    pub fn wanted<'q>(&'q self, own: Option<&'q str>) -> impl Iterator<Item = &'q str>
    where
        'a: 'q,
    {
        let all = if own.is_some() { &[][..] } else { self.names };
        own.into_iter().chain(all.iter().copied())
    }
}

/// What a store says of a secret.
#[derive(Debug)]
pub enum Answer {
    Present(Found),
    Absent,
    /// It could not be asked, for this reason.
    Unknown(String),
}

/// A secret that is there.
#[derive(Debug, Default)]
pub struct Found {
    /// The variable under which the app would read it, where the store knows one.
    pub name: Option<String>,
    /// None where the store answered without it.
    pub value: Option<SecretString>,
    pub renewed: Option<Timestamp>,
    /// Who may read it, where that is too many.
    pub permissions: Option<String>,
}

impl Answer {
    /// An answer with a value: an empty one is what a store gives for a secret that it does not have.
    pub fn of_value(value: SecretString, found: Found) -> Self {
        use secrecy::ExposeSecret as _;

        if value.expose_secret().trim().is_empty() {
            return Self::Absent;
        }
        Self::Present(Found { value: Some(value), ..found })
    }
}

impl<E: std::error::Error> From<Result<Answer, E>> for Answer {
    /// A store that cannot be asked leaves everything unknown.
    fn from(result: Result<Self, E>) -> Self {
        result.unwrap_or_else(|error| Self::Unknown(error.to_string()))
    }
}
