//! `preflight evidence export`: entries as an in-toto statement, signed with a key of the user's.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use crate::adapter::clock;
use crate::adapter::files;
use crate::adapter::keygen::open_to_others;
use crate::adapter::ledger::Ledger;
use crate::adapter::signing::SigningKey;
use crate::cli::args::Common;
use crate::cli::console::Console;
use crate::cli::evidence::{ledger, nothing_there};
use crate::cli::exit::{Advice, Exit};
use crate::cli::outputs;
use crate::domain::chain::Line;
use crate::domain::chain::hash::Hash;
use crate::domain::entry::Entry;
use crate::domain::ledger_audit::Verdict;
use crate::engine::attestation::{self, Form};

/// Which entries, and which key.
#[derive(Args, Clone, Debug)]
pub struct Export {
    /// Entries to sign [default: the newest of each integration, target and environment]
    #[arg(value_name = "SEQUENCE")]
    pub sequences: Vec<u64>,
    /// A private key in PKCS#8 PEM: Ed25519 or P-256
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Where to write it [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The DSSE envelope alone, without the Sigstore bundle around it
    #[arg(long)]
    pub envelope: bool,
}

pub fn run(common: &Common, args: &Export, console: Console) -> anyhow::Result<Exit> {
    let key = SigningKey::read(&args.key)?;
    if open_to_others(&args.key) {
        console.say(&format!("warning: others may read {}: chmod 600 it", args.key.display()));
    }
    let ledger = ledger(common)?;
    let (text, lines) = ledger.text()?;
    if lines.is_empty() {
        return Err(nothing_there(&ledger).into());
    }
    must_hold(&ledger)?;
    let raw = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let numbered: Vec<(&Line, &[u8])> = lines.iter().zip(raw).collect();
    let chosen = if args.sequences.is_empty() { newest(&numbered) } else { named(&numbered, &args.sequences)? };
    let head = lines.last().map_or(Hash::NOTHING, |line| line.hash);
    let form = if args.envelope { Form::Envelope } else { Form::Bundle };
    let mut signed = serde_json::to_string(&attestation::sign(&chosen, head, outputs::TOOL, &key, form)?)?;
    signed.push('\n');
    match &args.out {
        Some(path) => files::write(path, signed.as_bytes())?,
        None => console.give(&signed),
    }
    let place = args.out.as_ref().map_or_else(|| "stdout".to_owned(), |path| path.display().to_string());
    console.say(&format!("{} signed: {place}\nhead: {head}", crate::report::evidence::number_of_entries(chosen.len())));
    Ok(Exit::Kept)
}

/// A signature under what does not hold would lend it a name.
fn must_hold(ledger: &Ledger) -> anyhow::Result<()> {
    let audit = ledger.audit(clock::now(), None)?;
    match audit.flaws.iter().find(|flaw| flaw.breaks) {
        Some(flaw) if audit.verdict == Verdict::Broken => {
            let message = format!("the ledger does not hold, so nothing of it is signed: {}", flaw.says);
            Err(Advice::new(message, "`preflight evidence verify` says what is wrong").into())
        }
        _ => Ok(()),
    }
}

fn newest<'a>(lines: &[(&'a Line, &'a [u8])]) -> Vec<(&'a Line, &'a [u8])> {
    let mut newest = BTreeMap::new();
    for (line, raw) in lines {
        if let Some(shown) = line.entry.as_ref().ok().and_then(Entry::evidence) {
            let environment = shown.environment.as_deref();
            newest.insert((shown.kind, shown.integration.as_str(), shown.target, environment), (*line, *raw));
        }
    }
    let mut newest: Vec<_> = newest.into_values().collect();
    newest.sort_by_key(|(line, _)| line.number);
    newest
}

fn named<'a>(lines: &[(&'a Line, &'a [u8])], sequences: &[u64]) -> anyhow::Result<Vec<(&'a Line, &'a [u8])>> {
    let find = |sequence: &u64| {
        let found = lines.iter().find(|(line, _)| line.entry.is_ok() && line.sequence == Some(*sequence));
        found.copied().ok_or_else(|| {
            Advice::new(format!("there is no entry {sequence}"), "`preflight evidence list` names them").into()
        })
    };
    sequences.iter().map(find).collect()
}
