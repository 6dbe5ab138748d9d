//! Flags in a flagd definition file: read as flagd reads it, switched by its default variant.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::adapter::files;
use crate::adapter::flags::store::{Permitted, Question, Store, WriteError, Written};
use crate::domain::flag::change::Change;
use crate::domain::flag::sighting::{Sighting, Unseen};
use crate::wire::flags::flagd;

/// One definition file.
pub struct Flagd {
    path: PathBuf,
    shown: String,
    key: Option<String>,
}

impl Flagd {
    pub fn new(root: &Path, file: &str, key: Option<String>) -> Self {
        Self { path: root.join(file), shown: file.to_owned(), key }
    }

    fn key<'a>(&'a self, flag: &'a str) -> &'a str {
        self.key.as_deref().unwrap_or(flag)
    }

    /// The version is the file's own digest: its `metadata.version` is typed by hand.
    fn sighting(&self, flag: &str) -> Sighting {
        let bytes = match files::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) => return Sighting::unknown(Unseen::Unreadable, error.to_string()),
        };
        match serde_json::from_slice(&bytes) {
            Err(error) => Sighting::unknown(Unseen::NotJson, format!("{}: {error}", self.shown)),
            Ok(file) => flagd::read(&file, self.key(flag)).with_version(version(&bytes)),
        }
    }

    fn change(&self, change: &Change) -> Result<Written, WriteError> {
        let bytes = files::read(&self.path)?;
        if change.expected.is_some_and(|expected| expected != version(&bytes)) {
            return Err(WriteError::Changed { place: self.place() });
        }
        let unwritten = |reason: String| WriteError::Unwritten { place: self.place(), reason };
        let mut file: Value = serde_json::from_slice(&bytes).map_err(|error| unwritten(error.to_string()))?;
        flagd::turn(&mut file, self.key(change.flag), change.turn.is_on())?;
        let mut text = serde_json::to_string_pretty(&file).map_err(|error| unwritten(error.to_string()))?;
        text.push('\n');
        files::write(&self.path, text.as_bytes())?;
        Ok(Written::Done)
    }
}

fn version(bytes: &Bytes) -> String {
    hex::encode(Sha256::digest(bytes))
}

impl Store for Flagd {
    fn place(&self) -> String {
        format!("flagd file {}", self.shown)
    }

    fn read<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Sighting> {
        async move { self.sighting(question.flag) }.boxed()
    }

    fn can_write(&self) -> bool {
        true
    }

    fn instruction(&self, change: &Change) -> String {
        let (key, on) = (self.key(change.flag), change.turn.is_on());
        format!("in {}: set flags.{key}.defaultVariant to the variant that is {on}, and state to ENABLED", self.shown)
    }

    fn switch<'a>(&'a self, permitted: Permitted<'a>) -> BoxFuture<'a, Result<Written, WriteError>> {
        async move { self.change(permitted.change()) }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::Flagd;
    use crate::adapter::files;
    use crate::adapter::flags::store::{Question, Store as _, Written};
    use crate::domain::flag::Declared;
    use crate::domain::flag::change::{Change, Permit, Turn};

    #[tokio::test]
    async fn a_file_is_read_turned_and_left_alone_when_it_is_none() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("flags.json");
        let text = r#"{"flags":{"shopify.live":{"state":"ENABLED","variants":{"live":true,"mock":false},"defaultVariant":"mock"}}}"#;
        files::write(&path, text.as_bytes()).unwrap();
        let declared = Declared::default();
        let store = Flagd::new(root.path(), "flags.json", Some("shopify.live".to_owned()));
        let question =
            Question { flag: "shopify_live", declared: &declared, parser: &declared.parser, environment: "staging" };
        assert_eq!(store.read(question).await.switch.as_str(), "off");
        let change = Change {
            flag: "shopify_live",
            declared: &declared,
            environment: "staging",
            turn: Turn::On,
            expected: None,
        };
        let permit = Permit::grant("sha", "shopify_live", "staging", Timestamp::MAX);
        assert_eq!(store.write(change, &permit, Timestamp::UNIX_EPOCH).await.unwrap(), Written::Done);
        let seen = store.read(question).await;
        assert_eq!((seen.switch.as_str(), seen.variant.as_deref()), ("on", Some("live")));
        files::write(&path, b"{").unwrap();
        assert_eq!(store.read(question).await.switch.as_str(), "not-json");
        assert!(store.write(change, &permit, Timestamp::UNIX_EPOCH).await.is_err());
        assert_eq!(files::read(&path).unwrap(), "{");
    }
}
