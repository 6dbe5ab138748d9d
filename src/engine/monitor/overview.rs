//! Reads a history for what is shown of all services.

use jiff::{SignedDuration, Timestamp};

use crate::adapter::history::{HistoryError, Sqlite};
use crate::domain::monitor::score::Score;
use crate::domain::monitor::series::Outlook;
use crate::domain::monitor::service_view::{Overview, ServiceView, VERSION};
use crate::domain::monitor::span::Window;
use crate::domain::probe::thresholds::Health;
use crate::engine::probe::plan::Planned;

/// How far back incidents that are over are shown.
const PAST: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a history says of these probes. A state that is older than its silence allows is unknown, whoever wrote it.
///
/// # Errors
/// The history cannot be read.
pub fn of(history: &Sqlite, planned: &[Planned], environment: &str, now: Timestamp) -> Result<Overview, HistoryError> {
    let mut pulses = history.pulses()?;
    let mut services = Vec::new();
    for probe in planned {
        let name = &probe.probe.name;
        let outlook = |window: Window| {
            let rows = history.rows(name, window.span(), window.start(now))?;
            Ok(Outlook::of(window, &rows, now))
        };
        let (day, week, month) = (outlook(Window::Day)?, outlook(Window::Week)?, outlook(Window::Month)?);
        let pulse = pulses.remove(name).map(|mut pulse| {
            pulse.look(now);
            pulse
        });
        services.push(ServiceView {
            name: name.clone(),
            title: probe.title.clone(),
            service: probe.probe.service,
            health: pulse.as_ref().map_or(Health::Unknown, |pulse| pulse.health),
            since: pulse.map(|pulse| pulse.since),
            score: ServiceView::score(&day),
            outlooks: vec![day, week, month],
        });
    }
    let incidents = history.incidents(now.as_second() - PAST.as_secs())?;
    let score = Score::mean(services.iter().map(|service| (service.name.as_str(), &service.score)));
    Ok(Overview { version: VERSION, environment: environment.to_owned(), at: now, services, incidents, score })
}
