//! What contradicts itself or is not known of one flag.

use crate::domain::flag::Declared;
use crate::domain::flag::audit::{Code, Finding, Level, Presence, Seen};
use crate::domain::flag::readers::{Readers, Use};
use crate::domain::flag::sighting::Switch;

/// What the rest of the workspace says of a flag.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The flag's own name.
    pub name: &'a str,
    /// Other names of the same flag, with the reason.
    pub twins: &'a [(&'a str, String)],
    /// Environments with a production profile.
    pub production: &'a [&'a str],
}

/// Everything that contradicts itself or is not known of one flag.
pub fn findings(declared: &Declared, environments: &[Seen], readers: &Readers, around: Around) -> Vec<Finding> {
    let mut found = Findings(Vec::new());
    if declared.owner.is_none() {
        found.add(Level::Note, Code::NoOwner, None, "nobody owns it".to_owned());
    }
    found.readers(declared, readers);
    for (other, reason) in around.twins {
        // The same words for both, so that a report can say it once.
        let (one, other) = if *other < around.name { (*other, around.name) } else { (around.name, *other) };
        let text = format!("`{one}` and `{other}` are one flag: {reason}");
        found.add(Level::Contradiction, Code::TwoNames, None, text);
    }
    for (name, place) in &readers.set {
        let text = format!("{place} gives {name} a value: a rollback has to look there too");
        found.add(Level::Note, Code::SetInTree, None, text);
    }
    found.rollback(declared);
    for seen in environments {
        found.environment(declared, seen, around.production.contains(&seen.environment.as_str()));
    }
    found.0.sort_by_key(|finding| (finding.level, finding.code));
    found.0
}

struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, level: Level, code: Code, environment: Option<&str>, text: String) {
        self.0.push(Finding { level, code, environment: environment.map(str::to_owned), text });
    }

    fn readers(&mut self, declared: &Declared, readers: &Readers) {
        let also = match (readers.documents, readers.tests) {
            (0, 0) => String::new(),
            (documents, 0) => format!("; documents name it {}", times(documents)),
            (0, tests) => format!("; tests name it {}", times(tests)),
            (documents, tests) => format!("; documents name it {}, tests {}", times(documents), times(tests)),
        };
        match readers.is {
            Use::Dead if declared.planned => {
                self.add(Level::Note, Code::Dead, None, "planned: no code reads it yet".to_owned());
            }
            Use::Dead => {
                self.add(Level::Contradiction, Code::Dead, None, format!("declared, and no code reads it{also}"));
            }
            Use::Unused => {
                let text = format!("read by its parser, and nothing uses what was read{also}");
                self.add(Level::Contradiction, Code::Unused, None, text);
            }
            Use::Unknown => {
                let text = "who reads it is not known: no source tree was looked at to its end";
                self.add(Level::Unknown, Code::ReadersUnknown, None, text.to_owned());
            }
            Use::Read => {}
        }
    }

    /// A rollback that leaves a name that some parser reads may leave the flag on.
    fn rollback(&mut self, declared: &Declared) {
        let read = declared.parsers().flat_map(|(_, parser)| &parser.names);
        let mut left: Vec<&str> = read.filter(|name| !declared.rollback.contains(name)).map(String::as_str).collect();
        left.dedup();
        if !declared.rollback.is_empty() && !left.is_empty() {
            let text = format!("its rollback leaves {}, which can keep it on", left.join(", "));
            self.add(Level::Contradiction, Code::RollbackIncomplete, None, text);
        }
        if declared.parser.default.unwrap_or(declared.default) && !declared.on_means_mock {
            let text = "it is on when nothing is set: to unset its names does not switch it off".to_owned();
            self.add(Level::Note, Code::DefaultOn, None, text);
        }
    }

    fn environment(&mut self, declared: &Declared, seen: &Seen, production: bool) {
        let environment = Some(seen.environment.as_str());
        if seen.stores.is_empty() {
            let text = "preflight.yaml does not say where it is kept".to_owned();
            self.add(Level::Unknown, Code::NoStore, environment, text);
        }
        for store in seen.stores.iter().filter(|store| store.sighting.switch.is_unknown()) {
            let text = format!("{}: {}", store.place, store.sighting.switch);
            self.add(Level::Unknown, Code::ValueUnknown, environment, text);
        }
        if let Some(text) = disagreement(seen.stores.iter().map(|store| (store.place.clone(), &store.sighting.switch)))
        {
            self.add(Level::Contradiction, Code::StoresDisagree, environment, text);
        }
        for place in places(seen) {
            let here = seen.parsers.iter().filter(|parser| parser.place == place);
            let told = here.map(|parser| {
                let by = parser.by.as_ref().map(|by| format!(" ({by})")).unwrap_or_default();
                (format!("{}{by}", parser.parser), &parser.switch)
            });
            if let Some(text) = disagreement(told) {
                self.add(Level::Contradiction, Code::ParsersDisagree, environment, format!("{place}: {text}"));
            }
        }
        self.shadowed(seen);
        self.anyone(declared, environment, production);
        for needed in &seen.prerequisites {
            let (level, code) = match needed.state {
                Presence::Missing => (Level::Contradiction, Code::PrerequisiteMissing),
                Presence::Unknown => (Level::Unknown, Code::PrerequisiteUnknown),
                Presence::There | Presence::Later => continue,
            };
            self.add(level, code, environment, format!("{}: {}", needed.what, needed.detail));
        }
    }

    /// The flag is off, and a name that nobody looks at now would switch it on.
    fn shadowed(&mut self, seen: &Seen) {
        if seen.effective != Switch::Off {
            return;
        }
        for trace in seen.traces.iter().filter(|trace| trace.switch == Switch::On) {
            let text = format!("off, but {} in {} says on: it wins when the others are unset", trace.name, trace.place);
            self.add(Level::Contradiction, Code::Shadowed, Some(&seen.environment), text);
        }
    }

    fn anyone(&mut self, declared: &Declared, environment: Option<&str>, production: bool) {
        let by_query =
            declared.kept_in(environment.unwrap_or_default()).iter().find_map(|kept| kept.strip_prefix("query:"));
        let query = by_query.or_else(|| declared.parsers().find_map(|(_, parser)| parser.query.as_deref()));
        if let Some(query) = query {
            let level = if production { Level::Contradiction } else { Level::Note };
            let text = format!("whoever asks with ?{query}= decides for himself");
            self.add(level, Code::AnyoneCanSwitch, environment, text);
        }
    }
}

fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn places(seen: &Seen) -> Vec<&str> {
    let mut places: Vec<&str> = seen.parsers.iter().map(|parser| parser.place.as_str()).collect();
    places.dedup();
    places
}

/// Who says on and who says off, when both are said.
fn disagreement<'a>(told: impl Iterator<Item = (String, &'a Switch)>) -> Option<String> {
    let (mut on, mut off) = (Vec::new(), Vec::new());
    for (who, switch) in told {
        match switch.known() {
            Some(true) => on.push(who),
            Some(false) => off.push(who),
            None => {}
        }
    }
    (!on.is_empty() && !off.is_empty()).then(|| format!("on for {}, off for {}", on.join(", "), off.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{Around, findings};
    use crate::domain::flag::Declared;
    use crate::domain::flag::audit::{Code, Level, Needed, ParserSeen, Presence, Seen, StoreSeen};
    use crate::domain::flag::parser::{Parser, Rule};
    use crate::domain::flag::readers::{Readers, Use};
    use crate::domain::flag::sighting::{Sighting, Switch, Trace, Unseen};

    const NOWHERE: Around = Around { name: "x", twins: &[], production: &["production"] };

    fn declared() -> Declared {
        Declared {
            owner: Some("integrations".into()),
            parser: Parser::of(Some(Rule::Prefixed), &["FEATURE_X", "FEATURE_FLAG_X"]),
            kept_in: vec!["env".into()],
            ..Declared::default()
        }
    }

    fn readers(is: Use) -> Readers {
        Readers { is, code: Vec::new(), set: Vec::new(), tests: 0, documents: 2 }
    }

    fn seen(switch: Switch) -> Seen {
        let store = StoreSeen { place: "process environment".into(), sighting: Sighting::of(switch.clone()) };
        Seen {
            environment: "production".into(),
            effective: switch,
            stores: vec![store],
            parsers: Vec::new(),
            traces: Vec::new(),
            prerequisites: Vec::new(),
        }
    }

    fn codes(declared: &Declared, seen: Seen, is: Use) -> Vec<(Level, Code)> {
        let found = findings(declared, &[seen], &readers(is), NOWHERE);
        found.into_iter().map(|finding| (finding.level, finding.code)).collect()
    }

    #[test]
    fn a_flag_that_is_known_and_consistent_has_no_finding() {
        assert_eq!(codes(&declared(), seen(Switch::On), Use::Read), []);
    }

    #[test]
    fn each_contradiction_is_found() {
        let here = |parser: &str, switch| ParserSeen {
            parser: parser.into(),
            place: "process environment".into(),
            switch,
            by: Some("X".into()),
        };
        let two = Seen { parsers: vec![here("plain", Switch::On), here("exact", Switch::Off)], ..seen(Switch::On) };
        assert_eq!(codes(&declared(), two, Use::Read), [(Level::Contradiction, Code::ParsersDisagree)]);
        let mut two = seen(Switch::On);
        two.stores.push(StoreSeen { place: "flags.json".into(), sighting: Sighting::of(Switch::Off) });
        assert_eq!(codes(&declared(), two, Use::Read), [(Level::Contradiction, Code::StoresDisagree)]);
        let trace = Trace { place: ".env".into(), name: "FEATURE_FLAG_X".into(), switch: Switch::On };
        let legacy = Seen { traces: vec![trace], ..seen(Switch::Off) };
        assert_eq!(codes(&declared(), legacy, Use::Read), [(Level::Contradiction, Code::Shadowed)]);
        let half = Declared { rollback: vec!["FEATURE_X".into()], ..declared() };
        assert_eq!(codes(&half, seen(Switch::On), Use::Read), [(Level::Contradiction, Code::RollbackIncomplete)]);
        let query = Declared { kept_in: vec!["query:mock".into()], ..declared() };
        assert_eq!(codes(&query, seen(Switch::On), Use::Read), [(Level::Contradiction, Code::AnyoneCanSwitch)]);
        let needed = |state| vec![Needed { what: "table x".into(), state, detail: String::new() }];
        for (state, expected) in [
            (Presence::Missing, vec![(Level::Contradiction, Code::PrerequisiteMissing)]),
            (Presence::Unknown, vec![(Level::Unknown, Code::PrerequisiteUnknown)]),
            (Presence::There, vec![]),
            (Presence::Later, vec![]),
        ] {
            let seen = Seen { prerequisites: needed(state), ..seen(Switch::On) };
            assert_eq!(codes(&declared(), seen, Use::Read), expected);
        }
        assert_eq!(codes(&declared(), seen(Switch::On), Use::Dead), [(Level::Contradiction, Code::Dead)]);
        assert_eq!(codes(&declared(), seen(Switch::On), Use::Unused), [(Level::Contradiction, Code::Unused)]);
        let planned = Declared { planned: true, ..declared() };
        assert_eq!(codes(&planned, seen(Switch::Off), Use::Dead), [(Level::Note, Code::Dead)]);
    }

    #[test]
    fn a_second_name_and_a_value_in_the_tree_are_told() {
        let twins = [("a", "both read X".to_owned())];
        let place = crate::domain::contract::Place { file: "fly.toml".into(), line: 2 };
        let readers = Readers { set: vec![("FEATURE_X".into(), place)], ..readers(Use::Read) };
        let around = Around { twins: &twins, ..NOWHERE };
        let found = findings(&declared(), &[seen(Switch::On)], &readers, around);
        let told: Vec<_> = found.iter().map(|finding| (finding.level, finding.text.as_str())).collect();
        assert_eq!(
            told,
            [
                (Level::Contradiction, "`a` and `x` are one flag: both read X"),
                (Level::Note, "fly.toml:2 gives FEATURE_X a value: a rollback has to look there too"),
            ]
        );
    }

    #[test]
    fn what_is_not_known_is_unknown() {
        let unknown = Switch::unknown(Unseen::TimedOut, "");
        assert_eq!(codes(&declared(), seen(unknown), Use::Read), [(Level::Unknown, Code::ValueUnknown)]);
        assert_eq!(codes(&declared(), seen(Switch::On), Use::Unknown), [(Level::Unknown, Code::ReadersUnknown)]);
        let nowhere = Seen { stores: Vec::new(), ..seen(Switch::unknown(Unseen::NoStore, "")) };
        assert_eq!(codes(&declared(), nowhere, Use::Read), [(Level::Unknown, Code::NoStore)]);
    }
}
