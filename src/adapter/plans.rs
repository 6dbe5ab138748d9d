//! The plans of gauntlets: the shipped one, and a user's own.

use std::path::{Path, PathBuf};

use crate::adapter::files::{self, FileError};
use crate::adapter::yaml;
use crate::adapter::yaml::error::YamlError;
use crate::domain::lesson::plan::{Plan, PlanError};

const DEFAULT: &str = include_str!("plans/default.yaml");

/// Why there is no plan to play.
#[derive(Debug, thiserror::Error)]
pub enum PlansError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Yaml(#[from] YamlError),
    #[error("{}: {source}", path.display())]
    Plan { path: PathBuf, source: PlanError },
}

impl PlansError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::File(error) => error.hint().map(str::to_owned),
            Self::Yaml(error) => error.hint(),
            Self::Plan { source, .. } => source.hint(),
        }
    }
}

/// The plan of a file, or the shipped one.
///
/// # Errors
/// The file cannot be read, or is no plan that could be played.
pub fn read(path: Option<&Path>) -> Result<Plan, PlansError> {
    let named = |path: &Path| {
        let path = path.to_owned();
        |source| PlansError::Plan { path, source }
    };
    let shipped: Plan = yaml::read("default.yaml", DEFAULT.as_bytes())?;
    let Some(path) = path else {
        return shipped.clone().settled(&shipped).map_err(named(Path::new("default.yaml")));
    };
    let own: Plan = yaml::read(&path.display().to_string(), &files::read(path)?)?;
    own.settled(&shipped).map_err(named(path))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_shipped_plan_can_be_played() {
        let plan = read(None).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(plan.lessons[0].name, "healthy");
        assert!(plan.lessons_for("shopify", &[]).unwrap().iter().any(|lesson| lesson.name == "shopify-throttled"));
        assert!(!plan.lessons_for("chatwoot", &[]).unwrap().iter().any(|lesson| lesson.name == "shopify-throttled"));
    }

    #[test]
    fn a_wrong_plan_says_where_what_and_what_would_be_right() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.yaml");
        let head =
            "version: 1\nname: own\nlessons:\n  - name: one\n    title: t\n    source: s\n    expect: {retry: owed}\n";
        for (tail, told) in [
            (
                "    faults: [{fault: thottle:2}]\n",
                "8:14: lessons[0].faults[0]: `thottle:2` is no fault (the nearest is `throttle:2.0`)",
            ),
            ("    fault: []\n", "lessons[0]: unknown key `fault`"),
            ("    wait: long\n", "lessons[0].wait: the text \"long\" stands where a number is expected"),
            ("    faults: [{times: 2}]\n", ": the lesson `one`: a step needs `fault` or `answer`"),
        ] {
            crate::adapter::files::write(&path, format!("{head}{tail}").as_bytes()).unwrap();
            let error = read(Some(&path)).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
