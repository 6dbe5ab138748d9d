@shopify
Feature: Mode and status and latency hold together
  A probe of the dashboard once took a 410 in 173 ms for a fast success. Here an answer counts when all of it is right at once:
  the version that answered, the status, the body, and the time.

  @SHOP-80
  Scenario: The API answers in the right version, with data, in time
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { shop { myshopifyDomain } }
      """
    Then the status is 200
    And the header "X-Shopify-API-Version" is "${SHOPIFY_API_VERSION}"
    And the body matches schema "shopify/graphql-data"
    And "$.data.shop.myshopifyDomain" is "${SHOPIFY_SHOP_DOMAIN}"
    And the answer comes within 1000 ms

  @SHOP-81 @twin-only
  Scenario: Fast and gone is not fast
    Given "shopify" answers 410
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { shop { myshopifyDomain } }
      """
    Then the answer comes within 300 ms
    And the status is 410
    And the media type is "application/json"
    And the body matches schema "shopify/error-text"
    And "$.data" is absent

  @SHOP-82 @twin-only
  Scenario: Fast and throttled is not fast
    Given the setting "points-available" is 0
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { shop { myshopifyDomain } }
      """
    Then the answer comes within 300 ms
    And the status is 200
    And "$.data" is absent
    And the body matches schema "shopify/graphql-throttled"

  @SHOP-83 @twin-only
  Scenario: Right and in time, though not at once
    Given "shopify" takes 250 ms to answer
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { shop { myshopifyDomain } }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-data"
    And the answer comes within 300 ms
