//! Names that a store lists in one answer, asked for once in a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{Mutex, OnceCell};

use crate::adapter::vault::question::{Answer, Found, Question};

/// The names that a store holds, each with when it was last set, where the store says so.
pub type Names = BTreeMap<String, Option<Timestamp>>;

/// What was listed so far, by scope: an app, a project's configuration, a repository's environment.
#[derive(Default)]
pub struct Listings {
    known: Mutex<BTreeMap<String, Arc<Asked>>>,
}

/// A listing that is asked for once, whatever comes of it.
type Asked = OnceCell<Result<Names, String>>;

impl Listings {
    /// The listing of a scope; `ask` is called for the first question alone, whoever else asks meanwhile waits for it.
    pub async fn names<E: std::error::Error>(
        &self,
        scope: &str,
        ask: impl AsyncFnOnce() -> Result<Names, E>,
    ) -> Result<Names, String> {
        let cell = Arc::clone(self.known.lock().await.entry(scope.to_owned()).or_default());
        cell.get_or_init(async || ask().await.map_err(|error| error.to_string())).await.clone()
    }

    /// Every scope that was listed, with its names.
    pub async fn all(&self) -> Vec<(String, Names)> {
        let known = self.known.lock().await;
        let listed = known.iter().filter_map(|(scope, cell)| Some((scope.clone(), cell.get()?.as_ref().ok()?.clone())));
        listed.collect()
    }
}

/// Finds a secret in a listing.
pub fn find(names: &Names, question: &Question<'_>, own: Option<&str>) -> Answer {
    let found = question.wanted(own).find_map(|name| names.get_key_value(name));
    match found {
        Some((name, renewed)) => {
            Answer::Present(Found { name: Some(name.clone()), renewed: *renewed, ..Found::default() })
        }
        None => Answer::Absent,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::{Listings, Names, find};
    use crate::adapter::vault::question::{Answer, Question};

    #[tokio::test]
    async fn a_scope_is_asked_for_once() {
        let (listings, asked) = (Listings::default(), Cell::new(0));
        let ask = async || {
            asked.set(asked.get() + 1);
            Err::<Names, _>(std::io::Error::other("down"))
        };
        assert_eq!(listings.names("fly:a", ask).await, Err("down".to_owned()));
        assert_eq!(listings.names("fly:a", ask).await, Err("down".to_owned()));
        assert_eq!(asked.get(), 1);
        assert!(listings.all().await.is_empty(), "what failed lists nothing");
    }

    #[test]
    fn any_name_will_do_unless_the_place_names_one() {
        let names: Names = [("SHOP_TOKEN".to_owned(), None)].into();
        let question = Question { names: &["TOKEN", "SHOP_TOKEN"], wants_value: false };
        let Answer::Present(found) = find(&names, &question, None) else { panic!("it is there") };
        assert_eq!(found.name.as_deref(), Some("SHOP_TOKEN"));
        assert!(matches!(find(&names, &question, Some("TOKEN")), Answer::Absent));
    }
}
