//! A step whose sentence was looked up once, to be performed again and again.

use gherkin::Step;

use crate::steps::args::Args;
use crate::steps::sentence::Sentence;
use crate::steps::vocabulary::{act, act_with, arguments, halt, resolve};
use crate::steps::world::{Stop, World};

/// One step of a scenario that runs many times.
pub struct Cue {
    pub step: Step,
    found: Result<(&'static Sentence, Vec<String>), Stop>,
}

impl Cue {
    pub fn of(step: &Step) -> Self {
        let found =
            resolve(step).map(|(sentence, parameters)| (sentence, parameters.into_iter().map(str::to_owned).collect()));
        Self { step: step.clone(), found }
    }

    pub fn sentence(&self) -> Option<&'static Sentence> {
        self.found.as_ref().ok().map(|(sentence, _)| *sentence)
    }

    /// What it passes to its sentence, now; None where a value is missing.
    pub fn arguments(&self, world: &World) -> Option<Args> {
        let (_, parameters) = self.found.as_ref().ok()?;
        arguments(world, parameters, &self.step).ok()
    }

    /// Performs it with arguments that were worked out before.
    pub async fn perform_with(&self, world: &mut World, args: &Args) {
        match &self.found {
            Ok((sentence, _)) => act_with(world, sentence, args, self.step.position.line).await,
            Err(_) => self.perform(world).await,
        }
    }

    /// Performs it, unless the scenario goes no further.
    pub async fn perform(&self, world: &mut World) {
        if world.stop.is_some() {
            return;
        }
        match &self.found {
            Ok((sentence, parameters)) => act(world, sentence, parameters, &self.step).await,
            Err(stop) => {
                world.at_line(self.step.position.line);
                halt(world, stop.clone());
            }
        }
    }
}
