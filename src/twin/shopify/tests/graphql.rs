//! Reading, writing and being refused over GraphQL.

use proptest::prelude::{Strategy as _, prop};
use proptest::test_runner::{Config, TestRunner};
use proptest::{prop_assert, prop_assert_eq};
use serde_json::{Value, json};

use super::App;

const PRODUCT: &str = "gid://shopify/Product/632910392";
const ITEM: &str = "gid://shopify/InventoryItem/908950810";
const LOCATION: &str = "gid://shopify/Location/655441491";

#[test]
fn a_shop_is_read_through_fragments_aliases_and_variables() {
    let mut app = App::new();
    let query = "query Pulse($first: Int!, $detail: Boolean!) {
        shop { name kind: __typename ...Money }
        recent: orders(first: $first, sortKey: CREATED_AT, reverse: true) {
          edges { cursor node { name displayFinancialStatus @include(if: $detail) email @skip(if: $detail) } }
          pageInfo { hasNextPage }
        }
        node(id: \"gid://shopify/Product/632910392\") { id ... on Product { title } ... on Order { email } }
      }
      fragment Money on Shop { currencyCode }";
    let heard = app.ask("2026-10", query, &json!({ "first": 2, "detail": true }));
    assert_eq!(heard.status, 200);
    assert_eq!(heard.at("/data/shop"), &json!({ "name": "Hot Rod Supply", "kind": "Shop", "currencyCode": "USD" }));
    assert_eq!(heard.at("/data/recent/edges/0/node"), &json!({ "name": "#1006", "displayFinancialStatus": "VOIDED" }));
    assert_eq!(heard.at("/data/recent/pageInfo/hasNextPage"), &json!(true));
    assert_eq!(heard.at("/data/node"), &json!({ "id": PRODUCT, "title": "AN-8 fuel line kit" }));
}

#[test]
fn cursors_walk_through_all_variants_once() {
    let mut app = App::new();
    let query = "query V($after: String) { productVariants(first: 3, after: $after) { nodes { sku } pageInfo { hasNextPage endCursor } } }";
    let (mut after, mut seen) = (Value::Null, Vec::new());
    loop {
        let heard = app.ask("2026-10", query, &json!({ "after": after }));
        let nodes = heard.at("/data/productVariants/nodes").as_array().unwrap();
        seen.extend(nodes.iter().map(|node| node["sku"].as_str().unwrap().to_owned()));
        if heard.at("/data/productVariants/pageInfo/hasNextPage") == false {
            break;
        }
        after = heard.at("/data/productVariants/pageInfo/endCursor").clone();
    }
    assert_eq!(seen.len(), 8);
    seen.dedup();
    assert_eq!(seen.len(), 8);
}

