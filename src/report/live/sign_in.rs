//! The page on which a token is given, and pages that only say something.

use askama::Template;

use crate::report::live::view::{Place, View};

#[derive(Template)]
#[template(path = "live/sign-in.html")]
struct Form<'a> {
    told: Option<&'a str>,
    /// Where to go behind it: a path of this page.
    next: &'a str,
}

#[derive(Template)]
#[template(path = "live/said.html")]
struct Said<'a> {
    title: &'a str,
    text: &'a str,
}

/// The form; `told` says why a token that was given before did not open.
///
/// # Errors
/// None that is known: a template fails where a value's `Display` fails.
pub fn draw(told: Option<&str>, next: &str) -> Result<View, askama::Error> {
    let body = Form { told, next }.render()?;
    Ok(View { title: "Sign in".to_owned(), place: Place::Elsewhere, body, parts: Vec::new() })
}

/// A page that says what is not there, or what went wrong.
///
/// # Errors
/// None that is known: a template fails where a value's `Display` fails.
pub fn said(title: &str, text: &str) -> Result<View, askama::Error> {
    let body = Said { title, text }.render()?;
    Ok(View { title: title.to_owned(), place: Place::Elsewhere, body, parts: Vec::new() })
}
