//! What git knows of files: when they were first and last committed, which are changed since, which it would ignore.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::Timestamp;

/// Paths that are asked for at once, so that no command line is too long.
const AT_ONCE: usize = 400;

/// A work tree.
#[derive(Debug)]
pub struct WorkTree {
    root: PathBuf,
    /// Only the newest commits are there, so the first one of a file may not be its first.
    shallow: bool,
}

/// When a file was first and last committed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Commits {
    /// None in a shallow clone.
    pub first: Option<Timestamp>,
    pub last: Timestamp,
}

impl WorkTree {
    /// The work tree that a folder lies in; None without git, or outside of one.
    pub fn of(root: &Path) -> Option<Self> {
        let said = text(&run(root, &["rev-parse", "--is-inside-work-tree", "--is-shallow-repository"], &[])?);
        let mut lines = said.lines();
        (lines.next() == Some("true")).then(|| Self { root: root.to_owned(), shallow: lines.next() == Some("true") })
    }

    /// The commits of the files among `paths` (relative to the root) that git tracks and that are not changed since.
    pub fn commits(&self, paths: &[String]) -> BTreeMap<String, Commits> {
        let mut known = BTreeMap::new();
        for some in paths.chunks(AT_ONCE) {
            let mut arguments = vec![
                "log",
                "-z",
                "--format=%x01%cI",
                "--name-only",
                "--no-renames",
                "--no-show-signature",
                "--relative",
                "--",
            ];
            arguments.extend(some.iter().map(String::as_str));
            add(&mut known, &text(&run(&self.root, &arguments, &[]).unwrap_or_default()), self.shallow);
        }
        for changed in self.changed(paths) {
            known.remove(&changed);
        }
        known
    }

    fn changed(&self, paths: &[String]) -> BTreeSet<String> {
        let ask = |some: &[String]| {
            let mut arguments = vec!["ls-files", "-z", "--modified", "--"];
            arguments.extend(some.iter().map(String::as_str));
            names(&text(&run(&self.root, &arguments, &[]).unwrap_or_default()))
        };
        paths.chunks(AT_ONCE).flat_map(ask).collect()
    }

    /// Those of `paths` that git would ignore.
    pub fn ignored(&self, paths: &[String]) -> BTreeSet<String> {
        let inside = paths.iter().filter(|path| !path.starts_with("..") && !path.starts_with('/'));
        let asked = inside.flat_map(|path| [path.as_str(), "\0"]).collect::<String>();
        if asked.is_empty() {
            return BTreeSet::new();
        }
        names(&text(
            &run(&self.root, &["check-ignore", "-z", "--no-index", "--stdin"], asked.as_bytes()).unwrap_or_default(),
        ))
    }
}

fn add(known: &mut BTreeMap<String, Commits>, said: &str, shallow: bool) {
    // `\x01DATE\0\n?NAME\0NAME\0\x01DATE…`, the newest first.
    for commit in said.split('\u{1}').skip(1) {
        let mut parts = commit.split('\0');
        let Some(time) = parts.next().and_then(|date| date.trim().parse::<Timestamp>().ok()) else { continue };
        for name in parts.map(|name| name.trim_start_matches('\n')).filter(|name| !name.is_empty()) {
            let entry = known.entry(name.to_owned()).or_insert(Commits { first: None, last: time });
            entry.last = entry.last.max(time);
            if !shallow {
                entry.first = Some(entry.first.map_or(time, |first| first.min(time)));
            }
        }
    }
}

fn names(said: &str) -> BTreeSet<String> {
    said.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What git answers; None when there is no git, or it refuses. It runs no hook, no helper and no pager of the repository's choice.
fn run(root: &Path, arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let mut command = Command::new("git");
    command.args([
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "core.quotePath=false",
        "--no-pager",
    ]);
    command.arg("-C").arg(root).args(arguments).env("GIT_OPTIONAL_LOCKS", "0");
    // A path that begins with `:` is a path; `check-ignore` takes no other and refuses to be told.
    if arguments.first() != Some(&"check-ignore") {
        command.env("GIT_LITERAL_PATHSPECS", "1");
    }
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(name);
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    let input = input.to_vec();
    // From another thread: git may answer before it has read everything.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().ok()?;
    drop(writer.join());
    // `check-ignore` answers 1 when it ignores nothing.
    (output.status.success() || output.status.code() == Some(1)).then_some(output.stdout)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Commits, add};

    #[test]
    fn the_first_and_the_last_commit_are_read_from_the_log() {
        let said = "\u{1}2025-10-12T10:00:00+00:00\0\na.md\0b c.md\0\u{1}2025-10-10T12:00:00+02:00\0\na.md\0";
        let mut known = BTreeMap::new();
        add(&mut known, said, false);
        let time = |text: &str| text.parse().unwrap();
        assert_eq!(
            known["a.md"],
            Commits { first: Some(time("2025-10-10T10:00:00Z")), last: time("2025-10-12T10:00:00Z") }
        );
        assert_eq!(known["b c.md"].first, Some(time("2025-10-12T10:00:00Z")));
        let mut shallow = BTreeMap::new();
        add(&mut shallow, said, true);
        assert_eq!(shallow["a.md"].first, None);
    }
}
