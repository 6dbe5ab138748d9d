//! Incidents: one for each cause, from its first bad state until it has held good for a while.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::integration::Name;
use crate::domain::monitor::root_cause::Dependencies;
use crate::domain::probe::thresholds::Health;

/// How long a service has to be degraded before it is an incident (the users' ten minutes).
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// How long it has to hold good before its incident is over: what comes back sooner is the same one.
const SETTLING: SignedDuration = SignedDuration::from_mins(5);

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Warning,
    Critical,
}

/// How a service is now.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub health: Health,
    pub since: Timestamp,
    /// Its latest run was bad: it may be about to change.
    pub shaky: bool,
    /// A window of maintenance covers it.
    pub excused: bool,
}

/// One cause, and what followed from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// The service and the second in which it opened: the same whoever opens it.
    pub id: String,
    pub service: Name,
    pub severity: Severity,
    pub opened: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledgement>,
    /// When the service was good again; it is over once that has held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved: Option<Timestamp>,
    /// Services whose failure follows from this one.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub affected: BTreeSet<Name>,
    /// How often it came back before it was over.
    #[serde(default)]
    pub relapses: u32,
    pub timeline: Vec<Moment>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Acknowledgement {
    pub by: String,
    pub at: Timestamp,
}

/// One line of an incident's timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    pub at: Timestamp,
    pub what: String,
}

/// What became of an incident just now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Turn {
    Opened,
    /// It has become worse.
    Raised,
    /// Another service fails because of it.
    Spread,
    /// It was found to follow from another one, which tells of it from now on.
    Absorbed,
    Relapsed,
    /// A person has seen it.
    Acknowledged,
    Resolved,
}

/// The incidents that are not over, by service.
#[derive(Clone, Debug, Default)]
pub struct Incidents {
    open: BTreeMap<Name, Incident>,
}

impl Incidents {
    /// Goes on with those that were open when the history was last written.
    pub fn resume(open: impl IntoIterator<Item = Incident>) -> Self {
        Self { open: open.into_iter().map(|incident| (incident.service.clone(), incident)).collect() }
    }

    pub fn open(&self) -> impl Iterator<Item = &Incident> {
        self.open.values()
    }

    /// Looks at how all services are. Returns the incidents that changed, each as it is now; those that are over are gone
    /// from here.
    pub fn look(
        &mut self,
        now: Timestamp,
        seen: &BTreeMap<Name, Seen>,
        dependencies: &Dependencies,
    ) -> Vec<(Turn, Incident)> {
        let is_down = |name: &Name| seen.get(name).is_some_and(|seen| seen.health == Health::Down);
        // What it stands on may be found to be down a moment later: it is waited for, so that one cause is told once.
        let may_be = |name: &Name| is_down(name) || seen.get(name).is_some_and(|seen| seen.shaky);
        let mut turns = Vec::new();
        for (name, state) in seen {
            let Some(severity) = severity(now, state) else { continue };
            if let Some(incident) = self.open.get_mut(name) {
                turns.extend(incident.goes_on(severity, now).map(|turn| (turn, incident.clone())));
                continue;
            }
            if dependencies.roots(name, &may_be).is_empty() {
                let incident = Incident::open(name, severity, state, now);
                turns.push((Turn::Opened, incident.clone()));
                self.open.insert(name.clone(), incident);
            }
        }
        // After all causes have their incident, what follows from them joins it.
        for (name, _) in seen.iter().filter(|(_, state)| severity(now, state).is_some()) {
            for root in dependencies.roots(name, &is_down) {
                let Some(incident) = self.open.get_mut(&root) else { continue };
                if incident.affected.insert(name.clone()) {
                    incident.tell(now, format!("{name} fails with it"));
                    turns.push((Turn::Spread, incident.clone()));
                }
                if let Some(mut own) = self.open.remove(name) {
                    own.ends(now, &format!("it follows from {root}"));
                    turns.push((Turn::Absorbed, own));
                }
            }
        }
        self.open.retain(|name, incident| {
            let over = match seen.get(name) {
                None => incident.ends(now, "the service is no longer watched"),
                Some(state) if state.health == Health::Healthy => incident.holds_good(state.since, now),
                // Degraded is better than down and not good; of an unknown service nothing is known, least of all that it is well.
                Some(_) => false,
            };
            if over {
                turns.push((Turn::Resolved, incident.clone()));
            }
            !over
        });
        turns
    }

    /// A person has seen it. Returns the incident where it is open and nobody had.
    pub fn acknowledge(&mut self, id: &str, by: &str, at: Timestamp) -> Option<Incident> {
        let incident = self.open.values_mut().find(|incident| incident.id == id && incident.acknowledged.is_none())?;
        incident.acknowledged = Some(Acknowledgement { by: by.to_owned(), at });
        incident.tell(at, format!("acknowledged by {by}"));
        Some(incident.clone())
    }
}

