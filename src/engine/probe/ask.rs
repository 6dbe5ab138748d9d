//! Asks a step in its way; what is open between the steps of one run (a session) is kept here.

use std::path::Path;
use std::time::Duration;

use crate::adapter::asking;
use crate::adapter::clock;
use crate::domain::probe::ask::{Ask, Kind};
use crate::domain::probe::cannot::{CannotTell, Word};
use crate::domain::probe::heard::Heard;
use crate::domain::probe::run::StepRun;
use crate::engine::probe::mcp::{Conversation, Place};
use crate::engine::probe::plan::Planned;
use crate::engine::probe::ward::Ward;
use crate::engine::probe::{heartbeat, http, webhook};
use crate::steps::world::{Stop, World};

/// The asking of one run of a probe.
pub struct Asking<'a> {
    ward: &'a Ward,
    planned: &'a Planned,
    /// Whom steps over other protocols than HTTP connected to.
    pub addresses: Vec<String>,
    pub certificate: Option<String>,
    /// The session of its `mcp` steps.
    mcp: Conversation,
}

impl<'a> Asking<'a> {
    pub fn new(ward: &'a Ward, planned: &'a Planned) -> Self {
        Self { ward, planned, addresses: Vec::new(), certificate: None, mcp: Conversation::default() }
    }

    /// Asks one step. It is let go when the run is stopped, and when twice its time is over, whatever it waits for.
    pub async fn ask(&mut self, world: &mut World, ask: &Ask, timeout: Duration) -> Heard {
        let halt = self.ward.run.halt.clone();
        let heard = tokio::select! {
            biased;
            () = halt.called() => Heard::nothing(CannotTell::new(Word::Interrupted, "the run was stopped")),
            heard = self.dispatch(world, ask, timeout) => heard,
        };
        self.addresses.extend(heard.address.clone());
        self.certificate = heard.certificate.clone().or(self.certificate.take());
        heard
    }

    async fn dispatch(&mut self, world: &mut World, ask: &Ask, timeout: Duration) -> Heard {
        match self.put(world, ask, timeout).await {
            Ok(heard) => heard,
            Err(Stop::Unasked(reason) | Stop::BadStep(reason)) => Heard::nothing(CannotTell::new(Word::Failed, reason)),
        }
    }

    async fn put(&mut self, world: &mut World, ask: &Ask, timeout: Duration) -> Result<Heard, Stop> {
        let filled = |text: &String| world.fill(text);
        Ok(match ask {
            Ask::Http(step) => {
                let interval = Duration::from_secs(self.planned.probe.interval_seconds.into());
                http::ask(world, step, timeout, interval).await
            }
            Ask::Webhook(step) => webhook::ask(self.ward, self.planned, world, step, timeout).await?,
            Ask::Tcp(step) => {
                let address = step.address.as_ref().map(filled).transpose()?;
                asking::tcp::ask(&self.address(address)?, timeout).await
            }
            Ask::Tls(step) => {
                let address = step.address.as_ref().map(filled).transpose()?;
                asking::tls::ask(&self.address(address)?, step.days_left, clock::now(), timeout).await
            }
            Ask::Dns(step) => {
                let name = step.name.as_ref().map(filled).transpose()?;
                let name = match name {
                    Some(name) => name,
                    None => self.address(None)?.0,
                };
                asking::dns::ask(&name, timeout).await
            }
            Ask::Redis(step) => asking::redis::ask(&world.fill(&step.url)?, step.command, timeout).await,
            Ask::Postgres(step) => {
                asking::postgres::ask(&world.fill(&step.url)?, &world.fill(&step.query)?, timeout).await
            }
            Ask::Command(step) => {
                let line = step.run.iter().map(filled).collect::<Result<Vec<_>, _>>()?;
                let mut variables = std::collections::BTreeMap::new();
                for (name, value) in &step.env {
                    variables.insert(name.clone(), world.fill(value)?);
                }
                asking::command::ask(&line, &variables, step.exit, timeout).await
            }
            Ask::Heartbeat(step) => {
                let file = step.file.as_ref().map(filled).transpose()?;
                let file = file.map(|file| self.ward.root.join(Path::new(&file)));
                heartbeat::ask(self.ward, self.planned, step, file.as_deref())
            }
            Ask::Mcp(step) => {
                let place = Place { ward: self.ward, planned: self.planned, world };
                self.mcp.ask(&place, step, timeout).await?
            }
        })
    }

    /// Host and port that a step names, or those of the base URL.
    fn address(&self, named: Option<String>) -> Result<(String, u16), Stop> {
        if let Some(named) = named {
            let (host, port) =
                named.rsplit_once(':').ok_or_else(|| format!("`{named}` is no address: write host:port"))?;
            let port = port.parse().map_err(|_| format!("`{named}` is no address: write host:port"))?;
            return Ok((host.trim_matches(['[', ']']).to_owned(), port));
        }
        let party = self.ward.run.parties.get(&self.planned.integration);
        let url = party.map(|party| &party.base_url);
        let found = url
            .and_then(|url| Some((url.host_str()?.trim_matches(['[', ']']).to_owned(), url.port_or_known_default()?)));
        found.ok_or_else(|| Stop::Unasked("its base URL names no host and port".to_owned()))
    }

    /// Ends what is still open. How it ended is told by the last step that used it.
    pub async fn end(&mut self, steps: &mut [StepRun]) {
        let told = std::mem::take(&mut self.mcp).end().await;
        if let Some(step) = steps.iter_mut().rev().find(|step| step.kind == Kind::Mcp && is_asked(step)) {
            step.facts.extend(told);
        }
    }
}

fn is_asked(step: &StepRun) -> bool {
    step.cannot.as_ref().is_none_or(|cannot| cannot.word != Word::HeldBack)
}
