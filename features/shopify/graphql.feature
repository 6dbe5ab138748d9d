@shopify
Feature: Reading and writing over GraphQL
  A 200 says only that the request arrived. What counts is data without errors, and userErrors that are empty.

  @SHOP-20
  Scenario: The shop is the one that the app is configured for
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { shop { name myshopifyDomain currencyCode ianaTimezone plan { publicDisplayName } } }
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "shopify/graphql-data"
    And "$.data.shop.myshopifyDomain" is "${SHOPIFY_SHOP_DOMAIN}"
    And the header "X-Shopify-API-Version" is "${SHOPIFY_API_VERSION}"
    And the header "X-Request-Id" is "#string"

  @SHOP-21
  Scenario: Pages follow one another without a repeat
    The shop needs three products for this.

    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { products(first: 2) { edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }
      """
    Then the body matches schema "shopify/graphql-data"
    And "$.data.products.edges" has 2 items
    And "$.data.products.pageInfo.hasNextPage" is true
    When I remember "$.data.products.edges[0].node.id" as "first"
    And I remember "$.data.products.edges[1].node.id" as "second"
    And I remember "$.data.products.pageInfo.endCursor" as "cursor"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { products(first: 2, after: "${cursor}") { nodes { id } pageInfo { hasPreviousPage } } }
      """
    Then the body matches schema "shopify/graphql-data"
    And the media type is "application/json"
    And "$.data.products.pageInfo.hasPreviousPage" is true
    And "$.data.products.nodes[0].id" is not "${first}"
    And "$.data.products.nodes[0].id" is not "${second}"

  @SHOP-22
  Scenario Outline: A connection must be sized within limits: <arguments>
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { products<arguments> { nodes { id } } }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-failed"
    And "$.errors[0].extensions.code" is "BAD_REQUEST"
    And "$.errors[0].path" is:
      """
      ["products"]
      """

    Examples:
      | arguments                       |
      |                                 |
      | (first: 300)                    |
      | (first: 1, after: "no cursor")  |

  @SHOP-23 @mutates
  Scenario: A product is renamed and can be read under its new title
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { product(id: "gid://shopify/Product/${SHOPIFY_PRODUCT_ID}") { title } }
      """
    And I remember "$.data.product.title" as "title"
    And I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation {
        productUpdate(product: {id: "gid://shopify/Product/${SHOPIFY_PRODUCT_ID}", title: "${title} (renamed)"}) {
          product { id title }
          userErrors { field message }
        }
      }
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "shopify/graphql-data"
    And "$.data.productUpdate.userErrors" has 0 items
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { product(id: "gid://shopify/Product/${SHOPIFY_PRODUCT_ID}") { title } }
      """
    Then "$.data.product.title" is "${title} (renamed)"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation {
        productUpdate(product: {id: "gid://shopify/Product/${SHOPIFY_PRODUCT_ID}", title: "${title}"}) {
          product { title }
          userErrors { field message }
        }
      }
      """
    Then "$.data.productUpdate.product.title" is "${title}"

  @SHOP-24 @mutates
  Scenario: A refused mutation is a 200 with userErrors, and changes nothing
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { product(id: "gid://shopify/Product/${SHOPIFY_PRODUCT_ID}") { title } }
      """
    Then "$.data.product.title" is "#string"
    When I remember "$.data.product.title" as "title"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation {
        productUpdate(product: {id: "gid://shopify/Product/${SHOPIFY_PRODUCT_ID}", title: " "}) {
          product { id }
          userErrors { field message }
        }
      }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-data"
    And "$.errors" is absent
    And "$.data.productUpdate.product" is null
    And each "$.data.productUpdate.userErrors" matches schema "shopify/user-errors"
    And "$.data.productUpdate.userErrors[0].field" contains "title"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { product(id: "gid://shopify/Product/${SHOPIFY_PRODUCT_ID}") { title } }
      """
    Then "$.data.product.title" is "${title}"

  @SHOP-25 @mutates
  Scenario: The product that a mutation names must exist
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation {
        productUpdate(product: {id: "gid://shopify/Product/1", title: "x"}) { product { id } userErrors { field message } }
      }
      """
    Then the status is 200
    And "$.data.productUpdate.userErrors" is:
      """
      [{"field": ["id"], "message": "#string"}]
      """

  @SHOP-26 @twin-only @mutates
  Scenario: The cost of an item is synchronised
    Given the setting "scopes" is "read_inventory,write_inventory"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation UpdateVariantCost {
        inventoryItemUpdate(id: "gid://shopify/InventoryItem/${SHOPIFY_INVENTORY_ITEM_ID}", input: {cost: 33.5}) {
          inventoryItem { id unitCost { amount currencyCode } updatedAt }
          userErrors { field message }
        }
      }
      """
    Then the body matches schema "shopify/graphql-data"
    And the media type is "application/json"
    And "$.data.inventoryItemUpdate" is:
      """
      {
        "inventoryItem": {
          "id": "gid://shopify/InventoryItem/${SHOPIFY_INVENTORY_ITEM_ID}",
          "unitCost": {"amount": "33.50", "currencyCode": "USD"},
          "updatedAt": "#datetime"
        },
        "userErrors": []
      }
      """

  @SHOP-27 @twin-only @mutates
  Scenario: Stock is adjusted once, however often the request is repeated
    Given the setting "scopes" is "read_inventory,write_inventory"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation {
        inventoryAdjustQuantities(
          input: {name: "available", reason: "correction", changes: [{
            inventoryItemId: "gid://shopify/InventoryItem/${SHOPIFY_INVENTORY_ITEM_ID}",
            locationId: "gid://shopify/Location/${SHOPIFY_LOCATION_ID}", delta: -2, changeFromQuantity: 18}]}
        ) @idempotent(key: "6f1c2b9e-41b7-4a52-9e04-5bb0a7d1c001") {
          inventoryAdjustmentGroup { reason changes { name delta quantityAfterChange } }
          userErrors { code field message }
        }
      }
      """
    Then the body matches schema "shopify/graphql-data"
    And the media type is "application/json"
    And each "$.data" matches schema "shopify/adjusted-stock"
    And "$.data.inventoryAdjustQuantities.inventoryAdjustmentGroup.changes[0].quantityAfterChange" is 16
    When I repeat the request
    Then "$.data.inventoryAdjustQuantities.userErrors" has 0 items
    And "$.data.inventoryAdjustQuantities.inventoryAdjustmentGroup.changes[0].quantityAfterChange" is 16
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      {
        inventoryItem(id: "gid://shopify/InventoryItem/${SHOPIFY_INVENTORY_ITEM_ID}") {
          inventoryLevel(locationId: "gid://shopify/Location/${SHOPIFY_LOCATION_ID}") {
            quantities(names: ["available"]) { name quantity }
          }
        }
      }
      """
    Then the status is 200
    And "$.data.inventoryItem.inventoryLevel.quantities[0].quantity" is 16
    And the media type is "application/json"
    And the body matches schema "shopify/graphql-data"

  @SHOP-28 @twin-only @mutates
  Scenario: Stock that has changed since it was read is not overwritten
    Given the setting "scopes" is "read_inventory,write_inventory"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation {
        inventorySetQuantities(
          input: {name: "available", reason: "correction", quantities: [{
            inventoryItemId: "gid://shopify/InventoryItem/${SHOPIFY_INVENTORY_ITEM_ID}",
            locationId: "gid://shopify/Location/${SHOPIFY_LOCATION_ID}", quantity: 5, changeFromQuantity: 17}]}
        ) @idempotent(key: "6f1c2b9e-41b7-4a52-9e04-5bb0a7d1c002") {
          inventoryAdjustmentGroup { reason }
          userErrors { code field message }
        }
      }
      """
    Then the body matches schema "shopify/graphql-data"
    And the media type is "application/json"
    And "$.data.inventorySetQuantities.inventoryAdjustmentGroup" is null
    And "$.data.inventorySetQuantities.userErrors[0].code" is "CHANGE_FROM_QUANTITY_STALE"
    And each "$.data.inventorySetQuantities.userErrors" matches schema "shopify/user-errors"

  @SHOP-29 @twin-only @mutates
  Scenario: The app's own reason for a change of stock is none that Shopify knows
    Given the setting "scopes" is "read_inventory,write_inventory"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation {
        inventorySetQuantities(
          input: {name: "available", reason: "inventory_management_system_update", quantities: [{
            inventoryItemId: "gid://shopify/InventoryItem/${SHOPIFY_INVENTORY_ITEM_ID}",
            locationId: "gid://shopify/Location/${SHOPIFY_LOCATION_ID}", quantity: 5, changeFromQuantity: null}]}
        ) @idempotent(key: "6f1c2b9e-41b7-4a52-9e04-5bb0a7d1c003") { userErrors { code field message } }
      }
      """
    Then the status is 200
    And "$.data.inventorySetQuantities.userErrors[0].code" is "INVALID_REASON"

  @SHOP-30 @mutates
  Scenario: A metafield is written, read back and deleted
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation {
        metafieldsSet(metafields: [{ownerId: "gid://shopify/Product/${SHOPIFY_PRODUCT_ID}", namespace: "hotdash_preflight",
          key: "bom_components", type: "json", value: "[{\"sku\": \"A\", \"quantity\": 2}]"}]) {
          metafields { key value }
          userErrors { code field message }
        }
      }
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "shopify/graphql-data"
    And "$.data.metafieldsSet" is:
      """
      {"metafields": [{"key": "bom_components", "value": "#regex \"sku\""}], "userErrors": []}
      """
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      {
        product(id: "gid://shopify/Product/${SHOPIFY_PRODUCT_ID}") {
          metafield(namespace: "hotdash_preflight", key: "bom_components") { type jsonValue }
        }
      }
      """
    Then "$.data.product.metafield" is:
      """
      {"type": "json", "jsonValue": [{"sku": "A", "quantity": 2}]}
      """
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation {
        metafieldsDelete(metafields: [{ownerId: "gid://shopify/Product/${SHOPIFY_PRODUCT_ID}",
          namespace: "hotdash_preflight", key: "bom_components"}]) {
          deletedMetafields { key }
          userErrors { field message }
        }
      }
      """
    Then the status is 200
    And "$.data.metafieldsDelete.deletedMetafields" is:
      """
      [{"key": "bom_components"}]
      """
    And the media type is "application/json"
    And the body matches schema "shopify/graphql-data"

  @SHOP-31
  Scenario: A variable that does not fit is refused with its problem
    Given the GraphQL variables are:
      """
      {"id": null}
      """
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      query ($id: ID!) { product(id: $id) { id } }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-invalid"
    And "$.errors[0].extensions.code" is "INVALID_VARIABLE"
    And "$.errors[0].extensions.problems" has 1 item

  @SHOP-32
  Scenario: A document that cannot be read is refused without data
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { shop { name }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-unparsed"
    And "$.data" is absent

  @SHOP-33 @mutates
  Scenario: A request without a query is 400
    When I POST "/admin/api/${SHOPIFY_API_VERSION}/graphql.json" with the body:
      """
      {"variables": {}}
      """
    Then the status is 400
    And the media type is "application/json"
    And the body matches schema "shopify/error-members"
    And "$.errors.query" is "#string"
