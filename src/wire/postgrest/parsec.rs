//! A cursor over text that fails as Parsec fails, so that a refusal reads as PostgREST's own does.
//!
//! PostgREST's parser is Parsec, and the text of its errors (`unexpected "z" expecting …`) is what an app's logs
//! show. Parsec's rules: a parser that fails without having consumed leaves room for an alternative; errors at the
//! farthest position win, errors at the same position are joined.

use std::fmt::Write as _;

/// A parser's failure; what went wrong is kept by the [`Cursor`].
#[derive(Clone, Copy, Debug)]
pub struct Failed;

pub type Parsed<T> = Result<T, Failed>;

/// Text being read, the place in it, and the error that would be told if nothing more were read.
pub struct Cursor {
    letters: Vec<char>,
    at: usize,
    error: Fault,
}

/// What could have stood at a place.
#[derive(Clone, Debug, Default)]
struct Fault {
    at: usize,
    messages: Vec<(Kind, String)>,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Kind {
    Found,
    Unexpected,
    Expected,
    Message,
}

/// A refusal in Parsec's words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// `"failed to parse filter (zzz.1)" (line 1, column 1)`
    pub message: String,
    /// `unexpected "z" expecting "not" or operator (eq, gt, ...)`
    pub details: String,
}

impl Fault {
    fn unknown(at: usize) -> Self {
        Self { at, messages: Vec::new() }
    }

    fn new(at: usize, kind: Kind, text: impl Into<String>) -> Self {
        Self { at, messages: vec![(kind, text.into())] }
    }

    fn merge(self, other: Self) -> Self {
        if other.messages.is_empty() && !self.messages.is_empty() {
            return self;
        }
        if self.messages.is_empty() && !other.messages.is_empty() {
            return other;
        }
        match self.at.cmp(&other.at) {
            std::cmp::Ordering::Greater => self,
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Equal => {
                let mut joined = self;
                joined.messages.extend(other.messages);
                joined
            }
        }
    }

    fn expecting(&mut self, what: &str) {
        self.messages.retain(|(kind, _)| *kind != Kind::Expected);
        self.messages.insert(0, (Kind::Expected, what.to_owned()));
    }

    fn say(&self) -> String {
        if self.messages.is_empty() {
            return "unknown parse error".to_owned();
        }
        let of = |wanted: Kind| {
            let mut texts: Vec<&str> = Vec::new();
            for (_, text) in self.messages.iter().filter(|(kind, _)| *kind == wanted) {
                if !text.is_empty() && !texts.contains(&text.as_str()) {
                    texts.push(text);
                }
            }
            texts
        };
        let unexpected = of(Kind::Unexpected);
        let found = self.messages.iter().find(|(kind, _)| *kind == Kind::Found);
        let mut parts = Vec::new();
        match found {
            Some((_, text)) if unexpected.is_empty() => {
                let text = if text.is_empty() { "end of input" } else { text };
                parts.push(format!("unexpected {text}"));
            }
            _ if !unexpected.is_empty() => parts.push(format!("unexpected {}", one_of(&unexpected))),
            _ => {}
        }
        let expected = of(Kind::Expected);
        if !expected.is_empty() {
            parts.push(format!("expecting {}", one_of(&expected)));
        }
        parts.extend(of(Kind::Message).into_iter().map(str::to_owned));
        parts.join(" ")
    }
}

fn one_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [word] => (*word).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// A string as Haskell's `show` writes it.
fn show(text: &str) -> String {
    let mut shown = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => shown.push_str("\\\""),
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            '\r' => shown.push_str("\\r"),
            ' '..='~' => shown.push(letter),
            other => {
                let _ = write!(shown, "\\{}", u32::from(other));
            }
        }
    }
    shown.push('"');
    shown
}

fn show_letter(letter: char) -> String {
    let shown = show(&letter.to_string());
    let inner = shown.trim_start_matches('"').strip_suffix('"').unwrap_or_default();
    match letter {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        _ => format!("'{inner}'"),
    }
}

impl Cursor {
    pub fn new(text: &str) -> Self {
        Self { letters: text.chars().collect(), at: 0, error: Fault::default() }
    }

