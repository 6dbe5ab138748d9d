//! The pages of incidents: all of them with their times, and one with its timeline, its evidence and the word that it was seen.

use askama::Template;
use jiff::SignedDuration;

use crate::domain::monitor::incident::Incident;
use crate::report::live::brief::Brief;
use crate::report::live::overview::notice;
use crate::report::live::service::{Failed, Wrong};
use crate::report::live::view::{Place, Scene, View, part};
use crate::report::live::words;

#[derive(Template)]
#[template(path = "live/figures.html")]
struct Figures {
    open: usize,
    over: usize,
    acknowledge: String,
    recover: String,
}

#[derive(Template)]
#[template(path = "live/past.html")]
struct List<'a> {
    incidents: Vec<Brief<'a>>,
}

#[derive(Template)]
#[template(path = "live/incident.html")]
struct One<'a> {
    brief: Brief<'a>,
    title: &'a str,
}

#[derive(Template)]
#[template(path = "live/acknowledge.html")]
struct Acknowledge<'a> {
    incident: &'a Incident,
    /// Who looks may say so.
    may: bool,
    public: bool,
}

/// Draws the page of all incidents.
///
/// # Errors
/// None that is known: a template fails where a value's `Display` fails.
pub fn all(scene: &Scene<'_>) -> Result<View, askama::Error> {
    let mut parts = Vec::new();
    let overview = scene.overview;
    let notice = notice(scene, &mut parts)?;
    let incidents = Brief::all(&overview.incidents, scene.now);
    let open = incidents.iter().filter(|brief| brief.is_open()).count();
    let mean = |seconds: Option<i64>| {
        seconds.map_or_else(|| "–".to_owned(), |mean| words::long_span(SignedDuration::from_secs(mean)))
    };
    let figures = Figures {
        open,
        over: incidents.len() - open,
        acknowledge: mean(overview.mean_seconds_to_acknowledge),
        recover: mean(overview.mean_seconds_to_recover),
    };
    let figures = part(&mut parts, "figures", figures.render()?);
    let list = part(&mut parts, "incidents", List { incidents }.render()?);
    let title = if open == 0 { "No open incident".to_owned() } else { format!("{open} open") };
    Ok(View { title, place: Place::Incidents, body: [notice, figures, list].concat(), parts })
}

/// Draws the page of one incident; `failures` are those of its service while it lasted.
///
/// # Errors
/// None that is known: a template fails where a value's `Display` fails.
pub fn one(scene: &Scene<'_>, incident: &Incident, failures: &[Failed]) -> Result<View, askama::Error> {
    let mut parts = Vec::new();
    let notice = notice(scene, &mut parts)?;
    let service = scene.overview.services.iter().find(|service| service.name == incident.service);
    let title = service.map_or(incident.service.as_str(), |service| service.title.as_str());
    let brief = Brief { incident, now: scene.now };
    let name = format!("{title}: {} incident", brief.severity());
    let told = part(&mut parts, "incident", One { brief, title }.render()?);
    let asked = Acknowledge { incident, may: scene.may_acknowledge, public: scene.public }.render()?;
    let asked = part(&mut parts, "acknowledge", asked);
    let none = "No failure of its service is kept of that time.";
    let failures = Wrong { failures, public: scene.public, none }.render()?;
    let failures = part(&mut parts, "failures", failures);
    let crumb = "<p class=\"crumb\"><a href=\"/incidents\">All incidents</a></p>\n".to_owned();
    let body = [crumb, notice, told, asked, failures].concat();
    Ok(View { title: name, place: Place::Incidents, body, parts })
}
