//! The page of all services: how many are well, what is open, and a row for each.

use std::collections::BTreeMap;

use askama::Template;
use jiff::SignedDuration;

use crate::domain::integration::Name;
use crate::domain::monitor::service_view::ServiceView;
use crate::domain::monitor::span::Window;
use crate::domain::monitor::traffic::Quota;
use crate::domain::probe::service::Service;
use crate::domain::probe::thresholds::Health;
use crate::domain::readiness::Row;
use crate::report::digest::number;
use crate::report::live::brief::Brief;
use crate::report::live::view::{Part, Place, Scene, View, part};
use crate::report::live::{bar, words};

/// Incidents that are named before they are counted.
const INCIDENTS: usize = 6;

/// In the order in which they need to be seen.
const STATES: [Health; 4] = [Health::Down, Health::Degraded, Health::Unknown, Health::Healthy];

#[derive(Template)]
#[template(path = "live/notice.html")]
struct Notice {
    doubts: Vec<String>,
}

#[derive(Template)]
#[template(path = "live/now.html")]
struct Now {
    letter: &'static str,
    headline: String,
    /// Letter, how many, and the word.
    states: Vec<(&'static str, usize, &'static str)>,
    points: String,
    because: String,
    recover: Option<String>,
}

impl Now {
    fn of(scene: &Scene<'_>) -> Self {
        let overview = scene.overview;
        let all = number(overview.services.len(), "service");
        let bad = overview.services.len() - overview.count(Health::Healthy);
        let headline = match (overview.services.len(), bad) {
            (0, _) => "No service is watched".to_owned(),
            (1, 0) => "The one service is healthy".to_owned(),
            (_, 0) => format!("All {all} healthy"),
            _ => format!("{bad} of {all} not healthy"),
        };
        let told = |health: Health| (words::health(health), overview.count(health), health.as_str());
        let mean = overview.mean_seconds_to_recover;
        Self {
            letter: words::health(overview.health()),
            headline,
            states: STATES.map(told).into_iter().filter(|(_, count, _)| *count > 0).collect(),
            points: overview.score.points.map_or_else(|| "–".to_owned(), |points| points.to_string()),
            because: overview.score.because.join("; "),
            recover: mean.map(|seconds| words::long_span(SignedDuration::from_secs(seconds))),
        }
    }
}

#[derive(Template)]
#[template(path = "live/open.html")]
struct Open<'a> {
    open: Vec<Brief<'a>>,
}

#[derive(Template)]
#[template(path = "live/row.html")]
struct Line<'a> {
    service: &'a ServiceView,
    scene: &'a Scene<'a>,
    readiness: Option<&'a Row>,
    bar: String,
}

impl Line<'_> {
    fn since(&self) -> String {
        self.service.since.map(|since| words::span(self.scene.now.duration_since(since))).unwrap_or_default()
    }

    fn up(&self) -> [String; 3] {
        Window::ALL.map(|window| words::uptime(self.service.outlook(window)))
    }

    fn p95(&self) -> String {
        words::millis(self.service.outlook(Window::Day).and_then(|day| day.p95_ms))
    }

    /// The share of the limit that is used, and whether that is much.
    fn used(&self) -> Option<(String, bool)> {
        let used = self.service.quota.as_ref().and_then(Quota::used_percent)?;
        Some((format!("{used:.0} %"), used > 70.0))
    }

    fn points(&self) -> String {
        self.service.score.points.map_or_else(|| "–".to_owned(), |points| points.to_string())
    }

    /// Letter and word.
    fn verdict(&self) -> Option<(&'static str, &'static str)> {
        self.readiness.and_then(Row::verdict).map(|verdict| (words::verdict(verdict), verdict.as_str()))
    }

    fn letter(&self) -> &'static str {
        words::health(self.service.health)
    }
}

/// Services of one kind, with their rows.
struct Group {
    title: &'static str,
    rows: Vec<String>,
}

#[derive(Template)]
#[template(path = "live/overview.html")]
struct Page<'a> {
    notice: String,
    now: String,
    open: String,
    groups: Vec<Group>,
    environment: &'a str,
    /// Letter and word of each that can be asked for.
    states: [(&'static str, &'static str); 4],
}

/// Why what is shown may not be how it is, and who does not hear of it: a part of every page.
pub(super) fn notice(scene: &Scene<'_>, parts: &mut Vec<Part>) -> Result<String, askama::Error> {
    let undelivered = scene.overview.undelivered.iter();
    let undelivered =
        undelivered.map(|(channel, trouble)| format!("Alerts do not reach {channel}: {}.", trouble.told()));
    let doubts = scene.doubts.iter().cloned().chain(undelivered).collect();
    Ok(part(parts, "notice", Notice { doubts }.render()?))
}

/// Draws the page.
///
/// # Errors
/// None that is known: a template fails where a value's `Display` fails.
pub fn draw(scene: &Scene<'_>) -> Result<View, askama::Error> {
    let mut parts = Vec::new();
    let overview = scene.overview;
    let notice = notice(scene, &mut parts)?;
    let now = Now::of(scene);
    let title = now.headline.clone();
    let now = part(&mut parts, "now", now.render()?);
    let open = Brief::all(overview.incidents.iter().filter(|incident| incident.resolved.is_none()), scene.now);
    let open = part(&mut parts, "open", Open { open }.render()?);
    let rows: BTreeMap<&Name, &Row> =
        scene.readiness.iter().flat_map(|it| &it.rows).map(|row| (&row.integration, row)).collect();
    let mut groups = Vec::new();
    for kind in [Service::Api, Service::Webhook, Service::Infrastructure, Service::Mcp] {
        let mut group = Group { title: words::kinds(kind), rows: Vec::new() };
        for service in overview.services.iter().filter(|service| service.service == kind) {
            let bar = service.outlook(Window::Day).map(|day| bar::draw(day, false)).unwrap_or_default();
            let readiness = rows.get(&service.integration).copied();
            let row = Line { service, scene, readiness, bar }.render()?;
            group.rows.push(part(&mut parts, format!("s-{}", service.name), row));
        }
        if !group.rows.is_empty() {
            groups.push(group);
        }
    }
    let body = Page {
        notice,
        now,
        open,
        groups,
        environment: &overview.environment,
        states: STATES.map(|health| (words::health(health), health.as_str())),
    }
    .render()?;
    Ok(View { title, place: Place::Services, body, parts })
}