#[test]
fn what_the_schema_does_not_have_is_refused_as_shopify_refuses_it() {
    let mut app = App::new();
    for (query, code, message) in [
        (
            "{ orders(first: 1) { nodes { financialStatus } } }",
            "undefinedField",
            "Field 'financialStatus' doesn't exist on type 'Order'",
        ),
        (
            "{ orders(first: 1) { nodes { fulfillments(first: 1) { edges { node { id } } } } } }",
            "undefinedField",
            "Field 'edges' doesn't exist on type 'Fulfillment'",
        ),
        (
            "mutation { productVariantUpdate(input: {}) { userErrors { message } } }",
            "undefinedField",
            "Field 'productVariantUpdate' doesn't exist on type 'Mutation'",
        ),
        (
            "{ inventoryItem(id: \"gid://shopify/InventoryItem/908950810\") { inventoryLevels(first: 1) { nodes { quantities(names: [\"available\"]) { availableQuantity } } } } }",
            "undefinedField",
            "Field 'availableQuantity' doesn't exist on type 'InventoryQuantity'",
        ),
        (
            "{ inventoryLevels(first: 1) { nodes { id } } }",
            "undefinedField",
            "Field 'inventoryLevels' doesn't exist on type 'QueryRoot'",
        ),
        (
            "{ refunds(first: 1) { nodes { id } } }",
            "undefinedField",
            "Field 'refunds' doesn't exist on type 'QueryRoot'",
        ),
        (
            "{ products(first: 1, ids: []) { nodes { id } } }",
            "argumentNotAccepted",
            "Field 'products' doesn't accept argument 'ids'",
        ),
        ("{ product { id } }", "missingRequiredArguments", "Field 'product' is missing required arguments: id"),
        (
            "{ products(first: \"1\") { nodes { id } } }",
            "argumentLiteralsIncompatible",
            "Argument 'first' on Field 'products' has an invalid value (\"1\"). Expected type 'Int'.",
        ),
        (
            "{ shop }",
            "selectionMismatch",
            "Field must have selections (field 'shop' returns Shop but has no selections. Did you mean 'shop { ... }'?)",
        ),
        (
            "{ shop { name { x } } }",
            "selectionMismatch",
            "Selections can't be made on scalars (field 'name' returns String but has selections)",
        ),
        (
            "{ product(id: $id) { id } }",
            "variableNotDefined",
            "Variable $id is used by anonymous query but not declared",
        ),
        ("query A($id: ID!) { shop { id } }", "variableNotUsed", "Variable $id is declared by A but not used"),
        (
            "query A($id: String!) { product(id: $id) { id } }",
            "variableMismatch",
            "Type mismatch on variable $id and argument id (String! / ID!)",
        ),
        (
            "query A($id: ID) { product(id: $id) { id } }",
            "variableMismatch",
            "Nullability mismatch on variable $id and argument id (ID / ID!)",
        ),
        ("{ shop { ...F } }", "useAndDefineFragment", "Fragment F was used, but not defined"),
        ("{ shop { id } } fragment F on Shop { id }", "useAndDefineFragment", "Fragment F was defined, but not used"),
        ("{ shop { ...F } } fragment F on Shop { ...F }", "infiniteLoop", "Fragment F contains an infinite loop"),
        (
            "{ shop { ... on Product { id } } }",
            "cannotSpreadFragment",
            "Fragment on Product can't be spread inside Shop",
        ),
        ("{ shop { a: id a: name } }", "fieldConflict", "Field 'a' has a field conflict: id or name?"),
        ("{ shop { id @defer } }", "undefinedDirective", "Directive @defer is not defined"),
        ("{ product(id: \"632910392\") { id } }", "argumentLiteralsIncompatible", "Invalid global id '632910392'"),
        (
            "mutation { webhookSubscriptionCreate(topic: CUSTOMERS_REDACT, webhookSubscription: {}) { userErrors { message } } }",
            "argumentLiteralsIncompatible",
            "Argument 'topic' on Field 'webhookSubscriptionCreate' has an invalid value (CUSTOMERS_REDACT). Expected type 'WebhookSubscriptionTopic!'.",
        ),
    ] {
        let heard = app.query(query);
        assert_eq!((heard.status, heard.code(), heard.message()), (200, code, message), "{query}");
        assert!(heard.body.get("data").is_none(), "{query}");
    }
}

#[test]
fn a_refusal_says_where() {
    let heard = App::new().query("query P {\n  shop { x: nope }\n}");
    let error = heard.at("/errors/0");
    assert_eq!(error["locations"], json!([{ "line": 2, "column": 10 }]));
    assert_eq!(error["path"], json!(["query P", "shop", "x"]));
    assert_eq!(error["extensions"], json!({ "code": "undefinedField", "typeName": "Shop", "fieldName": "nope" }));
}

#[test]
fn what_exists_and_is_not_modelled_is_a_gap_and_no_refusal() {
    let mut app = App::new();
    for query in [
        "{ shop { billingAddress { city } } }",
        "{ collections(first: 1) { nodes { id } } }",
        "mutation { productVariantsBulkUpdate(productId: \"gid://shopify/Product/1\", variants: []) { userErrors { message } } }",
        "{ products(first: 1, savedSearchId: \"gid://shopify/SavedSearch/1\") { nodes { id } } }",
        "{ products(first: 1, query: \"barcode:1\") { nodes { id } } }",
        "{ products(first: 1, sortKey: RELEVANCE) { nodes { id } } }",
        "mutation { productUpdate(product: { id: \"gid://shopify/Product/632910392\", category: \"gid://shopify/TaxonomyCategory/1\" }) { userErrors { message } } }",
        "{ __schema { types { name } } }",
    ] {
        let heard = app.query(query);
        assert_eq!(heard.status, 501, "{query}: {:#}", heard.body);
        assert!(heard.gap.is_some(), "{query}");
    }
}

#[test]
fn variables_that_do_not_fit_are_refused_with_their_problems() {
    let mut app = App::new();
    let query =
        "mutation U($product: ProductUpdateInput!) { productUpdate(product: $product) { userErrors { message } } }";
    for (variables, message) in [
        (json!({}), "Variable $product of type ProductUpdateInput! was provided invalid value"),
        (
            json!({ "product": { "colour": "red" } }),
            "Variable $product of type ProductUpdateInput! was provided invalid value for colour (Field is not defined on ProductUpdateInput)",
        ),
        (
            json!({ "product": { "status": "SOLD" } }),
            "Variable $product of type ProductUpdateInput! was provided invalid value for status (Expected \"SOLD\" to be one of: ACTIVE, ARCHIVED, DRAFT, UNLISTED)",
        ),
        (
            json!({ "product": { "title": 7 } }),
            "Variable $product of type ProductUpdateInput! was provided invalid value for title (Could not coerce value 7 to String)",
        ),
    ] {
        let heard = app.ask("2026-10", query, &variables);
        assert_eq!((heard.code(), heard.message()), ("INVALID_VARIABLE", message));
    }
}

