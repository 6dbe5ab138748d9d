//! Shopify's search syntax, parsed: terms joined by spaces, `AND` and `OR`, grouped, negated.

/// A parsed search.
#[derive(Clone, Debug, PartialEq)]
pub enum Search {
    All(Vec<Search>),
    Any(Vec<Search>),
    Not(Box<Search>),
    Term { field: Option<String>, comparison: Comparison, value: String },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Comparison {
    Equal,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// Parses a search; None when it holds no term.
pub fn parse(query: &str) -> Option<Search> {
    let tokens = tokens(query);
    let mut parser = Parser { tokens: &tokens, at: 0 };
    parser.any()
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Word(String),
}

/// Words are cut at spaces and parentheses outside quotes; the quotes stay until a term is read.
fn tokens(query: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let finish = |word: &mut String, found: &mut Vec<Token>| {
        if !word.is_empty() {
            found.push(match word.as_str() {
                "AND" => Token::And,
                "OR" => Token::Or,
                "NOT" => Token::Not,
                _ => Token::Word(word.clone()),
            });
            word.clear();
        }
    };
    for letter in query.chars() {
        match letter {
            _ if quote == Some(letter) => quote = None,
            _ if quote.is_some() => word.push(letter),
            '"' | '\'' => quote = Some(letter),
            '(' | ')' => {
                finish(&mut word, &mut found);
                found.push(if letter == '(' { Token::Open } else { Token::Close });
            }
            '-' if word.is_empty() => found.push(Token::Not),
            _ if letter.is_whitespace() => finish(&mut word, &mut found),
            _ => word.push(letter),
        }
    }
    finish(&mut word, &mut found);
    found
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl Parser<'_> {
    fn any(&mut self) -> Option<Search> {
        let mut parts = vec![self.all()?];
        while self.tokens.get(self.at) == Some(&Token::Or) {
            self.at += 1;
            parts.extend(self.all());
        }
        if parts.len() == 1 { parts.pop() } else { Some(Search::Any(parts)) }
    }

    fn all(&mut self) -> Option<Search> {
        let mut parts = Vec::new();
        loop {
            match self.tokens.get(self.at) {
                Some(Token::And) => self.at += 1,
                Some(Token::Or | Token::Close) | None => break,
                Some(_) => parts.extend(self.one()),
            }
        }
        if parts.len() < 2 { parts.pop() } else { Some(Search::All(parts)) }
    }

    fn one(&mut self) -> Option<Search> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        match token {
            Token::Not => self.one().map(|part| Search::Not(Box::new(part))),
            Token::Open => {
                let inner = self.any();
                if self.tokens.get(self.at) == Some(&Token::Close) {
                    self.at += 1;
                }
                inner
            }
            Token::Word(word) => Some(term(word)),
            _ => None,
        }
    }
}

fn term(word: &str) -> Search {
    let (field, value) = match word.split_once(':') {
        Some((field, value)) => (Some(field.to_owned()), value),
        None => (None, word),
    };
    let signs =
        [(">=", Comparison::AtLeast), ("<=", Comparison::AtMost), (">", Comparison::More), ("<", Comparison::Less)];
    let found = signs.iter().find_map(|(sign, comparison)| Some((*comparison, value.strip_prefix(sign)?)));
    let (comparison, value) = found.unwrap_or((Comparison::Equal, value));
    Search::Term { field, comparison, value: value.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy as _, any, prop};
    use proptest::{prop_assert, proptest};

    use super::{Comparison, Search, parse};

    #[test]
    fn a_search_without_terms_is_none() {
        for nothing in ["", "  ", "()", "AND", "-"] {
            assert_eq!(parse(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_term_has_a_field_a_comparison_and_a_value() {
        let term = |field: &str, comparison, value: &str| {
            Some(Search::Term { field: Some(field.into()), comparison, value: value.into() })
        };
        assert_eq!(parse("id:>=7"), term("id", Comparison::AtLeast, "7"));
        assert_eq!(parse("title:\"two words\""), term("title", Comparison::Equal, "two words"));
        assert_eq!(parse("tag:PACK:4"), term("tag", Comparison::Equal, "PACK:4"));
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_parsed_without_a_fault(text in any::<String>()) {
            let _ = parse(&text);
        }

        #[test]
        fn plain_words_all_become_terms(words in prop::collection::vec("[a-z]{1,8}".prop_map(String::from), 2..9)) {
            let parsed = parse(&words.join(" "));
            prop_assert!(matches!(&parsed, Some(Search::All(parts)) if parts.len() == words.len()), "{parsed:?}");
        }
    }
}
