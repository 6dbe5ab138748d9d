@shopify
Feature: Costs and limits
  GraphQL is limited by points and says so in a 200; REST is limited by calls and says so in a 429. A client that looks at the
  status alone retries one of them and takes the other for data.

  @SHOP-40
  Scenario: Every answer says what it cost and what is left
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { products(first: 5) { nodes { id } } }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-data"
    And "$.extensions.cost" is:
      """
      {"requestedQueryCost": "#integer", "actualQueryCost": "#integer",
       "throttleStatus": {"maximumAvailable": "#number", "currentlyAvailable": "#integer", "restoreRate": "#number"}}
      """

  @SHOP-41 @twin-only
  Scenario: A query that finds less than it might is charged for what it found
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { customers(first: 10) { nodes { id } } }
      """
    Then the body matches schema "shopify/graphql-data"
    And "$.extensions.cost.requestedQueryCost" is 12
    And "$.extensions.cost.actualQueryCost" is 5
    And "$.extensions.cost.throttleStatus.currentlyAvailable" is 1995

  @SHOP-42 @twin-only
  Scenario: THROTTLED is a 200 without data and without Retry-After
    Given the setting "points-available" is 100
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { orders(first: 250) { nodes { id } } }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-throttled"
    And "$.data" is absent
    And "$.errors[0].extensions.code" is "THROTTLED"
    And "$.extensions.cost.requestedQueryCost" is 252
    And "$.extensions.cost.actualQueryCost" is null
    And the answer names no time to retry

  @SHOP-43 @twin-only
  Scenario: After the computed wait the same query is answered
    252 points are asked for, none are there, 100 a second come back: after 2.52 seconds there is enough.

    Given the setting "points-available" is 0
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { orders(first: 250) { nodes { id } } }
      """
    Then the body matches schema "shopify/graphql-throttled"
    When 2 seconds pass
    And I repeat the request
    Then the body matches schema "shopify/graphql-throttled"
    And "$.extensions.cost.throttleStatus.currentlyAvailable" is 200
    When 2 seconds pass
    And I repeat the request
    Then the body matches schema "shopify/graphql-data"

  @SHOP-44 @twin-only
  Scenario Outline: The plan <plan> restores <rate> points a second
    Given the setting "plan" is "<plan>"
    And the setting "points-available" is 0
    When 2 seconds pass
    And I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { shop { name } }
      """
    Then the body matches schema "shopify/graphql-data"
    And "$.extensions.cost.throttleStatus.restoreRate" is <rate>
    And "$.extensions.cost.throttleStatus.currentlyAvailable" is <left>

    Examples:
      | plan       | rate | left |
      | standard   | 100  | 199  |
      | advanced   | 200  | 399  |
      | plus       | 1000 | 1999 |
      | enterprise | 2000 | 3999 |

  @SHOP-45
  Scenario: A single query may cost a thousand points, however full the bucket is
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { orders(first: 250) { nodes { lineItems(first: 250) { nodes { id variant { id product { id } } } } } } }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-too-costly"
    And "$.data" is absent

  @SHOP-46
  Scenario: REST says how many calls are used, in two headers
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/shop.json"
    Then the status is 200
    And the header "X-Shopify-Shop-Api-Call-Limit" is "#regex ^[0-9]+/[0-9]+$"
    And the header "http_x_shopify_shop_api_call_limit" is "#regex ^[0-9]+/[0-9]+$"

  @SHOP-47 @twin-only
  Scenario: The forty-first call in a burst is refused with a decimal Retry-After
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/shop.json" 41 times
    Then 40 of the answers have the status 200
    And 1 of the answers have the status 429
    And the status is 429
    And the media type is "application/json"
    And the body matches schema "shopify/error-text"
    And "$.errors" contains "Exceeded 2 calls per second for api client"
    And the header "Retry-After" is "2.0"
    And the header "X-Shopify-Shop-Api-Call-Limit" is "40/40"
    And the answer may be retried after 2 to 2 seconds

  @SHOP-48 @twin-only
  Scenario: After the wait that Retry-After names the call is answered
    Given the setting "calls-used" is 40
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/shop.json"
    Then the status is 429
    When 2 seconds pass
    And I repeat the request
    Then the status is 200
    And the header "X-Shopify-Shop-Api-Call-Limit" is "37/40"

  @SHOP-49 @twin-only
  Scenario: Calls and points are two buckets
    Given the setting "calls-used" is 40
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { shop { name } }
      """
    Then the body matches schema "shopify/graphql-data"
    And the header "X-Shopify-Shop-Api-Call-Limit" is absent

  @SHOP-50 @twin-only
  Scenario: The larger plan allows the larger burst
    Given the setting "plan" is "plus"
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/shop.json" 41 times
    Then 41 of the answers have the status 200
    And the header "X-Shopify-Shop-Api-Call-Limit" is "41/400"
