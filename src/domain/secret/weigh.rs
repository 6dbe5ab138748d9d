//! Weighs what was seen of one secret in one environment.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::integration::Name;
use crate::domain::inventory::Inventory;
use crate::domain::secret::audit::{Code, Finding, Grounds, PlaceAudit, SecretAudit, State, Weight};
use crate::domain::secret::declared::Declared;
use crate::domain::secret::sighting::{Presence, Sighting};

/// What one secret is weighed by.
pub struct Scale<'a> {
    pub inventory: &'a Inventory,
    pub grounds: &'a Grounds,
    pub environment: &'a str,
    pub production: bool,
    pub name: &'a str,
    pub declared: &'a Declared,
    pub now: Timestamp,
}

/// Places that a sentence names before it counts the rest.
const MOST_NAMED: usize = 3;

impl Scale<'_> {
    pub fn weigh(&self) -> SecretAudit {
        let mut findings = self.presence();
        findings.extend(self.value());
        findings.extend(self.twins());
        let age = self.age();
        findings.extend(self.rotation(age));
        findings.extend(self.names());
        let state = state(&findings);
        let contracts = self.contracts();
        SecretAudit {
            name: self.name.to_owned(),
            service: self.declared.service.clone(),
            category: self.declared.category.clone(),
            owner: self.declared.owner.clone(),
            required: self.declared.is_required(),
            required_by: contracts,
            state,
            findings,
            places: self.seen().map(place).collect(),
            age_days: age,
            rotation_days: self.declared.rotation_days,
        }
    }

    fn seen(&self) -> impl Iterator<Item = &Sighting> {
        self.all().filter(|sighting| sighting.environment == self.environment)
    }

    /// Of this secret, in every environment that was looked at.
    fn all(&self) -> impl Iterator<Item = &Sighting> {
        self.grounds.sightings.iter().filter(|sighting| sighting.secret == self.name)
    }

    fn contracts(&self) -> Vec<String> {
        let by_manifest = self.declared.names(self.name).filter_map(|name| self.grounds.contracts.get(name)).flatten();
        let all: BTreeSet<&str> = self.declared.required_by.iter().chain(by_manifest).map(Name::as_str).collect();
        all.into_iter().map(str::to_owned).collect()
    }

    /// It must be in each place where it is kept.
    fn presence(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.seen().next().is_none() {
            findings.push(unknown(Code::NoPlace, format!("no place is declared for {}", self.environment)));
        }
        let absent: Vec<&str> =
            self.seen().filter(|sighting| sighting.presence == Presence::Absent).map(|s| s.place.as_str()).collect();
        if !absent.is_empty() {
            findings.push(wrong(Code::Absent, format!("not in {}", listed(&absent))));
        }
        for sighting in self.seen() {
            if let Presence::Unknown(reason) = &sighting.presence {
                findings.push(unknown(Code::Unreachable, format!("{}: {reason}", sighting.place)));
            }
        }
        findings
    }

    /// What the value shows of itself, wherever a value was seen.
    fn value(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for sighting in self.seen() {
            if let Some(problem) = &sighting.permissions {
                findings.push(wrong(Code::Permissions, format!("{}: {problem}", sighting.place)));
            }
            let Some(look) = &sighting.look else { continue };
            if let Some(reason) = look.placeholder {
                findings.push(wrong(Code::Placeholder, format!("{}: a placeholder ({reason})", sighting.place)));
            } else if look.shape == Some(false) {
                findings.push(wrong(Code::Shape, format!("{}: does not have the declared shape", sighting.place)));
            }
            if let Some(places) = self.grounds.leaks.get(&look.fingerprint) {
                let places: Vec<&str> = places.iter().map(String::as_str).collect();
                findings.push(wrong(Code::Leaked, format!("its value stands in {}", listed(&places))));
            }
        }
        findings.sort_by_key(|finding| finding.code);
        findings.dedup();
        let present = self.seen().any(|sighting| sighting.presence == Presence::Present);
        if self.declared.shape.is_some() && present && !self.seen().any(|sighting| sighting.look.is_some()) {
            let text = "its stores do not show values, so its shape was not seen";
            findings.push(unknown(Code::ShapeUnseen, text.to_owned()));
        }
        findings
    }

    /// The same value elsewhere: in another environment, in another secret; or another one in another place.
    fn twins(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let looks: Vec<_> = self.seen().filter_map(|sighting| Some((sighting, sighting.look.as_ref()?))).collect();
        if let [(first, one), rest @ ..] = looks.as_slice()
            && let Some((second, _)) = rest.iter().find(|(_, other)| other.fingerprint != one.fingerprint)
        {
            findings.push(wrong(Code::Differs, format!("another value in {} than in {}", first.place, second.place)));
        }
        if self.declared.shared.is_some() {
            return findings;
        }
        if let Some(other) = self.shared_with() {
            findings.push(wrong(Code::Shared, format!("production has the value of {other}")));
        }
        if let Some(other) = self.duplicate_of() {
            findings.push(wrong(Code::Duplicate, format!("the same value as {other}")));
        }
        findings
    }

    /// The environment whose value production has: by fingerprint, or because it is one and the same place.
    fn shared_with(&self) -> Option<&str> {
        if !self.production {
            return None;
        }
        let lower = |sighting: &&Sighting| {
            self.inventory.environments.get(&sighting.environment).is_some_and(|declared| !declared.production)
                && sighting.presence == Presence::Present
        };
        let same = |one: &Sighting, other: &Sighting| {
            let values = one.look.as_ref().zip(other.look.as_ref());
            let one_value = values.is_some_and(|(one, other)| one.fingerprint == other.fingerprint);
            !one.ambient && !other.ambient && (one.place == other.place || one_value)
        };
        let present = || self.seen().filter(|sighting| sighting.presence == Presence::Present);
        let other = self.all().filter(lower).find(|other| present().any(|own| same(own, other)))?;
        Some(&other.environment)
    }

    fn duplicate_of(&self) -> Option<&str> {
        let own: Vec<_> = self.seen().filter_map(|sighting| Some(sighting.look.as_ref()?.fingerprint)).collect();
        let others = self.grounds.sightings.iter().filter(|sighting| {
            sighting.environment == self.environment
                && sighting.secret != self.name
                && self.inventory.secrets.get(&sighting.secret).is_some_and(|declared| declared.shared.is_none())
        });
        let look = |sighting: &&Sighting| sighting.look.as_ref().is_some_and(|look| own.contains(&look.fingerprint));
        others.into_iter().find(look).map(|sighting| sighting.secret.as_str())
    }

    /// Days since it was last renewed: the oldest of its places, for that one was forgotten; else as declared.
    fn age(&self) -> Option<i64> {
        let present = self.seen().filter(|sighting| sighting.presence == Presence::Present);
        let stored = present.filter_map(|sighting| sighting.renewed).min();
        let declared = self.declared.rotated.get(self.environment).map(|moment| moment.start());
        let renewed = stored.or(declared)?;
        Some(self.now.duration_since(renewed).as_hours() / 24)
    }

    fn rotation(&self, age: Option<i64>) -> Vec<Finding> {
        let present = self.seen().any(|sighting| sighting.presence == Presence::Present);
        let Some(days) = self.declared.rotation_days.filter(|days| *days > 0 && present) else { return Vec::new() };
        match age {
            None => {
                let hint = format!("write `rotated: {{{}: DAY}}`", self.environment);
                vec![unknown(Code::AgeUnknown, format!("no store says when it was renewed ({hint})"))]
            }
            Some(age) if age < 0 => {
                vec![unknown(Code::AgeUnknown, "it is said to be renewed in the future".to_owned())]
            }
            Some(age) if age > i64::from(days) => {
                vec![wrong(Code::Overdue, format!("{age} days old, to be renewed after {days}"))]
            }
            Some(_) => Vec::new(),
        }
    }

    /// The names under which the app reads it, against those under which it is kept.
    fn names(&self) -> Vec<Finding> {
        let known: Vec<&str> = self.declared.names(self.name).collect();
        let read: Vec<(&str, &str)> =
            known.iter().filter_map(|name| Some((*name, self.grounds.readers.get(*name)?.first()?.as_str()))).collect();
        if read.is_empty() {
            let text = "no source reads it".to_owned();
            return if self.grounds.sources.whole { vec![note(Code::Unused, text)] } else { Vec::new() };
        }
        let shown: Vec<String> = read.iter().map(|(name, place)| format!("{name} ({place})")).collect();
        let shown = listed(&shown.iter().map(String::as_str).collect::<Vec<_>>());
        let mut findings = Vec::new();
        // Only a variable is read by its name; a file's or an item's name is nobody's variable.
        let unread = self.seen().filter(|sighting| sighting.presence == Presence::Present).find_map(|sighting| {
            let name = sighting.found_as.as_deref()?;
            (!read.iter().any(|(own, _)| *own == name)).then_some((name, sighting.place.as_str()))
        });
        if let Some((name, place)) = unread {
            findings.push(wrong(Code::AliasDrift, format!("{place} has it as {name}, the app reads {shown}")));
        } else if read.len() > 1 {
            findings.push(note(Code::SeveralNames, format!("the app reads it under several names: {shown}")));
        }
        findings
    }
}

fn place(sighting: &Sighting) -> PlaceAudit {
    PlaceAudit {
        place: sighting.place.clone(),
        presence: sighting.presence.clone(),
        found_as: sighting.found_as.clone(),
        value_seen: sighting.look.is_some(),
        renewed: sighting.renewed,
    }
}

fn state(findings: &[Finding]) -> State {
    let worst = findings.iter().map(|finding| finding.weight).max().unwrap_or(Weight::Note);
    match worst {
        Weight::Note => State::Right,
        Weight::Unknown => State::Unknown,
        Weight::Wrong if findings.iter().any(|finding| finding.code == Code::Absent) => State::Absent,
        Weight::Wrong => State::Wrong,
    }
}

fn wrong(code: Code, text: String) -> Finding {
    Finding { code, weight: Weight::Wrong, text }
}

fn unknown(code: Code, text: String) -> Finding {
    Finding { code, weight: Weight::Unknown, text }
}

fn note(code: Code, text: String) -> Finding {
    Finding { code, weight: Weight::Note, text }
}

fn listed(places: &[&str]) -> String {
    match places.len() {
        0..=MOST_NAMED => places.join(", "),
        count => format!("{} and {} more", places[..MOST_NAMED].join(", "), count - MOST_NAMED),
    }
}
