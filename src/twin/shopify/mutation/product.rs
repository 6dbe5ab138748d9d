//! `productUpdate`, under either of its argument names.

use serde_json::{Value, json};

use crate::twin::shopify::graphql::resolve::Failure;
use crate::twin::shopify::mutation::{Call, UserError, metafield, payload, refuse};
use crate::twin::shopify::rest::render;
use crate::twin::shopify::shop::Shop;
use crate::twin::shopify::store::{Record, type_of};

const MEMBERS: [&str; 7] = ["title", "descriptionHtml", "handle", "vendor", "productType", "status", "tags"];

/// Changes a product; `input` is the older name of `product`. The messages are remembered (remembered).
pub fn update(shop: &mut Shop, call: &Call) -> Result<Record, Failure> {
    let (argument, input) = match (call.input("product"), call.input("input")) {
        (Some(input), None) => ("product", input),
        (None, Some(input)) => ("input", input),
        _ => {
            return Err(refuse(
                "productUpdate must include exactly one of the following arguments: input, product.",
                "BAD_REQUEST",
            ));
        }
    };
    let id = input.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if type_of(&id) != Some("Product") || shop.store.get(&id).is_none() {
        return Ok(payload("product", Value::Null, &[UserError::new(&["id"], "Product does not exist")]));
    }
    let mut errors = Vec::new();
    if let Some(title) = input.get("title") {
        match title.as_str().map(str::trim) {
            None | Some("") => errors.push(UserError::new(&["title"], "Title can't be blank")),
            Some(title) if title.chars().count() > 255 => {
                errors.push(UserError::new(&["title"], "Title is too long (maximum is 255 characters)"));
            }
            Some(_) => {}
        }
    }
    let metafields = input.get("metafields").and_then(Value::as_array).cloned().unwrap_or_default();
    errors.extend(metafield::check_inputs(&metafields, argument));
    if !errors.is_empty() {
        return Ok(payload("product", Value::Null, &errors));
    }
    let members: Vec<_> = MEMBERS.iter().map(|name| (*name, input.get(*name))).collect();
    shop.update(&id, &members, call.now);
    for wanted in &metafields {
        metafield::write(shop, &id, wanted, call.now);
    }
    let body = render::product(&shop.store, &id);
    shop.emit("PRODUCTS_UPDATE", body);
    Ok(payload("product", json!(id), &[]))
}
