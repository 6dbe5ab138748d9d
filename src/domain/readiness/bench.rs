//! Weighs the evidence for one cell.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};

use crate::domain::entry::History;
use crate::domain::evidence::{Class, Coverage, Evidence};
use crate::domain::flag;
use crate::domain::integration::Name;
use crate::domain::inventory::{Inventory, Policy};
use crate::domain::readiness::{Cell, Criterion, CurrentContract, Proof, Row, State};
use crate::domain::record::{Kind, Outcome};
use crate::domain::target::Target;

/// What one cell is weighed by.
pub struct Bench<'a> {
    pub inventory: &'a Inventory,
    pub history: &'a History,
    pub environment: &'a str,
    pub policy: &'a Policy,
    pub now: Timestamp,
}

/// A cell before it is known whether the policy requires it.
struct Finding {
    state: State,
    reason: String,
    next: Option<String>,
    proof: Option<Proof>,
}

impl Finding {
    fn new(state: State, reason: impl Into<String>) -> Self {
        Self { state, reason: reason.into(), next: None, proof: None }
    }

    fn next(mut self, command: impl Into<String>) -> Self {
        self.next = Some(command.into());
        self
    }
}

/// "It does not apply" takes the place of what is not known, never of what was found broken or blocked.
fn excused(found: Finding, excuse: Option<&str>) -> Finding {
    match excuse.map(str::trim) {
        None => found,
        Some(_) if matches!(found.state, State::Failing | State::Blocked) => {
            Finding { reason: format!("{} (declared n/a, but the evidence says otherwise)", found.reason), ..found }
        }
        Some("") => Finding::new(State::Unknown, "declared n/a without a reason"),
        Some(reason) => Finding::new(State::NotApplicable, reason),
    }
}

