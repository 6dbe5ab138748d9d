//! Who reads a flag in a source tree: dead flags, ghost flags, and those that are read and never used.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::contract::Place;
use crate::domain::flag::Declared;
use crate::domain::flag::names::{handles, looks_like_flag};
use crate::domain::usage::{Form, Kind, Usage};

/// What the source tree does with a flag.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// Code asks for it, and something depends on it.
    Read,
    /// The parser's own file names it, and nothing else does.
    Unused,
    /// No code names it.
    Dead,
    /// No source tree was looked at, or not the whole of it.
    Unknown,
}

impl Use {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Unused => "unused",
            Self::Dead => "dead",
            Self::Unknown => "not looked",
        }
    }
}

/// Where a flag is named.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Readers {
    pub is: Use,
    /// Where code names it.
    pub code: Vec<Place>,
    /// Where a configuration of the tree gives one of its variables a value: a rollback has to look there too.
    pub set: Vec<(String, Place)>,
    pub tests: usize,
    pub documents: usize,
}

/// A name that is read as a flag, and that no flag of the workspace has.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Ghost {
    pub name: String,
    pub places: Vec<Place>,
}

/// Finds the readers of a flag among the usages of a tree. `whole` says that the tree was looked at to its end.
pub fn readers(name: &str, declared: &Declared, usages: &[Usage], whole: bool) -> Readers {
    let handles = handles(name, declared);
    let mine = || usages.iter().filter(|usage| handles.contains(&usage.name));
    let code: Vec<&Usage> =
        mine().filter(|usage| usage.kind == Kind::Code && !matches!(usage.form, Form::Comment | Form::Set)).collect();
    let files: BTreeSet<&str> = declared.parsers().filter_map(|(_, parser)| parser.file.as_deref()).collect();
    let in_parser = |usage: &&Usage| files.iter().any(|file| usage.place.file.ends_with(*file));
    let is = if code.iter().any(|usage| !in_parser(usage)) {
        Use::Read
    } else if !whole {
        Use::Unknown
    } else if code.is_empty() {
        Use::Dead
    } else {
        Use::Unused
    };
    let variables = declared.variables();
    let count = |kind| mine().filter(|usage| usage.kind == kind).count();
    let set = mine().filter(|usage| usage.form == Form::Set && variables.contains(&usage.name.as_str()));
    Readers {
        is,
        code: code.into_iter().map(|usage| usage.place.clone()).collect(),
        set: set.map(|usage| (usage.name.clone(), usage.place.clone())).collect(),
        tests: count(Kind::Test),
        documents: count(Kind::Documentation),
    }
}

/// Names that code reads as flags, and that neither a flag nor a secret of the workspace has.
pub fn ghosts(flags: &BTreeMap<String, Declared>, secrets: &BTreeSet<&str>, usages: &[Usage]) -> Vec<Ghost> {
    let known: BTreeSet<String> = flags.iter().flat_map(|(name, declared)| handles(name, declared)).collect();
    // A parser that puts names together says them by their beginning only (`FEATURE_`).
    let is_flag = |usage: &&Usage| usage.form == Form::Asked || looks_like_flag(&usage.name);
    let mut ghosts: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
    for usage in usages.iter().filter(|usage| usage.is_read()).filter(is_flag) {
        if !known.contains(&usage.name) && !secrets.contains(usage.name.as_str()) {
            ghosts.entry(&usage.name).or_default().push(usage.place.clone());
        }
    }
    ghosts.into_iter().map(|(name, places)| Ghost { name: name.to_owned(), places }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{Use, ghosts, readers};
    use crate::domain::flag::Declared;
    use crate::domain::flag::parser::{Parser, Rule};
    use crate::domain::usage::{Finder, Usage};

    type Files<'a> = &'a [(&'a str, &'a str)];

    fn usages(files: Files) -> Vec<Usage> {
        let finder = Finder::new(["IDEA_POOL_LIVE", "ideaPoolLive", "idea_pool_live"]).unwrap();
        files.iter().flat_map(|(path, text)| finder.find(path, text)).collect()
    }

    fn flag() -> Declared {
        let parser = Parser::of(Some(Rule::Plain), &["IDEA_POOL_LIVE"]);
        Declared {
            parser: Parser { file: Some("utils/feature-flags.server.ts".into()), ..parser },
            ..Declared::default()
        }
    }

    #[test]
    fn a_flag_is_read_unused_dead_or_not_known() {
        let parser = ("app/utils/feature-flags.server.ts", "ideaPoolLive: parse(process.env.IDEA_POOL_LIVE)");
        let test = ("tests/flags.test.ts", "process.env.IDEA_POOL_LIVE = '1'");
        let comment = ("app/a.ts", "// IDEA_POOL_LIVE is the gate");
        let document = ("docs/flags.md", "Set IDEA_POOL_LIVE=1");
        let route = ("app/routes/x.ts", "if (flags.ideaPoolLive) {}");
        let config = ("fly.toml", "  IDEA_POOL_LIVE = \"1\"");
        let table: [(Files, bool, Use); 6] = [
            (&[parser, test, route], true, Use::Read),
            (&[parser, test, document], true, Use::Unused),
            (&[test, document, comment, config], true, Use::Dead),
            (&[], true, Use::Dead),
            (&[parser], false, Use::Unknown),
            (&[route], false, Use::Read),
        ];
        for (files, whole, expected) in table {
            let readers = readers("idea_pool_live", &flag(), &usages(files), whole);
            assert_eq!(readers.is, expected, "{files:?}");
        }
        let readers = readers("idea_pool_live", &flag(), &usages(&[config, document, test]), true);
        assert_eq!((readers.set[0].1.to_string().as_str(), readers.tests, readers.documents), ("fly.toml:1", 1, 1));
    }

    #[test]
    fn what_is_read_and_not_declared_is_a_ghost() {
        let files = [
            (
                "app/a.ts",
                "process.env.FEATURE_CHAT; process.env.PORT; process.env.KEY_LIVE\nprocess.env.IDEA_POOL_LIVE",
            ),
            ("app/b.ts", "isFeatureEnabled('new_tile')\n// process.env.FEATURE_OLD"),
            ("tests/a.test.ts", "process.env.FEATURE_TEST"),
        ];
        let flags = BTreeMap::from([("idea_pool_live".to_owned(), flag())]);
        let found = ghosts(&flags, &BTreeSet::from(["KEY_LIVE"]), &usages(&files));
        let names: Vec<_> = found.iter().map(|ghost| ghost.name.as_str()).collect();
        assert_eq!(names, ["FEATURE_CHAT", "new_tile"]);
        assert_eq!(found[1].places[0].to_string(), "app/b.ts:1");
    }
}
