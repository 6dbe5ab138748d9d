//! One probe, once: its steps in their order, each later one only where the one before held.

use std::time::Duration;

use futures::stream::{self, StreamExt as _};

use crate::adapter::clock;
use crate::adapter::stage::lock;
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::domain::probe::run::{ProbeRun, StepRun};
use crate::domain::record::{HostEvidence, Outcome};
use crate::engine::probe::ask::Asking;
use crate::engine::probe::judge::{Before, judge};
use crate::engine::probe::plan::{Planned, PlannedStep};
use crate::engine::probe::ward::Ward;
use crate::engine::recording;
use crate::steps::world::World;

/// Asks a probe once. It may be asked again at once, and beside any number of others.
pub async fn perform(ward: &Ward, planned: &Planned) -> ProbeRun {
    let (started, start) = (clock::now(), clock::start());
    let mut world = World::default();
    world.enter(&ward.run, &ward.run.client, &planned.integration, &planned.path);
    let mut asking = Asking::new(ward, planned);
    let mut steps: Vec<StepRun> = Vec::new();
    for step in &planned.steps {
        let held = steps.iter().find(|run| run.decides() && run.outcome != Outcome::Kept).map(|run| run.name.clone());
        let run = match held {
            Some(before) => held_back(step, &before),
            None => one(ward, planned, step, &mut world, &mut asking).await,
        };
        steps.push(StepRun { ended: Some(clock::now()), ..run });
    }
    asking.end(&mut steps).await;
    let outcome = ProbeRun::outcome_of(&steps);
    ProbeRun {
        probe: planned.probe.name.clone(),
        integration: planned.integration.clone(),
        title: planned.title.clone(),
        service: planned.probe.service,
        outcome,
        started,
        duration_us: recording::micros(start.elapsed()),
        steps,
        host: host(ward, planned, &asking, outcome),
    }
}

/// Asks all of them, so many at the same time, and tells each when it is done; in the order in which they are given.
pub async fn all(ward: &Ward, planned: &[Planned], jobs: usize, told: impl Fn(&ProbeRun)) -> Vec<ProbeRun> {
    let asked = stream::iter(planned).map(|probe| perform(ward, probe)).buffered(jobs.max(1));
    asked.inspect(told).collect().await
}

fn held_back(planned: &PlannedStep, before: &str) -> StepRun {
    let step = &planned.step;
    let cannot = CannotTell::new(Word::HeldBack, format!("`{before}` did not hold, so this was not asked"));
    StepRun { advice: step.advice.clone(), ..StepRun::unasked(&step.name, step.ask.kind(), step.depth, cannot) }
}

async fn one(
    ward: &Ward,
    planned: &Planned,
    step: &PlannedStep,
    world: &mut World,
    asking: &mut Asking<'_>,
) -> StepRun {
    if let Some(cannot) = ward.lacks(planned, step) {
        let (own, kind) = (&step.step, step.step.ask.kind());
        let run = StepRun::unasked(&own.name, kind, own.depth, cannot);
        return StepRun { advice: own.advice.clone(), ..run };
    }
    let before = Before::of(world);
    let timeout = Duration::from_millis(step.step.timeout_ms.unwrap_or(planned.probe.timeout_ms));
    let heard = asking.ask(world, &step.step.ask, timeout).await;
    let slowest = Duration::from_millis(planned.probe.thresholds().degraded.p95_ms);
    judge(world, step, heard, before, slowest, &ward.run.redactor)
}

/// Who answered: the host of the integration's requests, and what steps over other protocols connected to.
fn host(ward: &Ward, planned: &Planned, asking: &Asking<'_>, outcome: Outcome) -> Option<HostEvidence> {
    let party = ward.run.parties.get(&planned.integration)?;
    let known = lock(&ward.run.hosts).get(&planned.integration).cloned().unwrap_or_default();
    let mut addresses: Vec<String> = known.addresses.into_iter().chain(asking.addresses.iter().cloned()).collect();
    // A server that is a process of this machine has no address.
    let program = planned.probe.server.as_ref().and_then(|server| server.command.first());
    addresses.extend(program.filter(|_| outcome == Outcome::Kept).map(|program| format!("the process {program}")));
    if addresses.is_empty() {
        return None;
    }
    let base_url = match ward.unreached.get(&planned.integration) {
        None => ward.run.redactor.text(party.base_url.as_str()),
        Some(_) => String::new(),
    };
    let certificate = known.certificate.or_else(|| asking.certificate.clone());
    Some(HostEvidence { base_url, addresses, certificate, request_ids: known.request_ids })
}

#[cfg(test)]
mod tests {
    use super::perform;
    use crate::engine::probe::plan::Planned;
    use crate::engine::probe::ward::Ward;

    /// A monitor asks from whatever thread is free.
    const _: fn(&'static Ward, &'static Planned) = |ward, planned| {
        fn from_any_thread(_: impl Send) {}
        from_any_thread(perform(ward, planned));
    };
}
