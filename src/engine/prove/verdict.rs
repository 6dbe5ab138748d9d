//! From the fates of runs to what a contract notices, what it would not, and about what it promises nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::mutation::place;
use crate::check::mutation::reach::{Said, said};
use crate::check::mutation::remedy::{Case, sentence};
use crate::domain::contract::{ContractHash, Place};
use crate::domain::finding::Code;
use crate::domain::integration::Name;
use crate::domain::json;
use crate::domain::mutation::{Kind, Spot};
use crate::domain::proof::{Bite, Noticed, ScenarioBite, Survivor, Tally, Unpromised, Why};
use crate::domain::secret::Redactor;
use crate::engine::prove::Proving;
use crate::engine::prove::campaign::{ANY, Mutant, Trial, WEBHOOK};
use crate::engine::prove::kinship::{Signature, duplicates, selfsame};
use crate::engine::prove::play::{Fate, Piece};
use crate::steps::world::asking::Tampered;

/// What became of a mutation in the whole contract.
#[derive(Clone, Copy)]
enum Lot {
    Noticed {
        by: usize,
        line: usize,
        code: Code,
    },
    Survived(Why),
    Unpromised,
    /// Never tried, or it was not there to be tried.
    Open,
}

/// The judgement of all fates.
pub struct Judged<'a> {
    proving: &'a Proving,
    fates: &'a [Option<Fate>],
    lots: Vec<Lot>,
    /// By mutant: the trials that were done.
    tried: Vec<Vec<usize>>,
    whole: bool,
}

impl Proving {
    /// Judges the fates of the runs. `whole` says that all kinds were asked for.
    pub fn judged<'a>(&'a self, fates: &'a [Option<Fate>], whole: bool) -> Judged<'a> {
        let mut tried = vec![Vec::new(); self.campaign.mutants.len()];
        for (index, trial) in self.campaign.trials.iter().enumerate() {
            if matches!(fates.get(index), Some(Some(fate)) if *fate != Fate::Void) {
                tried[trial.mutant].push(index);
            }
        }
        let mut judged = Judged { proving: self, fates, lots: Vec::new(), tried, whole };
        judged.lots = (0..self.campaign.mutants.len()).map(|mutant| judged.lot(mutant)).collect();
        judged
    }
}

