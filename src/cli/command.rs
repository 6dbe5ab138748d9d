//! The command line as a record keeps it: without the user's secrets.

use std::collections::BTreeSet;

use secrecy::ExposeSecret as _;

use crate::adapter::environment::{self, Environment};
use crate::adapter::workspace::Workspace;
use crate::domain::secret::Redactor;

/// A twin has credentials of its own; the user's, which a command line may hold, are read for this alone.
pub fn redacted(workspace: &Workspace, known: &Redactor) -> Vec<String> {
    let redactor = redactor(workspace, known);
    std::env::args().map(|argument| redactor.body(&argument)).collect()
}

/// The user's secrets as far as the process environment and the environments' dotenv files hold them, and those that are
/// known already.
pub fn redactor(workspace: &Workspace, known: &Redactor) -> Redactor {
    let mut redactor = known.clone();
    let manifests = workspace.contracts.values().flat_map(|contract| &contract.manifest.variables);
    let secret = manifests.filter(|(_, variable)| variable.secret).map(|(name, _)| name.as_str());
    let declared = workspace.inventory.secrets.iter();
    let declared = declared.flat_map(|(name, secret)| secret.aliases.iter().chain([name])).map(String::as_str);
    let names: BTreeSet<&str> = secret.chain(declared).collect();
    for value in environment::values(names.iter().copied()) {
        redactor.hide(&value);
    }
    for (name, declared) in &workspace.inventory.environments {
        // A file that cannot be read is told where it is needed.
        let Ok(environment) = Environment::load(workspace.root.as_deref(), name, declared) else { continue };
        for value in names.iter().filter_map(|name| environment.variable(name).ok().flatten()) {
            redactor.hide(value.expose_secret());
        }
    }
    redactor
}