impl Bench<'_> {
    /// One integration, every criterion.
    pub fn row(&self, name: &Name, contract: Option<&CurrentContract>) -> Row {
        let declared = self.inventory.integrations.get(name);
        let title = declared
            .and_then(|integration| integration.title.clone())
            .or_else(|| contract.map(|contract| contract.title.clone()))
            .unwrap_or_else(|| name.to_string());
        let concerned = self.policy.integrations.is_empty() || self.policy.integrations.contains(name);
        let cells = Criterion::ALL
            .into_iter()
            .map(|criterion| {
                let excuse = declared.and_then(|integration| integration.not_applicable.get(&criterion));
                let found = excused(self.look(name, criterion, contract), excuse.map(String::as_str));
                Cell {
                    criterion,
                    state: found.state,
                    reason: found.reason,
                    required: concerned && self.policy.require.contains(&criterion),
                    next: found.next,
                    proof: found.proof,
                }
            })
            .collect();
        Row { integration: name.clone(), title, owner: declared.and_then(|d| d.owner.clone()), cells }
    }

    fn look(&self, name: &Name, criterion: Criterion, contract: Option<&CurrentContract>) -> Finding {
        match criterion {
            Criterion::ContractTwin => self.contract(name, criterion, Target::Twin, contract),
            Criterion::ContractLive => self.contract(name, criterion, Target::Live, contract),
            Criterion::Blockers => self.blockers(name),
            Criterion::Flag => self.flag(name),
            Criterion::Webhooks if contract.is_some_and(|c| !c.sends_webhooks) => {
                Finding::new(State::NotApplicable, "the manifest names no webhook scheme")
            }
            Criterion::Credentials | Criterion::Webhooks | Criterion::Resilience | Criterion::Health => {
                Finding::new(State::Unknown, "no evidence of it in the ledger")
            }
        }
    }

    fn contract(
        &self,
        name: &Name,
        criterion: Criterion,
        target: Target,
        contract: Option<&CurrentContract>,
    ) -> Finding {
        let Some(contract) = contract else {
            return Finding::new(State::Unknown, "no contract is written for it")
                .next(format!("write features/{name}/*.feature"));
        };
        if target == Target::Twin && !contract.has_twin {
            return Finding::new(State::Unknown, "no twin models it");
        }
        let environment = (target == Target::Live).then_some(self.environment);
        let command = match environment {
            Some(environment) => format!("preflight check {name} --target live --env {environment}"),
            None => format!("preflight check {name}"),
        };
        let of_this = || {
            self.history.evidence().filter(|(_, shown)| {
                shown.kind == Kind::ContractRun
                    && shown.class == Class::Measured
                    && shown.integration == *name
                    && shown.target == target
                    && shown.environment.as_deref() == environment
            })
        };
        // A partial run proves nothing, but what it broke is broken.
        let speaks = |shown: &Evidence| !shown.partial || shown.outcome == Outcome::Broken || shown.counts.broken > 0;
        let Some((sequence, shown)) = of_this().rfind(|(_, shown)| speaks(shown)) else {
            let reason = match of_this().next() {
                Some(_) => format!("only part of it ever ran against {target}"),
                None => format!("never run against {target}"),
            };
            return Finding::new(State::Unknown, reason).next(command);
        };
        let mut found = self.weigh(sequence, shown, criterion, contract);
        if !found.state.lets_pass() {
            found.next = Some(command);
        }
        found
    }

    fn weigh(&self, sequence: u64, entry: &Evidence, criterion: Criterion, contract: &CurrentContract) -> Finding {
        let age = self.now.duration_since(entry.finished);
        let limit = self.policy.max_age_hours(criterion);
        let mut found = if entry.contract_hash.as_ref() != Some(&contract.hash) {
            Finding::new(State::Stale, "the contract has changed since it ran")
        } else if age > SignedDuration::from_hours(i64::from(limit)) {
            Finding::new(State::Stale, format!("ran {} ago, the policy allows {limit} h", hours(age)))
        } else if age < SignedDuration::ZERO {
            Finding::new(State::Unknown, "the evidence is dated in the future")
        } else {
            self.weigh_outcome(entry)
        };
        if found.state.lets_pass() && sequence <= self.history.doubted {
            found =
                Finding::new(State::Unknown, "a line of the ledger behind it is lost, which may have said otherwise");
        }
        found.proof = Some(Proof {
            sequence,
            record: entry.record.clone(),
            finished: entry.finished,
            age_seconds: age.as_secs(),
            counts: entry.counts,
            coverage: entry.coverage,
        });
        found
    }

    /// What fresh evidence for today's contract says. The counts are believed before the outcome: `kept` over a
    /// broken scenario is broken.
    fn weigh_outcome(&self, entry: &Evidence) -> Finding {
        let counts = entry.counts;
        let total = counts.total();
        if counts.broken > 0 {
            return Finding::new(State::Failing, format!("{} of {total} scenarios broken", counts.broken));
        }
        if counts.unasked > 0 {
            let reason = format!("{} of {total} scenarios could not be asked", counts.unasked);
            return Finding::new(State::Unknown, reason);
        }
        match entry.outcome {
            Outcome::Broken => Finding::new(State::Failing, "the run is recorded as broken"),
            Outcome::Unasked if total == 0 => {
                Finding::new(State::Unknown, "nothing could be asked, or its record is lost")
            }
            Outcome::Unasked => Finding::new(State::Unknown, "part of the contract could not be read or asked"),
            _ if total == 0 => Finding::new(State::Unknown, "nothing ran"),
            Outcome::Untested => Finding::new(State::Unknown, "a scenario asked nothing"),
            Outcome::Kept if counts.untested > 0 => Finding::new(State::Unknown, "a scenario asked nothing"),
            Outcome::Kept => self.weigh_kept(entry),
        }
    }

    /// Every scenario was kept; was it the live host that answered, and were the app's operations asked?
    fn weigh_kept(&self, entry: &Evidence) -> Finding {
        let Coverage { operations, kept, .. } = entry.coverage;
        if entry.target == Target::Live
            && let Some(doubt) = self.doubts_host(entry)
        {
            return doubt;
        }
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

    fn blockers(&self, name: &Name) -> Finding {
        let open: Vec<&str> = self
            .inventory
            .blockers
            .iter()
            .filter(|(_, blocker)| blocker.blocks(self.now, name.as_str(), self.environment))
            .map(|(ticket, _)| ticket.as_str())
            .collect();
        if open.is_empty() {
            Finding::new(State::Ready, "none declared")
        } else {
            Finding::new(State::Blocked, format!("open: {}", open.join(", ")))
        }
    }

    fn flag(&self, name: &Name) -> Finding {
        let own = self.inventory.integrations.get(name).and_then(|integration| integration.flag.as_deref());
        // A flag may name its integrations where the integration does not name its flag.
        let named = || {
            let takes = |declared: &flag::Declared| declared.integrations.iter().any(|other| other == name.as_str());
            self.inventory.flags.iter().find(|(_, declared)| takes(declared)).map(|(flag, _)| flag.as_str())
        };
        match own.or_else(named) {
            None => Finding::new(State::NotApplicable, "no flag switches it"),
            Some(flag) => Finding::new(State::Unknown, format!("no flip of `{flag}` has been proven")),
        }
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
