//! From a workspace and a target to everything that a run needs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, anyhow};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use tokio::task::JoinSet;
use url::Url;

use crate::adapter::client::caller::Caller;
use crate::adapter::client::habits::Habits;
use crate::adapter::client::{Client, Options, Safety};
use crate::adapter::contracts::Contract;
use crate::adapter::environment::{Environment, EnvironmentError};
use crate::adapter::halt::Halt;
use crate::adapter::mount::Mounts;
use crate::adapter::serve::{self, Pace, Service};
use crate::adapter::stage::Stage;
use crate::adapter::workspace::Workspace;
use crate::check::schema::Schemas;
use crate::domain::integration::Name;
use crate::domain::secret::Redactor;
use crate::domain::target::Target;
use crate::engine::workshop::Bench;
use crate::steps::run::{Party, Run};
use crate::twin::scene::Prototypes;
use crate::twin::{Start, catalogue};

/// When every scenario on a twin begins.
pub const BEGINNING: &str = "2026-01-01T00:00:00Z";

/// What carries requests to the twins.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Carrier {
    /// Our own server, which can break connections.
    #[default]
    Served,
    /// wiremock, which cannot.
    Mounted,
}

/// Everything a run needs, and what has to live as long as it does.
pub struct Setup {
    pub run: Arc<Run>,
    _servers: JoinSet<()>,
    _mounts: Mounts,
}

/// These integrations and all that they stand on, near or far.
pub fn cast<'a>(workspace: &'a Workspace, wanted: impl IntoIterator<Item = &'a Name>) -> BTreeSet<&'a Name> {
    let (mut cast, mut waiting) = (BTreeSet::new(), Vec::from_iter(wanted));
    while let Some(name) = waiting.pop() {
        if cast.insert(name)
            && let Some(contract) = workspace.contracts.get(name)
        {
            waiting.extend(&contract.manifest.stands_on);
        }
    }
    cast
}

/// The twins of these integrations, as far as they have one.
///
/// # Errors
/// A fixture that a twin starts from is no such thing.
pub fn prototypes<'a>(
    workspace: &Workspace,
    names: impl IntoIterator<Item = &'a Name>,
    seed: u64,
) -> anyhow::Result<Prototypes> {
    let now: Timestamp = BEGINNING.parse().context("the beginning of scenes is no time")?;
    let mut twins = Prototypes::new();
    for name in names {
        let Some(contract) = workspace.contracts.get(name) else { continue };
        let start = Start { now, seed, fixtures: &contract.fixtures };
        if let Some(built) = catalogue::build(name.as_str(), &start) {
            let twin = built
                .map_err(|reason| anyhow!("{reason}"))
                .with_context(|| format!("the twin of {name} cannot start"))?;
            twins.insert(name.clone(), twin);
        }
    }
    Ok(twins)
}

/// Sets up a run of the wanted contracts against their twins, and those that these stand on.
///
/// # Errors
/// A twin cannot start, or no port can be had.
pub async fn twins<'a>(
    workspace: &'a Workspace,
    wanted: impl IntoIterator<Item = &'a Name>,
    seed: u64,
    carrier: Carrier,
    options: Options,
) -> anyhow::Result<Setup> {
    let prototypes = prototypes(workspace, cast(workspace, wanted), seed)?;
    against(workspace, prototypes, carrier, options).await
}

