//! `preflight webhook secret`: a secret, or a pair of keys, for tests.

use clap::Args;
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::adapter::schemes::find;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::home;
use crate::engine::webhook::delivery::test_pair;

/// For which scheme.
#[derive(Args, Clone, Debug)]
pub struct Secret {
    /// A known scheme, or a YAML file that describes one
    #[arg(long, value_name = "NAME|FILE")]
    pub scheme: String,
}

/// Runs the verb. What it prints is new, and no service knows it.
///
/// # Errors
/// There is no such scheme.
pub fn run(args: &Secret, console: Console) -> anyhow::Result<Exit> {
    let scheme = find(&home::here()?, &args.scheme)?;
    let pair = test_pair(&scheme)?;
    let name = Some(scheme.secret_variable.as_ref()).filter(|name| !name.is_empty()).unwrap_or("WEBHOOK_SECRET");
    let secret = pair.secret.expose_secret();
    if console.json() {
        let shown = json!({ "variable": name, "secret": secret, "public_key": pair.public });
        console.give(&serde_json::to_string_pretty(&shown)?);
        return Ok(Exit::Kept);
    }
    console.give(&format!("{name}={secret}"));
    if let Some(public) = pair.public {
        console.give(&format!("{}={public}", name.replace("PRIVATE", "PUBLIC")));
    }
    console.say("good for tests alone: no vendor knows it");
    Ok(Exit::Kept)
}
