//! The limits of `config/initializers/rack_attack.rb` (4.15.1), on the time that is passed in.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request};
use jiff::Timestamp;

use crate::twin::chatwoot::version::Version;
use crate::twin::kit::bucket::Window;
use crate::twin::kit::request::{header, segments};

/// The counters of every throttle that was touched.
#[derive(Clone, Debug, Default)]
pub struct Throttles {
    windows: BTreeMap<(&'static str, String), Window>,
}

/// One throttle that applies to a request.
struct Rule {
    name: &'static str,
    /// Whom it counts: an address, an account, a token in an account.
    whom: String,
    limit: u32,
    /// Seconds.
    period: i64,
}

impl Throttles {
    /// Counts a request; false when a throttle is over its limit. As rack-attack does, the first one that is ends the count.
    pub fn admit(&mut self, now: Timestamp, version: Version, request: &Request<Bytes>) -> bool {
        // Safelisted, so that a load balancer's question never touches Redis.
        if version.has_health() && request.uri().path() == "/health" {
            return true;
        }
        rules(version, request).into_iter().all(|rule| {
            let window =
                self.windows.entry((rule.name, rule.whom)).or_insert_with(|| Window::new(rule.limit, rule.period));
            window.admit(now)
        })
    }
}

fn rules(version: Version, request: &Request<Bytes>) -> Vec<Rule> {
    let address = address(request);
    let mut rules = vec![Rule { name: "req/ip", whom: address.clone(), limit: 3000, period: 60 }];
    let segments = segments(request);
    let path: Vec<_> = segments.iter().map(String::as_str).collect();
    let posts = request.method() == Method::POST;
    let per = |name, whom: &str, limit, period| Rule { name, whom: whom.to_owned(), limit, period };
    match path.as_slice() {
        ["auth", "sign_in"] if posts => rules.push(per("login/ip", &address, 5, 300)),
        ["auth", "password"] if posts => rules.push(per("reset_password/ip", &address, 5, 1800)),
        ["api", "v1", "accounts"] if posts => rules.push(per("accounts/ip", &address, 5, 1800)),
        ["api", "v1", "accounts", account, "conversations", _, "transcript", ..] => {
            rules.push(per("transcript", account, version.transcripts_per_hour(), 3600));
        }
        ["api", "v1", "accounts", account, "upload", ..] => rules.push(per("upload", account, 60, 3600)),
        ["api", "v1", "accounts", account, "contacts", "search", ..] => {
            rules.push(per("contacts/search", account, 100, 60));
        }
        ["api", "v1", "accounts", account, "conversations", "meta", ..]
            if version.throttles_meta() && request.method() == Method::GET =>
        {
            if let Some(token) = token(request) {
                rules.push(per("conversations/meta", &format!("{token}:{account}"), 30, 60));
            }
        }
        ["api", "v2", "accounts", account, "reports", ..] => {
            if let Some(token) = token(request) {
                rules.push(per("reports/user", &format!("{token}:{account}"), 100, 60));
            }
            rules.push(per("reports", account, 1000, 60));
        }
        _ => {}
    }
    rules
}

/// The client's address: what the nearest proxy saw, else the peer, who is the same for every request here.
fn address(request: &Request<Bytes>) -> String {
    let forwarded = header(request, "x-forwarded-for").and_then(|list| list.rsplit(',').next());
    forwarded.map_or("peer", str::trim).to_owned()
}

fn token(request: &Request<Bytes>) -> Option<&str> {
    header(request, "uid").or_else(|| header(request, "api_access_token"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use http::Request;
    use jiff::Timestamp;

    use super::Throttles;
    use crate::twin::chatwoot::version::Version;

    fn admitted(throttles: &mut Throttles, version: Version, now: Timestamp, method: &str, path: &str) -> u32 {
        let request = Request::builder().method(method).uri(path).header("api_access_token", "t");
        let request = request.body(Bytes::new()).unwrap();
        (0..4000).take_while(|_| throttles.admit(now, version, &request)).count().try_into().unwrap()
    }

    #[test]
    fn each_throttle_has_its_limit() {
        let new = Version::V4_15_1;
        let table = [
            (new, "GET", "/api/v1/accounts/1/conversations", 3000),
            (new, "GET", "/api/v1/accounts/1/conversations/meta", 30),
            (Version::V4_6_0, "GET", "/api/v1/accounts/1/conversations/meta", 3000),
            (new, "GET", "/api/v1/accounts/1/contacts/search?q=a", 100),
            (new, "POST", "/api/v1/accounts/1/conversations/7/transcript", 1000),
            (Version::V4_6_0, "POST", "/api/v1/accounts/1/conversations/7/transcript", 30),
            (new, "POST", "/auth/sign_in", 5),
            (new, "GET", "/api/v2/accounts/1/reports", 100),
            (new, "GET", "/health", 4000),
        ];
        for (version, method, path, limit) in table {
            let mut throttles = Throttles::default();
            assert_eq!(
                admitted(&mut throttles, version, Timestamp::UNIX_EPOCH, method, path),
                limit,
                "{method} {path}"
            );
        }
    }

    #[test]
    fn a_window_ends_with_its_minute_and_not_a_minute_later() {
        let mut throttles = Throttles::default();
        let path = "/api/v1/accounts/1/conversations/meta";
        let late = Timestamp::UNIX_EPOCH + Duration::from_secs(58);
        assert_eq!(admitted(&mut throttles, Version::V4_15_1, late, "GET", path), 30);
        let next = late + Duration::from_secs(2);
        assert_eq!(admitted(&mut throttles, Version::V4_15_1, next, "GET", path), 30);
    }
}
