//! `preflight init`: a new workspace that runs at once.

use crate::adapter::starter;
use crate::cli::args::Init;
use crate::cli::console::Console;
use crate::cli::exit::Exit;

/// Runs the verb.
///
/// # Errors
/// A file would be overwritten, or cannot be written; nothing is left then.
pub fn run(args: &Init, console: Console) -> anyhow::Result<Exit> {
    let written = starter::write(&args.folder)?;
    if console.json() {
        let paths: Vec<_> = written.iter().map(|path| path.display().to_string()).collect();
        console.give(&serde_json::to_string_pretty(&paths)?);
    }
    let paths: Vec<_> = written.iter().map(|path| path.display().to_string()).collect();
    let place = if args.folder.as_os_str() == "." { String::new() } else { format!(" -w {}", args.folder.display()) };
    console.say(&format!(
        "written: {}\n\nnext:\n  preflight check{place}    runs the contract of Chatwoot and yours against its twin\n  \
         preflight lint{place}     says what is wrong without running anything\n  preflight steps    lists the \
         sentences that a contract may use",
        paths.join("\n         ")
    ));
    Ok(Exit::Kept)
}
