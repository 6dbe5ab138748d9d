//! HAR 1.2 (W3C Web Performance, `HAR/Overview.html`): an entry is kept below status 400, broken from 400, and unasked where the
//! browser got no answer (status 0).

use serde::Deserialize;

use crate::domain::import::Told;
use crate::domain::record::Outcome;
use crate::wire::imports::{milliseconds, moment};

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    started_date_time: String,
    /// Milliseconds.
    #[serde(default)]
    time: f64,
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    url: String,
}

#[derive(Deserialize)]
struct Response {
    status: i64,
}

pub fn read(bytes: &[u8]) -> Result<Told, String> {
    let har: Har = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let mut told = Told::default();
    for entry in har.log.entries {
        // A query may hold a token.
        let url = entry.request.url.split(['?', '#']).next().unwrap_or_default();
        let name = format!("{} {url}", entry.request.method);
        let (outcome, says) = match entry.response.status {
            ..=0 => (Outcome::Unasked, "no answer".to_owned()),
            status @ 400.. => (Outcome::Broken, format!("status {status}")),
            _ => (Outcome::Kept, String::new()),
        };
        told.add(&name, outcome, &says);
        if let Some(started) = moment(&entry.started_date_time) {
            told.covers(started);
            told.covers(started.saturating_add(milliseconds(entry.time)).unwrap_or(started));
        }
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::domain::record::{Counts, Outcome};

    #[test]
    fn a_status_of_400_is_broken_and_none_is_unasked() {
        let entry = |status: u16| {
            format!(
                r#"{{"startedDateTime":"2026-11-20T08:00:0{}.000Z","time":250,"request":{{"method":"GET","url":"https://a.example/x?token=1"}},"response":{{"status":{status}}}}}"#,
                status / 100
            )
        };
        let text = format!(r#"{{"log":{{"version":"1.2","entries":[{},{},{}]}}}}"#, entry(200), entry(0), entry(503));
        let told = read(text.as_bytes()).unwrap();
        assert_eq!(told.counts, Counts { kept: 1, broken: 1, unasked: 1, untested: 0 });
        assert_eq!(told.cases[1].name, "GET https://a.example/x");
        assert_eq!(told.started.unwrap().to_string(), "2026-11-20T08:00:00Z");
        assert_eq!(told.finished.unwrap().to_string(), "2026-11-20T08:00:05.25Z");
    }

    #[test]
    fn what_is_no_har_is_refused_and_an_empty_one_is_untested() {
        assert!(read(b"{}").is_err());
        assert!(read(br#"{"log":{"entries":[{}]}}"#).is_err());
        assert_eq!(read(br#"{"log":{"entries":[]}}"#).unwrap().outcome(), Outcome::Untested);
    }
}
