//! Which twins there are, and what they can be asked for: a page for those who may not look into their room.

use std::fmt::Write as _;

use crate::adapter::workspace::Workspace;
use crate::engine::setup;
use crate::twin::catalogue;

/// The names of all twins.
pub fn names() -> &'static [&'static str] {
    &catalogue::NAMES
}

/// `docs/twins.md`: what each twin models, its settings, and the variables that its clients read.
///
/// # Errors
/// A twin cannot start.
pub fn page(workspace: &Workspace) -> anyhow::Result<String> {
    let mut page = String::from(
        "# Twins\n\nPrinted by `preflight serve --list`. A setting is given in a contract \
         (`Given the setting \"version\" is \"4.6.0\"`) or to a server (`preflight serve --set chatwoot.version=4.6.0`).\n",
    );
    for (name, twin) in setup::prototypes(workspace, workspace.contracts.keys(), 0)? {
        let Some(contract) = workspace.contracts.get(&name) else { continue };
        let (manifest, identity) = (&contract.manifest, twin.identity());
        let _ = writeln!(page, "\n## {name}: {}\n", manifest.title);
        let _ = writeln!(
            page,
            "Models {}. Source: {}.\n",
            manifest.models.versions.join(", "),
            manifest.models.source.trim_end_matches('.')
        );
        page.push_str("| setting | what it does |\n|---|---|\n");
        for setting in twin.settings() {
            let _ = writeln!(page, "| `{}` | {} |", setting.name, setting.meaning);
        }
        page.push_str("\n| variable | what it is |\n|---|---|\n");
        let _ = writeln!(page, "| `{}` | the base URL |", identity.base_url_variable);
        for variable in identity.variables.keys() {
            let meaning = manifest.variables.get(variable).map_or("", |variable| variable.description.as_str());
            let _ = writeln!(page, "| `{variable}` | {} |", meaning.trim());
        }
    }
    Ok(page)
}
