//! Weighs one piece of evidence: its age, its contract, its outcome, its score, and the conditions of the policy.

use std::cmp::Ordering;

use jiff::SignedDuration;

use crate::domain::evidence::{Class, Coverage, Evidence};
use crate::domain::integration::Name;
use crate::domain::policy::Condition;
use crate::domain::readiness::bench::{Bench, Finding};
use crate::domain::readiness::condition::{Held, hold};
use crate::domain::readiness::{Criterion, CurrentContract, Proof, State};
use crate::domain::record::{Kind, Outcome};

impl Bench<'_> {
    /// What one piece of evidence says of a criterion, now.
    pub fn weigh(
        &self,
        sequence: u64,
        entry: &Evidence,
        criterion: Criterion,
        contract: Option<&CurrentContract>,
    ) -> Finding {
        let mut found = match self.too_old(sequence, entry, criterion, contract) {
            Some(old) if old.state == State::Stale => old,
            Some(doubt) => {
                // What was broken stays broken, also where the evidence is in doubt.
                let found = self.weigh_outcome(entry, criterion);
                if found.state.lets_pass() || self.now < entry.finished { doubt } else { found }
            }
            None => self.weigh_outcome(entry, criterion),
        };
        if found.state == State::Ready {
            found = self.on_conditions(found, entry, criterion);
        }
        found.proof = Some(Proof {
            sequence,
            record: entry.record.clone(),
            class: entry.class,
            finished: entry.finished,
            age_seconds: self.now.duration_since(entry.finished).as_secs(),
            counts: entry.counts,
            coverage: entry.coverage,
        });
        found
    }

    /// Why evidence does not hold any more, or not yet; None when it does.
    pub fn too_old(
        &self,
        sequence: u64,
        entry: &Evidence,
        criterion: Criterion,
        contract: Option<&CurrentContract>,
    ) -> Option<Finding> {
        let age = self.now.duration_since(entry.finished);
        let limit = self.policy.max_age_hours(criterion);
        // Work that is about no contract outlives its changes; what is about one does not.
        let about_another = match (&entry.contract_hash, contract) {
            (None, _) => entry.kind == Kind::ContractRun,
            (Some(hash), Some(contract)) => *hash != contract.hash,
            (Some(_), None) => true,
        };
        if about_another {
            Some(Finding::new(State::Stale, "the contract has changed since it ran"))
        } else if criterion == Criterion::Credentials && self.needs_others(entry) {
            Some(Finding::new(State::Stale, "the inventory has another number of secrets for it since"))
        } else if age > SignedDuration::from_hours(i64::from(limit)) {
            Some(Finding::new(State::Stale, format!("ran {} ago, the policy allows {limit} h", hours(age))))
        } else if age < SignedDuration::ZERO {
            Some(Finding::new(State::Unknown, "the evidence is dated in the future"))
        } else if self.shown.is_in_doubt(sequence) {
            let reason = "a line of the ledger behind it is lost, which may have said otherwise";
            Some(Finding::new(State::Unknown, reason))
        } else {
            None
        }
    }

    /// An audit of all its secrets counted other ones than are declared today. A part of them counts what it counts.
    fn needs_others(&self, entry: &Evidence) -> bool {
        entry.kind == Kind::Secrets && !entry.partial && entry.counts.total() != self.needed(&entry.integration)
    }

    /// The required secrets of an integration, here.
    pub fn needed(&self, name: &Name) -> u32 {
        let own = self.inventory.secrets.values().filter(|secret| {
            secret.service == name.as_str() && secret.is_required() && secret.concerns(self.environment)
        });
        u32::try_from(own.count()).unwrap_or(u32::MAX)
    }

    /// What fresh evidence says. The counts are believed before the outcome: `kept` over a broken scenario is broken.
    fn weigh_outcome(&self, entry: &Evidence, criterion: Criterion) -> Finding {
        let counts = entry.counts;
        let total = counts.total();
        let noun = noun(entry.kind);
        if counts.broken > 0 {
            return Finding::new(State::Failing, format!("{} of {total} {noun}s broken", counts.broken));
        }
        if counts.unasked > 0 {
            let reason = format!("{} of {total} {noun}s could not be asked", counts.unasked);
            return Finding::new(State::Unknown, reason);
        }
        match entry.outcome {
            Outcome::Broken => Finding::new(State::Failing, "the run is recorded as broken"),
            Outcome::Unasked if total == 0 => {
                Finding::new(State::Unknown, "nothing could be asked, or its record is lost")
            }
            Outcome::Unasked => Finding::new(State::Unknown, "part of the contract could not be read or asked"),
            _ if total == 0 => Finding::new(State::Unknown, "nothing ran"),
            Outcome::Untested => Finding::new(State::Unknown, format!("a {noun} asked nothing")),
            Outcome::Kept if counts.untested > 0 => Finding::new(State::Unknown, format!("a {noun} asked nothing")),
            Outcome::Kept => self.weigh_kept(entry, criterion),
        }
    }

    /// Everything was kept; was it the live host that answered, and is it enough?
    fn weigh_kept(&self, entry: &Evidence, criterion: Criterion) -> Finding {
        let live = matches!(criterion, Criterion::ContractLive | Criterion::Health);
        // Nobody was there to see who answered another tool: that it is declared is what the policy accepts.
        if live
            && entry.class == Class::Measured
            && let Some(doubt) = self.doubts_host(entry)
        {
            return doubt;
        }
        if let Some(least) = self.policy.min_score.get(&criterion) {
            let score = entry.score;
            if score.is_none_or(|score| score.partial_cmp(least).is_none_or(Ordering::is_lt)) {
                let wanted = least * 100.0;
                return match score {
                    None => Finding::new(State::Unknown, format!("it has no score, the policy wants {wanted:.0} %")),
                    Some(score) => {
                        let came = score * 100.0;
                        Finding::new(State::Failing, format!("scored {came:.0} %, the policy wants {wanted:.0} %"))
                    }
                };
            }
        }
        let said = if entry.class == Class::Declared { " (declared)" } else { "" };
        if matches!(criterion, Criterion::ContractTwin | Criterion::ContractLive) && entry.kind == Kind::ContractRun {
            return self.covered(entry);
        }
        Finding::new(State::Ready, format!("{} {}s kept{said}", entry.counts.kept, noun(entry.kind)))
    }

    /// Were the app's operations asked?
    fn covered(&self, entry: &Evidence) -> Finding {
        let Coverage { operations, kept, .. } = entry.coverage;
        if operations > 0 && kept == 0 {
            let reason = format!("none of the {operations} operations was asked and kept");
            return Finding::new(State::Unknown, reason);
        }
        let short = |least: &f64| share(kept, operations).partial_cmp(least).is_none_or(Ordering::is_lt);
        match self.policy.min_coverage {
            Some(least) if short(&least) => {
                let wanted = least * 100.0;
                let reason = format!("{kept} of {operations} operations kept, the policy wants {wanted:.0} %");
                Finding::new(State::Failing, reason)
            }
            _ => {
                let reason = format!("{} scenarios kept, {kept} of {operations} operations", entry.counts.kept);
                Finding::new(State::Ready, reason)
            }
        }
    }

    /// A live cell needs evidence that came from the host that the environment names today.
    fn doubts_host(&self, entry: &Evidence) -> Option<Finding> {
        let Some(host) = entry.host.as_ref().filter(|host| !host.addresses.is_empty()) else {
            return Some(Finding::new(State::Unknown, "nothing shows that the live host answered"));
        };
        let environment = self.inventory.environments.get(self.environment)?;
        let declared = environment.base_urls.get(&entry.integration).filter(|url| !url.contains("${"))?;
        let now = origin(declared);
        let same = now.is_some() && now == origin(&host.base_url);
        let reason = || format!("{} answered, the base URL is now {declared}", host.base_url);
        (!same).then(|| Finding::new(State::Stale, reason()))
    }

    /// What the policy wants to hold together, beside that everything was kept.
    fn on_conditions(&self, found: Finding, entry: &Evidence, criterion: Criterion) -> Finding {
        let name = &entry.integration;
        let mut doubt = None;
        let own = |condition: &&Condition| self.asks(condition, criterion, name);
        for condition in self.policy.conditions.iter().filter(own) {
            let told = |reason: &str| format!("condition `{}`: {reason}", condition.name);
            match hold(condition, self.shown.record(entry), name) {
                Held::Yes => {}
                Held::No(reason) => return Finding::new(State::Failing, told(&reason)),
                Held::Unknown(reason) => {
                    doubt.get_or_insert_with(|| Finding::new(State::Unknown, told(&reason)));
                }
            }
        }
        doubt.unwrap_or(found)
    }

    fn asks(&self, condition: &Condition, criterion: Criterion, name: &Name) -> bool {
        condition.criterion == criterion && self.policy.concerns(name) && condition.concerns(name)
    }
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::ContractRun => "scenario",
        Kind::Secrets => "secret",
        Kind::Flip => "step",
        Kind::Import => "test",
        Kind::Proof => "mutation",
        Kind::WebhookSuite => "attack",
        Kind::Gauntlet => "trial",
        Kind::Probe => "probe",
    }
}

/// Scheme, host and port: what of a base URL is in the evidence.
fn origin(url: &str) -> Option<String> {
    Some(url::Url::parse(url).ok()?.origin().ascii_serialization())
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) }
}

fn hours(age: SignedDuration) -> String {
    match age.as_hours() {
        hours @ 0..48 => format!("{hours} h"),
        hours => format!("{} d", hours / 24),
    }
}
