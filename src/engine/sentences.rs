//! The vocabulary as a page.

use std::fmt::Write as _;

use crate::check::matcher;
use crate::steps::sentence::{PARAMETERS, Sentence};
use crate::steps::vocabulary::{FAMILIES, Family};

/// Some sentences by family.
pub type Chosen = Vec<(&'static Family, Vec<&'static Sentence>)>;

/// The sentences that hold a text; all without one.
pub fn choose(text: Option<&str>) -> Chosen {
    let text = text.unwrap_or_default().to_lowercase();
    let holds = |sentence: &&Sentence| {
        sentence.expression.to_lowercase().contains(&text) || sentence.meaning.to_lowercase().contains(&text)
    };
    let families = FAMILIES.iter().map(|family| (family, family.sentences.iter().filter(holds).collect::<Vec<_>>()));
    families.filter(|(_, sentences)| !sentences.is_empty()).collect()
}

/// The sentences for a terminal.
pub fn plain(families: &Chosen) -> String {
    let mut page = String::new();
    for (family, sentences) in families {
        let _ = writeln!(page, "{}\n", family.title);
        for sentence in sentences {
            let _ = writeln!(page, "  {} {}", sentence.keyword.as_str(), sentence.expression);
            let _ = writeln!(page, "      {}", sentence.meaning);
            for line in sentence.example.lines() {
                let _ = writeln!(page, "      > {line}");
            }
            page.push('\n');
        }
    }
    page
}

/// The sentences as `docs/steps.md`.
pub fn markdown(families: &Chosen) -> String {
    let mut page = String::from(
        "# The sentences of a contract\n\nPrinted by `preflight steps --markdown`. `${NAME}` in any text, doc string or table is replaced by a value that was \
         remembered, or by a variable of the integration. What is listed under Given may also follow When.\n\n## Parameters\n\n",
    );
    for parameter in &PARAMETERS {
        let _ = writeln!(page, "- `{{{}}}`: {}", parameter.name, parameter.meaning);
    }
    page.push_str("\n## Matchers\n\n");
    let words: Vec<_> = matcher::WORDS.iter().map(|word| format!("`#{word}`")).collect();
    let _ = writeln!(
        page,
        "{}. `#[5]`, `#[1..]` and `#[1..5]` bound an array's length, and a matcher after them is for each element (`#[] #uuid`). \
         `#regex ^a+$`, `#oneof open|resolved` and `#literal #1` take the rest of the text. With two signs (`##string`) the value may also be null or absent; \
         a branch of an optional or one-of promise that no answer showed is reported.",
        words.join(" ")
    );
    for (family, sentences) in families {
        let _ = writeln!(page, "\n## {}\n", family.title);
        for sentence in sentences {
            let _ = writeln!(
                page,
                "### {} {}\n\n{}\n\n```gherkin\n{}\n```\n",
                sentence.keyword.as_str(),
                sentence.expression,
                sentence.meaning,
                sentence.example
            );
        }
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}
