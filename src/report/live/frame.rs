//! What stands around a page: head, navigation, the word on whether it is still true; and the files that it refers to.

use askama::Template;

use crate::report::live::view::{Place, View};

/// The style: that of the dashboard, and what the live page has besides.
pub const STYLE: &str = concat!(include_str!("../templates/dashboard.css"), include_str!("../templates/live/live.css"));
pub const SCRIPT: &str = include_str!("../templates/live/live.js");
/// The API, as `OpenAPI` 3.1.
pub const OPENAPI: &str = include_str!("../templates/live/openapi.json");

/// Who looks at a page, and where.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    pub workspace: &'a str,
    pub environment: &'a str,
    /// `preflight 0.1.0`
    pub tool: &'a str,
    /// Path and query of the page, by which its parts are asked for again; None where they do not change.
    pub path: Option<&'a str>,
    /// A token was given, and can be taken back.
    pub signed_in: bool,
    /// There is a token that could be given.
    pub can_sign_in: bool,
    /// Anybody may look.
    pub public: bool,
}

#[derive(Template)]
#[template(path = "live/frame.html")]
struct Page<'a> {
    frame: &'a Frame<'a>,
    view: &'a View,
    nav: [(Place, &'static str, &'static str); 3],
}

/// The whole page.
///
/// # Errors
/// None that is known: a template fails where a value's `Display` fails.
pub fn draw(frame: &Frame<'_>, view: &View) -> Result<String, askama::Error> {
    let nav = [
        (Place::Services, "/", "Services"),
        (Place::Incidents, "/incidents", "Incidents"),
        (Place::Readiness, "/readiness", "Readiness"),
    ];
    Page { frame, view, nav }.render()
}
