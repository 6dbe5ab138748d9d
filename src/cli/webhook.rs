//! `preflight webhook`: the tools of a day's work with signed webhooks.

pub mod attack;
mod schemes;
mod secret;
mod send;
mod sign;
mod topics;
mod verify;

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use bytes::Bytes;
use clap::{Args, Subcommand};

use crate::adapter::files;
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::exit::{Advice, Exit};
use crate::cli::home;

/// What to do.
#[derive(Args, Clone, Debug)]
pub struct Webhook {
    #[command(subcommand)]
    pub part: Part,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Part {
    /// Sends good and bad deliveries to a receiver, and judges each answer and its effect
    Attack(Box<attack::Attack>),
    /// Signs a body and prints the headers that its vendor would send
    Sign(sign::Sign),
    /// Verifies a delivery that was received, and says what is wrong with it
    Verify(verify::Verify),
    /// Sends signed deliveries to a receiver, once, repeatedly, or with the vendor's own retries
    Send(send::Send),
    /// Says which events there are, which the app registers and which it handles
    Topics(topics::Topics),
    /// Prints the signature schemes that are known, or the description of one
    Schemes(schemes::Schemes),
    /// Makes a secret, or a pair of keys, that is good for tests alone
    Secret(secret::Secret),
}

/// Runs the verb.
///
/// # Errors
/// It could not run.
pub async fn run(common: &Common, args: &Webhook, console: Console) -> anyhow::Result<Exit> {
    match &args.part {
        Part::Attack(args) => attack::run(common, args, console).await,
        Part::Sign(args) => sign::run(args, console),
        Part::Verify(args) => verify::run(args, console),
        Part::Send(args) => send::run(common, args, console).await,
        Part::Topics(args) => topics::run(common, args, console),
        Part::Schemes(args) => schemes::run(args, console),
        Part::Secret(args) => secret::run(args, console),
    }
}

/// The bytes of a file, or of stdin for `-`.
fn bytes(path: &Path) -> anyhow::Result<Bytes> {
    if path != Path::new("-") {
        return Ok(files::read(&home::here()?.join(path))?);
    }
    let mut bytes = Vec::new();
    let most = files::MOST_BYTES;
    std::io::stdin().lock().take(most + 1).read_to_end(&mut bytes).context("stdin cannot be read")?;
    if bytes.len() as u64 > most {
        return Err(Advice::new(format!("stdin gives more than {most} bytes"), "send less").into());
    }
    Ok(bytes.into())
}
