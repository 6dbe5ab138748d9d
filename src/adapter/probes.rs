//! Files of probes: `fixtures/<integration>/probes.yaml`, the shipped ones under the user's own.

use std::ops::Range;

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
    /// Where each probe stands, where they are written as a block; empty where they are not.
    items: Vec<Item>,
}

/// One probe of the list, as it is written.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Item {
    /// Bytes of the file.
    range: Range<usize>,
    /// Lines before it.
    above: usize,
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
        let items = items(&text, book.probes.len());
        let written = Written { integration: self.integration.clone(), path, book, text, items };
        match written.problem() {
            None => Ok(written),
            Some(error) => Err(error),
        }
    }
}

impl Written {
    /// The line to which keys lead, or that of the nearest key above it.
    ///
    /// A place in one probe is looked for in that probe alone: a file of thousands would else be read for each of their sentences.
    pub fn line(&self, keys: &[String]) -> usize {
        let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        if let ["probes", index, within @ ..] = keys.as_slice()
            && let Some(item) = index.parse::<usize>().ok().and_then(|index| self.items.get(index))
            && let Some((line, _)) = yaml::locate(&self.text[item.range.clone()], &[&["0"][..], within].concat())
        {
            return item.above + line;
        }
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

/// Where the probes of a list stand that is written as a block: each begins with a dash in the same column. Empty where there
/// are not as many as were read: then it is written otherwise, or such a dash stands in a text.
fn items(text: &str, count: usize) -> Vec<Item> {
    let Some((first, _)) = yaml::locate(text, &["probes", "0"]) else { return Vec::new() };
    let mut items: Vec<Item> = Vec::new();
    let (mut start, mut column) = (0, None);
    for (above, line) in text.split_inclusive('\n').enumerate() {
        let (begin, words) = (start, line.trim_start_matches(' '));
        let indent = line.len() - words.len();
        start += line.len();
        let is_dash = words.trim_end() == "-" || words.starts_with("- ");
        if above + 1 == first && is_dash {
            column = Some(indent);
        }
        let is_nothing = words.trim_end().is_empty() || words.starts_with('#');
        match column {
            Some(column) if is_dash && indent == column => items.push(Item { range: begin..start, above }),
            Some(column) if indent > column || is_nothing => {
                if let Some(last) = items.last_mut() {
                    last.range.end = start;
                }
            }
            Some(_) => break,
            None => {}
        }
    }
    if items.len() == count { items } else { Vec::new() }
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

    #[test]
    fn a_place_is_the_same_whether_it_is_looked_for_in_its_probe_or_in_the_whole_file() {
        let probe = |name: &str| {
            format!(
                "  - name: {name}\n    service: api\n    # a remark\n\n    steps:\n      - name: alive\n        depth: liveness\n        \
                 http: {{request: GET /}}\n        expect:\n          - the status is 200\n          - the status is 201\n"
            )
        };
        let all = ["a", "b", "c"].map(probe).concat();
        let deeper = all.replace('\n', "\n  ");
        let dashes = all.replace("service: api", "title: |\n      x\n  # y\n    service: api");
        let alone = all.replacen("  - name: a\n", "  -\n    name: a\n", 1);
        for (text, count) in [
            (format!("version: 1\nprobes:\n{all}"), 3),
            (format!("version: 1\nprobes:\n  {}\nvariables: {{}}\n", deeper.trim_end()), 3),
            (format!("probes:\n{dashes}version: 1\n"), 3),
            // Its first probe begins in the line after its dash.
            (format!("version: 1\nprobes:\n{alone}"), 0),
            (
                "version: 1\nprobes: [{name: a, service: api, steps: [{name: x, depth: liveness, http: {request: GET /}, expect: [the status is 200]}]}]\n"
                    .to_owned(),
                0,
            ),
        ] {
            let source = Source::at("fixtures/shop/probes.yaml", &Ok(Bytes::from(text.clone()))).unwrap();
            let written = source.read().unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert_eq!(written.items.len(), count, "{text}");
            let whole = super::Written { items: Vec::new(), ..written.clone() };
            for index in 0..written.book.probes.len() {
                for within in ["", "name", "steps", "steps.0", "steps.0.expect", "steps.0.expect.1", "steps.0.expect.7"]
                {
                    let keys = format!("probes.{index}.{within}");
                    let keys: Vec<String> = keys.trim_end_matches('.').split('.').map(str::to_owned).collect();
                    assert_eq!(written.line(&keys), whole.line(&keys), "{keys:?}\n{text}");
                }
            }
        }
    }
}
