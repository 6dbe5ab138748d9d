//! Reads a history for what is shown of all services, and keeps what need not be read again.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::adapter::history::History;
use crate::adapter::history::error::HistoryError;
use crate::domain::alert::outbox;
use crate::domain::integration::Name;
use crate::domain::monitor::incident::Incident;
use crate::domain::monitor::series::Outlook;
use crate::domain::monitor::service_view::{Overview, ServiceView};
use crate::domain::monitor::span::Window;
use crate::domain::probe::service::Service;
use crate::domain::probe::thresholds::Health;
use crate::engine::monitor::order::{Glance, Sight};
use crate::engine::probe::plan::Planned;

/// How far back incidents that are over are shown.
const PAST: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A window is read again after this share of one of its parts: what changes sooner is too narrow to be seen.
const SHARE: i32 = 30;
/// Windows that are read again at one time, where they were read once: the others wait for the next time.
const AT_ONCE: usize = 96;

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
    Board::new(planned, environment).read(history, None, now).await
}

/// All services, as they were last read.
pub struct Board {
    environment: String,
    services: Vec<Plate>,
    read: BTreeMap<(Name, Window), (Timestamp, Arc<Outlook>)>,
}

/// What does not change of a service.
struct Plate {
    name: Name,
    integration: Name,
    title: String,
    service: Service,
    interval_seconds: u32,
    depends_on: Vec<Name>,
}

impl Board {
    pub fn new(planned: &[Planned], environment: &str) -> Self {
        let plate = |planned: &Planned| Plate {
            name: planned.probe.name.clone(),
            integration: planned.integration.clone(),
            title: planned.title.clone(),
            service: planned.probe.service,
            interval_seconds: planned.probe.interval_seconds,
            depends_on: planned.probe.depends_on.clone(),
        };
        let services = planned.iter().map(plate).collect();
        Self { environment: environment.to_owned(), services, read: BTreeMap::new() }
    }

    /// How all services are now: by what the monitor says where it is under way, else by what the history says.
    ///
    /// # Errors
    /// The history cannot be read.
    pub async fn read(
        &mut self,
        history: &History,
        glance: Option<&Glance>,
        now: Timestamp,
    ) -> Result<Overview, HistoryError> {
        let states = match glance {
            Some(glance) => glance.services.clone(),
            None => states(history, now).await?,
        };
        self.refresh(history, now).await?;
        let mut incidents = history.incidents(now.as_second() - PAST.as_secs()).await?;
        if let Some(glance) = glance {
            newest(&mut incidents, &glance.open);
        }
        let mut overview = self.overview(&states, incidents, now);
        let (waiting, last) = (history.open_letters().await?, history.last_letters().await?);
        overview.undelivered = outbox::troubles(waiting.iter().filter(|letter| letter.is_waiting()).chain(&last));
        Ok(overview)
    }

    /// The same where the history cannot be read: the states of now beside windows as they were last read.
    pub fn without_history(&self, glance: &Glance, mut incidents: Vec<Incident>, now: Timestamp) -> Overview {
        newest(&mut incidents, &glance.open);
        self.overview(&glance.services, incidents, now)
    }

    async fn refresh(&mut self, history: &History, now: Timestamp) -> Result<(), HistoryError> {
        let mut again = 0;
        for plate in &self.services {
            for window in Window::ALL {
                let key = (plate.name.clone(), window);
                let known = self.read.get(&key);
                if let Some((at, outlook)) = known {
                    let is_fresh = now.duration_since(*at).abs() < window.parts().1 / SHARE
                        && outlook.parts.first().is_some_and(|part| part.start.as_second() == window.start(now));
                    if is_fresh || again == AT_ONCE {
                        continue;
                    }
                    again += 1;
                }
                let rows = history.rows(&plate.name, window.span(), window.start(now)).await?;
                self.read.insert(key, (now, Arc::new(Outlook::of(window, &rows, now))));
            }
        }
        Ok(())
    }

    fn overview(&self, states: &BTreeMap<Name, Sight>, incidents: Vec<Incident>, now: Timestamp) -> Overview {
        let outlook = |plate: &Plate, window: Window| {
            let known = self.read.get(&(plate.name.clone(), window));
            known.map_or_else(|| Arc::new(Outlook::of(window, &[], now)), |(_, outlook)| Arc::clone(outlook))
        };
        let view = |plate: &Plate| {
            let state = states.get(&plate.name);
            let outlooks = Window::ALL.map(|window| outlook(plate, window));
            let quota = state.and_then(|state| state.quota);
            let quota = quota.filter(|quota| quota.reset.is_none_or(|reset| reset > now));
            ServiceView {
                name: plate.name.clone(),
                integration: plate.integration.clone(),
                title: plate.title.clone(),
                service: plate.service,
                interval_seconds: plate.interval_seconds,
                depends_on: plate.depends_on.clone(),
                health: state.map_or(Health::Unknown, |state| state.health),
                since: state.map(|state| state.since),
                heard: state.and_then(|state| state.heard),
                score: ServiceView::score(&outlooks[0], quota.as_ref()),
                quota,
                outlooks: outlooks.into(),
            }
        };
        Overview::new(&self.environment, now, self.services.iter().map(view).collect(), incidents)
    }
}

/// States as they were last written, aged to now.
async fn states(history: &History, now: Timestamp) -> Result<BTreeMap<Name, Sight>, HistoryError> {
    let aged = history.pulses().await?.into_iter().map(|(name, mut pulse)| {
        pulse.look(now);
        let sight = Sight { health: pulse.health, since: pulse.since, heard: pulse.heard(), quota: None };
        (name, sight)
    });
    Ok(aged.collect())
}

/// Those that are open stand as the monitor knows them, though they may not be written yet.
fn newest(incidents: &mut Vec<Incident>, open: &[Incident]) {
    for incident in open {
        match incidents.iter_mut().find(|known| known.id == incident.id) {
            Some(known) => known.clone_from(incident),
            None => incidents.push(incident.clone()),
        }
    }
    incidents.sort_by(|one, other| other.opened.cmp(&one.opened).then_with(|| one.id.cmp(&other.id)));
}
