//! GitHub: the names of an environment's secrets and when they were set, from the REST API. It never gives a value back.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::adapter::vault::listing::Names;
use crate::adapter::vault::web::{self, Token, WebError};
use crate::domain::secret::keeper::Repository;

/// Names of one page; the most that the API gives.
const PER_PAGE: usize = 100;

/// Pages that are asked for: an environment holds at most 100 secrets (remembered).
const MOST_PAGES: usize = 10;

/// Why an environment's secrets are not known.
#[derive(Debug, thiserror::Error)]
pub enum GitHubError {
    #[error("no repository is named: write `github:OWNER/REPO/{environment}`, or set GITHUB_REPOSITORY")]
    NoRepository { environment: String },
    #[error("no token: set GH_TOKEN or GITHUB_TOKEN")]
    NoToken,
    #[error("GITHUB_API_URL is no URL")]
    BadUrl,
    #[error("GitHub knows no environment `{environment}` of {owner}/{repo}, or hides it from this token")]
    NoEnvironment { owner: String, repo: String, environment: String },
    #[error("GitHub has {told} names and gave {given}")]
    Short { told: usize, given: usize },
    #[error(transparent)]
    Web(#[from] WebError),
}

/// A page of `GET /repos/{owner}/{repo}/environments/{environment}/secrets` (GitHub REST API, "List environment secrets").
#[derive(Deserialize)]
struct Page {
    total_count: usize,
    secrets: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    updated_at: Option<Timestamp>,
}

/// Lists the names of an environment's secrets.
pub async fn names(
    api: &str,
    token: &SecretString,
    place: &Repository,
    timeout: Duration,
) -> Result<Names, GitHubError> {
    let token = Token { header: "authorization", scheme: "Bearer ", value: token, variable: "GITHUB_TOKEN" };
    let more = [("x-github-api-version", "2022-11-28".to_owned())];
    let mut names = Names::new();
    for number in 1..=MOST_PAGES {
        let reply = web::get(url(api, place, number)?, &token, &more, timeout).await?;
        if reply.status().as_u16() == 404 {
            let Repository { owner, repo, environment } = place.clone();
            return Err(GitHubError::NoEnvironment { owner, repo, environment });
        }
        if let Some(refusal) = reply.refusal() {
            return Err(refusal.into());
        }
        let page: Page = reply.json()?;
        let last = page.secrets.len() < PER_PAGE;
        names.extend(page.secrets.into_iter().map(|one| (one.name, one.updated_at)));
        if names.len() >= page.total_count {
            return Ok(names);
        }
        if last {
            return Err(GitHubError::Short { told: page.total_count, given: names.len() });
        }
    }
    Err(GitHubError::Short { told: names.len() + 1, given: names.len() })
}

fn url(api: &str, place: &Repository, page: usize) -> Result<Url, GitHubError> {
    let mut url = Url::parse(api).map_err(|_| GitHubError::BadUrl)?;
    url.path_segments_mut().map_err(|()| GitHubError::BadUrl)?.pop_if_empty().extend([
        "repos",
        &place.owner,
        &place.repo,
        "environments",
        &place.environment,
        "secrets",
    ]);
    url.query_pairs_mut().append_pair("per_page", &PER_PAGE.to_string()).append_pair("page", &page.to_string());
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::url;
    use crate::domain::secret::keeper::Repository;

    #[test]
    fn an_environment_is_one_segment_of_the_path() {
        let place = Repository { owner: "o".into(), repo: "r".into(), environment: "prod/eu".into() };
        let api = url("https://api.github.com", &place, 2).unwrap();
        assert_eq!(api.as_str(), "https://api.github.com/repos/o/r/environments/prod%2Feu/secrets?per_page=100&page=2");
        assert!(url("https://ghe.example/api/v3/", &place, 1).unwrap().path().starts_with("/api/v3/repos/"));
        assert!(url("api.github.com", &place, 1).is_err());
    }
}
