//! Whether a receiver may be attacked: one on this machine freely, any other with an approval of the ledger.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};
use url::Url;

use crate::adapter::delivery::Clearance;
use crate::adapter::environment::Environment;
use crate::adapter::ledger::Ledger;
use crate::adapter::permits::{Permits, Speaker};
use crate::adapter::workspace::Workspace;
use crate::domain::exchange::Request;
use crate::domain::integration::Name;
use crate::domain::secret::Redactor;

/// The integration whose base URL in an environment a receiver lies below; the longest such URL wins, and an API of our
/// own before a vendor's.
pub fn owner(workspace: &Workspace, environment: &Environment, url: &Url) -> Option<(Name, Url)> {
    let declared = workspace.inventory.environments.get(environment.name())?;
    let below = |base: &Url| {
        let rest = url.path().strip_prefix(base.path().trim_end_matches('/'));
        base.origin() == url.origin() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let found = declared.base_urls.keys().filter_map(|name| {
        let base = environment.base_url(name).ok().filter(below)?;
        Some((name.clone(), base))
    });
    found.max_by_key(|(name, base)| (base.path().len(), name.as_str() == "webhooks"))
}

/// The clearance for a receiver.
///
/// # Errors
/// It is not on this machine, and no approval opens it; in words.
pub fn clear(
    workspace: &Workspace,
    environment: Option<&Environment>,
    ledger: &Ledger,
    redactor: &Redactor,
    url: &Url,
) -> Result<Clearance, String> {
    if let Some(clearance) = Clearance::of_loopback(url) {
        return Ok(clearance);
    }
    let environment = environment.ok_or("it is not on this machine, and without --env no approval can be looked up")?;
    let (integration, base_url) = owner(workspace, environment, url)
        .ok_or_else(|| format!("no base URL of {} leads to it, so no approval can name it", environment.name()))?;
    let permits = Permits {
        ledger: ledger.clone(),
        inventory: workspace.inventory.clone(),
        environment: environment.name().to_owned(),
        contracts: workspace.contracts.iter().map(|(name, contract)| (name.clone(), contract.hash.clone())).collect(),
        redactor: redactor.clone(),
    };
    let tags: Arc<[String]> = Arc::from(Vec::new());
    let speaker = Speaker { integration, base_url, tags };
    let request = Request { method: Method::POST, url: url.clone(), headers: HeaderMap::new(), body: Bytes::new() };
    Clearance::of_approval(&permits, &speaker, &request)
        .map_err(|reason| format!("POST {} may change it, and no approval covers it{reason}", url.path()))
}
