//! Server-sent events out of bytes that come in pieces (WHATWG HTML §9.2.6), as far as the protocol uses them.

use crate::wire::mcp::lines::TooLong;

/// One event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// `message` where the server names none.
    pub name: String,
    pub data: String,
}

/// What has come and is no whole event yet.
#[derive(Debug)]
pub struct Events {
    line: Vec<u8>,
    /// The last byte ended a line as CR; a LF behind it belongs to it.
    after_cr: bool,
    is_first_line: bool,
    name: String,
    data: String,
    most: usize,
}

impl Events {
    /// `most` bytes of one event are kept.
    pub fn new(most: usize) -> Self {
        Self { line: Vec::new(), after_cr: false, is_first_line: true, name: String::new(), data: String::new(), most }
    }

    /// Adds what has come and returns the events that are whole by it. An event without data is none: that is how a server
    /// primes a stream.
    ///
    /// # Errors
    /// An event is longer than may be kept.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        for byte in bytes {
            match byte {
                b'\n' if self.after_cr => self.after_cr = false,
                b'\n' | b'\r' => {
                    self.after_cr = *byte == b'\r';
                    events.extend(self.end_of_line());
                }
                other => {
                    self.after_cr = false;
                    self.line.push(*other);
                }
            }
            if self.line.len() + self.data.len() > self.most {
                return Err(TooLong { most: self.most });
            }
        }
        Ok(events)
    }

    fn end_of_line(&mut self) -> Option<Event> {
        let bytes = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&bytes);
        let line = if std::mem::take(&mut self.is_first_line) { text.trim_start_matches('\u{feff}') } else { &text };
        if line.is_empty() {
            let (name, mut data) = (std::mem::take(&mut self.name), std::mem::take(&mut self.data));
            data.pop();
            let name = if name.is_empty() { "message".to_owned() } else { name };
            return (!data.is_empty()).then_some(Event { name, data });
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            // A comment, `id`, `retry`, or what nobody knows.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, proptest};

    use super::{Event, Events};

    fn event(name: &str, data: &str) -> Event {
        Event { name: name.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn events_are_read_as_browsers_read_them() {
        for (text, expected) in [
            ("id: 1\ndata: \n\nevent: message\nid: 2\ndata: {\"a\":1}\n\n", vec![event("message", "{\"a\":1}")]),
            ("data: a\r\ndata:b\r\n\r\n", vec![event("message", "a\nb")]),
            ("\u{feff}data: a\r\r: comment\rdata: b\r\r", vec![event("message", "a"), event("message", "b")]),
            ("event: endpoint\ndata: /message\n\n", vec![event("endpoint", "/message")]),
            ("data: not ended", vec![]),
            ("retry: 3\n\n\n", vec![]),
        ] {
            assert_eq!(Events::new(1000).push(text.as_bytes()).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn an_event_without_end_is_not_kept_for_ever() {
        assert!(Events::new(10).push(b"data: 0123456789").is_err());
        assert!(Events::new(10).push(b"data: 01234\ndata: 56789\n").is_err());
        assert!(Events::new(10).push(&b"data: 1\n\n".repeat(50)).is_ok());
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(text in "(data: ?[ab]{0,3}|event: e|\r|\n|\r\n|:){0,30}", cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
            let whole = Events::new(1000).push(text.as_bytes()).unwrap();
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
            places.extend([0, text.len()]);
            places.sort_unstable();
            let (mut events, mut found) = (Events::new(1000), Vec::new());
            for pair in places.windows(2) {
                found.extend(events.push(&text.as_bytes()[pair[0]..pair[1]]).unwrap());
            }
            assert_eq!(found, whole);
        }
    }
}
