//! Any other store: a command line whose output is the value.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::adapter::child::{self, ChildError};
use crate::adapter::vault::question::{Answer, Found};

/// Why a command gave no value.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Child(#[from] ChildError),
    #[error("the output is not UTF-8")]
    NoText,
}

/// Runs `sh -c LINE`. No output is no secret; a failure is not an absence.
pub async fn ask(line: &str, timeout: Duration) -> Result<Answer, CommandError> {
    let output = child::output("sh", &["-c", line], timeout).await?;
    let text = std::str::from_utf8(output.expose_secret()).map_err(|_| CommandError::NoText)?;
    Ok(Answer::of_value(SecretString::from(text.trim_end_matches(['\r', '\n'])), Found::default()))
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::Duration;

    use secrecy::ExposeSecret;

    use super::ask;
    use crate::adapter::vault::question::Answer;

    #[tokio::test]
    async fn the_output_is_the_value() {
        let timeout = Duration::from_secs(20);
        let Answer::Present(found) = ask("printf 'a b\\n'", timeout).await.unwrap() else { panic!("it is there") };
        assert_eq!(found.value.unwrap().expose_secret(), "a b");
        assert!(matches!(ask("true", timeout).await.unwrap(), Answer::Absent));
        assert!(ask("exit 1", timeout).await.unwrap_err().to_string().contains("exit code 1"));
        assert!(ask("printf '\\377'", timeout).await.is_err());
    }
}