    /// The refusal of what was being read, named as PostgREST names it.
    pub fn refusal(&self, name: &str) -> Refusal {
        let before = &self.letters[..self.error.at.min(self.letters.len())];
        let line = 1 + before.iter().filter(|letter| **letter == '\n').count();
        let mut column = 1;
        for letter in before {
            match letter {
                '\n' => column = 1,
                '\t' => column += 8 - (column - 1) % 8,
                _ => column += 1,
            }
        }
        Refusal {
            message: format!("\"{name}\" (line {line}, column {column})"),
            details: self.error.say().replace('\n', " ").trim().to_owned(),
        }
    }

    fn fail(&mut self, fault: Fault) -> Failed {
        let before = std::mem::take(&mut self.error);
        self.error = before.merge(fault);
        Failed
    }

    /// One letter that the test accepts.
    pub fn satisfy(&mut self, accepts: impl Fn(char) -> bool) -> Parsed<char> {
        match self.letters.get(self.at) {
            Some(&letter) if accepts(letter) => {
                self.at += 1;
                self.error = Fault::unknown(self.at);
                Ok(letter)
            }
            Some(&letter) => Err(self.fail(Fault::new(self.at, Kind::Found, show(&letter.to_string())))),
            None => Err(self.fail(Fault::new(self.at, Kind::Found, ""))),
        }
    }

    pub fn char(&mut self, wanted: char) -> Parsed<char> {
        self.label(&show(&wanted.to_string()), |cursor| cursor.satisfy(|letter| letter == wanted))
    }

    pub fn none_of(&mut self, refused: &str) -> Parsed<char> {
        self.satisfy(|letter| !refused.contains(letter))
    }

    pub fn one_of(&mut self, wanted: &str) -> Parsed<char> {
        self.satisfy(|letter| wanted.contains(letter))
    }

    /// A word, letter by letter: fails having consumed when only its beginning is there.
    pub fn string(&mut self, wanted: &str) -> Parsed<()> {
        let start = self.at;
        for (index, letter) in wanted.chars().enumerate() {
            let found = self.letters.get(start + index).copied();
            if found == Some(letter) {
                continue;
            }
            let mut fault =
                Fault::new(start, Kind::Found, found.map_or_else(String::new, |found| show(&found.to_string())));
            fault.expecting(&show(wanted));
            if index == 0 {
                return Err(self.fail(fault));
            }
            self.at = start + index;
            self.error = fault;
            return Err(Failed);
        }
        self.at = start + wanted.chars().count();
        self.error = Fault::unknown(self.at);
        Ok(())
    }

    /// Names what is expected when nothing was consumed (`<?>`).
    pub fn label<T>(&mut self, what: &str, parser: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let (start, before) = self.begin();
        let parsed = parser(self);
        if self.at == start {
            if parsed.is_err() || !self.error.messages.is_empty() {
                self.error.expecting(what);
            }
            self.join(before);
        }
        parsed
    }

    /// The first of two that does not fail unconsumed (`<|>`).
    pub fn either<T>(
        &mut self,
        first: impl FnOnce(&mut Self) -> Parsed<T>,
        second: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        let (start, before) = self.begin();
        let mut parsed = first(self);
        if parsed.is_err() && self.at == start {
            let (_, refused) = self.begin();
            parsed = second(self);
            if self.at == start {
                self.join(refused);
            }
        }
        if self.at == start {
            self.join(before);
        }
        parsed
    }

    /// Takes back what was consumed when the parser fails (`try`).
    pub fn attempt<T>(&mut self, parser: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let (start, before) = self.begin();
        let parsed = parser(self);
        if parsed.is_err() {
            self.at = start;
        }
        if self.at == start {
            self.join(before);
        }
        parsed
    }

