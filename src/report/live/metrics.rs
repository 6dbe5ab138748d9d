//! The services of a monitor in the `OpenMetrics` text format, in the part of it that Prometheus' own text format shares.

use std::fmt::{Display, Write as _};

use crate::domain::monitor::incident::Severity;
use crate::domain::monitor::series::Outlook;
use crate::domain::monitor::service_view::{Overview, ServiceView};
use crate::domain::probe::thresholds::Health;
use crate::report::text::one_line;

const STATES: [Health; 4] = [Health::Healthy, Health::Degraded, Health::Down, Health::Unknown];

type Of = fn(&Outlook) -> Option<f64>;

/// Gauges of all services. What was not measured has no series: a 0 would be a figure.
pub fn draw(overview: &Overview) -> String {
    let mut page = Page(String::new());
    let environment = overview.environment.as_str();
    page.head("preflight_monitor_read_timestamp_seconds", "When these figures were read, in seconds since 1970.");
    page.line("preflight_monitor_read_timestamp_seconds", &[("environment", environment)], overview.at.as_second());
    page.head("preflight_service_state", "1 for the state that a service is in, 0 for the three others.");
    page.each(overview, |page, service, own| {
        for state in STATES {
            let labels = [own, &[("state", state.as_str())]].concat();
            page.line("preflight_service_state", &labels, u8::from(service.health == state));
        }
    });
    page.head("preflight_service_heard_timestamp_seconds", "When a run last said something, in seconds since 1970.");
    page.each(overview, |page, service, own| {
        if let Some(heard) = service.heard {
            page.line("preflight_service_heard_timestamp_seconds", own, heard.as_second());
        }
    });
    let share = |percent: f64| percent / 100.0;
    let shares: [(&str, &str, Of); 3] = [
        ("preflight_service_up_ratio", "Share of the time with data in which runs were good.", |it| it.uptime_percent),
        ("preflight_service_good_runs_ratio", "Share of the runs that were good.", |it| it.success_percent),
        ("preflight_service_data_ratio", "Share of the time for which there is data.", |it| Some(it.data_percent)),
    ];
    for (name, help, of) in shares {
        page.head(name, help);
        page.windows(overview, |page, outlook, own| {
            if let Some(percent) = of(outlook) {
                page.line(name, own, share(percent));
            }
        });
    }
    page.head("preflight_service_latency_seconds", "A percentile of the answers of a window.");
    page.windows(overview, |page, outlook, own| {
        for (percentile, millis) in [("50", outlook.p50_ms), ("95", outlook.p95_ms), ("99", outlook.p99_ms)] {
            let Some(millis) = millis else { continue };
            let labels = [own, &[("percentile", percentile)]].concat();
            page.line(
                "preflight_service_latency_seconds",
                &labels,
                std::time::Duration::from_millis(millis).as_secs_f64(),
            );
        }
    });
    page.head("preflight_service_score_points", "The health score of the last 24 hours, of 100.");
    page.each(overview, |page, service, own| {
        if let Some(points) = service.score.points {
            page.line("preflight_service_score_points", own, points);
        }
    });
    page.head(
        "preflight_service_limit_used_ratio",
        "Share of a vendor's limit that is used, as its answers said last.",
    );
    page.each(overview, |page, service, own| {
        if let Some(used) = service.quota.and_then(|quota| quota.used_percent()) {
            page.line("preflight_service_limit_used_ratio", own, share(used));
        }
    });
    page.head("preflight_incidents_open", "Incidents that are not over.");
    for (word, severity) in [("critical", Severity::Critical), ("warning", Severity::Warning)] {
        let open = overview.incidents.iter().filter(|it| it.resolved.is_none() && it.severity == severity).count();
        page.line("preflight_incidents_open", &[("environment", environment), ("severity", word)], open);
    }
    for (name, help, mean) in [
        (
            "preflight_incidents_mean_acknowledge_seconds",
            "The mean time until an incident of thirty days was seen.",
            overview.mean_seconds_to_acknowledge,
        ),
        (
            "preflight_incidents_mean_recover_seconds",
            "The mean time until a service was well again, of thirty days.",
            overview.mean_seconds_to_recover,
        ),
    ] {
        page.head(name, help);
        if let Some(mean) = mean {
            page.line(name, &[("environment", environment)], mean);
        }
    }
    page.0.push_str("# EOF\n");
    page.0
}

type Labels<'a> = [(&'a str, &'a str)];

struct Page(String);

impl Page {
    /// A unit is told where the name ends in one, as the format asks.
    fn head(&mut self, name: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge");
        if let Some(unit) = ["seconds", "ratio", "points"].into_iter().find(|unit| name.ends_with(unit)) {
            let _ = writeln!(self.0, "# UNIT {name} {unit}");
        }
    }

    fn line(&mut self, name: &str, labels: &Labels, value: impl Display) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let _ = writeln!(self.0, "{name}{{{}}} {value}", labels.join(","));
    }

    fn each(&mut self, overview: &Overview, mut write: impl FnMut(&mut Self, &ServiceView, &Labels)) {
        for service in &overview.services {
            let own = [
                ("environment", overview.environment.as_str()),
                ("service", service.name.as_str()),
                ("kind", service.service.as_str()),
            ];
            write(self, service, &own);
        }
    }

    fn windows(&mut self, overview: &Overview, mut write: impl FnMut(&mut Self, &Outlook, &Labels)) {
        self.each(overview, |page, service, own| {
            for outlook in &service.outlooks {
                write(page, outlook, &[own, &[("window", outlook.window.as_str())]].concat());
            }
        });
    }
}

fn escaped(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('"', "\\\"")
}
