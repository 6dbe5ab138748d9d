//! What git would leave out of the repository.

use std::path::Path;
use std::process::{Command, Stdio};

/// Which of these paths, relative to a folder, git ignores. None where there is no git or no repository.
pub fn ignored(folder: &Path, paths: &[&str]) -> Vec<String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["check-ignore", "--"]).args(paths);
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output();
    // 0: some are ignored; 1: none; 128: no repository.
    let Some(output) = output.ok().filter(|output| output.status.code() == Some(0)) else { return Vec::new() };
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}