/// What a state calls for now; None where it calls for nothing.
fn severity(now: Timestamp, state: &Seen) -> Option<Severity> {
    match state.health {
        Health::Down if !state.excused => Some(Severity::Critical),
        Health::Degraded if !state.excused && now.duration_since(state.since) >= PATIENCE => Some(Severity::Warning),
        _ => None,
    }
}

impl Incident {
    fn open(service: &Name, severity: Severity, state: &Seen, now: Timestamp) -> Self {
        let mut incident = Self {
            id: format!("{service}-{}", state.since.as_second()),
            service: service.clone(),
            severity,
            opened: state.since,
            acknowledged: None,
            recovered: None,
            resolved: None,
            affected: BTreeSet::new(),
            relapses: 0,
            timeline: Vec::new(),
        };
        incident.tell(state.since, format!("{service} is {}", state.health));
        if now.duration_since(state.since) >= PATIENCE {
            incident.tell(now, "an incident was opened".to_owned());
        }
        incident
    }

    fn goes_on(&mut self, severity: Severity, now: Timestamp) -> Option<Turn> {
        if self.recovered.take().is_some() {
            self.relapses += 1;
            self.severity = self.severity.max(severity);
            self.tell(now, format!("{} is bad again", self.service));
            return Some(Turn::Relapsed);
        }
        (severity > self.severity).then(|| {
            self.severity = severity;
            self.tell(now, format!("{} is down", self.service));
            Turn::Raised
        })
    }

    fn holds_good(&mut self, since: Timestamp, now: Timestamp) -> bool {
        if self.recovered.is_none() {
            self.recovered = Some(since);
            self.tell(since, format!("{} is healthy", self.service));
        }
        // A clock that was set back does not make it wait until then.
        now.duration_since(self.recovered.unwrap_or(since).min(since)) >= SETTLING && self.ends(now, "it has held good")
    }

    fn ends(&mut self, now: Timestamp, why: &str) -> bool {
        self.resolved = Some(now);
        self.tell(now, format!("resolved: {why}"));
        true
    }

    fn tell(&mut self, at: Timestamp, what: String) {
        self.timeline.push(Moment { at, what });
    }

    /// From the first bad state until somebody had seen it.
    pub fn time_to_acknowledge(&self) -> Option<SignedDuration> {
        self.acknowledged.as_ref().map(|it| it.at.duration_since(self.opened))
    }

    /// From the first bad state until the service was good again.
    pub fn time_to_recover(&self) -> Option<SignedDuration> {
        self.recovered.filter(|_| self.resolved.is_some()).map(|recovered| recovered.duration_since(self.opened))
    }
}

