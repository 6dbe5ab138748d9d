//! What `lint` finds: a code, how bad it is, where, and what to do.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::codes::codes;
use crate::domain::contract::Place;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A run would not ask what is meant, or could not fail.
    Error,
    /// Probably not meant so.
    Warning,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

codes! {
    Severity severity;
    /// A file of the workspace cannot be read.
    Unreadable = "unreadable", Error;
    /// A feature is not Gherkin.
    Unparseable = "unparseable", Error;
    /// preflight.yaml says something against itself.
    Contradiction = "contradiction", Error;
    /// A file lies where no run reads it.
    StrayFile = "stray-file", Warning;
    /// A contract of the workspace is under no integration of preflight.yaml.
    UnlistedContract = "unlisted-contract", Error;
    /// A contract has no feature.
    EmptyFolder = "empty-folder", Error;
    /// A feature has no scenario.
    EmptyFeature = "empty-feature", Error;
    /// A line of a description looks like a keyword or a step, and is neither.
    LostLine = "lost-line", Error;
    /// No sentence of the vocabulary matches a step.
    UndefinedStep = "undefined-step", Error;
    /// More than one sentence matches a step.
    AmbiguousStep = "ambiguous-step", Error;
    /// A known sentence stands in the wrong part, or without the block below it.
    MisusedStep = "misused-step", Error;
    /// A scenario has no step.
    NoSteps = "no-steps", Error;
    /// A scenario has no Then.
    NoPromise = "no-promise", Error;
    /// A Then that no answer could break.
    HollowPromise = "hollow-promise", Error;
    /// A scenario makes no request.
    NoRequest = "no-request", Error;
    /// A Then stands before anything was asked.
    EarlyPromise = "early-promise", Error;
    /// Nothing is promised of a scenario's last request.
    UnpromisedRequest = "unpromised-request", Warning;
    /// An outline has no row to run.
    EmptyExamples = "empty-examples", Error;
    /// An outline names a column that its examples do not have.
    UnknownPlaceholder = "unknown-placeholder", Error;
    /// A column of the examples is used in no step.
    UnusedColumn = "unused-column", Warning;
    /// Two scenarios of a feature have one name.
    DuplicateScenario = "duplicate-scenario", Error;
    /// Two scenarios have one promise id.
    DuplicatePromise = "duplicate-promise", Error;
    /// A scenario has no promise id.
    NoPromiseId = "no-promise-id", Warning;
    /// A tag is misspelled, or means nothing here.
    UnknownTag = "unknown-tag", Error;
    /// A tag of the writer's own, that no run knows.
    OwnTag = "own-tag", Warning;
    /// Tags that cannot both hold.
    ContradictingTags = "contradicting-tags", Error;
    /// A scenario arranges its twin and does not say @twin-only.
    UntaggedArrangement = "untagged-arrangement", Error;
    /// A scenario sends an unsafe request and does not say @mutates.
    UntaggedMutation = "untagged-mutation", Warning;
    /// A step names a schema that does not exist.
    UnknownSchema = "unknown-schema", Error;
    /// A step names a fixture that does not exist.
    UnknownFixture = "unknown-fixture", Error;
    /// A step names a credential that the manifest does not have.
    UnknownCredential = "unknown-credential", Error;
    /// A step names a flag that is not declared.
    UnknownFlag = "unknown-flag", Error;
    /// A step uses a variable that nothing provides.
    UnknownVariable = "unknown-variable", Error;
    /// A step names an integration that has no contract, or that its own does not stand on.
    UnknownIntegration = "unknown-integration", Error;
    /// The manifest says something that cannot be.
    BadManifest = "bad-manifest", Error;
    /// An operation is asked by no scenario.
    UnaskedOperation = "unasked-operation", Error;
    /// A schema does not compile, or refers to what is not there.
    BadSchema = "bad-schema", Error;
    /// A schema, or a part of one, accepts anything.
    VacuousSchema = "vacuous-schema", Error;
    /// A part of a schema accepts anything.
    OpenMember = "open-member", Warning;
    /// A schema holds a keyword or a format that no validator knows and all ignore.
    IgnoredKeyword = "ignored-keyword", Error;
    /// A schema requires a member whose name is nearly that of one that it describes.
    UndescribedMember = "undescribed-member", Warning;
    /// A fixture violates the schema that it should satisfy, or cannot be read as JSON.
    BadFixture = "bad-fixture", Error;
    /// Something that looks like a real secret.
    Secret = "secret", Error;
}

/// One thing that is wrong with a workspace.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    pub place: Place,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl fmt::Display for Finding {
    /// `features/a/x.feature:3: error[no-steps]: …`
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{}: {}[{}]: {}", self.place, self.severity.as_str(), self.code, self.message)?;
        match &self.hint {
            Some(hint) => write!(formatter, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}