#[test]
fn a_request_without_a_query_is_400() {
    let heard = App::new().send("POST", "/admin/api/2026-10/graphql.json", "{}");
    assert_eq!(
        (heard.status, heard.body),
        (400, json!({ "errors": { "query": "Required parameter missing or invalid" } }))
    );
}

#[test]
fn a_missing_scope_nulls_the_field_and_says_what_is_required() {
    let mut app = App::arranged(&[("scopes", json!("read_products"))]);
    let heard = app.query("{ order(id: \"gid://shopify/Order/450789469\") { name } shop { name } }");
    assert_eq!(heard.at("/data/order"), &Value::Null);
    assert_eq!(heard.at("/data/shop/name"), "Hot Rod Supply");
    assert_eq!(heard.code(), "ACCESS_DENIED");
    assert_eq!(
        heard.message(),
        "Access denied for order field. Required access: `read_orders` access scope, `read_marketplace_orders` access scope or `read_quick_sale` access scope."
    );
    let heard = app.query("{ orders(first: 1) { nodes { name } } }");
    assert_eq!(heard.at("/data"), &Value::Null, "a field that cannot be null takes the whole answer with it");
    let heard = app.query("{ node(id: \"gid://shopify/Order/450789469\") { id } }");
    assert_eq!((heard.at("/data/node"), heard.code()), (&Value::Null, "ACCESS_DENIED"));
}

#[test]
fn a_product_is_changed_and_stays_changed() {
    let mut app = App::new();
    let heard = app.query("mutation { productUpdate(product: { id: \"gid://shopify/Product/632910392\", title: \"Kit\", tags: [\"a\"] }) { product { title updatedAt } userErrors { field message } } }");
    assert_eq!(
        heard.at("/data/productUpdate"),
        &json!({ "product": { "title": "Kit", "updatedAt": "2026-11-20T12:00:00Z" }, "userErrors": [] })
    );
    assert_eq!(heard.at("/extensions/cost/actualQueryCost"), 10);
    let heard = app.query("{ product(id: \"gid://shopify/Product/632910392\") { title tags } }");
    assert_eq!(heard.at("/data/product"), &json!({ "title": "Kit", "tags": ["a"] }));
    let heard = app.query("mutation { productUpdate(product: { id: \"gid://shopify/Product/1\", title: \"x\" }) { product { id } userErrors { field message } } }");
    assert_eq!(
        heard.at("/data/productUpdate/userErrors"),
        &json!([{ "field": ["id"], "message": "Product does not exist" }])
    );
    assert!(heard.deliveries.is_empty());
}

fn adjust(change_from: &str, key: &str) -> String {
    format!(
        "mutation {{ inventoryAdjustQuantities(input: {{ name: \"available\", reason: \"correction\", changes: [{{ inventoryItemId: \"{ITEM}\", locationId: \"{LOCATION}\", delta: 5{change_from} }}] }}){key} {{ inventoryAdjustmentGroup {{ reason changes {{ name delta quantityAfterChange }} }} userErrors {{ code field message }} }} }}"
    )
}

#[test]
fn inventory_is_adjusted_only_as_the_version_demands() {
    let mut app = App::arranged(&[("scopes", json!("write_inventory"))]);
    let heard = app.query(&adjust("", " @idempotent(key: \"a\")"));
    assert_eq!(
        (heard.code(), heard.message()),
        ("INVALID_FIELD_ARGUMENTS", "InventoryChangeInput must include the following argument: changeFromQuantity")
    );
    let heard = app.query(&adjust(", changeFromQuantity: null", ""));
    assert_eq!(
        (heard.code(), heard.message()),
        ("BAD_REQUEST", "The @idempotent directive is required for this mutation but was not provided.")
    );
    let first = app.query(&adjust(", changeFromQuantity: 18", " @idempotent(key: \"a\")"));
    assert_eq!(first.at("/data/inventoryAdjustQuantities/inventoryAdjustmentGroup/changes/0/quantityAfterChange"), 23);
    let again = app.query(&adjust(", changeFromQuantity: 18", " @idempotent(key: \"a\")"));
    assert_eq!(again.at("/data"), first.at("/data"));
    assert!(!first.deliveries.is_empty() || again.deliveries.is_empty());
    let stale = app.query(&adjust(", changeFromQuantity: 18", " @idempotent(key: \"b\")"));
    assert_eq!(stale.at("/data/inventoryAdjustQuantities/userErrors/0/code"), "CHANGE_FROM_QUANTITY_STALE");
    let other = app.query(&adjust(", changeFromQuantity: null", " @idempotent(key: \"a\")"));
    assert_eq!(other.at("/data/inventoryAdjustQuantities/userErrors/0/code"), "IDEMPOTENCY_KEY_PARAMETER_MISMATCH");
    let old = app.ask("2026-01", &adjust("", ""), &json!({}));
    assert_eq!(old.at("/data/inventoryAdjustQuantities/inventoryAdjustmentGroup/changes/0/quantityAfterChange"), 28);
}

