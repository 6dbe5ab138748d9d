@shopify
Feature: API versions
  A version that is no longer supported does not fail: an older request is served by the oldest supported version, with a 200,
  and only a header tells. The app's configuration and its code have named four different versions.

  @SHOP-90
  Scenario: The version that answers is the version that was asked for
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/shop.json"
    Then the status is 200
    And the header "X-Shopify-API-Version" is "${SHOPIFY_API_VERSION}"

  @SHOP-91
  Scenario: The version that the app is written for is supported
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { publicApiVersions { handle displayName supported } }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-data"
    And the media type is "application/json"
    And "$.data.publicApiVersions[?@.handle == '${SHOPIFY_API_VERSION}'].supported" is true

  @SHOP-92
  Scenario Outline: The old version <old> falls forward and answers 200
    When I GET "/admin/api/<old>/shop.json"
    Then the status is 200
    And the body matches schema "shopify/shop-answer"
    And the header "X-Shopify-API-Version" is "#regex ^20(2[6-9]|[3-9][0-9])-(01|04|07|10)$"

    Examples:
      | old     |
      | 2023-04 |
      | 2024-10 |

  @SHOP-93 @twin-only
  Scenario Outline: The version <asked> of the app's configuration is served by <served>
    When I query GraphQL at "/admin/api/<asked>/graphql.json":
      """
      { shop { name } }
      """
    Then the body matches schema "shopify/graphql-data"
    And the header "X-Shopify-API-Version" is "<served>"

    Examples:
      | asked   | served  |
      | 2024-10 | 2026-01 |
      | 2025-10 | 2026-01 |
      | 2026-01 | 2026-01 |
      | 2026-10 | 2026-10 |

  @SHOP-94 @twin-only
  Scenario: When a version's year is over its requests fall forward too
    Given the setting "oldest-version" is "2026-04"
    When I query GraphQL at "/admin/api/2026-01/graphql.json":
      """
      { shop { name } }
      """
    Then the body matches schema "shopify/graphql-data"
    And the header "X-Shopify-API-Version" is "2026-04"

  @SHOP-95
  Scenario: A version that never was is not found
    When I GET "/admin/api/2026-02/shop.json"
    Then the status is 404
    And the media type is "application/json"
    And the body matches schema "shopify/error-text"

  @SHOP-96 @twin-only @mutates
  Scenario: An inventory mutation that 2026-01 takes is refused since 2026-04
    The same request, without idempotency key and without the quantity it expects.

    Given the setting "scopes" is "read_inventory,write_inventory"
    When I query GraphQL at "/admin/api/2026-01/graphql.json":
      """
      mutation {
        inventoryAdjustQuantities(input: {name: "available", reason: "correction", changes: [{
          inventoryItemId: "gid://shopify/InventoryItem/${SHOPIFY_INVENTORY_ITEM_ID}",
          locationId: "gid://shopify/Location/${SHOPIFY_LOCATION_ID}", delta: 1}]}) {
          inventoryAdjustmentGroup { changes { name delta } }
          userErrors { field message }
        }
      }
      """
    Then the body matches schema "shopify/graphql-data"
    And "$.data.inventoryAdjustQuantities.userErrors" has 0 items
    When I query GraphQL at "/admin/api/2026-04/graphql.json":
      """
      mutation {
        inventoryAdjustQuantities(input: {name: "available", reason: "correction", changes: [{
          inventoryItemId: "gid://shopify/InventoryItem/${SHOPIFY_INVENTORY_ITEM_ID}",
          locationId: "gid://shopify/Location/${SHOPIFY_LOCATION_ID}", delta: 1}]}) {
          inventoryAdjustmentGroup { changes { name delta } }
          userErrors { field message }
        }
      }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-failed"
    And "$.data.inventoryAdjustQuantities" is null
    And "$.errors[0].extensions.code" is "INVALID_FIELD_ARGUMENTS"
    And "$.errors[0].message" contains "changeFromQuantity"

  @SHOP-97 @twin-only
  Scenario: An argument that a version has lost is refused
    When I query GraphQL at "/admin/api/2026-04/graphql.json":
      """
      mutation {
        inventorySetQuantities(input: {name: "available", reason: "correction", ignoreCompareQuantity: true, quantities: []}) {
          userErrors { message }
        }
      }
      """
    Then the body matches schema "shopify/graphql-invalid"
    And "$.errors[0].extensions.argumentName" is "ignoreCompareQuantity"

  @SHOP-98
  Scenario: Fields on their way out are named in a header
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { inventoryItem(id: "gid://shopify/InventoryItem/${SHOPIFY_INVENTORY_ITEM_ID}") { variant { id } } }
      """
    Then the body matches schema "shopify/graphql-data"
    And the header "X-Shopify-API-Deprecated-Reason" is "#regex .*InventoryItem\.variant.*"
