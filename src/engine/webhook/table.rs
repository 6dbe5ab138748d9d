//! The known schemes as a page, and one of them as a user would describe it.

use std::fmt::Write as _;
use std::time::Duration;

use crate::adapter::yaml;
use crate::wire::webhook::conduct::{Cause, Conduct};
use crate::wire::webhook::scheme::{Certainty, Scheme, Signed};
use crate::wire::webhook::schemes::SCHEMES;

/// Each scheme's name and what is signed.
pub fn plain() -> String {
    let mut page = String::new();
    for scheme in SCHEMES {
        let _ = writeln!(page, "{:<22} {:<12} {}", scheme.name, scheme.algorithm.as_str(), signed(scheme));
    }
    page
}

/// `docs/schemes.md`.
pub fn markdown() -> String {
    let mut page = String::from(
        "# Webhook signature schemes\n\nPrinted by `preflight webhook schemes --markdown`. `preflight webhook schemes NAME` prints one as a description in YAML, \
         from which a scheme of your own can be made. What is marked † was read in what others wrote about the vendor, what is marked ‡ is only remembered.\n\n\
         ## What is signed\n\n| scheme | signature | written as | signed | algorithm | time | source |\n|---|---|---|---|---|---|---|\n",
    );
    for scheme in SCHEMES {
        let _ = writeln!(
            page,
            "| `{}`{} | `{}` | {} | {} | {} | {} | {} |",
            scheme.name,
            mark(scheme.certainty),
            scheme.signature.header,
            written(scheme),
            signed(scheme),
            scheme.algorithm.as_str(),
            time(scheme),
            scheme.source,
        );
    }
    page.push_str(
        "\n## What the vendor does with an answer\n\n\
         | scheme | waits | delivers again after | retries | switches off | refuse with | source |\n|---|---|---|---|---|---|---|\n",
    );
    for scheme in SCHEMES {
        let conduct = &scheme.conduct;
        let _ = writeln!(
            page,
            "| `{}`{} | {} | {} | {} | {} | {} | {} |",
            scheme.name,
            mark(conduct.certainty),
            conduct.answer_within().map_or_else(|| "not published".to_owned(), seconds),
            causes(&conduct.retried),
            retries(conduct),
            conduct.disables.as_ref().map_or("not known", |disabling| disabling.effect.as_ref()),
            conduct.refuse_with.iter().map(u16::to_string).collect::<Vec<_>>().join(", "),
            conduct.source,
        );
    }
    page
}

/// One scheme as YAML.
pub fn description(scheme: &Scheme) -> String {
    yaml::write(scheme).unwrap_or_default()
}

fn mark(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Read => "",
        Certainty::Secondary => " †",
        Certainty::Remembered => " ‡",
    }
}

fn signed(scheme: &Scheme) -> String {
    match &scheme.signed {
        Signed::Template(template) => format!("`{template}`"),
        Signed::Components(components) => format!("`{}`", components.join(" ")),
    }
}

fn written(scheme: &Scheme) -> String {
    let (field, encoding) = (&scheme.signature, scheme.encoding.as_str());
    let prefix = if field.prefix.is_empty() { String::new() } else { format!("`{}` and ", field.prefix) };
    match (scheme.is_message(), field.separator) {
        (true, _) => "structured field".to_owned(),
        (false, None) => format!("{prefix}{encoding}"),
        (false, Some(' ')) => format!("{prefix}{encoding}, several with a space between"),
        (false, Some(separator)) => format!("{prefix}{encoding}, several with `{separator}` between"),
    }
}

fn time(scheme: &Scheme) -> String {
    let Some(stamp) = &scheme.timestamp else { return "none".to_owned() };
    let place = match (&stamp.header, &stamp.entry) {
        (Some(header), _) => format!("`{header}`"),
        (None, Some(entry)) => format!("`{entry}`"),
        (None, None) => "`created`".to_owned(),
    };
    let window = match (stamp.past, stamp.future) {
        (Some(past), Some(future)) if past == future => format!(", ±{past} s"),
        (Some(past), None) => format!(", {past} s back, any ahead"),
        (None, None) => ", no limit published".to_owned(),
        (past, future) => format!(", {past:?} s back, {future:?} s ahead"),
    };
    format!("{place}, {}{window}", stamp.format.as_str())
}

fn causes(causes: &[Cause]) -> String {
    let words: Vec<String> = causes.iter().map(Cause::to_string).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

fn retries(conduct: &Conduct) -> String {
    if conduct.retried.is_empty() {
        return "none".to_owned();
    }
    let count = conduct.most_retries.map_or_else(|| "several".to_owned(), |count| count.to_string());
    let when = match (conduct.delays.is_empty(), conduct.within) {
        (false, _) => {
            let waits: Vec<String> = conduct.delays().iter().map(|delay| seconds(delay.wait)).collect();
            format!(" after {}", waits.join(", "))
        }
        (true, Some(within)) => format!(" within {}", seconds(Duration::from_secs(within.into()))),
        (true, None) => String::new(),
    };
    format!("{count}{when}")
}

/// `5 s`, `30 min`, `2 h`
fn seconds(wait: Duration) -> String {
    match wait.as_secs() {
        whole if whole >= 3600 && whole % 3600 == 0 => format!("{} h", whole / 3600),
        whole if whole >= 60 && whole % 60 == 0 => format!("{} min", whole / 60),
        whole => format!("{whole} s"),
    }
}