#[test]
fn inventory_cannot_be_written_with_scopes_that_read() {
    let heard = App::new().query(&adjust(", changeFromQuantity: null", " @idempotent(key: \"a\")"));
    assert_eq!((heard.at("/data/inventoryAdjustQuantities"), heard.code()), (&Value::Null, "ACCESS_DENIED"));
    assert!(heard.message().contains("`write_inventory` access scope"), "{}", heard.message());
}

#[test]
fn metafields_are_set_compared_and_deleted() {
    let mut app = App::new();
    let set = |value: &str, more: &str| {
        format!(
            "mutation {{ metafieldsSet(metafields: [{{ ownerId: \"{PRODUCT}\", namespace: \"hotdash\", key: \"note\", type: \"number_integer\", value: \"{value}\"{more} }}]) {{ metafields {{ key value compareDigest jsonValue }} userErrors {{ code field elementIndex }} }} }}"
        )
    };
    let heard = app.query(&set("7", ""));
    assert_eq!(heard.at("/data/metafieldsSet/metafields/0/jsonValue"), 7);
    let heard = app.query(&set("x", ""));
    assert_eq!(heard.at("/data/metafieldsSet/userErrors/0/code"), "INVALID_VALUE");
    let heard = app.query(&set("8", ", compareDigest: \"old\""));
    assert_eq!(heard.at("/data/metafieldsSet/userErrors/0/code"), "STALE_OBJECT");
    let delete = format!(
        "mutation {{ metafieldsDelete(metafields: [{{ ownerId: \"{PRODUCT}\", namespace: \"hotdash\", key: \"note\" }}]) {{ deletedMetafields {{ key }} }} }}"
    );
    assert_eq!(app.query(&delete).at("/data/metafieldsDelete/deletedMetafields"), &json!([{ "key": "note" }]));
    assert_eq!(app.query(&delete).at("/data/metafieldsDelete/deletedMetafields"), &json!([null]));
}

#[test]
fn a_search_filter_that_does_not_exist_is_ignored_with_a_warning() {
    let mut app = App::new();
    let query = "{ location(id: \"gid://shopify/Location/655441491\") { inventoryLevels(first: 50, query: \"available:<0\") { nodes { id } } } }";
    let heard = app.query(query);
    assert_eq!(
        heard.at("/data/location/inventoryLevels/nodes").as_array().unwrap().len(),
        8,
        "all of them, not the negative ones"
    );
    assert_eq!(heard.at("/extensions/search/0/warnings/0/field"), "available");
}

#[test]
fn deprecated_fields_are_named_in_a_header() {
    let heard = App::new().query("{ inventoryItem(id: \"gid://shopify/InventoryItem/908950810\") { variant { id } } customers(first: 1) { nodes { email } } }");
    assert_eq!(heard.header("x-shopify-api-deprecated-reason"), "Customer.email, InventoryItem.variant");
}

#[test]
fn whatever_is_posted_gets_an_answer_in_shopifys_shapes() {
    let app = App::new();
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "{ shop {",
        "}}",
        "name",
        "id",
        "orders(first: 2)",
        "nodes",
        "edges { node",
        "... on Product",
        "...F",
        "@skip(if: true)",
        "query Q($a: ID!)",
        "mutation",
        "fragment F on Shop {",
        "$a",
        "alias:",
        "(first: $a)",
        "(id: \"gid://shopify/Product/1\")",
        "\"\"\"",
        "productUpdate(product: {title: 7})",
        "é",
        "#",
        "__typename",
        "pageInfo { endCursor }",
        ",",
    ]);
    let documents = prop::collection::vec(pieces, 0..14).prop_map(|pieces| pieces.join(" "));
    let outcome = TestRunner::new(Config { cases: 400, ..Config::default() }).run(&documents, |document| {
        let mut asked = App { twin: app.twin.fork(), now: app.now, token: app.token.clone() };
        let heard = asked.query(&document);
        prop_assert!(matches!(heard.status, 200 | 400 | 501), "{}", heard.status);
        prop_assert_eq!(heard.gap.is_some(), heard.status == 501);
        prop_assert!(heard.status == 501 || heard.body.get("data").is_some() || heard.body.get("errors").is_some());
        Ok(())
    });
    assert_eq!(outcome, Ok(()));
}
