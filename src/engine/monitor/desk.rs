//! Where all that a monitor hears comes together: sums, states, incidents, and what is to be written.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::adapter::history::batch::{Batch, Failure, Hour, Minute};
use crate::domain::alert::case::{Case, Cases};
use crate::domain::alert::facts::Facts;
use crate::domain::alert::letter::Letter;
use crate::domain::integration::Name;
use crate::domain::monitor::beat::{Beat, Said};
use crate::domain::monitor::incident::{Incident, Incidents, Seen, Turn};
use crate::domain::monitor::maintenance::Maintenance;
use crate::domain::monitor::news::News;
use crate::domain::monitor::pulse::Pulse;
use crate::domain::monitor::root_cause::Dependencies;
use crate::domain::monitor::span::Span;
use crate::domain::monitor::tally::Tally;
use crate::domain::monitor::traffic::Quota;
use crate::domain::probe::run::ProbeRun;
use crate::domain::probe::service::Service;
use crate::domain::probe::specified::Probe;
use crate::domain::probe::thresholds::{Health, Thresholds};
use crate::engine::monitor::alarm::Board;
use crate::engine::monitor::order::Sight;
use crate::engine::monitor::traffic::Traffic;

/// Failures that wait to be written, while they cannot be. The oldest go first; they are counted all the same.
const MOST_FAILURES: usize = 1000;

/// After that an alert is sent though the history could not take it.
const LATE: SignedDuration = SignedDuration::from_secs(60);

/// One service that is watched.
struct Watched {
    title: String,
    service: Service,
    thresholds: Thresholds,
    pulse: Pulse,
    /// What its latest bad run was.
    last_bad: Option<String>,
    /// What its answers said last of its limits.
    quota: Option<Quota>,
}

/// Everything that is known since the last write.
pub struct Desk {
    watched: BTreeMap<Name, Watched>,
    incidents: Incidents,
    dependencies: Dependencies,
    maintenance: Vec<Maintenance>,
    alerts: Option<(Cases, Board)>,
    unwritten: Unwritten,
}

#[derive(Default)]
struct Unwritten {
    minutes: BTreeMap<(i64, Name), Tally>,
    failures: Vec<Failure>,
    pulses: BTreeSet<Name>,
    incidents: BTreeMap<String, Incident>,
    /// By the beginning of the hour.
    traffic: BTreeMap<(i64, Name), Traffic>,
    cases: BTreeMap<String, Case>,
    letters: Vec<Letter>,
}

