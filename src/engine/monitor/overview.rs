//! Reads a history for what is shown of all services.

use jiff::{SignedDuration, Timestamp};

use crate::adapter::history::History;
use crate::adapter::history::error::HistoryError;
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
pub async fn of(
    history: &History,
    planned: &[Planned],
    environment: &str,
    now: Timestamp,
) -> Result<Overview, HistoryError> {
    let mut pulses = history.pulses().await?;
    let mut services = Vec::new();
    for probe in planned {
        let name = &probe.probe.name;
        let [day, week, month] = Window::ALL.map(async |window| {
            let rows = history.rows(name, window.span(), window.start(now)).await?;
            Ok::<_, HistoryError>(Outlook::of(window, &rows, now))
        });
        let (day, week, month) = (day.await?, week.await?, month.await?);
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
    let incidents = history.incidents(now.as_second() - PAST.as_secs()).await?;
    let score = Score::mean(services.iter().map(|service| (service.name.as_str(), &service.score)));
    Ok(Overview { version: VERSION, environment: environment.to_owned(), at: now, services, incidents, score })
}
