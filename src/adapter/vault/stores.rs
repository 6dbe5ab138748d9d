//! All stores of a run: which one a place belongs to, and what it needs to be asked.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::adapter::environment::Environment;
use crate::adapter::vault::doppler::DopplerError;
use crate::adapter::vault::fly::FlyError;
use crate::adapter::vault::github::GitHubError;
use crate::adapter::vault::kv::{Kv, KvError};
use crate::adapter::vault::listing::{self, Listings, Names};
use crate::adapter::vault::question::{Answer, Question};
use crate::adapter::vault::{command, doppler, fly, github, local, op};
use crate::domain::secret::keeper::{Keeper, Repository};

/// The API of github.com.
const GITHUB: &str = "https://api.github.com";

/// The stores, as one run asks them.
pub struct Stores<'a> {
    pub root: Option<&'a Path>,
    /// The variables of each environment, or why they cannot be read.
    pub environments: BTreeMap<String, Result<Environment, String>>,
    /// For one question to one store.
    pub timeout: Duration,
    pub listings: Listings,
}

/// What came of one question.
pub struct Asked {
    /// The place, as far as it was found out: with the app, the repository, the file that the variable came from.
    pub place: String,
    /// It says nothing of one environment alone: the process environment is whatever it was made to be.
    pub ambient: bool,
    pub answer: Answer,
}

