//! A sentence of the vocabulary: its words, its documentation, and what it does.

use std::collections::HashMap;

use cucumber_expressions::Expression;
use cucumber_expressions::expand::IntoRegexCharIter as _;
use futures::future::LocalBoxFuture;

use crate::steps::args::Args;
use crate::steps::world::{StepResult, World};

/// The part that a sentence plays.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keyword {
    /// Prepares; may also stand after `When`.
    Given,
    /// Acts.
    When,
    /// Promises.
    Then,
}

impl Keyword {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Given => "Given",
            Self::When => "When",
            Self::Then => "Then",
        }
    }
}

/// What comes after a sentence that ends in a colon.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Block {
    None,
    DocString,
    Table,
    /// A table, or a doc string that holds the same as JSON.
    Either,
}

/// What a sentence does.
#[derive(Clone, Copy)]
pub enum Handler {
    Now(fn(&mut World, &Args) -> StepResult),
    Later(for<'a> fn(&'a mut World, &'a Args) -> LocalBoxFuture<'a, StepResult>),
}

/// One sentence.
#[derive(Clone, Copy)]
pub struct Sentence {
    pub keyword: Keyword,
    /// A Cucumber expression with the parameters of [`PARAMETERS`].
    pub expression: &'static str,
    pub block: Block,
    /// What it means, for a reader of the vendor's documentation.
    pub meaning: &'static str,
    pub example: &'static str,
    pub handler: Handler,
}

/// One parameter of an expression.
pub struct Parameter {
    pub name: &'static str,
    pub regex: &'static str,
    pub meaning: &'static str,
}

const QUOTED: &str = r#""(?:[^"\\]|\\.)*""#;

/// The parameters that expressions may use.
pub const PARAMETERS: [Parameter; 8] = [
    Parameter {
        name: "text",
        regex: QUOTED,
        meaning: "a text in double quotes; `\\\"` and `\\\\` stand for themselves, `${NAME}` for a value",
    },
    Parameter {
        name: "path",
        regex: QUOTED,
        meaning: "a JSONPath (RFC 9535) in double quotes, into the body of the last answer",
    },
    Parameter {
        name: "value",
        regex: r#""(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?|true|false|null"#,
        meaning: "a text in double quotes, a number, true, false or null; a text that begins with `#` is a matcher",
    },
    Parameter { name: "method", regex: "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS", meaning: "an HTTP method" },
    Parameter { name: "count", regex: "[0-9]+", meaning: "a whole number" },
    Parameter { name: "name", regex: "[A-Za-z_][A-Za-z0-9_-]*", meaning: "a member's name, without quotes" },
    Parameter { name: "switch", regex: "on|off|unset", meaning: "on, off or unset" },
    Parameter { name: "direction", regex: "ascending|descending", meaning: "ascending or descending" },
];

/// Turns an expression into the regular expression that matches it, with a group for each parameter; not yet compiled.
///
/// # Errors
/// What is wrong with the expression; a test keeps ours right.
pub fn pattern(expression: &str) -> Result<String, String> {
    let parameters: HashMap<&str, &str> =
        PARAMETERS.iter().map(|parameter| (parameter.name, parameter.regex)).collect();
    let expression = Expression::parse(expression).map_err(|error| error.to_string())?;
    let letters = expression.with_parameters(&parameters).into_regex_char_iter();
    letters.collect::<Result<_, _>>().map_err(|error| error.to_string())
}