impl Desk {
    /// Goes on with the states and incidents of a history.
    pub fn new<'a>(
        now: Timestamp,
        probes: impl IntoIterator<Item = &'a Probe>,
        mut pulses: BTreeMap<Name, Pulse>,
        open: Vec<Incident>,
        maintenance: Vec<Maintenance>,
    ) -> Self {
        let (mut watched, mut stands) = (BTreeMap::new(), Vec::new());
        for probe in probes {
            let fresh = || Pulse::new(now, SignedDuration::from_secs(i64::from(probe.interval_seconds)));
            let one = Watched {
                title: probe.name.to_string(),
                service: probe.service,
                thresholds: probe.thresholds.unwrap_or_else(|| Thresholds::of(probe.service)),
                pulse: pulses.remove(&probe.name).map_or_else(fresh, |pulse| pulse.resumed(now)),
                last_bad: None,
                quota: None,
            };
            stands.push((probe.name.clone(), probe.depends_on.clone()));
            watched.insert(probe.name.clone(), one);
        }
        Self {
            watched,
            incidents: Incidents::resume(open),
            dependencies: Dependencies::of(stands),
            maintenance,
            alerts: None,
            unwritten: Unwritten::default(),
        }
    }

    /// The same, but people are alerted; the board says which channels do not deliver.
    #[must_use]
    pub fn alerting(self, cases: Cases, board: Board) -> Self {
        Self { alerts: Some((cases, board)), ..self }
    }

    /// Takes a run in, with how often it was tried before. What it means for incidents is seen when all are looked at together
    /// ([`Self::look`]): which of those that fail at the same moment is the cause, one run cannot say.
    pub fn hear(&mut self, run: ProbeRun, retries: u32) -> Vec<News> {
        let beat = Beat::of(&run);
        let Some(watched) = self.watched.get_mut(&run.probe) else { return Vec::new() };
        let tally = self.unwritten.minutes.entry((Span::Minute.start(beat.at), run.probe.clone())).or_default();
        tally.hear(&beat);
        tally.retries += u64::from(retries);
        let change = watched.pulse.hear(&beat, &watched.thresholds);
        self.unwritten.pulses.insert(run.probe.clone());
        let probe = run.probe.clone();
        watched.title.clone_from(&run.title);
        if beat.said == Said::Bad {
            watched.last_bad = Some(print(&run));
            if self.unwritten.failures.len() == MOST_FAILURES {
                self.unwritten.failures.remove(0);
            }
            self.unwritten.failures.push(Failure { print: print(&run), run });
        }
        change.map(|change| News::State { probe, change }).into_iter().collect()
    }

    /// Takes in what was sent to a service.
    pub fn count(&mut self, probe: &Name, traffic: &Traffic, now: Timestamp) {
        if let (Some(watched), Some(quota)) = (self.watched.get_mut(probe), traffic.calls.quota) {
            watched.quota = Some(quota);
        }
        if *traffic != Traffic::default() {
            self.unwritten.traffic.entry((Span::Hour.start(now), probe.clone())).or_default().add(traffic);
        }
    }

    /// The clock of the machine was set by so much.
    pub fn shift(&mut self, by: SignedDuration) {
        self.watched.values_mut().for_each(|watched| watched.pulse.shift(by));
        self.unwritten.pulses.extend(self.watched.keys().cloned());
        if let Some((cases, _)) = &mut self.alerts {
            cases.shift(by);
            self.unwritten.cases.extend(cases.open().map(|case| (case.id.clone(), case.clone())));
        }
    }

    /// Looks for what time alone brings: silence, patience that ends, incidents that are over.
    pub fn look(&mut self, now: Timestamp) -> Vec<News> {
        let mut news = Vec::new();
        for (probe, watched) in &mut self.watched {
            if let Some(change) = watched.pulse.look(now) {
                self.unwritten.pulses.insert(probe.clone());
                news.push(News::State { probe: probe.clone(), change });
            }
        }
        news.extend(self.incidents(now));
        news.extend(self.alert(now));
        news
    }

    /// Writes down whom to tell of what.
    fn alert(&mut self, now: Timestamp) -> Vec<News> {
        if self.alerts.is_none() {
            return Vec::new();
        }
        let facts = self.facts(now);
        let late = |letter: &&Letter| now.duration_since(letter.message.at) >= LATE;
        if let Some((_, board)) = &self.alerts {
            self.unwritten.letters.iter().filter(late).for_each(|letter| board.hurry(letter));
        }
        let Some((cases, board)) = &mut self.alerts else { return Vec::new() };
        // Who has seen the incident has seen what is told of it.
        for incident in self.incidents.open() {
            let Some(seen) = &incident.acknowledged else { continue };
            if let Some(case) = cases.acknowledge(&incident.service, &seen.by, seen.at) {
                self.unwritten.cases.insert(case.id.clone(), case);
            }
        }
        let looked = cases.look(now, &facts, &board.troubles());
        self.unwritten.cases.extend(looked.cases.into_iter().map(|case| (case.id.clone(), case)));
        let news = looked.letters.iter().map(|letter| News::Alert(Box::new(letter.clone()))).collect();
        self.unwritten.letters.extend(looked.letters);
        news
    }

    /// What rules look at.
    fn facts(&self, now: Timestamp) -> BTreeMap<Name, Facts> {
        let incidents: BTreeMap<&Name, &str> =
            self.incidents.open().map(|incident| (&incident.service, incident.id.as_str())).collect();
        // What it stands on may be found to fail a moment later.
        let fails = |name: &Name| {
            let pulse = self.watched.get(name).map(|watched| &watched.pulse);
            pulse.is_some_and(|pulse| pulse.health == Health::Down || pulse.bad_in_a_row > 0)
        };
        let fact = |(name, watched): (&Name, &Watched)| {
            let pulse = &watched.pulse;
            let facts = Facts {
                title: watched.title.clone(),
                service: watched.service,
                health: pulse.health,
                since: pulse.since,
                bad_in_a_row: pulse.bad_in_a_row,
                good_percent: pulse.good_percent(),
                p95_ms: pulse.p95_ms(),
                healthy_p95_ms: watched.thresholds.healthy.p95_ms,
                excused: self.maintenance.iter().any(|window| window.covers(name, now)),
                follows: fails(name) && !self.dependencies.roots(name, &fails).is_empty(),
                last_bad: watched.last_bad.clone(),
                incident: incidents.get(name).map(|id| (*id).to_owned()),
            };
            (name.clone(), facts)
        };
        self.watched.iter().map(fact).collect()
    }

    fn incidents(&mut self, now: Timestamp) -> Vec<News> {
        let seen = self.watched.iter().map(|(name, watched)| {
            let excused = self.maintenance.iter().any(|window| window.covers(name, now));
            let (health, since, shaky) = (watched.pulse.health, watched.pulse.since, watched.pulse.bad_in_a_row > 0);
            (name.clone(), Seen { health, since, shaky, excused })
        });
        let turns = self.incidents.look(now, &seen.collect(), &self.dependencies);
        let told = |(turn, incident): (Turn, Incident)| {
            self.unwritten.incidents.insert(incident.id.clone(), incident.clone());
            News::Incident { turn, incident }
        };
        turns.into_iter().map(told).collect()
    }

    /// What is to be written now. What could not be is given back by [`Self::restore`].
    pub fn take(&mut self) -> Batch {
        let unwritten = std::mem::take(&mut self.unwritten);
        let minute = |((start, probe), tally): ((i64, Name), Tally)| {
            let service = self.watched.get(&probe)?.service;
            Some(Minute { probe, service, start, tally })
        };
        let pulse = |name: Name| Some((name.clone(), self.watched.get(&name)?.pulse.clone()));
        let (mut calls, mut deliveries) = (Vec::new(), Vec::new());
        for ((start, probe), traffic) in unwritten.traffic {
            if !traffic.deliveries.is_empty() {
                deliveries.push(Hour { probe: probe.clone(), start, sum: traffic.deliveries });
            }
            if !traffic.calls.is_empty() {
                calls.push(Hour { probe, start, sum: traffic.calls });
            }
        }
        Batch {
            calls,
            deliveries,
            minutes: unwritten.minutes.into_iter().filter_map(minute).collect(),
            failures: unwritten.failures,
            pulses: unwritten.pulses.into_iter().filter_map(pulse).collect(),
            incidents: unwritten.incidents.into_values().collect(),
            cases: unwritten.cases.into_values().collect(),
            letters: unwritten.letters,
        }
    }

    /// Takes back what could not be written. Newer news of the same thing stands.
    pub fn restore(&mut self, batch: Batch) {
        for minute in batch.minutes {
            self.unwritten.minutes.entry((minute.start, minute.probe)).or_default().add(&minute.tally);
        }
        let newer = std::mem::replace(&mut self.unwritten.failures, batch.failures);
        self.unwritten.failures.extend(newer);
        let over = self.unwritten.failures.len().saturating_sub(MOST_FAILURES);
        self.unwritten.failures.drain(..over);
        self.unwritten.pulses.extend(batch.pulses.into_iter().map(|(name, _)| name));
        for incident in batch.incidents {
            self.unwritten.incidents.entry(incident.id.clone()).or_insert(incident);
        }
        for Hour { probe, start, sum } in batch.calls {
            self.unwritten.traffic.entry((start, probe)).or_default().calls.add(&sum);
        }
        for Hour { probe, start, sum } in batch.deliveries {
            self.unwritten.traffic.entry((start, probe)).or_default().deliveries.add(&sum);
        }
        for case in batch.cases {
            self.unwritten.cases.entry(case.id.clone()).or_insert(case);
        }
        let newer = std::mem::replace(&mut self.unwritten.letters, batch.letters);
        self.unwritten.letters.extend(newer);
    }

    /// Everything that is still known is to be written again: the history is a new one.
    pub fn begin_anew(&mut self) {
        self.unwritten.pulses.extend(self.watched.keys().cloned());
        for incident in self.incidents.open() {
            self.unwritten.incidents.entry(incident.id.clone()).or_insert_with(|| incident.clone());
        }
        for case in self.alerts.iter().flat_map(|(cases, _)| cases.open()) {
            self.unwritten.cases.entry(case.id.clone()).or_insert_with(|| case.clone());
        }
    }

    /// How each service is.
    pub fn pulses(&self) -> impl Iterator<Item = (&Name, &Pulse)> {
        self.watched.iter().map(|(name, watched)| (name, &watched.pulse))
    }

    /// How each service is, with what is not kept.
    pub fn sights(&self) -> BTreeMap<Name, Sight> {
        let sight = |watched: &Watched| Sight {
            health: watched.pulse.health,
            since: watched.pulse.since,
            heard: watched.pulse.heard(),
            quota: watched.quota,
        };
        self.watched.iter().map(|(name, watched)| (name.clone(), sight(watched))).collect()
    }

    /// A person has seen an incident. None where none of that name is open that nobody had seen.
    pub fn acknowledge(&mut self, id: &str, by: &str, now: Timestamp) -> Option<News> {
        let incident = self.incidents.acknowledge(id, by, now)?;
        self.unwritten.incidents.insert(incident.id.clone(), incident.clone());
        Some(News::Incident { turn: Turn::Acknowledged, incident })
    }

    pub fn open_incidents(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.open()
    }
}