impl Judged<'_> {
    fn lot(&self, index: usize) -> Lot {
        let mut halted = true;
        for trial in &self.tried[index] {
            match self.fates[*trial] {
                Some(Fate::Noticed { line, code }) => {
                    return Lot::Noticed { by: self.proving.campaign.trials[*trial].piece, line, code };
                }
                Some(Fate::Missed) => halted = false,
                _ => {}
            }
        }
        if self.tried[index].is_empty() {
            return Lot::Open;
        }
        if halted {
            return Lot::Survived(Why::CouldNotAsk);
        }
        self.unnoticed(&self.proving.campaign.mutants[index])
    }

    /// Nobody noticed it. It is equivalent by contract only where a schema describes the place, allows what came, and no
    /// sentence is about it; a place that nobody has looked at is no such place.
    fn unnoticed(&self, mutant: &Mutant) -> Lot {
        let Spot::Member(at) = &mutant.mutation.at else {
            return match &mutant.mutation.at {
                Spot::Header(_) if mutant.kin.operation == ANY => Lot::Unpromised,
                Spot::Header(_) if mutant.mutation.kind != Kind::ContentType => Lot::Survived(Why::LookedAt),
                _ => Lot::Survived(Why::Whole),
            };
        };
        let Some(lens) = self.proving.campaign.lenses.get(&mutant.kin) else { return Lot::Survived(Why::Undescribed) };
        // That an object is looked at says nothing of members that it might have beside, unless one is named.
        let looked_at = match mutant.mutation.kind {
            Kind::ExtraMember => mutant.mutation.to.is_some(),
            _ => lens.promised.contains(at),
        };
        if looked_at {
            return Lot::Survived(Why::LookedAt);
        }
        let says = |(name, base): &(String, String)| {
            let tokens: Vec<String> = place::tokens(&at[base.len()..]).collect();
            said(&self.proving.run.schemas, name, &tokens)
        };
        let about = lens.schemas.iter().filter(|(_, base)| place::is_within(at, base));
        match about.map(says).max() {
            Some(Said::Open | Said::Declared | Said::Enumerated) => Lot::Unpromised,
            _ => Lot::Survived(Why::Undescribed),
        }
    }

    fn mutants(&self, name: &Name) -> impl Iterator<Item = (usize, &Mutant)> {
        self.proving.campaign.mutants.iter().enumerate().filter(move |(_, mutant)| mutant.kin.integration == *name)
    }

    /// What came of one contract.
    pub fn bite(&self, name: &Name, title: &str, hash: &ContractHash) -> Bite {
        let (mut tally, mut kinds, mut operations) = (Tally::default(), BTreeMap::new(), BTreeMap::new());
        let mut noticed: BTreeMap<(String, String, String, usize, Code), Vec<String>> = BTreeMap::new();
        let mut unpromised: BTreeMap<(String, String, String), BTreeSet<Kind>> = BTreeMap::new();
        let mut survivors = Vec::new();
        for (index, mutant) in self.mutants(name) {
            let lot = self.lots[index];
            count(&mut tally, lot);
            count(kinds.entry(mutant.mutation.kind).or_default(), lot);
            count(operations.entry(mutant.kin.operation.clone()).or_default(), lot);
            let (operation, status) = (mutant.kin.operation.clone(), mutant.kin.status.clone());
            match lot {
                Lot::Noticed { by, line, code } => {
                    let file = self.proving.pieces[by].planned.place.file.clone();
                    let told = self.proving.run.redactor.text(&mutant.mutation.to_string());
                    noticed.entry((operation, status, file, line, code)).or_default().push(told);
                }
                Lot::Survived(why) => survivors.push(self.survivor(index, mutant, why)),
                Lot::Unpromised => {
                    let at = (operation, status, mutant.mutation.at.to_string());
                    unpromised.entry(at).or_default().insert(mutant.mutation.kind);
                }
                Lot::Open => {}
            }
        }
        survivors.sort_by(|one, other| {
            (&one.operation, &one.status, &one.mutation).cmp(&(&other.operation, &other.status, &other.mutation))
        });
        let (scenarios, promises) = self.scenarios(name);
        let own = |trial: &&Trial| self.proving.pieces[trial.piece].planned.integration == *name;
        let mine = self.proving.campaign.trials.iter().zip(self.fates).filter(|(trial, _)| own(trial));
        let (mut ran, mut left) = (0, 0);
        mine.for_each(|(_, fate)| if fate.is_some() { ran += 1 } else { left += 1 });
        Bite {
            integration: name.clone(),
            title: title.to_owned(),
            contract_hash: hash.clone(),
            score: tally.score(),
            tally,
            ran,
            left,
            scenarios,
            promises,
            operations,
            kinds,
            noticed: noticed.into_iter().map(told).collect(),
            survivors,
            unpromised: unpromised
                .into_iter()
                .map(|((operation, status, at), kinds)| Unpromised {
                    operation,
                    status,
                    at,
                    kinds: kinds.into_iter().collect(),
                })
                .collect(),
            duplicates: if left == 0 && self.whole { self.duplicates(name) } else { Vec::new() },
            selfsame: self.pieces(name).flat_map(|(_, piece)| selfsame(piece, &self.proving.run)).collect(),
            unproven: self.proving.unproven.iter().filter(|(of, _)| of == name).map(|(_, it)| it.clone()).collect(),
            unlooked: self.proving.campaign.unlooked.get(name).copied().unwrap_or_default(),
        }
    }

    fn pieces(&self, name: &Name) -> impl Iterator<Item = (usize, &Piece)> {
        self.proving.pieces.iter().enumerate().filter(move |(_, piece)| piece.planned.integration == *name)
    }

    /// What each scenario notices by itself, and what the scenarios of a promise notice together.
    fn scenarios(&self, name: &Name) -> (Vec<ScenarioBite>, BTreeMap<String, Tally>) {
        let mut by_piece: BTreeMap<usize, BTreeMap<usize, bool>> = BTreeMap::new();
        let mut unfinished = BTreeSet::new();
        for (index, trial) in self.proving.campaign.trials.iter().enumerate() {
            match self.fates.get(index).copied().flatten() {
                None => {
                    unfinished.insert(trial.piece);
                }
                Some(Fate::Void) => {}
                Some(fate) => {
                    let seen = by_piece.entry(trial.piece).or_default().entry(trial.mutant).or_default();
                    *seen |= matches!(fate, Fate::Noticed { .. });
                }
            }
        }
        let mut bites = Vec::new();
        let mut by_promise: BTreeMap<String, BTreeMap<usize, bool>> = BTreeMap::new();
        for (index, piece) in self.pieces(name) {
            let planned = &piece.planned;
            let seen = by_piece.remove(&index).unwrap_or_default();
            let (tally, elsewhere) = self.tally(&seen);
            let vacuous = tally.noticed == 0 && !seen.is_empty() && !unfinished.contains(&index) && self.whole;
            for promise in &planned.promises {
                let all = by_promise.entry(promise.clone()).or_default();
                for (mutant, noticed) in &seen {
                    *all.entry(*mutant).or_default() |= noticed;
                }
            }
            bites.push(ScenarioBite {
                place: planned.place.clone(),
                name: self.proving.run.redactor.text(&planned.scenario.name),
                promises: planned.promises.clone(),
                tally,
                elsewhere,
                score: tally.score(),
                vacuous,
            });
        }
        bites.sort_by(|one, other| one.place.cmp(&other.place));
        let promises = by_promise.iter().map(|(promise, seen)| (promise.clone(), self.tally(seen).0)).collect();
        (bites, promises)
    }

    /// The fates of the mutants that some scenarios met, and how many of them only others notice.
    fn tally(&self, seen: &BTreeMap<usize, bool>) -> (Tally, u32) {
        let (mut tally, mut elsewhere) = (Tally::default(), 0);
        for (mutant, noticed) in seen {
            match (noticed, self.lots[*mutant]) {
                (true, _) => tally.noticed += 1,
                (false, Lot::Noticed { .. }) => elsewhere += 1,
                (false, lot) => count(&mut tally, lot),
            }
        }
        (tally, elsewhere)
    }

    fn duplicates(&self, name: &Name) -> Vec<Vec<Place>> {
        let mut noticed: BTreeMap<usize, BTreeSet<(Tampered, usize)>> = BTreeMap::new();
        for (index, trial) in self.proving.campaign.trials.iter().enumerate().filter(|(_, trial)| trial.own) {
            if matches!(self.fates.get(index), Some(Some(Fate::Noticed { .. }))) {
                noticed.entry(trial.piece).or_default().insert((trial.at, trial.mutant));
            }
        }
        let signed = self.pieces(name).map(|(index, piece)| {
            let own = noticed.remove(&index).unwrap_or_default();
            (Signature::of(piece, &self.proving.campaign.gazes[index], own), piece.planned.place.clone())
        });
        duplicates(signed.collect())
    }

    fn survivor(&self, index: usize, mutant: &Mutant, why: Why) -> Survivor {
        let piece = &self.proving.pieces[mutant.piece];
        let response = piece.came(mutant.came);
        let document = response.as_ref().and_then(|response| json::parse(&response.body).ok());
        let lens = self.proving.campaign.lenses.get(&mutant.kin);
        let known = lens.and_then(|lens| lens.schemas.first().map(|(name, _)| name.clone()));
        let plain: String =
            mutant.kin.operation.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let schema = known.unwrap_or_else(|| format!("{}/{plain}", mutant.kin.integration));
        let is_secret = place::parent(&mutant.pointer).is_some_and(|(_, member)| Redactor::is_secret_member(&member));
        let case = Case {
            mutation: &mutant.mutation,
            webhook: mutant.kin.operation.strip_prefix(WEBHOOK),
            response: response.as_ref(),
            // The sentence about a secret does not say it.
            document: document.as_ref().filter(|_| !is_secret),
            pointer: &mutant.pointer,
            schema: &schema,
        };
        let mut scenarios: Vec<Place> = self.tried[index]
            .iter()
            .map(|trial| self.proving.pieces[self.proving.campaign.trials[*trial].piece].planned.place.clone())
            .collect();
        scenarios.sort();
        scenarios.dedup();
        Survivor {
            operation: mutant.kin.operation.clone(),
            status: mutant.kin.status.clone(),
            mutation: mutant.mutation.clone(),
            why,
            scenarios,
            sentence: self.proving.run.redactor.body(&sentence(&case)),
        }
    }
}

fn told(
    ((operation, status, file, line, code), mutations): ((String, String, String, usize, Code), Vec<String>),
) -> Noticed {
    Noticed { operation, status, by: Place { file, line }, code, mutations }
}

fn count(tally: &mut Tally, lot: Lot) {
    match lot {
        Lot::Noticed { .. } => tally.noticed += 1,
        Lot::Survived(_) => tally.survived += 1,
        Lot::Unpromised => tally.unpromised += 1,
        Lot::Open => {}
    }
}
