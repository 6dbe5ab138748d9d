//! Labels of the account, and the lists of titles on conversations and contacts.

use serde_json::{Value, json};

/// A label that the account knows. A conversation may bear titles that no label has.
#[derive(Clone, Debug)]
pub struct Label {
    pub id: u64,
    /// Always in lower case.
    pub title: String,
    pub description: Option<String>,
    /// `#rrggbb`
    pub color: String,
    pub show_on_sidebar: Option<bool>,
}

/// The colour of a label that was given none (`db/schema.rb`).
pub const DEFAULT_COLOR: &str = "#1f93ff";

impl Label {
    /// `app/views/api/v1/accounts/labels/show.json.jbuilder`
    pub fn view(&self) -> Value {
        json!({
            "id": self.id,
            "title": self.title,
            "description": self.description,
            "color": self.color,
            "show_on_sidebar": self.show_on_sidebar,
        })
    }
}

/// Tells whether a title is one: letters, digits, `-` and `_`, two at least, beginning with a letter or digit (`RegexHelper`).
pub fn is_title(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(char::is_alphanumeric)
        && !letters.as_str().is_empty()
        && letters.all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_')
}

/// The titles that a posted list means: split at commas, trimmed, without empty and repeated ones (acts-as-taggable-on).
pub fn titles(posted: &[String]) -> Vec<String> {
    let mut titles: Vec<String> = Vec::new();
    for title in posted.iter().flat_map(|text| text.split(',')).map(str::trim) {
        if !title.is_empty() && !titles.iter().any(|known| known == title) {
            titles.push(title.to_owned());
        }
    }
    titles
}

#[cfg(test)]
mod tests {
    use super::{is_title, titles};

    #[test]
    fn titles_are_letters_digits_and_dashes() {
        for good in ["vip", "order-status", "größe_2", "2x"] {
            assert!(is_title(good), "{good}");
        }
        for bad in ["", "v", "-vip", "two words", "a/b"] {
            assert!(!is_title(bad), "{bad}");
        }
    }

    #[test]
    fn a_posted_list_is_cleaned() {
        let posted = ["vip, urgent", "vip", " "].map(str::to_owned);
        assert_eq!(titles(&posted), ["vip", "urgent"]);
    }
}
