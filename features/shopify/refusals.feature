@shopify
Feature: Refusals and outages
  Each refusal has a shape of its own: errors as a text, as lists by member, as GraphQL errors under a 200. None of them is data.

  @SHOP-60
  Scenario Outline: A token that nobody gave opens nothing: <path>
    Given I authenticate as "stranger"
    When I GET "<path>"
    Then the status is 401
    And the media type is "application/json"
    And the body matches schema "shopify/error-text"
    And "$.errors" is "[API] Invalid API key or access token (unrecognized login or wrong password)"
    And the header "WWW-Authenticate" is "#regex .*Shopify API Authentication.*"

    Examples:
      | path                                            |
      | /admin/api/${SHOPIFY_API_VERSION}/shop.json     |
      | /admin/api/${SHOPIFY_API_VERSION}/products.json |
      | /admin/oauth/access_scopes.json                 |

  @SHOP-61
  Scenario: Without a token GraphQL is refused with a 401 and not with GraphQL errors
    Given I do not authenticate
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { shop { name } }
      """
    Then the status is 401
    And the media type is "application/json"
    And the body matches schema "shopify/error-text"
    And "$.data" is absent

  @SHOP-62 @twin-only
  Scenario Outline: A shop that is <store> answers <status> to everything
    Given the setting "store" is "<store>"
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/shop.json"
    Then the status is <status>
    And the media type is "application/json"
    And the body matches schema "shopify/error-text"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { shop { name } }
      """
    Then the status is <status>
    And the body matches schema "shopify/error-text"

    Examples:
      | store       | status |
      | frozen      | 402    |
      | locked      | 423    |
      | uninstalled | 401    |

  @SHOP-63 @twin-only
  Scenario: An internal error is a 200 that must not be taken for an empty shop
    Given the setting "internal-error" is true
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { orders(first: 10) { nodes { id } } }
      """
    Then the status is 200
    And the body matches schema "shopify/graphql-internal-error"
    And "$.data" is absent

  @SHOP-64
  Scenario: A product that does not exist is 404 with a text
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/products/1.json"
    Then the status is 404
    And the media type is "application/json"
    And the body is:
      """
      {"errors": "Not Found"}
      """

  @SHOP-65
  Scenario: Over GraphQL a product that does not exist is null, and no error
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { product(id: "gid://shopify/Product/1") { id } }
      """
    Then the body matches schema "shopify/graphql-data"
    And "$.data.product" is null

  @SHOP-66 @mutates
  Scenario: A REST update that is not valid names the member
    When I PUT "/admin/api/${SHOPIFY_API_VERSION}/products/${SHOPIFY_PRODUCT_ID}.json" with the body:
      """
      {"product": {"title": ""}}
      """
    Then the status is 422
    And the media type is "application/json"
    And the body matches schema "shopify/error-members"
    And "$.errors.title" is:
      """
      ["can't be blank"]
      """

  @SHOP-67 @twin-only
  Scenario Outline: An outage (<status>) is told as an outage
    Given "shopify" answers <status>
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { shop { name } }
      """
    Then the status is <status>
    And the media type is "application/json"
    And the body matches schema "shopify/error-text"
    And "$.data" is absent

    Examples:
      | status |
      | 500    |
      | 502    |
      | 503    |
      | 504    |

  @SHOP-68 @twin-only
  Scenario: One failure is followed by the right answer
    Given "shopify" answers 503 to the next 1 request
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/shop.json"
    Then the status is 503
    And the media type is "application/json"
    And the body matches schema "shopify/error-text"
    When I repeat the request
    Then the status is 200
    And the body matches schema "shopify/shop-answer"

  @SHOP-69 @twin-only
  Scenario: An answer that comes too late is no answer
    Given "shopify" takes 6000 ms to answer
    And my timeout is 5000 ms
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/shop.json"
    Then no answer comes: timed-out

  @SHOP-70 @twin-only @requires:wire
  Scenario: A connection that is reset in the body gives no half answer
    Given "shopify" resets the connection in the body
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/products.json"
    Then no answer comes: cut-off
