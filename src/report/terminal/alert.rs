//! What became of alerts, a line each.

use jiff::Timestamp;

use crate::domain::alert::letter::Letter;
use crate::report::terminal::{Paint, Style};
use crate::report::text::visible;

/// One thing that happened to an alert.
#[derive(Debug)]
pub enum News<'a> {
    Delivered(&'a Letter),
    Failed(&'a Letter),
    GivenUp(&'a Letter),
    Stuck(String),
    NoReceipt(String),
}

/// A line of it.
pub fn line(news: &News, at: Timestamp, style: Style) -> String {
    let time = at.strftime("%H:%M:%SZ");
    let about = |letter: &Letter| format!("{} ({})", visible(&letter.channel), visible(&letter.about()));
    let said = |letter: &Letter| visible(letter.said.as_deref().unwrap_or_default()).into_owned();
    match news {
        News::Delivered(letter) => {
            let word = style.paint(Paint::Green, "delivered");
            format!("{time}  alert {word} to {}: {}", about(letter), said(letter))
        }
        News::Failed(letter) => {
            let (word, due) = (style.paint(Paint::Yellow, "not delivered"), letter.due.strftime("%H:%M:%SZ"));
            format!("{time}  alert {word} to {}: {}; again at {due}", about(letter), said(letter))
        }
        News::GivenUp(letter) => {
            let word = style.paint(Paint::Red, "given up");
            format!("{time}  alert {word} for {}: {}", about(letter), said(letter))
        }
        News::Stuck(why) => {
            format!("{time}  the outbox cannot be used, alerts are sent all the same after a minute: {}", visible(why))
        }
        News::NoReceipt(why) => format!("{time}  the ledger has no receipt of an alert yet: {}", visible(why)),
    }
}
