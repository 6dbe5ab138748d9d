//! A monitor on a terminal: a line for each piece of news, and a table of all services.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table};
use jiff::Timestamp;

use crate::domain::monitor::incident::{Severity, Turn};
use crate::domain::monitor::news::News;
use crate::domain::monitor::series::{Outlook, Part};
use crate::domain::monitor::service_view::{Overview, ServiceView};
use crate::domain::monitor::span::Window;
use crate::domain::probe::thresholds::Health;
use crate::report::digest::number;
use crate::report::terminal::{Paint, Style};
use crate::report::text::visible;

/// Share of a window that has to have data for its uptime to stand without a mark.
const MUCH: f64 = 95.0;

/// One piece of news.
pub fn news(news: &News, at: Timestamp, style: Style) -> String {
    let time = at.strftime("%H:%M:%SZ");
    match news {
        News::State { probe, change } => {
            let (from, to) = (change.from, style.health(change.to));
            format!("{time}  {probe}: {from} -> {to}")
        }
        News::Alert(letter) => {
            format!("{time}  alert to {}: {}", visible(&letter.channel), visible(&letter.about()))
        }
        News::Incident { turn, incident } => {
            let said = match turn {
                Turn::Opened => "incident opened",
                Turn::Raised => "incident is critical now",
                Turn::Spread => "incident has spread",
                Turn::Absorbed => "incident follows from another one",
                Turn::Relapsed => "incident goes on",
                Turn::Acknowledged => "incident acknowledged",
                Turn::Resolved => "incident resolved",
            };
            let what = incident.timeline.last().map(|moment| moment.what.as_str()).unwrap_or_default();
            let paint = match (turn, incident.severity) {
                (Turn::Resolved | Turn::Absorbed, _) => Paint::Green,
                (_, Severity::Critical) => Paint::Red,
                (_, Severity::Warning) => Paint::Yellow,
            };
            format!("{time}  {} {}: {}", style.paint(paint, said), incident.id, visible(what))
        }
    }
}

/// All services, the worst first, and the incidents that are open.
pub fn overview(overview: &Overview, style: Style) -> String {
    let mut services: Vec<&ServiceView> = overview.services.iter().collect();
    services.sort_by_key(|service| match service.health {
        Health::Down => 0,
        Health::Degraded => 1,
        Health::Unknown => 2,
        Health::Healthy => 3,
    });
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["service", "state", "24h", "7d", "30d", "P50", "P95", "P99", "score", "last 24 hours"]);
    for service in services {
        let shown = |window: Window| service.outlook(window);
        let day = shown(Window::Day);
        let millis = |of: fn(&Outlook) -> Option<u64>| {
            day.and_then(of).map_or_else(|| "-".to_owned(), |millis| format!("{millis} ms"))
        };
        let uptime = |window| shown(window).map_or_else(|| "-".to_owned(), uptime);
        table.add_row([
            service.name.to_string(),
            style.health(service.health),
            uptime(Window::Day),
            uptime(Window::Week),
            uptime(Window::Month),
            millis(|outlook| outlook.p50_ms),
            millis(|outlook| outlook.p95_ms),
            millis(|outlook| outlook.p99_ms),
            service.score.points.map_or_else(|| "-".to_owned(), |points| points.to_string()),
            day.map(|day| bar(&day.parts)).unwrap_or_default(),
        ]);
    }
    for column in table.column_iter_mut().skip(2).take(7) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut page = String::new();
    for line in table.lines() {
        let _ = writeln!(page, "{}", line.trim_end());
    }
    let is_thin = |outlook: &Outlook| outlook.uptime_percent.is_some() && outlook.data_percent < MUCH;
    if overview.services.iter().flat_map(|service| &service.outlooks).any(|it| is_thin(it)) {
        let _ = writeln!(
            page,
            "~ there is data for less than {MUCH:.0} % of that time, and what is missing is neither up nor down"
        );
    }
    for incident in overview.incidents.iter().filter(|incident| incident.resolved.is_none()) {
        let _ = writeln!(
            page,
            "\nincident {}, open since {}{}",
            incident.id,
            incident.opened.strftime("%F %H:%M:%SZ"),
            incident
                .acknowledged
                .as_ref()
                .map(|it| format!(", acknowledged by {}", visible(&it.by)))
                .unwrap_or_default()
        );
        for moment in &incident.timeline {
            let _ = writeln!(page, "  {}  {}", moment.at.strftime("%F %H:%M:%SZ"), visible(&moment.what));
        }
    }
    for (channel, trouble) in &overview.undelivered {
        let _ = writeln!(page, "\nalerts do not reach {}: {}", visible(channel), visible(&trouble.told()));
    }
    let points = overview.score.points.map_or_else(|| "no score".to_owned(), |points| format!("score {points}"));
    let _ = writeln!(
        page,
        "\n{}  {} in {}, {points} ({})",
        style.health(overview.health()),
        number(overview.services.len(), "service"),
        visible(&overview.environment),
        overview.score.because.join("; "),
    );
    page
}

/// Uptime, marked where most of the window is no data.
fn uptime(outlook: &Outlook) -> String {
    let mark = if outlook.data_percent < MUCH { "~" } else { "" };
    outlook.uptime_percent.map_or_else(|| "-".to_owned(), |share| format!("{mark}{}", percent(share)))
}

/// Uptime as it is told: what is not all is never rounded to all.
fn percent(share: f64) -> String {
    let floor = (share * 100.0).floor() / 100.0;
    if share >= 100.0 { "100 %".to_owned() } else { format!("{floor:.2} %") }
}

/// A letter for each hour: `#` good, `+` nearly, `x` bad, `.` no data.
fn bar(parts: &[Part]) -> String {
    let hour = |two: &[Part]| {
        let worst = two.iter().filter_map(|part| part.success_percent).min_by(f64::total_cmp);
        match worst {
            None => '.',
            Some(share) if share >= 99.9 => '#',
            Some(share) if share >= 90.0 => '+',
            Some(_) => 'x',
        }
    };
    parts.chunks(2).map(hour).collect()
}

impl Style {
    fn health(self, health: Health) -> String {
        let paint = match health {
            Health::Healthy => Paint::Green,
            Health::Degraded => Paint::Yellow,
            Health::Down => Paint::Red,
            Health::Unknown => Paint::Magenta,
        };
        self.paint(paint, health.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{bar, percent};
    use crate::domain::monitor::series::Part;

    #[test]
    fn what_is_not_all_is_not_called_all() {
        for (share, told) in [(100.0, "100 %"), (99.999, "99.99 %"), (0.0, "0.00 %"), (98.765, "98.76 %")] {
            assert_eq!(percent(share), told);
        }
    }

    #[test]
    fn a_gap_has_a_letter_of_its_own() {
        let part = |success_percent| Part {
            start: jiff::Timestamp::UNIX_EPOCH,
            success_percent,
            p50_ms: None,
            p95_ms: None,
            p99_ms: None,
        };
        let parts = [None, None, Some(100.0), None, Some(100.0), Some(95.0), Some(0.0), Some(100.0)].map(part);
        assert_eq!(bar(&parts), ".#+x");
    }
}
