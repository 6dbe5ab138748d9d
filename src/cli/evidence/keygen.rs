//! `preflight evidence keygen`: a key to sign evidence with.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::adapter::keygen;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::domain::declaration;

/// Which key, and where.
#[derive(Args, Clone, Debug)]
pub struct Keygen {
    /// The private key's file; the public one is written beside it, ending in .pub
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The kind of key
    #[arg(long, value_enum, default_value_t = Algorithm::Ed25519)]
    pub algorithm: Algorithm,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Algorithm {
    Ed25519,
    P256,
}

pub fn run(args: &Keygen, console: Console) -> anyhow::Result<Exit> {
    let algorithm = match args.algorithm {
        Algorithm::Ed25519 => declaration::Algorithm::Ed25519,
        Algorithm::P256 => declaration::Algorithm::EcdsaP256Sha256,
    };
    let public = keygen::write(&args.file, algorithm)?;
    console.say(&format!(
        "private: {} (keep it out of the repository)\npublic:  {}",
        args.file.display(),
        public.display()
    ));
    Ok(Exit::Kept)
}
