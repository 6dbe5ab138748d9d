//! Looks at one cell: which evidence speaks for it, and what is said where none does.

use jiff::Timestamp;

use crate::domain::evidence::Evidence;
use crate::domain::flag;
use crate::domain::integration::Name;
use crate::domain::inventory::Inventory;
use crate::domain::policy::Policy;
use crate::domain::readiness::shown::Shown;
use crate::domain::readiness::wanted::Wanted;
use crate::domain::readiness::{Cell, Criterion, CurrentContract, Proof, Row, State};
use crate::domain::record::Kind;
use crate::domain::target::Target;

/// What one environment's cells are weighed by.
pub struct Bench<'a> {
    pub inventory: &'a Inventory,
    pub shown: &'a Shown<'a>,
    pub environment: &'a str,
    pub policy: &'a Policy,
    pub now: Timestamp,
}

/// A cell before it is known whether the policy requires it.
pub struct Finding {
    pub state: State,
    pub reason: String,
    pub next: Option<String>,
    pub proof: Option<Proof>,
}

impl Finding {
    pub fn new(state: State, reason: impl Into<String>) -> Self {
        Self { state, reason: reason.into(), next: None, proof: None }
    }

    pub fn next(mut self, command: impl Into<String>) -> Self {
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
        let concerned = self.policy.concerns(name);
        let cells = Criterion::ALL
            .into_iter()
            .map(|criterion| {
                let found = self.judged(name, criterion, contract);
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

    /// What the evidence says, and then what people declare over it. A waiver has its place here, behind the excuse:
    /// it lets pass what is not ready, and makes nothing ready.
    fn judged(&self, name: &Name, criterion: Criterion, contract: Option<&CurrentContract>) -> Finding {
        let declared = self.inventory.integrations.get(name);
        let excuse = declared.and_then(|integration| integration.not_applicable.get(&criterion));
        excused(self.look(name, criterion, contract), excuse.map(String::as_str))
    }

    fn look(&self, name: &Name, criterion: Criterion, contract: Option<&CurrentContract>) -> Finding {
        match criterion {
            Criterion::ContractTwin => self.contract(name, criterion, Target::Twin, contract),
            Criterion::ContractLive => self.contract(name, criterion, Target::Live, contract),
            Criterion::Blockers => self.blockers(name),
            Criterion::Flag => self.flags(name, contract),
            Criterion::Credentials | Criterion::Webhooks | Criterion::Resilience | Criterion::Health => {
                self.shown_by_work(name, criterion, contract)
            }
        }
    }

    pub fn wanted(&self, criterion: Criterion) -> Wanted<'_> {
        Wanted { criterion, environment: self.environment, accepts_declared: self.policy.accepts_declared(criterion) }
    }

    /// The newest evidence that speaks for a criterion.
    fn newest(&self, name: &Name, criterion: Criterion) -> Option<(u64, &Evidence)> {
        let wanted = self.wanted(criterion);
        let all = self.shown.of(name).iter().rev();
        all.copied().find(|(_, shown)| wanted.passes_over(shown).is_none())
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
        let command = match target {
            Target::Live => format!("preflight check {name} --target live --env {}", self.environment),
            _ => format!("preflight check {name}"),
        };
        let Some((sequence, shown)) = self.newest(name, criterion) else {
            let wanted = self.wanted(criterion);
            let reason = if self.shown.of(name).iter().any(|(_, shown)| wanted.is_about(shown)) {
                format!("only part of it ever ran against {target}")
            } else {
                format!("never run against {target}")
            };
            return Finding::new(State::Unknown, reason).next(command);
        };
        let found = self.weigh(sequence, shown, criterion, Some(contract));
        if found.state.lets_pass() {
            return self.bites(found, name, criterion, contract);
        }
        Finding { next: found.next.or(Some(command)), ..found }
    }

    /// A contract that was kept is only as good as what it would have noticed.
    fn bites(&self, found: Finding, name: &Name, criterion: Criterion, contract: &CurrentContract) -> Finding {
        let Some(least) = self.policy.min_bite else { return found };
        let proofs = self.shown.of(name).iter().rev().filter(|(_, shown)| shown.kind == Kind::Proof && !shown.partial);
        let doubt = match proofs.copied().next() {
            None => Finding::new(State::Unknown, "kept, but whether the contract bites was never proven"),
            Some((sequence, proof)) => match self.too_old(sequence, proof, criterion, Some(contract)) {
                Some(old) => Finding { reason: format!("the proof that it bites: {}", old.reason), ..old },
                None => match proof.score {
                    Some(score) if score >= least => return found,
                    Some(score) => {
                        let (score, least) = (score * 100.0, least * 100.0);
                        let reason =
                            format!("it notices {score:.0} % of mutated answers, the policy wants {least:.0} %");
                        Finding::new(State::Failing, reason)
                    }
                    None => Finding::new(State::Unknown, "the proof that it bites has no score"),
                },
            },
        };
        Finding { proof: found.proof, ..doubt }.next(format!("preflight prove {name}"))
    }

    /// What other work than a contract run shows: the newest of its kind, here.
    fn shown_by_work(&self, name: &Name, criterion: Criterion, contract: Option<&CurrentContract>) -> Finding {
        match self.newest(name, criterion) {
            Some((sequence, shown)) => {
                let found = self.weigh(sequence, shown, criterion, contract);
                if found.state.lets_pass() { found } else { self.with_command(found, name, criterion, contract) }
            }
            None if criterion == Criterion::Webhooks && contract.is_some_and(|it| it.webhook_scheme.is_none()) => {
                Finding::new(State::NotApplicable, "the manifest names no webhook scheme")
            }
            None if criterion == Criterion::Credentials && self.needed(name) == 0 => {
                let hint = "declare them under `secrets`, or say under `not_applicable` why it takes none";
                Finding::new(State::Unknown, "no secret is declared for it here").next(hint)
            }
            None => {
                let wanted = self.wanted(criterion);
                let in_part = self.shown.of(name).iter().any(|(_, shown)| wanted.is_about(shown));
                let reason = if in_part { "only part of it was ever shown" } else { "no evidence of it in the ledger" };
                self.with_command(Finding::new(State::Unknown, reason), name, criterion, contract)
            }
        }
    }

    /// Says what would show it. What stands in capitals only its user knows.
    fn with_command(
        &self,
        found: Finding,
        name: &Name,
        criterion: Criterion,
        contract: Option<&CurrentContract>,
    ) -> Finding {
        let environment = self.environment;
        match criterion {
            Criterion::Credentials => found.next(format!("preflight secrets --env {environment}")),
            Criterion::Webhooks => {
                let scheme = contract.and_then(|contract| contract.webhook_scheme.as_deref()).unwrap_or("SCHEME");
                let own = if scheme == name.as_str() { String::new() } else { format!(" --integration {name}") };
                let attack = format!("preflight webhook attack URL --scheme {scheme} --secret-env NAME");
                found.next(format!("{attack}{own} --env {environment}"))
            }
            Criterion::Resilience => found.next(format!("preflight gauntlet {name} -- COMMAND")),
            _ => found,
        }
    }

    /// Green would need evidence, and that nobody has declared a blocker is none: so it does not apply, which lets pass.
    fn blockers(&self, name: &Name) -> Finding {
        let own = || self.inventory.blockers.iter().filter(|(_, blocker)| blocker.integration == name.as_str());
        let open: Vec<&str> = own()
            .filter(|(_, blocker)| blocker.blocks(self.now, name.as_str(), self.environment))
            .map(|(ticket, _)| ticket.as_str())
            .collect();
        if !open.is_empty() {
            return Finding::new(State::Blocked, format!("open: {}", open.join(", ")));
        }
        let reason = if own().next().is_some() { "none is open here" } else { "none declared" };
        Finding::new(State::NotApplicable, reason)
    }

    /// Each flag that takes it from mock to live must have been flipped and taken back here; the worst one speaks.
    fn flags(&self, name: &Name, contract: Option<&CurrentContract>) -> Finding {
        let own = self.inventory.integrations.get(name).and_then(|integration| integration.flag.as_deref());
        // A flag may name its integrations where the integration does not name its flag.
        let takes = |declared: &flag::Declared| declared.integrations.iter().any(|other| other == name.as_str());
        let named = self.inventory.flags.iter().filter(|(_, declared)| takes(declared)).map(|(flag, _)| flag.as_str());
        let flags: Vec<&str> = own.map_or_else(|| named.collect(), |own| vec![own]);
        let found = flags.iter().map(|flag| self.flag(name, flag, contract));
        found
            .min_by_key(|found| match found.state {
                State::Failing | State::Blocked => 0,
                State::Unknown => 1,
                State::Stale => 2,
                State::Ready | State::Waived | State::NotApplicable => 3,
            })
            .unwrap_or_else(|| Finding::new(State::NotApplicable, "no flag switches it"))
    }

    /// The integration that answers a flag's canary, where it is another one.
    fn asked_elsewhere(&self, name: &Name, flag: &str) -> Option<&str> {
        let declared = self.inventory.flags.get(flag)?;
        let consumer = declared.consumer()?;
        (declared.canary.is_some() && consumer != name.as_str()).then_some(consumer)
    }

    fn flag(&self, name: &Name, flag: &str, contract: Option<&CurrentContract>) -> Finding {
        let wanted = self.wanted(Criterion::Flag);
        let command = format!("preflight flip {flag} --env {}", self.environment);
        // The evidence names the integration; which flag was flipped stands in the command.
        let of_it = |shown: &Evidence| shown.kind != Kind::Flip || shown.command.iter().any(|word| word == flag);
        let mut all = self.shown.of(name).iter().rev().copied();
        match all.find(|(_, shown)| of_it(shown) && wanted.passes_over(shown).is_none()) {
            None => match self.asked_elsewhere(name, flag) {
                Some(consumer) => {
                    let reason = format!(
                        "no flip of `{flag}` has shown it: the canary asks {consumer}, and shows what that stands on"
                    );
                    let next = format!("{command}, where {consumer} stands on {name}; else give it a flag of its own");
                    Finding::new(State::Unknown, reason).next(next)
                }
                None => Finding::new(State::Unknown, format!("no flip of `{flag}` has been proven")).next(command),
            },
            Some((sequence, shown)) => {
                let found = self.weigh(sequence, shown, Criterion::Flag, contract);
                if found.state.lets_pass() { found } else { found.next(command) }
            }
        }
    }
}
