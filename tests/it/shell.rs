//! The binary as a user types it: in a folder of its own, with nothing of our environment but HOME and PATH.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A workspace of one own integration that stands on an embedded twin.
pub const TWIN_WORKSPACE: &str = "\
version: 1
name: test
environments:
  local:
integrations:
  idea-pool:
policy:
  local: {require: [contract-twin]}
";

/// A folder in which the binary is run.
pub struct Folder {
    root: tempfile::TempDir,
}

impl Folder {
    /// A folder with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self { root: tempfile::tempdir().expect("a folder") };
        for (path, text) in files {
            folder.write(path, text);
        }
        folder
    }

    /// A workspace over the idea-pool's twin with one feature, whose scenarios `--tags @own` selects.
    pub fn with_feature(body: &str) -> Self {
        let feature = format!("@own\nFeature: own\n{body}");
        Self::with(&[("preflight.yaml", TWIN_WORKSPACE), ("features/idea-pool/own.feature", &feature)])
    }

    pub fn path(&self) -> &Path {
        self.root.path()
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The binary, ready to be run here.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_preflight"));
        command.args(arguments).current_dir(self.path()).env_clear().stdin(Stdio::null());
        for name in ["HOME", "PATH"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command
    }

    pub fn preflight(&self, arguments: &[&str]) -> Ran {
        self.preflight_with(arguments, &[])
    }

    pub fn preflight_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let output = self.command(arguments).envs(environment.iter().copied()).output().expect("the binary runs");
        self.ran(arguments, &output)
    }

    pub fn ran(&self, arguments: &[&str], output: &Output) -> Ran {
        Ran {
            typed: format!("preflight {}", arguments.join(" ")).trim_end().to_owned(),
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
            root: self.path().canonicalize().expect("the folder"),
        }
    }

    /// Every file below the folder.
    pub fn files(&self) -> Vec<PathBuf> {
        let (mut found, mut folders) = (Vec::new(), vec![self.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() { folders.push(path) } else { found.push(path) }
            }
        }
        found.sort();
        found
    }

    /// The newest record that the ledger speaks of.
    pub fn record(&self) -> serde_json::Value {
        let entry: serde_json::Value =
            serde_json::from_str(self.read("reports/ledger.jsonl").lines().last().expect("an entry")).expect("JSON");
        let path = format!("reports/{}", entry["body"]["evidence"]["record"].as_str().expect("a path"));
        serde_json::from_str(&self.read(&path)).expect("a record")
    }
}

/// What a run of the binary said, and how it ended.
pub struct Ran {
    typed: String,
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
    root: PathBuf,
}

impl Ran {
    /// What the user sees, with what differs from run to run made equal.
    pub fn screen(&self) -> String {
        let mut screen = format!("$ {}\n", self.typed);
        for (name, text) in [("stdout", &self.out), ("stderr", &self.err)] {
            if !text.is_empty() {
                let _ = writeln!(screen, "--- {name}\n{}", text.trim_end());
            }
        }
        let code = self.code.map_or("by a signal".to_owned(), |code| code.to_string());
        let _ = write!(screen, "--- exit {code}");
        let mut screen = screen.replace(&self.root.display().to_string(), "<folder>");
        for (pattern, with) in [
            (r"127\.0\.0\.1:\d+", "127.0.0.1:<port>"),
            (r"\d{8}T\d{9}Z-[0-9a-f]{8}", "<record>"),
            (r"preflight \d+\.\d+\.\d+", "preflight <version>"),
        ] {
            screen = regex::Regex::new(pattern).expect("a pattern").replace_all(&screen, with).into_owned();
        }
        screen
    }

    /// Asserts the exit code; shows the screen where it is another.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.screen());
        self
    }

    /// Asserts that the user is told this.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat(&self.err).contains(&flat(text)), "not said: {text}\n{}", self.screen());
        self
    }
}
