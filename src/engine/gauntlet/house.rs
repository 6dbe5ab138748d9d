//! What all lessons are played in: the twin and those that it asks, its secrets, and the certificate.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use futures::FutureExt as _;
use url::Url;

use crate::adapter::client::{Client, Options, Safety};
use crate::adapter::serve::Outside;
use crate::adapter::stage::Stage;
use crate::adapter::workspace::Workspace;
use crate::adapter::{clock, courier, files, tls};
use crate::domain::integration::Name;
use crate::domain::lesson::Aim;
use crate::domain::lesson::plan::Plan;
use crate::domain::secret::Redactor;
use crate::engine::setup;
use crate::twin::stand_in::{Relay, StandIn};
use crate::twin::{Identity, Twin};

/// The name by which a relay asks the real service.
const UPSTREAM: &str = "upstream";

/// What lessons share.
pub struct House {
    pub integration: Name,
    pub stage: Arc<Stage>,
    pub identity: Identity,
    /// The version that the twin models.
    pub modelled: Option<String>,
    pub redactor: Redactor,
    /// Names and values that must not stand in a URL.
    pub secrets: Vec<(String, String)>,
    /// With where its certificate was written.
    pub tls: Option<(tls::Identity, String)>,
    pub outside: Option<Outside>,
    /// Requests that only read, whatever their method says.
    pub reads: Vec<Aim>,
}

/// How it is furnished.
pub struct Furniture<'a> {
    pub plan: &'a Plan,
    /// The real service that requests are passed on to.
    pub upstream: Option<Url>,
    /// Where the certificate is written, where TLS is wanted.
    pub certificate: Option<&'a Path>,
    pub seed: u64,
}

impl House {
    /// Builds it for an integration.
    ///
    /// # Errors
    /// No twin models it and the plan has no stand-in, or a fixture or the certificate is not to be had.
    pub fn build(workspace: &Workspace, integration: Name, furniture: &Furniture) -> anyhow::Result<Self> {
        let cast = setup::cast(workspace, [&integration]);
        let mut prototypes = setup::prototypes(workspace, cast, furniture.seed)?;
        if !prototypes.contains_key(&integration)
            && let Some(told) = furniture.plan.stand_ins.get(integration.as_str())
        {
            prototypes.insert(integration.clone(), Box::new(StandIn::new(told)));
        }
        let known = prototypes.get(&integration).map(|twin| twin.identity());
        let mut outside = None;
        if let Some(base) = &furniture.upstream {
            let to: Name = UPSTREAM.parse()?;
            let like = known.clone().unwrap_or_default();
            prototypes.insert(integration.clone(), Box::new(Relay::new(to, like)) as Box<dyn Twin>);
            outside = Some(passing_on(base.clone())?);
        }
        let twin = prototypes.get(&integration);
        let identity = twin.map(|twin| twin.identity()).ok_or_else(|| anyhow!("there is no twin of {integration}"))?;
        let modelled = (!identity.version.is_empty()).then(|| identity.version.clone());
        let secrets = secrets(workspace, &integration, &identity);
        let mut redactor = Redactor::default();
        for (_, value) in &secrets {
            redactor.hide(value);
        }
        let tls = furniture.certificate.map(|path| certificate(&identity, path)).transpose()?;
        let stage = Stage::new(prototypes, clock::now());
        let reads = furniture.plan.stand_ins.get(integration.as_str()).map(|told| told.reads.clone());
        let reads = reads.unwrap_or_default();
        Ok(Self { integration, stage, identity, modelled, redactor, secrets, tls, outside, reads })
    }

    /// What the clients read, for an address.
    pub fn environment(&self, url: &str, tls_url: Option<&str>) -> BTreeMap<String, String> {
        let base = tls_url.unwrap_or(url);
        let filled = self.identity.variables.iter().map(|(name, value)| (name.clone(), value.replace("{url}", base)));
        let mut environment: BTreeMap<String, String> = filled.collect();
        if !self.identity.base_url_variable.is_empty() {
            environment.insert(self.identity.base_url_variable.to_owned(), base.to_owned());
        }
        environment.insert("PREFLIGHT_URL".to_owned(), base.to_owned());
        // A proxy of the machine would stand between the client and the twin.
        for name in ["NO_PROXY", "no_proxy"] {
            environment.insert(name.to_owned(), "127.0.0.1,localhost".to_owned());
        }
        if let Some((_, path)) = &self.tls {
            for name in ["PREFLIGHT_CERTIFICATE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"] {
                environment.insert(name.to_owned(), path.clone());
            }
        }
        environment
    }

    /// The services that its scenes ask outside.
    pub fn leaves_outside(&self) -> Option<Name> {
        self.outside.as_ref().and_then(|_| UPSTREAM.parse().ok())
    }
}

fn passing_on(base: Url) -> anyhow::Result<Outside> {
    // The user's own traffic, as it would be without us between.
    let client = Client::new(Options::new(Safety::Outgoing))?;
    Ok(Arc::new(move |ask| {
        let (base, client) = (base.clone(), client.clone());
        async move { courier::ask(&client, Some(base), ask).await }.boxed()
    }))
}

fn secrets(workspace: &Workspace, integration: &Name, identity: &Identity) -> Vec<(String, String)> {
    let declared = workspace.contracts.get(integration).map(|contract| &contract.manifest.variables);
    let is_secret = |name: &String| match declared.and_then(|declared| declared.get(name)) {
        Some(variable) => variable.secret,
        None => ["KEY", "TOKEN", "SECRET", "PASSWORD"].iter().any(|word| name.contains(word)),
    };
    let secret = identity.variables.iter().filter(|(name, _)| is_secret(name));
    secret.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn certificate(identity: &Identity, path: &Path) -> anyhow::Result<(tls::Identity, String)> {
    let domains = identity.variables.iter().filter(|(name, _)| name.ends_with("_DOMAIN"));
    let domains: Vec<String> = domains.map(|(_, value)| value.clone()).collect();
    let made = tls::identity(&domains)?;
    files::write(path, made.certificate.as_bytes()).context("the certificate cannot be written")?;
    Ok((made, path.display().to_string()))
}
