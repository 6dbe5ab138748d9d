//! Counts: against their percentage, their rows, their parts.

use crate::domain::claim::document::{Claim, What};
use crate::domain::claim::figure::{Figure, Parts, share};
use crate::domain::claim::finding::{Code, Finding};
use crate::domain::claim::judge::Subject;
use crate::domain::claim::row::{Outcome, Rows};

pub fn judge(subject: &Subject) -> Vec<Finding> {
    let mut found = Vec::new();
    for claim in &subject.document.claims {
        match &claim.what {
            What::Counted { figure, rows } => {
                found.extend(alone(subject, claim, figure));
                if let Some(rows) = rows {
                    found.extend(shown(subject, claim, figure, rows));
                }
            }
            What::Parted(parts) => found.extend(parted(subject, claim, parts)),
            _ => {}
        }
    }
    found
}

/// A count by itself.
fn alone(subject: &Subject, claim: &Claim, figure: &Figure) -> Option<Finding> {
    let Figure { done, of, .. } = figure;
    if done > of {
        return figure
            .status
            .then(|| subject.finding(Code::CountWrong, claim, format!("{done} is more than the {of} that there are")));
    }
    let percent = figure.percent.as_ref().filter(|percent| !percent.is_of(*done, *of))?;
    Some(subject.finding(
        Code::PercentageWrong,
        claim,
        format!("{done} of {of} are {:.1} %, not {} %", share(*done, *of), percent.text),
    ))
}

/// A count above its rows.
fn shown(subject: &Subject, claim: &Claim, figure: &Figure, rows: &Rows) -> Option<Finding> {
    let Figure { done, of, all, .. } = figure;
    let (shown, partial, open) = rows.tally();
    let said = |state: &str, count: u64| (count > 0).then(|| format!("{count} {state}"));
    let listed = [said("done", shown), said("partial", partial), said("not done", open)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ");
    match rows.against(*done, *of, *all) {
        Outcome::Agrees => None,
        Outcome::Differs if shown + partial + open == *of => Some(subject.finding(
            Code::CountWrong,
            claim,
            format!("of the {of} rows below it {shown} are done ({:.0} %): {listed}", share(shown, *of)),
        )),
        Outcome::Differs => Some(subject.finding(Code::CountWrong, claim, format!("the rows below it are {listed}"))),
        Outcome::TooFew if rows.mixed => Some(subject.finding(
            Code::CountNotShown,
            claim,
            "the rows below it have more than one column of states, or are too many to be read as one; name one column Status",
        )),
        Outcome::TooFew => Some(subject.finding(
            Code::CountNotShown,
            claim,
            format!("the rows below it are {listed}, too few to show it"),
        )),
    }
}

fn parted(subject: &Subject, claim: &Claim, parts: &Parts) -> Vec<Finding> {
    let mut found = Vec::new();
    for (value, word, percent) in &parts.parts {
        if let Some(percent) = percent.as_ref().filter(|percent| !percent.is_of(*value, parts.total)) {
            let claimed = format!("{value} {word} of {}, {} %", parts.total, percent.text);
            found.push(subject.at(
                Code::PercentageWrong,
                claim.spot,
                claimed,
                format!("{value} of {} are {:.1} %", parts.total, share(*value, parts.total)),
            ));
        }
    }
    let sum: u64 = parts.parts.iter().map(|(value, ..)| value).sum();
    if sum != parts.total {
        let named =
            parts.parts.iter().map(|(value, word, _)| format!("{value} {word}")).collect::<Vec<_>>().join(" and ");
        let rest = if sum < parts.total {
            format!("{} are neither", parts.total - sum)
        } else {
            format!("{} too many", sum - parts.total)
        };
        found.push(subject.finding(Code::CountWrong, claim, format!("{named} are {sum} of {}: {rest}", parts.total)));
    }
    found
}
