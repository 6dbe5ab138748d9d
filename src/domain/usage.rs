//! Where a source tree uses a name: what reads it from the environment, refers to it, sets it, or only speaks of it.

mod find;

use serde::{Deserialize, Serialize};

use crate::domain::contract::Place;
pub use crate::domain::usage::find::Finder;

/// How a name is used at one place.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// The program asks the environment for it: `process.env.X`, `std::env::var("X")`, `os.environ["X"]`.
    Read,
    /// The program asks a flag library for it: `isFeatureEnabled("x")`, `getBooleanValue("x", …)`.
    Asked,
    /// A migration or a model makes a table of this name.
    Made,
    /// A configuration refers to it: `${X}`, `${{ secrets.X }}`.
    Reference,
    /// A configuration gives it a value: `X=…`, `X: …`, `ENV X …`. The value is not kept.
    Set,
    /// A known word stands there otherwise.
    Mention,
    /// It stands in a comment.
    Comment,
}

/// What kind of file a place is in, by its path.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Code,
    Test,
    /// YAML, TOML, JSON, dotenv, shell, Dockerfile, CI.
    Configuration,
    Documentation,
}

/// One use of a name.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Usage {
    pub name: String,
    pub place: Place,
    pub form: Form,
    pub kind: Kind,
}

impl Usage {
    /// The program itself asks for it: neither a test, nor a document, nor a comment.
    pub fn is_read(&self) -> bool {
        self.kind == Kind::Code && matches!(self.form, Form::Read | Form::Asked)
    }
}

const DOCUMENTS: [&str; 8] = ["md", "mdx", "markdown", "rst", "adoc", "txt", "html", "feature"];
const CONFIGURATIONS: [&str; 14] =
    ["yml", "yaml", "toml", "json", "json5", "jsonc", "env", "sh", "bash", "ini", "conf", "properties", "tf", "hcl"];
const TEST_FOLDERS: [&str; 8] = ["test", "tests", "__tests__", "__mocks__", "spec", "specs", "e2e", "fixtures"];

impl Kind {
    /// The kind of a file, by its path with `/`.
    pub fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let in_test_folder = path.split('/').any(|part| TEST_FOLDERS.contains(&part.to_ascii_lowercase().as_str()));
        if DOCUMENTS.contains(&extension) {
            Self::Documentation
        } else if name.contains(".test.")
            || name.contains(".spec.")
            || name.contains("_test.")
            || name.starts_with("test_")
        {
            Self::Test
        } else if CONFIGURATIONS.contains(&extension)
            || name.starts_with(".env")
            || name.starts_with("dockerfile")
            || name == "makefile"
            || name == "procfile"
        {
            Self::Configuration
        } else if in_test_folder {
            Self::Test
        } else {
            Self::Code
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn a_path_tells_what_kind_of_file_it_is() {
        let table = [
            ("app/routes/api.ts", Kind::Code),
            ("app/config.test.ts", Kind::Test),
            ("tests/integration/x.ts", Kind::Test),
            ("pkg/x_test.go", Kind::Test),
            ("docs/README.md", Kind::Documentation),
            (".github/workflows/ci.yml", Kind::Configuration),
            (".env.example", Kind::Configuration),
            ("deploy/Dockerfile.web", Kind::Configuration),
            ("fly.toml", Kind::Configuration),
            ("src/latest.rs", Kind::Code),
        ];
        for (path, kind) in table {
            assert_eq!(Kind::of(path), kind, "{path}");
        }
    }
}
