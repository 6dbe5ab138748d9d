//! Whether what comes in pages comes whole, each page once, when one of them fails.

use std::collections::BTreeMap;

use crate::check::gauntlet::trial::{Trial, named};
use crate::domain::gauntlet::{Code, Ended, Flaw, Judged, Play, Question};
use crate::domain::timeline::Arrival;

/// Which of several clients, what was asked.
type Page<'a> = (&'a str, &'a str, Option<&'a str>);

/// Pages that were delivered, each with how often, against those that are delivered where nothing misbehaves.
pub fn pages(trial: &Trial<'_>) -> Judged {
    let Some(healthy) = trial.healthy else {
        return Judged::unasked(Question::Pages, "the command was not seen where nothing misbehaves");
    };
    let wanted = delivered(healthy);
    if wanted.len() < 2 {
        return Judged::unasked(Question::Pages, "the client asks for fewer than two pages");
    }
    if trial.struck().is_empty() {
        return Judged::unasked(Question::Pages, trial.nothing_struck());
    }
    let mut flaws = Vec::new();
    for (place, play) in trial.numbered() {
        let came = delivered(play);
        let lost = wanted.keys().find(|page| !came.contains_key(*page));
        if let Some((method, path, _)) = lost
            && play.ended == Ended::Exit(0)
        {
            let shown = play.timeline.arrivals.iter().filter(|arrival| arrival.failed());
            let message = format!("{method} {path} was never delivered, and the command ended with success");
            flaws.push(Flaw::new(Code::PageLost, message, place, shown.map(|arrival| arrival.number).collect()));
        }
        let twice = came.iter().find(|(page, numbers)| {
            numbers.len() > wanted.get(*page).map_or(0, Vec::len) && wanted.contains_key(*page)
        });
        if let Some(((method, path, _), numbers)) = twice {
            let message = format!("{method} {path} was delivered {} times where once is enough", numbers.len());
            flaws.push(Flaw::new(Code::PageRepeated, message, place, numbers.clone()));
        }
    }
    Judged::broken(Question::Pages, flaws).unwrap_or_else(|| {
        Judged::kept(Question::Pages, format!("{} pages, each as often as without the failure", wanted.len()))
    })
}

/// Requests that look like pages and were answered well, by what they ask for.
fn delivered(play: &Play) -> BTreeMap<Page<'_>, Vec<u32>> {
    let mut pages: BTreeMap<Page<'_>, Vec<u32>> = BTreeMap::new();
    let good = |arrival: &&Arrival| !arrival.failed() && arrival.answered.status.is_some_and(|status| status < 400);
    let arrivals: Vec<&Arrival> = play.timeline.arrivals.iter().filter(good).collect();
    let in_pages: Vec<&str> =
        arrivals.iter().filter(|arrival| is_page(arrival)).map(|arrival| place_of(arrival)).collect();
    for arrival in arrivals.iter().filter(|arrival| in_pages.contains(&place_of(arrival))) {
        let page = (&*arrival.method, &*arrival.path, arrival.body_sha256.as_deref());
        pages.entry(page).or_default().push(arrival.number);
    }
    pages
}

fn place_of(arrival: &Arrival) -> &str {
    arrival.path.split('?').next().unwrap_or_default()
}

/// A page says which one it is: in the query, or in a `Range`.
fn is_page(arrival: &Arrival) -> bool {
    const WORDS: [&str; 11] = [
        "page",
        "page_info",
        "cursor",
        "after",
        "before",
        "offset",
        "start",
        "startrow",
        "since_id",
        "starting_after",
        "pagetoken",
    ];
    let query = arrival.path.split_once('?').map_or("", |(_, query)| query);
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    names.into_iter().any(|name| WORDS.iter().any(|word| name.eq_ignore_ascii_case(word)))
        || arrival.headers.contains_key("range")
        || named(arrival).contains("/page/")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::gauntlet::trial::tests::{lesson, play, verdict};
    use crate::domain::gauntlet::{Code, Ended, Play};
    use crate::domain::record::Outcome;
    use crate::domain::timeline::tests::arrival;

    fn paged(ended: Ended, requests: &[(&str, bool)]) -> Play {
        let one = |(number, (path, good)): (u32, &(&str, bool))| {
            arrival(number, u64::from(number) * 10, path, (!good).then_some("status:503"))
        };
        play(ended, (1..).zip(requests).map(one).collect())
    }

    #[test]
    fn pages_are_neither_lost_nor_repeated() {
        let healthy = paged(Ended::Exit(0), &[("/a?page=1", true), ("/a?page=2", true), ("/a?page=3", true)]);
        let lost = paged(Ended::Exit(0), &[("/a?page=1", true), ("/a?page=2", false), ("/a?page=3", true)]);
        let told = Play { ended: Ended::Exit(1), ..lost.clone() };
        let again = paged(
            Ended::Exit(0),
            &[("/a?page=1", true), ("/a?page=2", false), ("/a?page=1", true), ("/a?page=2", true), ("/a?page=3", true)],
        );
        let right = paged(
            Ended::Exit(0),
            &[("/a?page=1", true), ("/a?page=2", false), ("/a?page=2", true), ("/a?page=3", true)],
        );
        let lesson = lesson(&json!({"pages": true}));
        for (played, outcome, codes) in [
            (lost, Outcome::Broken, vec![Code::PageLost]),
            (told, Outcome::Kept, vec![]),
            (again, Outcome::Broken, vec![Code::PageRepeated]),
            (right, Outcome::Kept, vec![]),
        ] {
            assert_eq!(verdict(&lesson, &[played], Some(&healthy)), (outcome, codes));
        }
        let single = paged(Ended::Exit(0), &[("/a", true)]);
        assert_eq!(verdict(&lesson, std::slice::from_ref(&single), Some(&single)).0, Outcome::Unasked);
    }
}
