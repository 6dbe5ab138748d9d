//! Fly.io: the names of an app's secrets, from `flyctl`. Fly never gives a value back.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::Deserialize;

use crate::adapter::child::{self, ChildError};
use crate::adapter::vault::listing::Names;

/// Why an app's secrets are not known.
#[derive(Debug, thiserror::Error)]
pub enum FlyError {
    #[error("no app is named: write `fly:APP`, or set FLY_APP in environment `{environment}`")]
    NoApp { environment: String },
    #[error(transparent)]
    Child(#[from] ChildError),
    #[error("`fly secrets list --json` did not give a list of names")]
    NoList,
}

/// One secret. Older versions write `Name`, newer ones `name`; the times alike (remembered, not looked up).
#[derive(Deserialize)]
struct Listed {
    #[serde(alias = "Name")]
    name: String,
    #[serde(default, alias = "CreatedAt", alias = "createdAt", alias = "updated_at", alias = "UpdatedAt")]
    created_at: Option<String>,
}

/// Lists the names of an app: `fly secrets list --app APP --json`, which shows digests and no values (Fly.io,
/// flyctl reference, `fly secrets list`).
pub async fn names(program: &str, app: &str, timeout: Duration) -> Result<Names, FlyError> {
    let output = child::output(program, &["secrets", "list", "--app", app, "--json"], timeout).await?;
    read(output.expose_secret())
}

fn read(bytes: &[u8]) -> Result<Names, FlyError> {
    // No secrets are `null` in some versions, an empty list in others.
    let listed: Option<Vec<Listed>> = serde_json::from_slice(bytes).map_err(|_| FlyError::NoList)?;
    let time = |text: &String| text.parse::<Timestamp>().ok();
    Ok(listed.unwrap_or_default().into_iter().map(|one| (one.name, one.created_at.as_ref().and_then(time))).collect())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn both_spellings_are_read_and_nothing_else() {
        let names =
            read(br#"[{"Name":"A","Digest":"1f","CreatedAt":"2026-01-02T03:04:05Z"},{"name":"B","digest":"2e"}]"#);
        let names = names.unwrap();
        assert_eq!(names["A"].unwrap().to_string(), "2026-01-02T03:04:05Z");
        assert_eq!(names["B"], None);
        assert!(read(b"null").unwrap().is_empty());
        for wrong in [&b""[..], b"Error: not logged in", b"{}", br#"[{"digest":"x"}]"#] {
            assert!(read(wrong).is_err());
        }
    }
}
