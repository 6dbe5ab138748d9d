//! Which evidence may speak for a criterion, and why other evidence is passed over.

use crate::domain::evidence::{Class, Evidence};
use crate::domain::readiness::Criterion;
use crate::domain::record::{Kind, Outcome};
use crate::domain::target::Target;

/// What a cell asks of the evidence that it could rest on.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub criterion: Criterion,
    pub environment: &'a str,
    /// The policy takes another tool's report, or a person's word.
    pub accepts_declared: bool,
}

/// The kind of work that shows a criterion; what blocks is declared and not shown.
pub fn kind(criterion: Criterion) -> Option<Kind> {
    match criterion {
        Criterion::ContractTwin | Criterion::ContractLive => Some(Kind::ContractRun),
        Criterion::Credentials => Some(Kind::Secrets),
        Criterion::Webhooks => Some(Kind::WebhookSuite),
        Criterion::Resilience => Some(Kind::Gauntlet),
        Criterion::Health => Some(Kind::Probe),
        Criterion::Flag => Some(Kind::Flip),
        Criterion::Blockers => None,
    }
}

impl Wanted<'_> {
    /// Tells why some evidence of the integration does not speak here; None when it does.
    pub fn passes_over(&self, shown: &Evidence) -> Option<String> {
        self.another_subject(shown).or_else(|| self.another_place(shown)).or_else(|| {
            // A partial run proves nothing, but what it broke is broken.
            let speaks = !shown.partial || shown.outcome == Outcome::Broken || shown.counts.broken > 0;
            (!speaks).then(|| "only a part ran and nothing broke: it proves nothing".to_owned())
        })
    }

    /// It is about the criterion, here, were it whole.
    pub fn is_about(&self, shown: &Evidence) -> bool {
        self.another_subject(shown).is_none() && self.another_place(shown).is_none()
    }

    fn another_subject(&self, shown: &Evidence) -> Option<String> {
        let criterion = self.criterion;
        match shown.class {
            Class::Measured if kind(criterion) == Some(shown.kind) => None,
            Class::Measured => Some(format!("{} says nothing of {criterion}", shown.kind.as_str())),
            Class::Declared if shown.stands_for != Some(criterion) => {
                Some(format!("declared, and not for {criterion}"))
            }
            Class::Declared if !self.accepts_declared => {
                Some(format!("declared, and the policy does not list {criterion} under accept_declared"))
            }
            Class::Declared => None,
        }
    }

    /// What a twin answered never colours a live cell, and what one environment showed holds for no other.
    fn another_place(&self, shown: &Evidence) -> Option<String> {
        let of_a_twin = shown.target == Target::Twin && shown.environment.is_none();
        let from_here = shown.target == Target::Live && shown.environment.as_deref() == Some(self.environment);
        let fits = match self.criterion {
            Criterion::ContractTwin => of_a_twin,
            // It is the client that is tried, and a twin that misbehaves.
            Criterion::Resilience => of_a_twin || from_here,
            _ => from_here,
        };
        let place = match &shown.environment {
            Some(environment) => format!("{}, {environment}", shown.target),
            None => shown.target.to_string(),
        };
        (!fits).then(|| format!("from another place ({place})"))
    }
}
