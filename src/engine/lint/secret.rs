//! Real-looking secrets in the files of a workspace.

use crate::adapter::workspace::FILE;
use crate::domain::leak::leaks;
use crate::engine::lint::finding::Code;
use crate::engine::lint::{Bench, at};

/// Looks through every file of every contract, and through preflight.yaml.
pub fn look(bench: &mut Bench) {
    let workspace = bench.workspace;
    let contracts = bench.contracts();
    let files = contracts.iter().flat_map(|contract| &contract.files);
    let texts = files.map(|(path, bytes)| (path.as_str(), String::from_utf8_lossy(bytes)));
    let own = std::iter::once((FILE, workspace.text.as_str().into()));
    for (path, text) in texts.chain(own) {
        for leak in leaks(&text) {
            let hint = "replace it by `${NAME}`, or by a value that says `preflight` or `synthetic`; if it was ever \
                        real, revoke it"
                .to_owned();
            bench.add(Code::Secret, at(path, leak.line), format!("{} ({})", leak.kind, leak.shown), Some(hint));
        }
    }
}