/// Sets up a run against these twins.
///
/// # Errors
/// No port can be had.
pub async fn against(
    workspace: &Workspace,
    prototypes: Prototypes,
    carrier: Carrier,
    options: Options,
) -> anyhow::Result<Setup> {
    let start: Timestamp = BEGINNING.parse().context("the beginning of scenes is no time")?;
    let stage = Stage::new(prototypes, start);
    let (mut servers, mut mounts, mut parties) = (JoinSet::new(), Mounts::default(), BTreeMap::new());
    let mut redactor = Redactor::default();
    let names: Vec<Name> = stage.names().cloned().collect();
    for name in names {
        let Some(contract) = workspace.contracts.get(&name) else { continue };
        let base_url = match carrier {
            Carrier::Served => {
                let (listener, address) = serve::bind(0).await?;
                let service = Service {
                    stage: Arc::clone(&stage),
                    at: name.clone(),
                    pace: Pace::Modelled,
                    common: None,
                    outside: None,
                    courier: None,
                    gaps: None,
                    door: None,
                };
                servers.spawn(serve::run(listener, service, None));
                format!("http://{address}")
            }
            Carrier::Mounted => mounts.mount(&stage, &name).await,
        };
        let variables = stage.identity(&name).map(|identity| identity.variables).unwrap_or_default();
        hide(&mut redactor, contract, &variables);
        let base_url = Url::parse(&base_url).context("the twin's own address is no URL")?;
        parties.insert(name, party(contract, base_url, variables));
    }
    let mut capabilities = BTreeSet::from(["twin".to_owned()]);
    if carrier == Carrier::Served {
        capabilities.insert("wire".to_owned());
    }
    let run = Run {
        target: Target::Twin,
        parties,
        client: Client::new(Options { safety: Safety::Anything, ..options })?,
        caller: None,
        stage: Some(stage),
        schemas: schemas(workspace),
        flags: workspace.flags.clone(),
        switched: BTreeMap::new(),
        capabilities,
        redactor,
        absent: BTreeMap::new(),
        hosts: Mutex::default(),
        halt: Halt::default(),
        workshop: Some(Arc::new(Bench::new(workspace))),
    };
    Ok(Setup { run: Arc::new(run), _servers: servers, _mounts: mounts })
}

/// Sets up a run against the live services of an environment. An integration without a base URL is no party to it.
///
/// # Errors
/// The environment cannot be read, or a base URL of a wanted integration is none.
pub fn live(
    workspace: &Workspace,
    environment: &Environment,
    wanted: &[Name],
    options: Options,
) -> anyhow::Result<Setup> {
    let (mut parties, mut absent, mut redactor) = (BTreeMap::new(), BTreeMap::new(), Redactor::default());
    let declared = workspace.inventory.environments.get(environment.name());
    for name in wanted {
        let Some(contract) = workspace.contracts.get(name) else { continue };
        if !declared.is_some_and(|declared| declared.base_urls.contains_key(name)) {
            continue;
        }
        let base_url = match environment.base_url(name) {
            Ok(base_url) => base_url,
            Err(EnvironmentError::Missing { variable, key, .. }) => {
                absent.insert(name.clone(), format!("needs ${{{variable}}} ({key}), which has no value"));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let mut variables = BTreeMap::new();
        for variable in contract.manifest.variables.keys() {
            if let Some(value) = environment.variable(variable)? {
                variables.insert(variable.clone(), value.expose_secret().to_owned());
            }
        }
        hide(&mut redactor, contract, &variables);
        parties.insert(name.clone(), party(contract, base_url, variables));
    }
    let client = Client::new(Options { safety: Safety::SafeOnly, ..options })?;
    let run = Run {
        target: Target::Live,
        parties,
        caller: Some(Caller::new(client.clone(), Habits::contract(options.timeout))),
        client,
        stage: None,
        schemas: schemas(workspace),
        flags: workspace.flags.clone(),
        switched: BTreeMap::new(),
        capabilities: BTreeSet::from(["live".to_owned()]),
        redactor,
        absent,
        hosts: Mutex::default(),
        halt: Halt::default(),
        workshop: Some(Arc::new(Bench::new(workspace))),
    };
    Ok(Setup { run: Arc::new(run), _servers: JoinSet::new(), _mounts: Mounts::default() })
}

/// Puts the values of secret variables on the redaction list.
fn hide(redactor: &mut Redactor, contract: &Contract, variables: &BTreeMap<String, String>) {
    for (name, value) in variables {
        if contract.manifest.variables.get(name).is_none_or(|variable| variable.secret) {
            redactor.hide(value);
        }
    }
}

fn party(contract: &Contract, base_url: Url, variables: BTreeMap<String, String>) -> Party {
    Party {
        manifest: contract.manifest.clone(),
        base_url,
        fixtures: contract.fixtures.clone(),
        variables,
        next_request: Mutex::default(),
    }
}

fn schemas(workspace: &Workspace) -> Schemas {
    Schemas::new(workspace.contracts.values().flat_map(|contract| contract.schemas.clone()).collect())
}
