//! Time: what lies in the future, what has expired, entries that stand in no order.

use jiff::{SignedDuration, Timestamp};

use crate::domain::claim::document::{Section, What};
use crate::domain::claim::finding::{Code, Finding};
use crate::domain::claim::judge::{Measure, Subject};
use crate::domain::moment::Moment;

/// How far ahead of our clock a date may be: somewhere it is tomorrow already.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

pub fn judge(subject: &Subject, measure: Measure) -> Vec<Finding> {
    let mut found = Vec::new();
    let limit = measure.now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX);
    for claim in &subject.document.claims {
        if let What::Happened(moment) = claim.what
            && moment.start() > limit
        {
            found.push(subject.finding(
                Code::DateInFuture,
                claim,
                format!("it is {} now", measure.now.strftime("%Y-%m-%d")),
            ));
        }
    }
    found.extend(expired(subject, measure));
    found.extend(out_of_order(subject));
    found
}

fn expired(subject: &Subject, measure: Measure) -> Vec<Finding> {
    let Some((spot, until)) = subject.document.expires else { return Vec::new() };
    let mut found = Vec::new();
    let claimed = format!("expires: {until}");
    if let Some(written) = subject.document.written.filter(|written| until.start() <= written.start()) {
        found.push(subject.at(
            Code::ContradictsItself,
            spot,
            claimed.clone(),
            format!("it was reviewed on {written}, so it never held"),
        ));
    }
    if until.end() <= measure.now {
        let actual = format!("it held until then, and it is {} now", measure.now.strftime("%Y-%m-%d"));
        found.push(subject.at(Code::DocumentExpired, spot, claimed, actual));
    }
    found
}

/// Entries of one level that run neither forward nor backward.
fn out_of_order(subject: &Subject) -> Option<Finding> {
    let dated =
        |level: u8| subject.document.sections.iter().filter(move |section| section.dated && section.level == level);
    let level = (1..=6).max_by_key(|level| dated(*level).count())?;
    let sections: Vec<&Section> = dated(level).collect();
    let steps: Vec<(&Section, &Section, std::cmp::Ordering)> = sections
        .windows(2)
        .filter_map(
            |pair| if let [one, other] = pair { Some((*one, *other, order(one.when?, other.when?))) } else { None },
        )
        .collect();
    let count = |wanted| steps.iter().filter(|(.., order)| *order == wanted).count();
    let (forward, backward) = (count(std::cmp::Ordering::Less), count(std::cmp::Ordering::Greater));
    if forward == 0 || backward == 0 {
        return None;
    }
    let wrong = if forward >= backward { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less };
    let (before, after, _) = steps.iter().find(|(.., order)| *order == wrong)?;
    let (one, other) = (before.when?, after.when?);
    let actual = format!(
        "this entry of {other} stands behind that of {one} in line {}; {forward} steps go forward in time and {backward} back, so the order shows nothing",
        before.spot.line
    );
    Some(subject.at(Code::OutOfOrder, after.spot, after.title.trim(), actual))
}

/// A day and a time of that day are of one age.
fn order(one: Moment, other: Moment) -> std::cmp::Ordering {
    if one.end() <= other.start() && one != other {
        std::cmp::Ordering::Less
    } else if other.end() <= one.start() && one != other {
        std::cmp::Ordering::Greater
    } else {
        std::cmp::Ordering::Equal
    }
}
