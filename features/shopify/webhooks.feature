@shopify
Feature: Webhook subscriptions
  The app has handlers for stock and orders, and subscriptions for neither. What is not subscribed to never comes, and nothing fails.

  @SHOP-130
  Scenario Outline: The app is subscribed to <topic>
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { webhookSubscriptions(first: 100) { nodes { topic uri format } } }
      """
    Then the body matches schema "shopify/graphql-data"
    And the media type is "application/json"
    And "$.data.webhookSubscriptions.nodes[?@.topic == '<topic>'].uri" is "#url"

    Examples: what the app's configuration registers
      | topic             |
      | APP_UNINSTALLED   |
      | APP_SCOPES_UPDATE |

  @SHOP-129 @live-only
  Scenario Outline: The topic <topic>, for which the app has a handler, is subscribed to
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { webhookSubscriptions(first: 100, topics: [<topic>]) { nodes { topic uri format } } }
      """
    Then the body matches schema "shopify/graphql-data"
    And "$.data.webhookSubscriptions.nodes" has at least 1 item
    And each "$.data.webhookSubscriptions.nodes[*].format" is "JSON"

    Examples:
      | topic                   |
      | INVENTORY_LEVELS_UPDATE |
      | ORDERS_CREATE           |

  @SHOP-131 @twin-only @mutates
  Scenario: Without a subscription a change of stock is told to nobody
    Given the setting "scopes" is "read_inventory,write_inventory"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { webhookSubscriptions(first: 10, topics: [INVENTORY_LEVELS_UPDATE, ORDERS_CREATE]) { nodes { id } } }
      """
    Then "$.data.webhookSubscriptions.nodes" has 0 items
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation {
        inventoryAdjustQuantities(input: {name: "available", reason: "correction", changes: [{
          inventoryItemId: "gid://shopify/InventoryItem/${SHOPIFY_INVENTORY_ITEM_ID}",
          locationId: "gid://shopify/Location/${SHOPIFY_LOCATION_ID}", delta: 1, changeFromQuantity: null}]})
        @idempotent(key: "6f1c2b9e-41b7-4a52-9e04-5bb0a7d1c010") { userErrors { message } }
      }
      """
    Then "$.data.inventoryAdjustQuantities.userErrors" has 0 items
    And no webhook is delivered

  @SHOP-132 @twin-only @mutates
  Scenario: A change of stock is delivered, signed, to the handler that subscribed
    Given the setting "scopes" is "read_inventory,write_inventory"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation {
        webhookSubscriptionCreate(topic: INVENTORY_LEVELS_UPDATE, webhookSubscription: {uri: "${SHOPIFY_WEBHOOK_URL}/inventory"}) {
          webhookSubscription { id topic uri }
          userErrors { field message }
        }
      }
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "shopify/graphql-data"
    And "$.data.webhookSubscriptionCreate" is:
      """
      {
        "webhookSubscription": {
          "id": "#regex ^gid://shopify/WebhookSubscription/[0-9]+$",
          "topic": "INVENTORY_LEVELS_UPDATE",
          "uri": "${SHOPIFY_WEBHOOK_URL}/inventory"
        },
        "userErrors": []
      }
      """
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation {
        inventoryAdjustQuantities(input: {name: "available", reason: "correction", changes: [{
          inventoryItemId: "gid://shopify/InventoryItem/${SHOPIFY_INVENTORY_ITEM_ID}",
          locationId: "gid://shopify/Location/${SHOPIFY_LOCATION_ID}", delta: -3, changeFromQuantity: 18}]})
        @idempotent(key: "6f1c2b9e-41b7-4a52-9e04-5bb0a7d1c011") { userErrors { message } }
      }
      """
    Then 1 webhook is delivered
    And the webhook "inventory_levels/update" is delivered
    And the webhook "inventory_levels/update" matches schema "shopify/inventory-level"
    And the webhook "inventory_levels/update" contains:
      """
      {"inventory_item_id": 908950810, "location_id": 655441491, "available": 15}
      """
    And the webhook "inventory_levels/update" is signed by "shopify" with the secret "${SHOPIFY_API_SECRET}"
    And the webhook "inventory_levels/update" has the header "X-Shopify-Topic" "inventory_levels/update"
    And the webhook "inventory_levels/update" has the header "X-Shopify-Shop-Domain" "${SHOPIFY_SHOP_DOMAIN}"
    And the webhook "inventory_levels/update" has the header "X-Shopify-API-Version" "${SHOPIFY_API_VERSION}"
    And the webhook "inventory_levels/update" has the header "X-Shopify-Webhook-Id" "#uuid"
    And the webhook "inventory_levels/update" has the header "X-Shopify-Event-Id" "#uuid"
    And the webhook "inventory_levels/update" has the header "X-Shopify-Triggered-At" "#datetime"
    And the webhook "inventory_levels/update" has the header "Content-Type" "application/json"

  @SHOP-133 @twin-only @mutates
  Scenario: A paid order tells of itself twice: that it was paid, and that it was changed
    Given the setting "scopes" is "write_orders"
    When I POST "/admin/api/${SHOPIFY_API_VERSION}/webhooks.json" with the body:
      """
      {"webhook": {"topic": "orders/paid", "address": "${SHOPIFY_WEBHOOK_URL}/orders", "format": "json"}}
      """
    Then the status is 201
    And the media type is "application/json"
    And the body matches schema "shopify/webhook-answer"
    When I POST "/admin/api/${SHOPIFY_API_VERSION}/webhooks.json" with the body:
      """
      {"webhook": {"topic": "orders/updated", "address": "${SHOPIFY_WEBHOOK_URL}/orders", "format": "json"}}
      """
    Then the status is 201
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { orders(first: 1, query: "financial_status:pending") { nodes { id } } }
      """
    Then "$.data.orders.nodes" has 1 item
    When I remember "$.data.orders.nodes[0].id" as "order"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation { orderMarkAsPaid(input: {id: "${order}"}) { order { displayFinancialStatus } userErrors { message } } }
      """
    Then "$.data.orderMarkAsPaid.order.displayFinancialStatus" is "PAID"
    And 2 webhooks are delivered
    And the webhook "orders/paid" matches schema "shopify/order"
    And the webhook "orders/paid" has the header "Content-Type" "application/json"
    And the webhook "orders/updated" matches schema "shopify/order"
    And the webhook "orders/updated" has the header "Content-Type" "application/json"
    And the webhook "orders/updated" contains:
      """
      {"financial_status": "paid", "admin_graphql_api_id": "${order}"}
      """
    And the webhook "orders/updated" is signed by "shopify" with the secret "${SHOPIFY_API_SECRET}"

  @SHOP-134 @mutates
  Scenario: A subscription is made, found and ended
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation {
        webhookSubscriptionCreate(topic: PRODUCTS_UPDATE, webhookSubscription: {uri: "${SHOPIFY_WEBHOOK_URL}/preflight"}) {
          webhookSubscription { id uri apiVersion { handle } }
          userErrors { field message }
        }
      }
      """
    Then the body matches schema "shopify/graphql-data"
    And "$.data.webhookSubscriptionCreate.userErrors" has 0 items
    When I remember "$.data.webhookSubscriptionCreate.webhookSubscription.id" as "subscription"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { webhookSubscriptions(first: 10, topics: [PRODUCTS_UPDATE], uri: "${SHOPIFY_WEBHOOK_URL}/preflight") { nodes { id } } }
      """
    Then "$.data.webhookSubscriptions.nodes" is:
      """
      [{"id": "${subscription}"}]
      """
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation { webhookSubscriptionDelete(id: "${subscription}") { deletedWebhookSubscriptionId userErrors { message } } }
      """
    Then the status is 200
    And "$.data.webhookSubscriptionDelete.deletedWebhookSubscriptionId" is "${subscription}"
    And the media type is "application/json"
    And the body matches schema "shopify/graphql-data"

  @SHOP-135 @twin-only @mutates
  Scenario Outline: An address that cannot be delivered to is a userError: <uri>
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation {
        webhookSubscriptionCreate(topic: APP_UNINSTALLED, webhookSubscription: {uri: "<uri>"}) {
          webhookSubscription { id }
          userErrors { field message }
        }
      }
      """
    Then the body matches schema "shopify/graphql-data"
    And "$.data.webhookSubscriptionCreate.webhookSubscription" is null
    And "$.data.webhookSubscriptionCreate.userErrors" is:
      """
      [{"field": ["webhookSubscription", "uri"], "message": "<message>"}]
      """

    Examples:
      | uri                                              | message                                        |
      | http://hotdash.example/webhooks                  | Address protocol http:// is not supported      |
      | https://localhost:3000/webhooks                  | Address cannot be a local address              |
      | https://hotdash.example/webhooks/app/uninstalled | Address for this topic has already been taken  |

  @SHOP-136 @twin-only @mutates
  Scenario: A topic whose scope is missing is a userError
    Given the setting "scopes" is "read_products"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      mutation {
        webhookSubscriptionCreate(topic: ORDERS_CREATE, webhookSubscription: {uri: "${SHOPIFY_WEBHOOK_URL}/orders"}) {
          webhookSubscription { id }
          userErrors { field message }
        }
      }
      """
    Then the body matches schema "shopify/graphql-data"
    And "$.data.webhookSubscriptionCreate.userErrors" is:
      """
      [{"field": ["topic"], "message": "You cannot create a webhook subscription with the specified topic"}]
      """

  @SHOP-137
  Scenario Outline: The mandatory topic <topic> cannot be subscribed to over the API
    The app's configuration alone can name it, and an app of the App Store must.

    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { webhookSubscriptions(first: 1, topics: [<enum>]) { nodes { id } } }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-invalid"
    And "$.errors[0].extensions.argumentName" is "topics"

    Examples:
      | topic                  | enum                   |
      | customers/data_request | CUSTOMERS_DATA_REQUEST |
      | customers/redact       | CUSTOMERS_REDACT       |
      | shop/redact            | SHOP_REDACT            |

  @SHOP-138 @mutates
  Scenario: Over REST a mandatory topic is 422, with the topics that are allowed
    When I POST "/admin/api/${SHOPIFY_API_VERSION}/webhooks.json" with the body:
      """
      {"webhook": {"topic": "customers/redact", "address": "${SHOPIFY_WEBHOOK_URL}/privacy", "format": "json"}}
      """
    Then the status is 422
    And the media type is "application/json"
    And the body matches schema "shopify/error-members"
    And "$.errors.topic[0]" contains "Invalid topic specified. Topics allowed: "
    And "$.errors.topic[0]" contains "app/uninstalled"

  @SHOP-139
  Scenario: REST lists the subscriptions with their slugs
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/webhooks.json"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "shopify/webhook-list"
    And "$.webhooks[?@.topic == 'app/uninstalled'].address" is "#url"
