//! Work that stands above sentences and that a sentence may ask for. What does it is given to a run from above.

use futures::future::LocalBoxFuture;
use secrecy::SecretString;
use serde_json_path::JsonPath;
use url::Url;

use crate::adapter::halt::Halt;
use crate::domain::gauntlet::GauntletRun;
use crate::domain::integration::Name;
use crate::domain::suite::Suite;
use crate::steps::world::Stop;
use crate::wire::webhook::scheme::Scheme;

/// A receiver that is to be attacked.
pub struct Siege {
    pub url: Url,
    pub scheme: Scheme,
    pub secret: SecretString,
    /// Whose deliveries it receives.
    pub integration: Name,
    /// Where the number of effects so far is read.
    pub observe: Option<(Url, JsonPath)>,
    pub halt: Halt,
}

/// A client that is to go through lessons.
pub struct Course {
    pub integration: Name,
    /// The command and its words.
    pub line: Vec<String>,
    /// Names of the shipped plan's lessons.
    pub lessons: Vec<String>,
    pub halt: Halt,
}

/// Who does it.
pub trait Workshop: Send + Sync {
    /// Sends a receiver all cases of its scheme.
    ///
    /// The future fails with why it could not be asked.
    fn attack(&self, siege: Siege) -> LocalBoxFuture<'_, Result<Suite, Stop>>;

    /// Puts a client through lessons.
    ///
    /// The future fails with why it could not be asked.
    fn gauntlet(&self, course: Course) -> LocalBoxFuture<'_, Result<GauntletRun, Stop>>;
}