/// What makes a failure the same as another: the step, what came of it, and what was found. Numbers differ from run to run.
fn print(run: &ProbeRun) -> String {
    let Some(step) = run.culprit() else { return run.outcome.as_str().to_owned() };
    let found = step.findings.first().map(|finding| finding.code.to_string());
    let status = step.exchanges.last().and_then(|exchange| exchange.status).map(|status| status.to_string());
    let word = step.cannot.as_ref().map(|cannot| cannot.word.to_string());
    [Some(step.name.clone()), word, found, status].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
pub mod tests {
    use std::collections::BTreeMap;

    use jiff::{SignedDuration, Timestamp};

    use super::{Board, Cases, Desk, News};
    use crate::domain::alert::declared::Alerts;
    use crate::domain::monitor::incident::Turn;
    use crate::domain::monitor::traffic::{Calls, Deliveries};
    use crate::domain::probe::ask::Kind;
    use crate::domain::probe::cannot::{CannotTell, Word};
    use crate::domain::probe::run::{ProbeRun, StepRun};
    use crate::domain::probe::service::Service;
    use crate::domain::probe::specified::{Depth, Probe};
    use crate::domain::probe::thresholds::Health;
    use crate::domain::record::Outcome;
    use crate::engine::monitor::traffic::Traffic;

    pub fn probe(name: &str, below: &str) -> Probe {
        let text = format!(
            "name: {name}\nservice: api\ninterval_seconds: 60\ndepends_on: [{below}]\nsteps:\n  - name: liveness\n    depth: liveness\n    \
             tcp: {{}}\n"
        );
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn run(name: &str, at: Timestamp, good: bool) -> ProbeRun {
        let none = CannotTell::new(Word::Refused, "nobody takes the connection");
        let unasked = StepRun::unasked("liveness", Kind::Http, Depth::Liveness, none);
        let step = if good {
            StepRun { outcome: Outcome::Kept, cannot: None, latency_us: Some(90_000), ..unasked }
        } else {
            unasked
        };
        ProbeRun {
            probe: name.parse().unwrap(),
            integration: name.parse().unwrap(),
            title: name.to_owned(),
            service: Service::Api,
            outcome: step.outcome,
            started: at,
            duration_us: 90_000,
            steps: vec![step],
            host: None,
        }
    }

    struct Office {
        desk: Desk,
        now: Timestamp,
    }

    impl Office {
        fn new() -> Self {
            let now = Timestamp::from_second(1_800_000_000).unwrap();
            let probes = [probe("app", "supabase"), probe("supabase", "")];
            Self { desk: Desk::new(now, &probes, BTreeMap::new(), Vec::new(), Vec::new()), now }
        }

        /// `a` and `s` are good runs of the app and of Supabase, `A` and `S` bad ones; a minute passes after each text.
        fn minutes(&mut self, all: &[&str]) -> Vec<String> {
            let mut told = Vec::new();
            for minute in all {
                self.now += SignedDuration::from_mins(1);
                for letter in minute.chars() {
                    let name = if letter.eq_ignore_ascii_case(&'a') { "app" } else { "supabase" };
                    let heard = self.desk.hear(run(name, self.now, letter.is_lowercase()), 0);
                    told.extend(heard.iter().map(line));
                }
                told.extend(self.desk.look(self.now).iter().map(line));
            }
            told
        }
    }

    fn line(news: &News) -> String {
        match news {
            News::State { probe, change } => format!("{probe} {} -> {}", change.from, change.to),
            News::Incident { turn, incident } => format!("{turn:?} {}", incident.service),
            News::Alert(letter) => letter.about(),
        }
    }

    #[test]
    fn an_outage_below_is_one_incident_and_ends_when_it_has_held_good() {
        let mut office = Office::new();
        let well = ["as"; 5];
        assert_eq!(office.minutes(&well), ["app unknown -> healthy", "supabase unknown -> healthy"]);
        let bad = office.minutes(&["AS"; 6]);
        assert_eq!(bad, ["app healthy -> down", "supabase healthy -> down", "Opened supabase", "Spread supabase"]);
        let good = office.minutes(&["as"; 12]);
        assert_eq!(good.iter().filter(|it| it.starts_with("Resolved")).count(), 1, "{good:?}");
        assert_eq!(office.desk.open_incidents().count(), 0);
    }

    #[test]
    fn what_is_taken_is_written_once_and_what_could_not_be_is_not_lost() {
        let mut office = Office::new();
        office.minutes(&["as", "as", "AS"]);
        let calls = Calls { calls: 3, ..Calls::default() };
        let deliveries = Deliveries { delivered: 1, ..Deliveries::default() };
        let sent = Traffic { calls, deliveries };
        office.desk.count(&"app".parse().unwrap(), &sent, office.now);
        office.desk.count(&"supabase".parse().unwrap(), &Traffic::default(), office.now);
        let batch = office.desk.take();
        assert_eq!((batch.minutes.len(), batch.failures.len(), batch.pulses.len()), (6, 2, 2));
        assert_eq!((batch.calls.len(), batch.deliveries.len()), (1, 1));
        assert!(office.desk.take().minutes.is_empty());
        office.minutes(&["aS"]);
        office.desk.count(&"app".parse().unwrap(), &sent, office.now);
        office.desk.restore(batch);
        let batch = office.desk.take();
        assert_eq!((batch.minutes.len(), batch.failures.len(), batch.pulses.len()), (8, 3, 2));
        assert_eq!((batch.calls[0].sum.calls, batch.deliveries[0].sum.delivered), (6, 2));
        assert_eq!(batch.failures[0].print, "liveness refused");
    }

    #[test]
    fn an_alert_is_written_with_what_it_tells_of_and_is_not_lost_where_that_fails() {
        let alerts: Alerts = serde_yaml::from_str("channels: {oncall: {pagerduty: {routing_key: '${K}'}}}").unwrap();
        let (cases, board) = (Cases::resume(alerts.plan("w", "staging").unwrap(), []), Board::default());
        let Office { desk, now } = Office::new();
        let mut office = Office { desk: desk.alerting(cases, board.clone()), now };
        office.minutes(&["as"; 5]);
        assert!(!office.minutes(&["AS"; 2]).iter().any(|it| it.starts_with("trigger")));
        let told = office.minutes(&["AS"; 4]);
        // What stands on a service that fails is not told of.
        assert_eq!(told.iter().filter(|it| it.starts_with("trigger")).collect::<Vec<_>>(), ["trigger supabase"]);
        let batch = office.desk.take();
        assert_eq!((batch.letters.len(), batch.cases.len(), batch.incidents.len()), (1, 1, 1));
        assert_eq!(
            batch.letters[0].message.summary,
            "supabase fails in staging: 3 bad runs in a row (liveness refused)"
        );
        assert_eq!(board.urgent().len(), 1, "it was not written for minutes");
        office.minutes(&["AS"; 2]);
        assert!(board.urgent().is_empty());
        office.desk.restore(batch);
        office.minutes(&["AS"; 2]);
        assert_eq!(board.urgent().len(), 1);
        let batch = office.desk.take();
        assert_eq!((batch.letters.len(), batch.cases.len()), (1, 1));
        assert!(office.desk.take().letters.is_empty());
    }

    #[test]
    fn nobody_further_is_told_of_an_incident_that_somebody_has_seen() {
        let text = "channels: {oncall: {pagerduty: {routing_key: '${K}'}}, boss: {slack: {url: '${S}'}}}\npage: [oncall]\ntell: [oncall]\n\
                    rules: {down: {to: [oncall], escalate: [{after_seconds: 600, to: [boss]}]}, breaker-open: {off: true}}\n";
        let told = |is_seen: bool| {
            let alerts: Alerts = serde_yaml::from_str(text).unwrap();
            let cases = Cases::resume(alerts.plan("w", "staging").unwrap(), []);
            let Office { desk, now } = Office::new();
            let mut office = Office { desk: desk.alerting(cases, Board::default()), now };
            office.minutes(&["as"; 5]);
            office.minutes(&["aS"; 8]);
            if is_seen {
                let id = office.desk.open_incidents().next().unwrap().id.clone();
                office.desk.incidents.acknowledge(&id, "ana", office.now).unwrap();
            }
            office.minutes(&["aS"; 20]);
            let letters = office.desk.take().letters;
            letters.iter().map(|letter| letter.channel.clone()).filter(|it| it == "boss").count()
        };
        assert_eq!((told(false), told(true)), (1, 0));
    }

    #[test]
    fn what_a_person_has_seen_is_written_once_and_told() {
        let mut office = Office::new();
        office.minutes(&["as"; 5]);
        office.minutes(&["aS"; 6]);
        office.desk.take();
        let id = office.desk.open_incidents().next().unwrap().id.clone();
        assert!(office.desk.acknowledge("nobody-1", "ada", office.now).is_none());
        let news = office.desk.acknowledge(&id, "ada", office.now).unwrap();
        assert_eq!(line(&news), "Acknowledged supabase");
        let written = office.desk.take().incidents;
        assert_eq!(written[0].acknowledged.as_ref().unwrap().by, "ada");
        assert!(office.desk.acknowledge(&id, "bob", office.now).is_none());
        assert!(office.desk.take().incidents.is_empty());
    }

    #[test]
    fn a_restart_goes_on_with_the_incident_that_was_open() {
        let mut office = Office::new();
        office.minutes(&["as"; 5]);
        office.minutes(&["aS"; 6]);
        let batch = office.desk.take();
        assert_eq!(batch.incidents.len(), 1);
        let probes = [probe("app", "supabase"), probe("supabase", "")];
        let pulses: BTreeMap<_, _> = batch.pulses.into_iter().collect();
        assert!(pulses.values().any(|pulse| pulse.health == Health::Down));
        // An hour later it is well again: nobody watched it come back.
        office.now += SignedDuration::from_hours(1);
        office.desk = Desk::new(office.now, &probes, pulses, batch.incidents, Vec::new());
        let told = office.minutes(&["as"; 12]);
        assert_eq!(told.iter().filter(|it| **it == format!("{:?} supabase", Turn::Resolved)).count(), 1, "{told:?}");
    }
}
