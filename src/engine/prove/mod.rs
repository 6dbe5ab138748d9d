//! Proves contracts: each kept scenario is played again while its answers are mutated, one mutation at a time.

mod campaign;
mod gaze;
pub mod journal;
mod kinship;
mod play;
mod verdict;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures::FutureExt as _;
use sha2::{Digest, Sha256};

pub use crate::engine::prove::campaign::Wanted;
pub use crate::engine::prove::play::Fate;

use crate::domain::contract::Place;
use crate::domain::integration::Name;
use crate::domain::proof::Unproven;
use crate::domain::record::Outcome;
use crate::engine::contracts::{Hurdle, hurdle};
use crate::engine::plan::Planned;
use crate::engine::prove::campaign::Campaign;
use crate::engine::prove::play::{Piece, all};
use crate::steps::run::Run;

/// Told after each run with how many are done.
pub type Progress = Arc<dyn Fn() + Send + Sync>;

/// Everything that can be tried, worked out from one performance of each scenario.
pub struct Proving {
    run: Arc<Run>,
    pieces: Arc<Vec<Piece>>,
    campaign: Arc<Campaign>,
    unproven: Vec<(Name, Unproven)>,
}

impl Proving {
    /// Plays every scenario once, as it is, and derives what can be wrong with its answers.
    pub async fn prepare(
        run: &Arc<Run>,
        planned: Vec<Planned>,
        wanted: &Wanted,
        jobs: usize,
        stop: &Arc<AtomicBool>,
    ) -> Self {
        let (mut unproven, mut ready) = (Vec::new(), Vec::new());
        for scenario in planned {
            match hurdle(run, &scenario) {
                None => ready.push(scenario),
                Some(Hurdle::NotMeant(_)) => {}
                Some(Hurdle::Recorded(record)) => unproven.push((
                    scenario.integration,
                    Unproven { place: record.place, outcome: record.outcome, reason: record.reason },
                )),
            }
        }
        let ready = Arc::new(ready);
        let (own, list) = (Arc::clone(run), Arc::clone(&ready));
        let work: play::Work<Piece> = Arc::new(move |client, index| {
            let (run, planned) = (Arc::clone(&own), list[index].clone());
            async move { Piece::first(&run, &client, planned).await }.boxed_local()
        });
        let mut pieces = Vec::new();
        for (planned, piece) in ready.iter().zip(all(run, ready.len(), jobs, stop, work).await) {
            let failed = |outcome, reason: Option<String>| {
                let reason = reason.map(|reason| run.redactor.body(&reason));
                (planned.integration.clone(), Unproven { place: planned.place.clone(), outcome, reason })
            };
            match piece {
                Some(piece) if piece.outcome == Outcome::Kept => pieces.push(piece),
                Some(piece) => unproven.push(failed(piece.outcome, piece.reason)),
                None => unproven.push(failed(Outcome::Unasked, Some("the harness failed or was stopped".to_owned()))),
            }
        }
        let campaign = Campaign::of(&pieces, run, wanted);
        Self { run: Arc::clone(run), pieces: Arc::new(pieces), campaign: Arc::new(campaign), unproven }
    }

    /// Runs that are planned.
    pub fn planned(&self) -> usize {
        self.campaign.trials.len()
    }

    /// Scenarios that were kept, and so are proven.
    pub fn scenarios(&self) -> usize {
        self.pieces.len()
    }

    /// The scenarios that were kept, and those that were not.
    pub fn places(&self) -> (BTreeSet<&Place>, BTreeSet<&Place>) {
        let kept = self.pieces.iter().map(|piece| &piece.planned.place);
        (kept.collect(), self.unproven.iter().map(|(_, unproven)| &unproven.place).collect())
    }

    /// The SHA-256 (hex) of everything that is planned: another contract or another choice is another proof.
    pub fn key(&self) -> String {
        let mut key = Sha256::new();
        for trial in &self.campaign.trials {
            let mutant = &self.campaign.mutants[trial.mutant];
            let place = &self.pieces[trial.piece].planned.place;
            key.update(format!("{} {place} {:?} {}\n", mutant.kin.integration, trial.at, mutant.mutation));
        }
        hex::encode(key.finalize())
    }

    /// The runs to do: those that have no fate yet, at most `budget` of them, chosen by `sample` where not all are.
    pub fn choose(&self, fates: &[Option<Fate>], budget: Option<usize>, sample: u64) -> Vec<usize> {
        let mut left: Vec<usize> =
            (0..self.planned()).filter(|index| fates.get(*index).is_none_or(Option::is_none)).collect();
        let Some(budget) = budget.filter(|budget| *budget < left.len()) else { return left };
        left.sort_by_cached_key(|index| scattered(sample, *index as u64));
        left.truncate(budget);
        left.sort_unstable();
        left
    }

    /// Does these runs; what was not done has no fate.
    pub async fn perform(
        &self,
        chosen: &[usize],
        jobs: usize,
        stop: &Arc<AtomicBool>,
        progress: Progress,
    ) -> Vec<Option<Fate>> {
        let chosen: Arc<[usize]> = chosen.into();
        let (run, pieces, campaign) = (Arc::clone(&self.run), Arc::clone(&self.pieces), Arc::clone(&self.campaign));
        let count = chosen.len();
        let work: play::Work<Fate> = Arc::new(move |client, index| {
            let (run, pieces, progress) = (Arc::clone(&run), Arc::clone(&pieces), Arc::clone(&progress));
            let trial = campaign.trials[chosen[index]].clone();
            async move {
                let fate = pieces[trial.piece].again(&run, &client, trial.at, &trial.change).await;
                progress();
                fate
            }
            .boxed_local()
        });
        all(&self.run, count, jobs, stop, work).await
    }
}

/// A number that is spread evenly (`SplitMix64`, Steele et al. 2014).
fn scattered(seed: u64, index: u64) -> u64 {
    let mut z = seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use super::{Proving, Wanted};
    use crate::adapter::client::{Options, Safety};
    use crate::adapter::workspace::Workspace;
    use crate::engine::playbill::Playbill;
    use crate::engine::setup::{self, Carrier};

    #[tokio::test]
    async fn a_script_brings_the_fates_that_the_twins_bring() {
        let workspace = Workspace::open(Path::new(env!("CARGO_MANIFEST_DIR")), None).unwrap();
        let (all, options) = (workspace.contracts.keys(), Options::new(Safety::Anything));
        let setup = setup::twins(&workspace, all, 0, Carrier::Served, options).await.unwrap();
        let contracts = workspace.contracts.values().filter(|contract| !contract.features.is_empty());
        let (planned, never) = (Playbill::of(contracts, |_| true).scenarios, Arc::new(AtomicBool::new(false)));
        let proving = Proving::prepare(&setup.run, planned, &Wanted::default(), 4, &never).await;
        let (mut scripted, mut sampled) = (0, 0);
        for index in proving.choose(&[], Some(300), 11) {
            let trial = &proving.campaign.trials[index];
            let piece = &proving.pieces[trial.piece];
            let client = &setup.run.client;
            let by_script = piece.by_script(&setup.run, client, trial.at, &trial.change).await;
            let by_twins = piece.by_twins(&setup.run, client, trial.at, &trial.change).await;
            sampled += 1;
            if let Some(by_script) = by_script {
                scripted += 1;
                let mutant = &proving.campaign.mutants[trial.mutant];
                assert_eq!(by_script, by_twins, "{} {:?} {:?}", piece.planned.place, trial.at, mutant.mutation);
            }
        }
        assert!(scripted * 10 > sampled * 9, "{scripted} of {sampled}");
    }
}
