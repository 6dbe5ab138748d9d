//! Why a text is no feature: the line that is to blame, and what was probably meant.

use gherkin::{Feature, GherkinEnv};

use crate::domain::nearest::nearest;

/// Why a text is no feature.
pub struct Fault {
    pub line: usize,
    pub message: String,
    pub hint: Option<String>,
}

impl Fault {
    fn new(line: usize, message: impl Into<String>, hint: Option<String>) -> Self {
        Self { line, message: message.into(), hint }
    }
}

/// The keywords of sections.
pub const SECTIONS: [&str; 9] = [
    "Feature",
    "Background",
    "Rule",
    "Scenario",
    "Scenario Outline",
    "Scenario Template",
    "Example",
    "Examples",
    "Scenarios",
];
/// The keywords of steps.
pub const STEPS: [&str; 6] = ["Given", "When", "Then", "And", "But", "*"];

/// Says why a text is no feature. The parser itself often points at the end of the file.
pub fn blame(text: &str) -> Fault {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let said = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let Some(first) = lines.iter().position(|line| said(line) && !line.starts_with('@')) else {
        return Fault::new(1, "the file is empty", Some("begin it with `Feature: …`".to_owned()));
    };
    let language = lines.iter().find_map(|line| line.strip_prefix("# language:")).map(str::trim);
    if let Some(language) = language.filter(|language| !gherkin::is_language_supported(language)) {
        let line = lines.iter().position(|line| line.starts_with("# language:")).unwrap_or_default();
        return Fault::new(
            line + 1,
            format!("unknown language `{language}`"),
            Some("use a code such as en, de, fr".into()),
        );
    }
    if language.is_some_and(|language| language != "en") {
        return first_bad_line(text, "no Gherkin keyword of its language begins this line, or a block is not closed");
    }
    if !lines[first].starts_with("Feature:") {
        let hint = Some("begin it with `Feature: …`, after its tags and comments".to_owned());
        return Fault::new(first + 1, format!("`{}` stands where the feature should begin", lines[first]), hint);
    }
    culprit(&lines, first).unwrap_or_else(|| first_bad_line(text, "this line cannot be read as Gherkin"))
}

/// The line after the longest beginning that is a feature.
fn first_bad_line(text: &str, message: &str) -> Fault {
    let lines: Vec<&str> = text.lines().collect();
    let parses = |count: &usize| {
        let beginning = format!("{}\n", lines[..*count].join("\n"));
        Feature::parse(beginning, GherkinEnv::default()).is_ok()
    };
    let good = (1..lines.len()).rev().find(parses).unwrap_or(0);
    let shown = lines.get(good).map_or("", |line| line.trim());
    Fault::new(good + 1, format!("`{shown}`: {message}"), None)
}

/// The first line that is to blame.
fn culprit(lines: &[&str], first: usize) -> Option<Fault> {
    let (mut fence, mut width, mut steps, mut tags) = (None, None, false, None);
    for (index, line) in lines.iter().enumerate() {
        let number = index + 1;
        if let Some((mark, _)) = fence {
            if line.starts_with(mark) {
                fence = None;
            }
            continue;
        }
        if let Some(mark) = ["\"\"\"", "```"].into_iter().find(|mark| line.starts_with(mark)) {
            fence = Some((mark, number));
            continue;
        }
        if !line.starts_with('|') {
            width = None;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('@') {
            tags = Some(number);
            if let Some(word) = line.split_whitespace().find(|word| !word.starts_with('@')) {
                let hint = Some(format!("every tag begins with `@`: `@{word}`"));
                return Some(Fault::new(number, format!("`{word}` stands among tags and is none"), hint));
            }
            continue;
        }
        if line.starts_with('|') {
            let cells = line.replace("\\|", "").matches('|').count();
            if width.is_some_and(|width| width != cells) {
                return Some(Fault::new(number, "the row has another number of cells than the rows above", None));
            }
            width = Some(cells);
            continue;
        }
        tags = None;
        if let Some((section, _)) = line.split_once(':').filter(|(section, _)| SECTIONS.contains(section)) {
            if section == "Feature" && index != first {
                return Some(Fault::new(number, "a second `Feature:`", Some("one file holds one feature".to_owned())));
            }
            steps = false;
            continue;
        }
        let word = line.split_whitespace().next().unwrap_or_default();
        if STEPS.contains(&word) {
            steps = true;
        } else if steps {
            return Some(Fault::new(number, format!("`{line}` begins with no keyword"), Some(keyword_hint(line))));
        }
    }
    if let Some((mark, line)) = fence {
        return Some(Fault::new(line, "the doc string has no end", Some(format!("close it with {mark}"))));
    }
    tags.map(|line| Fault::new(line, "the tags stand before nothing", Some("a scenario must follow them".to_owned())))
}

fn keyword_hint(line: &str) -> String {
    let word = line.split_whitespace().next().unwrap_or_default();
    let section = line.split(':').next().filter(|head| line.contains(':') && head.split_whitespace().count() <= 2);
    let near = section
        .and_then(|section| nearest(section, SECTIONS).map(|near| format!("{near}:")))
        .or_else(|| nearest(word, STEPS).map(str::to_owned));
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a step begins with Given, When, Then, And or But".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use gherkin::{Feature, GherkinEnv};
    use proptest::prelude::proptest;

    use super::blame;

    #[test]
    fn the_line_that_is_to_blame_is_named() {
        let head = "Feature: f\n  Scenario: s\n    Given x\n";
        let table = [
            (format!("{head}    Wen y\n    Then z\n"), 4, "`Wen y` begins with no keyword"),
            (format!("{head}  Scenaro: t\n    Given x\n"), 4, "`Scenaro: t` begins with no keyword"),
            (format!("{head}    Exampls:\n      | a |\n"), 4, "`Exampls:` begins with no keyword"),
            (
                format!("{head}      | a | b |\n      | c |\n"),
                5,
                "the row has another number of cells than the rows above",
            ),
            (format!("{head}      \"\"\"\n      Wen\n"), 4, "the doc string has no end"),
            ("# c\n@a b\n".to_owned() + head, 2, "`b` stands among tags and is none"),
            (
                "# language: de\nFunktionalität: f\n  Szenario: s\n    Angenommen x\n    Wen y\n".into(),
                5,
                "`Wen y`: no Gherkin keyword of its language begins this line, or a block is not closed",
            ),
            ("# only a comment\n".into(), 1, "the file is empty"),
        ];
        for (text, line, message) in table {
            let fault = blame(&text);
            assert_eq!((fault.line, fault.message.as_str()), (line, message), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_no_feature_is_blamed_on_one_of_its_lines(
            text in "((Feature:|Scenario:|Examples:|Given|When|Then|Wen|@a|\\||\"\"\"|#|x| )+\n){0,12}",
        ) {
            if Feature::parse(&text, GherkinEnv::default()).is_err() {
                let fault = blame(&text);
                assert!((1..=text.lines().count().max(1)).contains(&fault.line), "{} of {text:?}", fault.line);
                assert!(!fault.message.is_empty());
            }
        }
    }
}
