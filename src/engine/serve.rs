//! Sets the twins up as servers that go on until they are dropped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use futures::FutureExt as _;
use serde_json::Value;
use tokio::task::JoinSet;
use url::Url;

use crate::adapter::client::{Client, Options, Safety};
use crate::adapter::clock;
use crate::adapter::courier;
use crate::adapter::serve::{self, Gaps, Outside, Pace, Service};
use crate::adapter::stage::{Stage, lock};
use crate::adapter::workspace::Workspace;
use crate::adapter::{files, tls};
use crate::domain::fault::{Fault, FaultRule};
use crate::domain::integration::Name;
use crate::engine::follow::{Followed, Told, follow};
use crate::engine::setup;

/// What is to be served, and how.
pub struct Order {
    /// Twins to serve; all when empty.
    pub names: Vec<Name>,
    /// The first port; each listener takes the next one.
    pub port: Option<u16>,
    /// Where the certificate is written, for TLS beside plain HTTP.
    pub certificate: Option<PathBuf>,
    /// Services that are asked for real where a twin would ask another twin.
    pub upstreams: BTreeMap<Name, Url>,
    pub settings: Vec<(Name, String, Value)>,
    pub faults: Vec<(Name, Fault)>,
    pub seed: u64,
    /// Flags that twins read from their stores.
    pub follows: Vec<Followed>,
    /// Told when one of them changes.
    pub told: Told,
    /// Told of each request that a twin does not model.
    pub gaps: Gaps,
}

/// A twin that answers.
pub struct Served {
    pub name: Name,
    pub version: String,
    pub url: String,
    pub tls_url: Option<String>,
    /// What the vendor's official clients read: base URL, credentials, ids.
    pub environment: BTreeMap<String, String>,
}

/// The twins that serve while it lives.
pub struct Serving {
    pub twins: Vec<Served>,
    _servers: JoinSet<()>,
}

/// Begins to serve.
///
/// # Errors
/// A port is taken, a setting refused, the certificate cannot be written.
pub async fn serve(workspace: &Workspace, order: Order) -> anyhow::Result<Serving> {
    let stage = Stage::new(setup::prototypes(workspace, workspace.contracts.keys(), order.seed)?, clock::now());
    let scene = stage.free_scene(order.upstreams.keys());
    for (name, setting, value) in &order.settings {
        if let Some(arranged) = lock(&scene).arrange(name, setting, value) {
            arranged.with_context(|| format!("the twin of {name} cannot be set up"))?;
        }
    }
    for (at, fault) in order.faults {
        lock(&scene).misbehave(FaultRule { at, method: None, path: String::new(), remaining: None, fault });
    }
    let courier = courier::courier(Client::new(Options::new(Safety::Anything))?);
    let outside = outside(order.upstreams, Client::new(Options::new(Safety::Outgoing))?);
    let acceptor = order.certificate.as_deref().map(|path| certificate(&stage, path)).transpose()?;
    let names = if order.names.is_empty() { stage.names().cloned().collect() } else { order.names };
    let (mut servers, mut twins, mut port) = (JoinSet::new(), Vec::new(), order.port);
    for followed in order.follows {
        servers.spawn(follow(followed, Arc::clone(&scene), Arc::clone(&order.told)));
    }
    for name in names {
        let service = Service {
            stage: Arc::clone(&stage),
            at: name.clone(),
            pace: Pace::Real,
            common: Some(Arc::clone(&scene)),
            outside: Some(Arc::clone(&outside)),
            courier: Some(Arc::clone(&courier)),
            gaps: Some(Arc::clone(&order.gaps)),
            door: None,
        };
        let (plain, address) = serve::bind(take(&mut port)).await?;
        servers.spawn(serve::run(plain, service.clone(), None));
        let mut tls_url = None;
        if let Some(identity) = &acceptor {
            let (secured, address) = serve::bind(take(&mut port)).await?;
            servers.spawn(serve::run(secured, service, Some(identity.acceptor.clone())));
            tls_url = Some(format!("https://localhost:{}", address.port()));
        }
        twins.push(served(&stage, name, format!("http://{address}"), tls_url));
    }
    Ok(Serving { twins, _servers: servers })
}

fn take(port: &mut Option<u16>) -> u16 {
    let taken = port.unwrap_or(0);
    *port = port.and_then(|port| port.checked_add(1));
    taken
}

fn served(stage: &Stage, name: Name, url: String, tls_url: Option<String>) -> Served {
    let identity = stage.identity(&name).unwrap_or_default();
    let mut environment = identity.variables;
    environment.insert(identity.base_url_variable.to_owned(), tls_url.clone().unwrap_or_else(|| url.clone()));
    Served { name, version: identity.version, url, tls_url, environment }
}

fn outside(upstreams: BTreeMap<Name, Url>, client: Client) -> Outside {
    Arc::new(move |ask| {
        let (base, client) = (upstreams.get(&ask.to).cloned(), client.clone());
        async move { courier::ask(&client, base, ask).await }.boxed()
    })
}

/// For `localhost` and for every host name among the twins' variables, because some clients check it.
fn certificate(stage: &Stage, path: &Path) -> anyhow::Result<tls::Identity> {
    let variables = stage.names().filter_map(|name| stage.identity(name)).flat_map(|identity| identity.variables);
    let domains: Vec<String> =
        variables.filter(|(name, _)| name.ends_with("_DOMAIN")).map(|(_, value)| value).collect();
    let identity = tls::identity(&domains)?;
    files::write(path, identity.certificate.as_bytes())?;
    Ok(identity)
}