impl Stores<'_> {
    /// Looks for a secret in one place.
    pub async fn ask(&self, environment: &str, keeper: &Keeper, question: &Question<'_>) -> Asked {
        let mut asked = Asked { place: keeper.to_string(), ambient: false, answer: Answer::Absent };
        asked.answer = match keeper {
            Keeper::Env { name } => return self.variable(environment, name.as_deref(), question, asked),
            Keeper::Dotenv { path, name } => {
                local::dotenv(&local::within(self.root, path), name.as_deref(), question).into()
            }
            Keeper::File { path } => local::file(&local::within(self.root, path), question).into(),
            Keeper::Command { line } => command::ask(line, self.timeout).await.into(),
            Keeper::Op { vault, item, field } => op::ask("op", vault, item, field, self.timeout).await.into(),
            Keeper::Vault { mount, path, key } => {
                self.kv(environment, mount, path, key.as_deref(), question).await.into()
            }
            Keeper::Doppler { project, config, name } => self.doppler(project, config, name.as_deref(), question).await,
            Keeper::Fly { app, name } => {
                return self.fly(environment, app.as_deref(), name.as_deref(), question, asked).await;
            }
            Keeper::GitHub { place, name } => {
                return self.github(environment, place.as_ref(), name.as_deref(), question, asked).await;
            }
        };
        asked
    }

    /// A variable of an environment that a store is reached by (`VAULT_ADDR`); None when it cannot be read either.
    fn setting(&self, environment: &str, names: &[&str]) -> Option<SecretString> {
        let known = self.environments.get(environment)?.as_ref().ok()?;
        names.iter().find_map(|name| known.variable(name).ok().flatten())
    }

    fn text(&self, environment: &str, names: &[&str]) -> Option<String> {
        Some(self.setting(environment, names)?.expose_secret().trim().to_owned())
    }

    fn variable(&self, environment: &str, own: Option<&str>, question: &Question<'_>, mut asked: Asked) -> Asked {
        let shown = own.or_else(|| question.names.first().copied()).unwrap_or_default();
        asked.place = format!("env:{shown}");
        asked.answer = match self.environments.get(environment) {
            Some(Ok(known)) => match local::variable(known, own, question) {
                Ok((answer, file)) => {
                    asked.ambient = file.is_none();
                    asked.place.extend(file.map(|file| format!(" ({file})")));
                    answer
                }
                Err(error) => Answer::Unknown(error.to_string()),
            },
            Some(Err(reason)) => Answer::Unknown(reason.clone()),
            None => Answer::Unknown(format!("environment `{environment}` is not declared")),
        };
        asked
    }

    async fn kv(
        &self,
        environment: &str,
        mount: &str,
        path: &str,
        key: Option<&str>,
        question: &Question<'_>,
    ) -> Result<Answer, KvError> {
        let named = || environment.to_owned();
        let address =
            self.text(environment, &["VAULT_ADDR"]).ok_or_else(|| KvError::NoAddress { environment: named() })?;
        let token =
            self.setting(environment, &["VAULT_TOKEN"]).ok_or_else(|| KvError::NoToken { environment: named() })?;
        let namespace = self.text(environment, &["VAULT_NAMESPACE"]);
        let vault = Kv { address: &address, token: &token, namespace, timeout: self.timeout };
        vault.ask(mount, path, key, question).await
    }

    async fn doppler(&self, project: &str, config: &str, own: Option<&str>, question: &Question<'_>) -> Answer {
        let ask =
            async || -> Result<Names, DopplerError> { doppler::names("doppler", project, config, self.timeout).await };
        let names = match self.listings.names(&format!("doppler:{project}/{config}"), ask).await {
            Ok(names) => names,
            Err(reason) => return Answer::Unknown(reason),
        };
        match listing::find(&names, question, own) {
            Answer::Present(found) if question.wants_value => {
                let name = found.name.clone().unwrap_or_default();
                match doppler::value("doppler", project, config, &name, self.timeout).await {
                    Ok(value) => Answer::of_value(value, found),
                    Err(error) => Answer::Unknown(error.to_string()),
                }
            }
            answer => answer,
        }
    }

    async fn fly(
        &self,
        environment: &str,
        app: Option<&str>,
        own: Option<&str>,
        question: &Question<'_>,
        mut asked: Asked,
    ) -> Asked {
        let app = app.map(str::to_owned).or_else(|| self.text(environment, &["FLY_APP"]));
        let scope = app.as_ref().map(|app| format!("fly:{app}"));
        let ask = async || -> Result<Names, FlyError> {
            let app = app.as_ref().ok_or_else(|| FlyError::NoApp { environment: environment.to_owned() })?;
            fly::names("fly", app, self.timeout).await
        };
        let key = scope.clone().unwrap_or_else(|| format!("fly in {environment}"));
        asked.answer = listed(self.listings.names(&key, ask).await, question, own);
        if own.is_none() {
            asked.place = scope.unwrap_or(asked.place);
        }
        asked
    }

    async fn github(
        &self,
        environment: &str,
        place: Option<&Repository>,
        own: Option<&str>,
        question: &Question<'_>,
        mut asked: Asked,
    ) -> Asked {
        let place = place.cloned().or_else(|| {
            let repository = self.text(environment, &["GITHUB_REPOSITORY"])?;
            let (owner, repo) = repository.split_once('/')?;
            Some(Repository { owner: owner.into(), repo: repo.into(), environment: environment.into() })
        });
        let scope = place.as_ref().map(|place| format!("github:{}/{}/{}", place.owner, place.repo, place.environment));
        let ask = async || -> Result<Names, GitHubError> {
            let unnamed = || GitHubError::NoRepository { environment: environment.to_owned() };
            let place = place.as_ref().ok_or_else(unnamed)?;
            let token = self.setting(environment, &["GH_TOKEN", "GITHUB_TOKEN"]).ok_or(GitHubError::NoToken)?;
            let api = self.text(environment, &["GITHUB_API_URL"]).unwrap_or_else(|| GITHUB.to_owned());
            github::names(&api, &token, place, self.timeout).await
        };
        let key = scope.clone().unwrap_or_else(|| format!("github in {environment}"));
        asked.answer = listed(self.listings.names(&key, ask).await, question, own);
        if own.is_none() {
            asked.place = scope.unwrap_or(asked.place);
        }
        // A workflow maps what it takes from here to a variable of any name.
        if let Answer::Present(found) = &mut asked.answer {
            found.name = None;
        }
        asked
    }
}

fn listed(names: Result<Names, String>, question: &Question<'_>, own: Option<&str>) -> Answer {
    match names {
        Ok(names) => listing::find(&names, question, own),
        Err(reason) => Answer::Unknown(reason),
    }
}