    pub fn optional<T>(&mut self, parser: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<Option<T>> {
        self.either(|cursor| parser(cursor).map(Some), |_| Ok(None))
    }

    /// None or more. A parser that accepts without consuming ends the list.
    pub fn many<T>(&mut self, mut parser: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        loop {
            let start = self.at;
            if !items.is_empty() {
                self.error = Fault::unknown(start);
            }
            match parser(self) {
                Ok(item) if self.at > start => items.push(item),
                Err(failed) if self.at > start => return Err(failed),
                _ => return Ok(items),
            }
        }
    }

    pub fn many1<T>(&mut self, mut parser: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = vec![parser(self)?];
        items.extend(self.many(parser)?);
        Ok(items)
    }

    pub fn separated1<T, S>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
        mut separator: impl FnMut(&mut Self) -> Parsed<S>,
    ) -> Parsed<Vec<T>> {
        let mut items = vec![item(self)?];
        items.extend(self.many(|cursor| {
            separator(cursor)?;
            item(cursor)
        })?);
        Ok(items)
    }

    /// Reads ahead and stays where it was (`lookAhead`).
    pub fn ahead<T>(&mut self, parser: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<()> {
        let (start, before) = self.begin();
        match parser(self) {
            Ok(_) => {
                self.at = start;
                self.error = before;
                Ok(())
            }
            Err(failed) => {
                if self.at == start {
                    self.join(before);
                }
                Err(failed)
            }
        }
    }

    /// Fails if the parser would read a letter here (`notFollowedBy`).
    pub fn not_followed_by(&mut self, parser: impl FnOnce(&mut Self) -> Parsed<char>) -> Parsed<()> {
        let (start, before) = self.begin();
        let parsed = if let Ok(letter) = parser(self) {
            self.error = Fault::new(self.at, Kind::Unexpected, show_letter(letter));
            Err(Failed)
        } else {
            Ok(())
        };
        self.at = start;
        self.join(before);
        parsed
    }

    /// Nothing is left. Unlike [`Self::not_followed_by`], the error stands where the left-over begins.
    pub fn end(&mut self) -> Parsed<()> {
        self.label("end of input", |cursor| {
            if let Some(&letter) = cursor.letters.get(cursor.at) {
                return Err(cursor.fail(Fault::new(cursor.at, Kind::Unexpected, show_letter(letter))));
            }
            let _ = cursor.fail(Fault::new(cursor.at, Kind::Found, ""));
            Ok(())
        })
    }

    /// Reads the rest of the text.
    pub fn rest(&mut self) -> String {
        let rest = self.letters[self.at..].iter().collect();
        self.at = self.letters.len();
        rest
    }

    fn begin(&mut self) -> (usize, Fault) {
        let start = self.at;
        (start, std::mem::replace(&mut self.error, Fault::unknown(start)))
    }

    fn join(&mut self, before: Fault) {
        let now = std::mem::take(&mut self.error);
        self.error = before.merge(now);
    }
}

/// Runs a parser over a whole text. What follows the parsed part is left unread, as Parsec leaves it.
///
/// # Errors
/// The refusal, under the name that PostgREST gives the text.
pub fn parse<T>(name: &str, text: &str, parser: impl FnOnce(&mut Cursor) -> Parsed<T>) -> Result<T, Refusal> {
    let mut cursor = Cursor::new(text);
    parser(&mut cursor).map_err(|Failed| cursor.refusal(name))
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Parsed, parse};

    fn answer(cursor: &mut Cursor) -> Parsed<()> {
        cursor.either(
            |c| c.attempt(|c| c.string("yes")),
            |c| c.label("a refusal (no)", |c| c.attempt(|c| c.string("no"))),
        )?;
        cursor.end()
    }

    #[test]
    fn a_refusal_reads_as_parsecs() {
        let told = |text| parse("question", text, answer).map_err(|refusal| (refusal.message, refusal.details));
        assert!(told("yes").is_ok() && told("no").is_ok());
        let at = |column| format!("\"question\" (line 1, column {column})");
        assert_eq!(told("maybe").unwrap_err(), (at(1), "unexpected \"m\" expecting \"yes\" or a refusal (no)".into()));
        assert_eq!(told("yep").unwrap_err().1, "unexpected \"p\" expecting \"yes\" or a refusal (no)");
        assert_eq!(told("").unwrap_err().1, "unexpected end of input expecting \"yes\" or a refusal (no)");
        assert_eq!(told("not").unwrap_err(), (at(3), "unexpected 't' expecting end of input".into()));
    }
}
