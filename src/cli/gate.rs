//! `preflight gate`: may it go, by the evidence that exists. Asks nothing of the network.

use clap::Args;

use crate::adapter::clock;
use crate::adapter::ledger::Ledger;
use crate::adapter::workspace::Workspace;
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::home;
use crate::cli::outputs;
use crate::domain::integration::Name;
use crate::domain::nearest::nearest;
use crate::domain::readiness::Verdict;
use crate::domain::readiness::gate::gate;
use crate::engine::readiness::explained;
use crate::report::{json, terminal};

/// Which environment, and which of its integrations.
#[derive(Args, Clone, Debug)]
pub struct Gate {
    /// Integrations to judge [default: all that the policy of the environment is about]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// The environment that is to go
    #[arg(long, value_name = "ENVIRONMENT")]
    pub env: Option<String>,
    /// Shows how each cell of this integration came about: the evidence, and the lines of the policy
    #[arg(long, value_name = "NAME")]
    pub explain: Option<String>,
}

/// Runs the verb: 0 GO, 1 NO-GO, 3 UNKNOWN.
///
/// # Errors
/// No environment or integration of that name is declared, or the ledger cannot be read.
pub fn run(common: &Common, args: &Gate, console: Console) -> anyhow::Result<Exit> {
    let workspace = home::workspace(common)?.coherent()?;
    let environment = environment(&workspace, args.env.as_deref())?;
    let names = args.names.iter().map(|text| integration(&workspace, text)).collect::<Result<Vec<_>, _>>()?;
    let explain = args.explain.as_deref().map(|text| integration(&workspace, text)).transpose()?;
    let now = clock::now();
    let ledger = Ledger::new(&outputs::folder(common, &workspace));
    // How a cell came about is told with the evidence that was passed over.
    let drawn = if explain.is_some() {
        outputs::draw(&workspace, &ledger, now)?
    } else {
        outputs::draw_now(&workspace, &ledger, now)?
    };
    for warning in &drawn.warnings {
        console.say(&format!("warning: {warning}"));
    }
    let Some(mut gate) = gate(&drawn.readiness, environment, &names) else {
        return Err(Advice::unknown(format!("{environment} was not judged"), "run `preflight lint`").into());
    };
    if let Some(name) = explain {
        gate.explained = explained(&workspace, &drawn.history, environment, &name, now);
    }
    if console.json() {
        console.give(&json::gate(&gate)?);
    }
    console.say(&terminal::gate(&gate, console.style()));
    Ok(match gate.verdict {
        Verdict::Go => Exit::Kept,
        Verdict::NoGo => Exit::Broken,
        Verdict::Unknown => Exit::Unknown,
    })
}

fn environment<'a>(workspace: &'a Workspace, text: Option<&str>) -> anyhow::Result<&'a str> {
    let known = || workspace.inventory.environments.keys().map(String::as_str);
    let list = known().collect::<Vec<_>>().join(", ");
    let Some(text) = text else {
        return Err(Advice::new("the gate is that of an environment", format!("add --env, one of: {list}")).into());
    };
    known().find(|name| *name == text).ok_or_else(|| {
        let near = nearest(text, known()).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        let hint = format!("{near}preflight.yaml declares {list}");
        Advice::new(format!("there is no environment `{text}`"), hint).into()
    })
}

fn integration(workspace: &Workspace, text: &str) -> anyhow::Result<Name> {
    let known = || workspace.inventory.integrations.keys();
    known().find(|name| name.as_str() == text).cloned().ok_or_else(|| {
        let near = nearest(text, known().map(Name::as_str)).map(|near| format!("did you mean `{near}`? "));
        let list = known().map(Name::as_str).collect::<Vec<_>>().join(", ");
        let hint = format!("{}preflight.yaml declares {list}", near.unwrap_or_default());
        Advice::new(format!("there is no integration `{text}`"), hint).into()
    })
}