/// The mean of times, in seconds; None of none.
pub fn mean_seconds(times: impl IntoIterator<Item = SignedDuration>) -> Option<i64> {
    let (sum, count) = times.into_iter().fold((0, 0), |(sum, count), time| (sum + time.as_secs(), count + 1));
    (count > 0).then(|| sum / count)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::{SignedDuration, Timestamp};

    use super::{Dependencies, Incident, Incidents, Name, Seen, Severity, Turn, mean_seconds};
    use crate::domain::probe::thresholds::Health;

    /// Services that stand on each other, and a clock.
    struct House {
        incidents: Incidents,
        dependencies: Dependencies,
        seen: BTreeMap<Name, Seen>,
        now: Timestamp,
        over: Vec<Incident>,
    }

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    impl House {
        fn new() -> Self {
            let stand = [("app", vec!["supabase"]), ("supabase", vec!["network"]), ("network", vec![])];
            let now = Timestamp::from_second(1_800_000_000).unwrap();
            let well = |(it, _): &(&str, Vec<&str>)| {
                (name(it), Seen { health: Health::Healthy, since: now, shaky: false, excused: false })
            };
            Self {
                incidents: Incidents::default(),
                seen: stand.iter().map(well).collect(),
                dependencies: Dependencies::of(
                    stand.iter().map(|(it, below)| (name(it), below.iter().map(|it| name(it)).collect())),
                ),
                now,
                over: Vec::new(),
            }
        }

        fn is(&mut self, service: &str, health: Health) -> &mut Self {
            let since = self.now;
            let shaky = health == Health::Down;
            self.seen.insert(name(service), Seen { health, since, shaky, excused: false });
            self
        }

        fn after(&mut self, minutes: i64) -> Vec<String> {
            self.now += SignedDuration::from_mins(minutes);
            let turns = self.incidents.look(self.now, &self.seen, &self.dependencies);
            let told = turns.iter().map(|(turn, incident)| format!("{turn:?} {}", incident.service)).collect();
            self.over.extend(turns.into_iter().filter(|(turn, _)| *turn == Turn::Resolved).map(|(_, it)| it));
            told
        }
    }

    #[test]
    fn an_outage_is_opened_once_and_over_when_it_has_held_good() {
        let mut house = House::new();
        assert!(house.after(1).is_empty());
        assert_eq!(house.is("app", Health::Down).after(0), ["Opened app"]);
        assert!(house.after(30).is_empty());
        assert!(house.is("app", Health::Healthy).after(4).is_empty());
        assert_eq!(house.after(1), ["Resolved app"]);
        assert!(house.after(60).is_empty());
        assert_eq!(house.over[0].time_to_recover().unwrap().as_mins(), 30);
        let told: Vec<_> = house.over[0].timeline.iter().map(|moment| moment.what.as_str()).collect();
        assert_eq!(told, ["app is down", "app is healthy", "resolved: it has held good"]);
    }

    #[test]
    fn what_follows_from_a_cause_is_no_incident_of_its_own() {
        let mut house = House::new();
        house.is("app", Health::Down).is("supabase", Health::Down).is("network", Health::Down);
        assert_eq!(house.after(0), ["Opened network", "Spread network", "Spread network"]);
        assert_eq!(house.incidents.open().count(), 1);
        assert_eq!(house.incidents.open().next().unwrap().affected.len(), 2);
        // The cause is mended, and something is left: now it is one of its own.
        house.is("network", Health::Healthy).is("supabase", Health::Healthy);
        assert_eq!(house.after(6), ["Opened app", "Resolved network"]);
    }

    #[test]
    fn a_cause_that_is_found_late_takes_over_what_follows_from_it() {
        let mut house = House::new();
        // Supabase's first bad run is heard: the app waits for what becomes of it.
        house.seen.get_mut(&name("supabase")).unwrap().shaky = true;
        assert!(house.is("app", Health::Down).after(1).is_empty());
        house.seen.get_mut(&name("supabase")).unwrap().shaky = false;
        assert_eq!(house.after(1), ["Opened app"]);
        assert_eq!(house.is("supabase", Health::Down).after(1), ["Opened supabase", "Spread supabase", "Absorbed app"]);
        assert_eq!(house.incidents.open().count(), 1);
    }

    #[test]
    fn flapping_is_one_incident() {
        let mut house = House::new();
        house.is("app", Health::Down).after(0);
        for _ in 0..5 {
            assert!(house.is("app", Health::Healthy).after(2).is_empty());
            assert_eq!(house.is("app", Health::Down).after(2), ["Relapsed app"]);
        }
        house.is("app", Health::Healthy).after(1);
        assert_eq!(house.after(5), ["Resolved app"]);
        assert_eq!(house.over[0].relapses, 5);
    }

    #[test]
    fn degraded_is_an_incident_after_ten_minutes_and_worse_when_it_is_down() {
        let mut house = House::new();
        assert!(house.is("app", Health::Degraded).after(9).is_empty());
        assert_eq!(house.after(1), ["Opened app"]);
        assert_eq!(house.incidents.open().next().unwrap().severity, Severity::Warning);
        assert_eq!(house.is("app", Health::Down).after(0), ["Raised app"]);
        assert_eq!(house.incidents.open().next().unwrap().severity, Severity::Critical);
    }

    #[test]
    fn no_data_neither_opens_nor_ends_one() {
        let mut house = House::new();
        assert!(house.is("app", Health::Unknown).after(60).is_empty());
        house.is("app", Health::Down).after(0);
        assert!(house.is("app", Health::Unknown).after(60).is_empty());
        assert_eq!(house.incidents.open().count(), 1);
    }

    #[test]
    fn maintenance_opens_none() {
        let mut house = House::new();
        house.is("app", Health::Down);
        house.seen.get_mut(&name("app")).unwrap().excused = true;
        assert!(house.after(60).is_empty());
        // It is over, and the service is still away.
        house.seen.get_mut(&name("app")).unwrap().excused = false;
        assert_eq!(house.after(1), ["Opened app"]);
    }

    #[test]
    fn an_outage_that_ended_while_nobody_looked_is_resolved_on_return() {
        let mut house = House::new();
        house.is("app", Health::Down).after(0);
        let kept = serde_json::to_string(house.incidents.open().next().unwrap()).unwrap();
        house.incidents = Incidents::resume([serde_json::from_str(&kept).unwrap()]);
        assert_eq!(house.is("app", Health::Healthy).after(6), ["Resolved app"]);
        house.incidents = Incidents::resume([serde_json::from_str(&kept).unwrap()]);
        house.seen.remove(&name("app"));
        assert_eq!(house.after(0), ["Resolved app"]);
    }

    #[test]
    fn it_is_acknowledged_once() {
        let mut house = House::new();
        house.is("app", Health::Down).after(0);
        let id = house.incidents.open().next().unwrap().id.clone();
        house.now += SignedDuration::from_mins(3);
        let incident = house.incidents.acknowledge(&id, "ada", house.now).unwrap();
        assert_eq!(mean_seconds(incident.time_to_acknowledge()), Some(180));
        assert!(house.incidents.acknowledge(&id, "bob", house.now).is_none());
        assert!(house.incidents.acknowledge("nobody-1", "bob", house.now).is_none());
    }
}
