//! What can be wrong with a YAML file, and what would be right.

use std::fmt;

use crate::adapter::encoding::NotText;
use crate::domain::nearest::nearest;

/// A spot in a YAML file, as an editor opens it; line and column counted from 1.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Spot {
    pub path: String,
    pub line: usize,
    pub column: usize,
    /// The keys that lead there (`environments.staging`); empty at the top.
    pub within: String,
}

impl fmt::Display for Spot {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{}:{}:{}: ", self.path, self.line, self.column)?;
        if self.within.is_empty() { Ok(()) } else { write!(formatter, "{}: ", self.within) }
    }
}

/// Why a YAML file cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum YamlError {
    #[error("{path}:{line}:1: the file {source}", line = .source.line())]
    Encoding { path: String, source: NotText },
    #[error("{path}:1:1: the file is empty")]
    Empty { path: String },
    #[error("{spot}not valid YAML: {problem}")]
    Syntax { spot: Spot, problem: String },
    #[error("{spot}the key `{key}` stands twice")]
    Duplicate { spot: Spot, key: String },
    #[error("{spot}unknown key `{key}`")]
    UnknownKey { spot: Spot, key: String, allowed: Vec<String> },
    #[error("{spot}unknown word `{word}`")]
    UnknownWord { spot: Spot, word: String, allowed: Vec<String> },
    #[error("{spot}the key `{key}` is missing")]
    Missing { spot: Spot, key: String },
    #[error("{spot}{found} stands where {expected} is expected")]
    WrongType { spot: Spot, found: String, expected: String },
    #[error("{spot}{problem}")]
    Value { spot: Spot, problem: String },
}

impl YamlError {
    /// What would be right.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Encoding { source, .. } => Some(source.hint().to_owned()),
            Self::Empty { .. } => Some("`preflight init` writes a workspace to start from".to_owned()),
            Self::Syntax { problem, .. } if problem.contains("tab character") => {
                Some("indent with spaces, not with tabs".to_owned())
            }
            Self::Syntax { problem, .. } if problem.contains("cannot start any token") => Some(
                "indent with spaces, not with tabs, and put text that begins with `@` or `%` into quotes".to_owned(),
            ),
            Self::Syntax { problem, .. } if problem.contains("document") => Some("keep one of them".to_owned()),
            Self::Syntax { problem, .. } if problem.contains("alias") => {
                Some("write out what the aliases stand for".to_owned())
            }
            Self::Syntax { .. } => {
                Some("look at the indentation and at the quotes of this line and the one before".to_owned())
            }
            Self::Duplicate { .. } => Some("keep one of them, and move what it lacks there".to_owned()),
            Self::UnknownKey { key: word, allowed, .. } | Self::UnknownWord { word, allowed, .. } => {
                Some(suggestion(word, allowed))
            }
            Self::Missing { key, .. } => Some(format!("add `{key}:`")),
            Self::WrongType { found, expected, .. } if expected == "text" && found != "nothing" => {
                Some("put it into quotes if it is meant as text".to_owned())
            }
            Self::WrongType { .. } | Self::Value { .. } => None,
        }
    }

    /// What is wrong, without the file, line and column.
    pub fn problem(&self) -> String {
        let place = match self.spot() {
            Some(spot) => format!("{}:{}:{}: ", spot.path, spot.line, spot.column).len(),
            None => match self {
                Self::Encoding { path, source } => format!("{path}:{}:1: ", source.line()).len(),
                Self::Empty { path } => format!("{path}:1:1: ").len(),
                _ => 0,
            },
        };
        self.to_string().split_off(place)
    }

    /// The line of the error, counted from 1.
    pub fn line(&self) -> usize {
        match self {
            Self::Encoding { source, .. } => source.line(),
            _ => self.spot().map_or(1, |spot| spot.line),
        }
    }

    fn spot(&self) -> Option<&Spot> {
        match self {
            Self::Encoding { .. } | Self::Empty { .. } => None,
            Self::Syntax { spot, .. }
            | Self::Duplicate { spot, .. }
            | Self::UnknownKey { spot, .. }
            | Self::UnknownWord { spot, .. }
            | Self::Missing { spot, .. }
            | Self::WrongType { spot, .. }
            | Self::Value { spot, .. } => Some(spot),
        }
    }
}

fn suggestion(word: &str, allowed: &[String]) -> String {
    let list = allowed.join(", ");
    match nearest(word, allowed.iter().map(String::as_str)) {
        Some(near) if allowed.len() > 1 => format!("did you mean `{near}`? allowed here: {list}"),
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("allowed here: {list}"),
    }
}
