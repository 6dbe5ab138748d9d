//! JUnit XML: `testcase` elements at any depth; `failure` and `error` are broken, `skipped` is unasked.
//!
//! There is no official schema; the shape is that of Apache Ant, Maven Surefire and the tools that write for them, some with
//! `testsuites` at the root, some with `testsuite`.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::domain::import::Told;
use crate::domain::record::Outcome;
use crate::wire::imports::moment;

/// The case that is being read.
struct Case {
    name: String,
    outcome: Outcome,
    says: String,
}

pub fn read(bytes: &[u8]) -> Result<Told, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let (mut told, mut case, mut suites, mut depth) = (Told::default(), None, 0_u32, 0_u32);
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event().map_err(|error| format!("{error}, near byte {at}"))?;
        let empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(element) | Event::Empty(element) => {
                depth += u32::from(!empty);
                open(&element, &mut told, &mut case, &mut suites);
                if empty && element.name().as_ref() == b"testcase" {
                    close(&mut told, &mut case);
                }
            }
            Event::End(element) => {
                depth = depth.saturating_sub(1);
                if element.name().as_ref() == b"testcase" {
                    close(&mut told, &mut case);
                }
            }
            Event::Eof if depth > 0 => return Err("it ends in the middle".to_owned()),
            Event::Eof if suites == 0 => return Err("it holds no testsuite".to_owned()),
            Event::Eof => return Ok(told),
            _ => {}
        }
    }
}

fn open(element: &BytesStart, told: &mut Told, case: &mut Option<Case>, suites: &mut u32) {
    let broken = match element.name().as_ref() {
        b"testsuite" | b"testsuites" => {
            *suites += 1;
            if let Some(started) = attribute(element, "timestamp").as_deref().and_then(moment) {
                told.covers(started);
                let seconds = attribute(element, "time").and_then(|time| time.parse::<f64>().ok());
                let took = seconds.and_then(|seconds| jiff::SignedDuration::try_from_secs_f64(seconds).ok());
                told.covers(started.saturating_add(took.unwrap_or_default()).unwrap_or(started));
            }
            return;
        }
        b"testcase" => {
            let name = [attribute(element, "classname"), attribute(element, "name")];
            let name = name.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" › ");
            *case = Some(Case { name, outcome: Outcome::Kept, says: String::new() });
            return;
        }
        b"failure" | b"error" => Outcome::Broken,
        b"skipped" => Outcome::Unasked,
        _ => return,
    };
    if let Some(case) = case
        && broken > case.outcome
    {
        case.outcome = broken;
        case.says = attribute(element, "message").unwrap_or_default();
    }
}

fn close(told: &mut Told, case: &mut Option<Case>) {
    if let Some(case) = case.take() {
        told.add(&case.name, case.outcome, &case.says);
    }
}

fn attribute(element: &BytesStart, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).ok().flatten()?;
    let raw = std::str::from_utf8(&found.value).ok()?;
    Some(quick_xml::escape::unescape(raw).map_or_else(|_| raw.to_owned(), std::borrow::Cow::into_owned))
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::domain::record::{Counts, Outcome};

    #[test]
    fn cases_are_counted_at_any_depth() {
        let told = read(
            br#"<?xml version="1.0"?><testsuites><testsuite name="a" timestamp="2026-11-20T08:00:00Z" time="2.5">
            <testcase classname="c" name="one"/><testcase name="two"><failure message="5 &lt; 6">trace</failure></testcase>
            <testsuite name="b"><testcase name="three"><skipped message="no key"/></testcase>
            <testcase name="four"><skipped/><error message="boom"/></testcase></testsuite></testsuite></testsuites>"#,
        )
        .unwrap();
        assert_eq!(told.counts, Counts { kept: 1, broken: 2, unasked: 1, untested: 0 });
        assert_eq!((told.cases[0].name.as_str(), told.cases[0].says.as_str()), ("two", "5 < 6"));
        assert_eq!(told.cases[2].says, "boom");
        assert_eq!(told.finished.unwrap().to_string(), "2026-11-20T08:00:02.5Z");
    }

    #[test]
    fn what_is_no_report_is_refused_and_an_empty_one_is_untested() {
        for (text, why) in [
            ("", "no testsuite"),
            ("{}", "no testsuite"),
            ("<html></html>", "no testsuite"),
            ("<testsuite><testcase name='a'>", "ends in the middle"),
            ("<testsuite></testcase>", "near byte"),
        ] {
            assert!(read(text.as_bytes()).unwrap_err().contains(why), "{text}: {:?}", read(text.as_bytes()));
        }
        assert!(read(&[0xff, 0xfe]).is_err());
        assert_eq!(
            read(b"<testsuite tests='7'/>").unwrap().outcome(),
            Outcome::Untested,
            "its own sums are not believed"
        );
    }
}
