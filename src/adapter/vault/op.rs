//! 1Password: whether an item has a field, and when the item was changed, from its command-line tool `op`.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::adapter::child::{self, ChildError};
use crate::adapter::vault::question::{Answer, Found};

/// Why an item is not known.
#[derive(Debug, thiserror::Error)]
pub enum OpError {
    #[error(transparent)]
    Child(#[from] ChildError),
    #[error("`op item list --format json` did not give a list of items")]
    NoList,
    #[error("`op item get --format json` did not give an item")]
    NoItem,
    #[error("vault `{vault}` has {count} items called `{item}`")]
    Several { vault: String, item: String, count: usize },
}

/// One item of a vault's list, which holds no fields and so no values (1Password CLI 2, `op item list`; remembered).
#[derive(Deserialize)]
struct Listed {
    id: String,
    title: String,
    #[serde(default)]
    updated_at: Option<Timestamp>,
}

/// An item. `op` may or may not conceal values in JSON, so each is taken into a secret type at once.
#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    fields: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    #[serde(default)]
    id: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    value: Option<SecretString>,
    #[serde(default)]
    section: Option<Section>,
}

#[derive(Deserialize)]
struct Section {
    #[serde(default)]
    id: String,
    #[serde(default)]
    label: String,
}

/// How `op` writes a value that it does not reveal (remembered).
const CONCEALED: &str = "[use 'op item get";

/// Looks for `op://vault/item/[section/]field`. The list of the vault says whether the item is there: `op item get` ends
/// with the same exit code for an item that is not and for a session that is over.
pub async fn ask(program: &str, vault: &str, item: &str, field: &str, timeout: Duration) -> Result<Answer, OpError> {
    let list = child::output(program, &["item", "list", "--vault", vault, "--format", "json"], timeout).await?;
    let items: Vec<Listed> = serde_json::from_slice(list.expose_secret()).map_err(|_| OpError::NoList)?;
    let named: Vec<&Listed> = items.iter().filter(|one| one.title == item || one.id == item).collect();
    let one = match named.as_slice() {
        [] => return Ok(Answer::Absent),
        [one] => one,
        several => {
            let (vault, item, count) = (vault.to_owned(), item.to_owned(), several.len());
            return Err(OpError::Several { vault, item, count });
        }
    };
    let got = child::output(program, &["item", "get", &one.id, "--vault", vault, "--format", "json"], timeout).await?;
    let whole: Item = serde_json::from_slice(got.expose_secret()).map_err(|_| OpError::NoItem)?;
    Ok(find(whole, field, one.updated_at))
}

fn find(item: Item, field: &str, renewed: Option<Timestamp>) -> Answer {
    let (section, name) = field.rsplit_once('/').map_or((None, field), |(section, name)| (Some(section), name));
    let fits = |one: &Field| {
        let in_section = section.is_none_or(|wanted| {
            one.section.as_ref().is_some_and(|section| section.label == wanted || section.id == wanted)
        });
        in_section && (one.label == name || one.id == name)
    };
    let Some(field) = item.fields.into_iter().find(fits) else { return Answer::Absent };
    let found = Found { renewed, ..Found::default() };
    match field.value {
        // What stands there is how to see it: there is something to be seen.
        Some(value) if value.expose_secret().starts_with(CONCEALED) => Answer::Present(found),
        Some(value) => Answer::of_value(value, found),
        // A field that was never filled in has no value.
        None => Answer::Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::{Item, find};
    use crate::adapter::vault::question::Answer;

    fn item() -> Item {
        let json = r#"{"id":"i","fields":[
            {"id":"credential","label":"credential","type":"CONCEALED","value":"s3cr3t"},
            {"id":"x1","label":"token","section":{"id":"s","label":"api"},"value":"t0k3n"},
            {"id":"x2","label":"hidden","value":"[use 'op item get i --reveal' to reveal]"},
            {"id":"notesPlain","label":"notes"}]}"#;
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_field_is_found_by_label_id_and_section() {
        for there in ["credential", "hidden", "x1", "token", "api/token", "s/x1"] {
            let Answer::Present(found) = find(item(), there, None) else { panic!("{there}") };
            assert!(!format!("{found:?}").contains("s3cr3t"), "{found:?}");
        }
        for gone in ["password", "other/token", "notes"] {
            assert!(matches!(find(item(), gone, None), Answer::Absent), "{gone}");
        }
    }
}
