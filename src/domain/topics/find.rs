//! Finds a vendor's events in an app's files: in its configuration, in the names of its routes, in its code.

use std::collections::BTreeMap;

use regex::Regex;

use crate::domain::contract::Place;
use crate::domain::topics::{Found, Known, Role};
use crate::domain::usage::Kind;

/// How many lines back a list may have been opened.
const LOOK_BACK: usize = 40;

/// Looks for the events of one vendor. Made once, used for many files.
#[derive(Debug)]
pub struct Finder {
    /// Every spelling of an event, and its name.
    spellings: BTreeMap<String, String>,
    /// Words with which the vendor's events begin, where all of them are known.
    beginnings: Vec<String>,
    separator: char,
    words: Regex,
    handles: Regex,
    registers: Regex,
    opens: Regex,
    key: Regex,
}

/// Whether a file is the configuration of a Shopify app.
pub fn is_app_configuration(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".toml").is_some_and(|stem| stem == "shopify.app" || stem.starts_with("shopify.app."))
}

impl Finder {
    /// # Errors
    /// An expression of ours is none.
    pub fn new(known: &Known) -> Result<Self, regex::Error> {
        let separator = if known.scheme == "shopify" { '/' } else { '_' };
        let (mut spellings, mut beginnings) = (BTreeMap::new(), Vec::new());
        for topic in &known.names {
            spellings.insert(topic.name.clone(), topic.name.clone());
            if known.scheme == "shopify" {
                // As the GraphQL enum has it.
                spellings.insert(topic.name.replace(['/', '.'], "_").to_ascii_uppercase(), topic.name.clone());
            }
            if let Some((beginning, _)) = topic.name.split_once(separator).filter(|_| known.is_whole) {
                beginnings.push(beginning.to_owned());
            }
        }
        Ok(Self {
            spellings,
            beginnings,
            separator,
            words: Regex::new(r"[A-Za-z][A-Za-z0-9_./:]*[A-Za-z0-9]")?,
            handles: Regex::new(
                r"\bcase\b|===?|!==?|=>|\bwhen\b|\bmatch\b|\belif\b|\.on\(|\bin \[|\bincludes\(|handlers?\b|->",
            )?,
            registers: Regex::new(
                r"(?i)webhookSubscriptionCreate|registerWebhook|\bregister\(|\bsubscri|\btopics?\s*(?::|=[^=>])|deliveryMethod|callbackUrl",
            )?,
            opens: Regex::new(
                r#"(?i)\b(?:compliance_)?(?:topics|subscriptions|events|webhooks)["']?\s*[:=]\s*[\[{(]"#,
            )?,
            key: Regex::new(r#"^\s*["']?([A-Za-z][A-Za-z0-9_./]*)["']?\s*:\s*[\[{]"#)?,
        })
    }

    /// Every event that a file registers or handles.
    pub fn find(&self, path: &str, text: &str) -> Vec<Found> {
        let mut found = Vec::new();
        if let Some(topic) = self.route(path) {
            found.push(Found { topic, role: Role::Handled, place: Place::new(path, 1) });
        }
        let configured = is_app_configuration(path);
        if !configured && Kind::of(path) != Kind::Code {
            return found;
        }
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let code = without_comment(line);
            if code.is_empty() || !(code.contains(self.separator) || code.contains('_')) {
                continue;
            }
            let Some(role) = self.role(&lines, index, code, configured) else { continue };
            for word in self.words.find_iter(code) {
                let quoted = code[..word.start()].ends_with(['"', '\'', '`']);
                if let Some(topic) = self.topic(word.as_str(), quoted) {
                    found.push(Found { topic, role, place: Place::new(path, index + 1) });
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// The event that a word is, or would be if the vendor had it.
    fn topic(&self, word: &str, quoted: bool) -> Option<String> {
        let last = word.rsplit(['.', ':']).next().unwrap_or(word);
        let enumerated = |word: &str| word.bytes().all(|letter| letter.is_ascii_uppercase() || letter == b'_');
        if let Some(topic) = self.spellings.get(word).filter(|_| quoted || enumerated(word)) {
            return Some(topic.clone());
        }
        // `WebhookSubscriptionTopic.ORDERS_CREATE`
        if let Some(topic) = self.spellings.get(last).filter(|_| enumerated(last)) {
            return Some(topic.clone());
        }
        let (beginning, rest) = word.split_once(self.separator)?;
        let plain = |text: &str| text.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'_');
        let alike = quoted && plain(beginning) && !rest.is_empty() && plain(rest);
        (alike && self.beginnings.iter().any(|known| known == beginning)).then(|| word.to_owned())
    }

    /// What a line does with the events that it names.
    fn role(&self, lines: &[&str], index: usize, code: &str, configured: bool) -> Option<Role> {
        let listed = self.opens.is_match(code) || self.is_listed(lines, index);
        if configured {
            return listed.then_some(Role::Registered);
        }
        if self.handles.is_match(code) && !self.registers.is_match(code) {
            return Some(Role::Handled);
        }
        let is_key = self.key.is_match(code) && listed;
        (is_key || listed || self.registers.is_match(code)).then_some(Role::Registered)
    }

    /// Whether a list of events was opened above and not closed since.
    fn is_listed(&self, lines: &[&str], index: usize) -> bool {
        let mut depth = 0_i32;
        for line in lines[index.saturating_sub(LOOK_BACK)..index].iter().rev() {
            let code = without_comment(line);
            let count = |letters: &[char]| i32::try_from(code.matches(letters).count()).unwrap_or(i32::MAX);
            depth += count(&['[', '{', '(']) - count(&[']', '}', ')']);
            if depth > 0 && self.opens.is_match(code) {
                return true;
            }
        }
        false
    }

    /// `app/routes/webhooks.app.uninstalled.tsx` handles `app/uninstalled`.
    fn route(&self, path: &str) -> Option<String> {
        if self.separator != '/' || Kind::of(path) != Kind::Code {
            return None;
        }
        let name = path.rsplit("routes/").next()?.rsplit_once('.')?.0;
        let words = name.strip_prefix("webhooks")?.trim_start_matches(['.', '/', '_']);
        let plain = |text: &str| text.replace(|letter: char| !letter.is_ascii_alphanumeric(), ".");
        let wanted = plain(words);
        self.spellings.values().find(|topic| plain(topic) == wanted).cloned()
    }
}

/// A line without the comment that it is or ends in.
fn without_comment(line: &str) -> &str {
    let trimmed = line.trim();
    if ["//", "#", "*", "/*", "--"].iter().any(|mark| trimmed.starts_with(mark)) {
        return "";
    }
    let end = [" // ", " # "].iter().filter_map(|mark| trimmed.find(mark)).min();
    end.map_or(trimmed, |end| &trimmed[..end])
}

#[cfg(test)]
mod tests {
    use super::Finder;
    use crate::domain::topics::{Known, Role, Topic};

    fn finder(scheme: &str, names: &[&str]) -> Finder {
        let names = names.iter().map(|name| Topic { name: (*name).to_owned(), requires: Vec::new() }).collect();
        Finder::new(&Known { scheme: scheme.to_owned(), names, is_whole: true }).unwrap()
    }

    fn shopify() -> Finder {
        finder("shopify", &["app/uninstalled", "orders/create", "orders/paid", "customer.tags_added", "shop/redact"])
    }

    fn seen(finder: &Finder, path: &str, text: &str) -> Vec<(String, Role, usize)> {
        finder.find(path, text).into_iter().map(|found| (found.topic, found.role, found.place.line)).collect()
    }

    fn one(topic: &str, role: Role, line: usize) -> Vec<(String, Role, usize)> {
        vec![(topic.to_owned(), role, line)]
    }

    #[test]
    fn an_apps_configuration_registers() {
        let toml = "[webhooks]\napi_version = \"2026-10\"\n\n  [[webhooks.subscriptions]]\n  topics = [\n    \"orders/create\",\n    # \"orders/paid\",\n  ]\n  uri = \"/webhooks/orders/paid\"\n\n  [[webhooks.subscriptions]]\n  compliance_topics = [ \"shop/redact\", \"shop/readct\" ]\n";
        let found = seen(&shopify(), "shopify.app.staging.toml", toml);
        let expected = [("orders/create", 6), ("shop/readct", 12), ("shop/redact", 12)];
        let expected: Vec<_> =
            expected.iter().map(|(topic, line)| ((*topic).to_owned(), Role::Registered, *line)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn code_handles_or_registers() {
        let finder = shopify();
        let table = [
            ("  case \"ORDERS_CREATE\":", one("orders/create", Role::Handled, 1)),
            ("if (topic === 'orders/paid') {", one("orders/paid", Role::Handled, 1)),
            ("    \"customer.tags_added\" => tagged(body),", one("customer.tags_added", Role::Handled, 1)),
            (
                "await webhookSubscriptionCreate({ topic: \"ORDERS_CREATE\" })",
                one("orders/create", Role::Registered, 1),
            ),
            ("topic: WebhookSubscriptionTopic.ORDERS_PAID,", one("orders/paid", Role::Registered, 1)),
            ("webhooks: {\n  APP_UNINSTALLED: {\n", one("app/uninstalled", Role::Registered, 2)),
            ("// case \"ORDERS_CREATE\":", vec![]),
            ("const url = 'https://x/orders/create';", vec![]),
            ("fetch(\"/orders/cancelled\")", vec![]),
            ("case \"orders/canceled\":", one("orders/canceled", Role::Handled, 1)),
        ];
        for (text, expected) in table {
            assert_eq!(seen(&finder, "app/a.ts", text), expected, "{text}");
        }
        assert_eq!(seen(&finder, "docs/a.md", "case \"ORDERS_CREATE\":"), []);
        assert_eq!(seen(&finder, "app/a.test.ts", "case \"ORDERS_CREATE\":"), []);
    }

    #[test]
    fn a_routes_name_handles() {
        let finder = shopify();
        for path in ["app/routes/webhooks.app.uninstalled.tsx", "app/routes/webhooks/app/uninstalled.ts"] {
            assert_eq!(seen(&finder, path, ""), one("app/uninstalled", Role::Handled, 1), "{path}");
        }
        assert_eq!(seen(&finder, "app/routes/webhooks.tsx", ""), []);
    }

    #[test]
    fn an_event_that_the_vendor_does_not_have_is_seen() {
        let finder = finder("chatwoot", &["message_created", "conversation_updated"]);
        let handled = seen(&finder, "a.ts", "if (event === \"conversation_resolved\") {");
        assert_eq!(handled, one("conversation_resolved", Role::Handled, 1));
        let listed =
            seen(&finder, "a.py", "subscriptions = [\n  \"message_created\",\n]\nother = \"conversation_updated\"");
        assert_eq!(listed, one("message_created", Role::Registered, 2));
    }
}
