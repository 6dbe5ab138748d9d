@shopify
Feature: Access scopes
  The app's configuration asks for one set of scopes, its runbooks for two others, and its code writes inventory with none of them.

  @SHOP-100
  Scenario Outline: The installation was granted <scope>
    When I GET "/admin/oauth/access_scopes.json"
    Then the status is 200
    And the body matches schema "shopify/access-scopes"
    And "$.access_scopes" has at least 1 item
    And "$.access_scopes[?@.handle == '<scope>'].handle" is "<scope>"

    Examples: what the app's queries need
      | scope          |
      | read_orders    |
      | read_products  |
      | read_inventory |
      | read_locations |
      | write_products |

  @SHOP-107 @live-only
  Scenario: The installation was granted what the app's inventory mutations need
    When I GET "/admin/oauth/access_scopes.json"
    Then the status is 200
    And the body matches schema "shopify/access-scopes"
    And "$.access_scopes[?@.handle == 'write_inventory'].handle" is "write_inventory"

  @SHOP-101
  Scenario: GraphQL and REST tell of the same grants
    When I GET "/admin/oauth/access_scopes.json"
    And I remember "$.access_scopes" as "grants"
    And I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { currentAppInstallation { accessScopes { handle } } }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-data"
    And the media type is "application/json"
    And "$.data.currentAppInstallation.accessScopes" has at least 1 item
    And "$.data.currentAppInstallation.accessScopes" is:
      """
      ${grants}
      """

  @SHOP-102 @twin-only @mutates
  Scenario Outline: With the scopes of its configuration the app cannot write inventory: <mutation>
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation { <mutation><arguments> { userErrors { message } } }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-denied"
    And "$.data.<mutation>" is null
    And "$.errors[0].message" contains "`write_inventory` access scope"

    Examples:
      | mutation                  | arguments                                                                                                                    |
      | inventoryAdjustQuantities | (input: {name: "available", reason: "correction", changes: []}) @idempotent(key: "k")                                        |
      | inventorySetQuantities    | (input: {name: "available", reason: "correction", quantities: []}) @idempotent(key: "k")                                     |
      | inventoryItemUpdate       | (id: "gid://shopify/InventoryItem/${SHOPIFY_INVENTORY_ITEM_ID}", input: {cost: 1})                                           |

  @SHOP-103 @twin-only
  Scenario: A missing scope empties what may be empty and leaves the rest
    Given the setting "scopes" is "read_products"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { shop { name } order(id: "gid://shopify/Order/${SHOPIFY_ORDER_ID}") { name } }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-denied"
    And "$.data.shop.name" is "#string"
    And "$.data.order" is null
    And "$.errors[0].path" is:
      """
      ["order"]
      """

  @SHOP-104 @twin-only
  Scenario: A connection that may not be empty takes the whole answer with it
    Given the setting "scopes" is "read_products"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { shop { name } orders(first: 10) { nodes { name } } }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-denied"
    And "$.data" is null

  @SHOP-105 @twin-only
  Scenario: Over REST a missing scope is 403 and names it
    Given the setting "scopes" is "read_products"
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/orders.json"
    Then the status is 403
    And the media type is "application/json"
    And the body is:
      """
      {"errors": "[API] This action requires merchant approval for read_orders scope."}
      """

  @SHOP-106 @twin-only
  Scenario: A write scope includes the read scope
    Given the setting "scopes" is "write_inventory"
    When I GET "/admin/oauth/access_scopes.json"
    Then the body is:
      """
      {"access_scopes": [{"handle": "read_inventory"}, {"handle": "write_inventory"}]}
      """
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { inventoryItem(id: "gid://shopify/InventoryItem/${SHOPIFY_INVENTORY_ITEM_ID}") { sku locationsCount { count } } }
      """
    Then the body matches schema "shopify/graphql-data"
