//! The shop's records by type, in the order of their ids; references are global ids.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// One object of the shop, its members spelled as in the GraphQL Admin API.
pub type Record = Map<String, Value>;

/// All records of a shop.
#[derive(Clone, Debug, Default)]
pub struct Store {
    tables: BTreeMap<String, Vec<Record>>,
}

impl Store {
    /// Reads `{"Product": [{"id": "gid://shopify/Product/1", …}], …}`.
    ///
    /// # Errors
    /// Which table or record is not as it should be.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        let tables: BTreeMap<String, Vec<Record>> = serde_json::from_slice(text).map_err(|cause| cause.to_string())?;
        let mut store = Self::default();
        for (ty, rows) in tables {
            store.replace(&ty, rows)?;
        }
        Ok(store)
    }

    /// Puts other records in the place of a type's.
    ///
    /// # Errors
    /// A record whose id does not say the type.
    pub fn replace(&mut self, ty: &str, rows: Vec<Record>) -> Result<(), String> {
        for row in &rows {
            let id = text(row, "id");
            if type_of(id) != Some(ty) {
                return Err(format!("a record of {ty} has the id {id:?}; it must begin with gid://shopify/{ty}/"));
            }
        }
        self.tables.insert(ty.to_owned(), rows);
        Ok(())
    }

    /// Tells whether there is a table of a type, be it empty.
    pub fn has(&self, ty: &str) -> bool {
        self.tables.contains_key(ty)
    }

    pub fn rows(&self, ty: &str) -> &[Record] {
        self.tables.get(ty).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn get(&self, id: &str) -> Option<&Record> {
        self.rows(type_of(id)?).iter().find(|row| text(row, "id") == id)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut Record> {
        self.tables.get_mut(type_of(id)?)?.iter_mut().find(|row| text(row, "id") == id)
    }

    /// The records of a type whose `member` refers to `id`.
    pub fn pointing<'a>(&'a self, ty: &str, member: &'a str, id: &'a str) -> impl Iterator<Item = &'a Record> {
        self.rows(ty).iter().filter(move |row| text(row, member) == id)
    }

    /// The record of a type with this number (`legacyResourceId`).
    pub fn numbered(&self, ty: &str, number: &str) -> Option<&Record> {
        self.rows(ty).iter().find(|row| number_of(text(row, "id")) == number)
    }

    pub fn push(&mut self, ty: &str, record: Record) {
        self.tables.entry(ty.to_owned()).or_default().push(record);
    }

    /// Takes a record out.
    pub fn remove(&mut self, id: &str) -> Option<Record> {
        let rows = self.tables.get_mut(type_of(id)?)?;
        let index = rows.iter().position(|row| text(row, "id") == id)?;
        Some(rows.remove(index))
    }

    /// A number that no record of the type has.
    pub fn next_number(&self, ty: &str) -> u64 {
        let numbers = self.rows(ty).iter().filter_map(|row| number_of(text(row, "id")).parse::<u64>().ok());
        numbers.max().unwrap_or(1_000_000_000) + 1
    }

    /// How many units of an inventory item are in a state, over all locations.
    pub fn quantity(&self, item: &str, name: &str) -> i64 {
        self.pointing("InventoryLevel", "item", item).map(|level| level_quantity(level, name)).sum()
    }
}

/// How many units are in a state (`available`, `on_hand`) at one level.
pub fn level_quantity(level: &Record, name: &str) -> i64 {
    level.get("quantities").and_then(|quantities| quantities.get(name)).and_then(Value::as_i64).unwrap_or(0)
}

/// A text member; empty when it is missing or is no text.
pub fn text<'a>(record: &'a Record, member: &str) -> &'a str {
    record.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// `Product` of `gid://shopify/Product/1`.
pub fn type_of(id: &str) -> Option<&str> {
    id.strip_prefix("gid://shopify/")?.split_once('/').map(|(ty, _)| ty)
}

/// `1` of `gid://shopify/Product/1`, and of `gid://shopify/InventoryLevel/1?inventory_item_id=2`.
pub fn number_of(id: &str) -> &str {
    let tail = id.rsplit('/').next().unwrap_or_default();
    tail.split('?').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Store, number_of, text, type_of};

    #[test]
    fn records_are_found_by_id_and_by_reference() {
        let store = Store::read(
            br#"{"Product": [{"id": "gid://shopify/Product/1"}],
                 "ProductVariant": [{"id": "gid://shopify/ProductVariant/7", "product": "gid://shopify/Product/1"}]}"#,
        )
        .unwrap();
        assert!(store.get("gid://shopify/Product/1").is_some());
        assert!(store.get("gid://shopify/Product/2").is_none());
        let variants: Vec<_> = store.pointing("ProductVariant", "product", "gid://shopify/Product/1").collect();
        assert_eq!(variants.len(), 1);
        assert_eq!(text(variants[0], "title"), "");
        assert_eq!(store.next_number("ProductVariant"), 8);
    }

    #[test]
    fn an_id_says_type_and_number() {
        let level = "gid://shopify/InventoryLevel/5?inventory_item_id=9";
        assert_eq!((type_of(level), number_of(level)), (Some("InventoryLevel"), "5"));
        assert_eq!(type_of("5"), None);
    }

    #[test]
    fn a_record_under_the_wrong_type_is_refused() {
        assert!(Store::read(br#"{"Product": [{"id": "gid://shopify/Order/1"}]}"#).is_err());
    }
}
