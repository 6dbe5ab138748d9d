//! Which proxy a request goes through, so that an error and the evidence can say so; its credentials are never shown.

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

/// The proxies of the environment and of the system, by the rules that the HTTP client itself follows (`HTTP_PROXY`,
/// `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, read as curl reads them).
pub struct Proxies {
    matcher: Matcher,
}

impl Proxies {
    pub fn of_the_system() -> Self {
        Self { matcher: Matcher::from_system() }
    }

    /// The proxy for a URL as `http://host:port`; None where the host is asked directly.
    pub fn of(&self, url: &Url) -> Option<String> {
        let proxy = self.matcher.intercept(&url.as_str().parse().ok()?)?;
        // Never the whole URI: it may hold a name and a password.
        let (scheme, host) = (proxy.uri().scheme_str().unwrap_or("http"), proxy.uri().host()?);
        let port = proxy.uri().port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{scheme}://{host}{port}"))
    }
}

#[cfg(test)]
mod tests {
    use hyper_util::client::proxy::matcher::Matcher;

    use super::Proxies;

    #[test]
    fn a_proxy_is_named_without_its_credentials() {
        let matcher = Matcher::builder().http("http://user:pass-word@proxy.example:3128").no("own.example").build();
        let proxies = Proxies { matcher };
        let table = [
            ("http://shop.example/x?y=1", Some("http://proxy.example:3128")),
            ("http://own.example/", None),
            ("https://shop.example/", None),
        ];
        for (url, proxy) in table {
            assert_eq!(proxies.of(&url.parse().unwrap()).as_deref(), proxy, "{url}");
        }
    }
}
