//! API versions: quarterly, supported for at least twelve months, older ones served by the oldest supported one.

/// The versions that are modelled, oldest first; on 2026-11-20 they are the supported ones (npm @shopify/dev-mcp 1.16.0;
/// 2025-10 went out of support on 2026-10-01 by the twelve-month rule of shopify.dev/docs/api/usage/versioning).
pub const MODELLED: [&str; 4] = ["2026-01", "2026-04", "2026-07", "2026-10"];

/// The versions that are supported at a time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Supported {
    pub oldest: String,
    pub newest: String,
}

impl Default for Supported {
    fn default() -> Self {
        let [oldest, .., newest] = MODELLED;
        Self { oldest: oldest.to_owned(), newest: newest.to_owned() }
    }
}

/// What answers a requested version.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Served {
    /// The version itself, or for one that is no longer supported the oldest that is.
    By(String),
    /// No quarter's version.
    NoSuch,
    /// A version that is not released; the twin does not model release candidates and `unstable`.
    Unreleased,
}

impl Supported {
    pub fn holds(&self, version: &str) -> bool {
        (self.oldest.as_str()..=self.newest.as_str()).contains(&version)
    }

    /// The version that serves a request for `requested`.
    pub fn serve(&self, requested: &str) -> Served {
        if requested == "unstable" {
            return Served::Unreleased;
        }
        let quarter = requested.split_once('-').is_some_and(|(year, month)| {
            year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) && matches!(month, "01" | "04" | "07" | "10")
        });
        match () {
            () if !quarter => Served::NoSuch,
            () if requested > self.newest.as_str() => Served::Unreleased,
            () if requested < self.oldest.as_str() => Served::By(self.oldest.clone()),
            () => Served::By(requested.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Served, Supported};

    #[test]
    fn an_old_version_falls_forward() {
        let by = |version: &str| Served::By(version.to_owned());
        for (requested, served) in [
            ("2026-10", by("2026-10")),
            ("2026-01", by("2026-01")),
            ("2025-10", by("2026-01")),
            ("2019-04", by("2026-01")),
            ("2027-01", Served::Unreleased),
            ("unstable", Served::Unreleased),
            ("2026-02", Served::NoSuch),
            ("latest", Served::NoSuch),
        ] {
            assert_eq!(Supported::default().serve(requested), served, "{requested}");
        }
        let later = Supported { oldest: "2026-07".into(), newest: "2026-10".into() };
        assert_eq!(later.serve("2026-01"), by("2026-07"));
        let earlier = Supported { oldest: "2026-01".into(), newest: "2026-04".into() };
        assert_eq!(earlier.serve("2026-10"), Served::Unreleased);
        assert!(earlier.holds("2026-04") && !earlier.holds("2026-07"));
    }
}
