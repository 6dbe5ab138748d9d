//! Files of probes: `fixtures/<integration>/probes.yaml`, the shipped ones under the user's own.

use crate::adapter::encoding;
use crate::adapter::folder::Content;
use crate::adapter::yaml::{self, error::YamlError};
use crate::domain::integration::Name;
use crate::domain::probe::specified::{Book, VERSION};

/// The file's name in an integration's fixture folder.
pub const FILE: &str = "probes.yaml";

/// Why a file of probes cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProbesError {
    #[error("{path} {reason}")]
    Unreadable { path: String, reason: String },
    #[error(transparent)]
    Yaml(#[from] YamlError),
    #[error("{path}: format version {version}, this program reads version {VERSION}")]
    Version { path: String, version: u32 },
    #[error("{path}:{line}: {within}: {message}")]
    Wrong { path: String, line: usize, within: String, message: String },
}

impl ProbesError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { .. } => None,
            Self::Yaml(error) => error.hint(),
            Self::Version { version, .. } if *version > VERSION => Some("use a newer preflight".to_owned()),
            Self::Version { .. } => Some(format!("write `version: {VERSION}`")),
            Self::Wrong { .. } => Some("docs/file-formats.md says what a probe is made of".to_owned()),
        }
    }

    /// The line of the file.
    pub fn line(&self) -> usize {
        match self {
            Self::Unreadable { .. } | Self::Version { .. } => 1,
            Self::Yaml(error) => error.line(),
            Self::Wrong { line, .. } => *line,
        }
    }

    /// What is wrong, without the place.
    pub fn problem(&self) -> String {
        match self {
            Self::Unreadable { reason, .. } => reason.clone(),
            Self::Yaml(error) => error.problem(),
            Self::Version { version, .. } => format!("format version {version}, this program reads version {VERSION}"),
            Self::Wrong { within, message, .. } => format!("{within}: {message}"),
        }
    }
}

/// A file of probes as it lies there.
#[derive(Clone, Debug)]
pub struct Source {
    pub integration: Name,
    /// Relative to the workspace, with `/`.
    pub path: String,
    content: Content,
}

/// A file of probes, read.
#[derive(Clone, Debug)]
pub struct Written {
    pub integration: Name,
    pub path: String,
    pub book: Book,
    text: String,
}

impl Source {
    /// The file of probes that a path (`fixtures/chatwoot/probes.yaml`) names; None for any other file.
    pub fn at(path: &str, content: &Content) -> Option<Self> {
        let integration = path.strip_prefix("fixtures/")?.strip_suffix(FILE)?.strip_suffix('/')?.parse().ok()?;
        Some(Self { integration, path: path.to_owned(), content: content.clone() })
    }

    /// Reads it. What its sentences say is read where they are performed.
    ///
    /// # Errors
    /// It is no file of probes; where and why.
    pub fn read(&self) -> Result<Written, ProbesError> {
        let path = self.path.clone();
        let bytes = match &self.content {
            Ok(bytes) => bytes,
            Err(reason) => return Err(ProbesError::Unreadable { path, reason: reason.clone() }),
        };
        let book: Book = yaml::read(&path, bytes)?;
        if book.version != VERSION {
            return Err(ProbesError::Version { path, version: book.version });
        }
        let text = encoding::text(bytes).unwrap_or_default().to_owned();
        let written = Written { integration: self.integration.clone(), path, book, text };
        match written.problem() {
            None => Ok(written),
            Some(error) => Err(error),
        }
    }
}

impl Written {
    /// The line to which keys lead, or that of the nearest key above it.
    pub fn line(&self, keys: &[String]) -> usize {
        let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        loop {
            match yaml::locate(&self.text, &keys) {
                Some((line, _)) => return line,
                None if keys.pop().is_none() => return 1,
                None => {}
            }
        }
    }

    /// The error at the place to which keys lead.
    pub fn wrong(&self, keys: &[String], message: impl Into<String>) -> ProbesError {
        ProbesError::Wrong {
            path: self.path.clone(),
            line: self.line(keys),
            within: keys.join("."),
            message: message.into(),
        }
    }

    fn problem(&self) -> Option<ProbesError> {
        let key = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        if self.book.probes.is_empty() {
            return Some(self.wrong(&key(&["probes"]), "a file of probes without a probe asks nothing"));
        }
        self.book.probes.iter().enumerate().find_map(|(index, probe)| {
            let (within, told) = probe.problem()?;
            let keys = [key(&["probes", &index.to_string()]), within].concat();
            Some(self.wrong(&keys, format!("the probe `{}`: {told}", probe.name)))
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Source;

    fn read(text: &'static str) -> Result<usize, String> {
        let source = Source::at("fixtures/shop/probes.yaml", &Ok(Bytes::from_static(text.as_bytes()))).unwrap();
        source.read().map(|written| written.book.probes.len()).map_err(|error| error.to_string())
    }

    const HEAD: &str = "version: 1\nprobes:\n  - name: shop\n    service: api\n    steps:\n";

    #[test]
    fn a_wrong_file_says_where_what_and_what_would_be_right() {
        assert!(Source::at("fixtures/shop/manifest.yaml", &Ok(Bytes::new())).is_none());
        assert!(Source::at("fixtures/shop/deep/probes.yaml", &Ok(Bytes::new())).is_none());
        let good = "version: 1\nprobes:\n  - name: shop\n    service: api\n    steps:\n      - {name: a, depth: liveness, http: {request: GET /}, expect: [the status is 200]}\n";
        assert_eq!(read(good), Ok(1));
        for (text, told) in [
            ("version: 2\nprobes: []\n", "fixtures/shop/probes.yaml: format version 2, this program reads version 1"),
            ("version: 1\nprobes: []\n", "fixtures/shop/probes.yaml:2: probes: a file of probes without a probe"),
            ("version: 1\nprobe: []\n", "unknown key `probe`"),
            ("", "is empty"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
        let one = |step: &str| {
            let text: &'static str = Box::leak(format!("{HEAD}      - {step}\n").into_boxed_str());
            read(text).unwrap_err()
        };
        for (step, told) in [
            ("{name: a, depth: liveness, http: {request: GET /}}", "fixtures/shop/probes.yaml:6: probes.0.steps.0"),
            ("{name: a, depth: liveness, tcp: {}}", "probes.0.steps: the probe `shop`: it only connects"),
            ("{name: a, depth: liveness, http: {request: GET /}, dns: {}, expect: [x]}", "asks in 2 ways"),
            ("{name: a, depth: deep, dns: {}, expect: [x]}", "`deep`"),
            ("{name: a, depth: use, htpp: {request: GET /}}", "`htpp`"),
        ] {
            let error = one(step);
            assert!(error.contains(told), "{error}");
        }
    }
}
