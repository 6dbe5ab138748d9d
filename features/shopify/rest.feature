@shopify
Feature: The REST Admin API
  Legacy since October 2024, and still what webhooks carry and what older clients call.

  @SHOP-110
  Scenario: The shop answers as the probe expects it
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/shop.json"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "shopify/shop-answer"
    And "$.shop.myshopify_domain" is "${SHOPIFY_SHOP_DOMAIN}"

  @SHOP-111
  Scenario: No product comes twice on the pages that next links lead to
    When I GET every page of "/admin/api/${SHOPIFY_API_VERSION}/products.json?limit=2" by its next link
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "shopify/product-list"
    And the values of "$.products[*].id" are unique on all pages

  @SHOP-112 @twin-only
  Scenario: No product is lost between the pages
    When I GET every page of "/admin/api/${SHOPIFY_API_VERSION}/products.json?limit=2" by its next link
    Then the pages hold 5 items at "$.products"

  @SHOP-113
  Scenario: The first page links to the next one, with page_info and the size alone
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/products.json?limit=1&status=active"
    Then the status is 200
    And the header "Link" is "#regex ^<https?://[^>]+/products\.json\?limit=1&page_info=[^>&]+>; rel=\"next\"$"
    When I remember "$.products[0].id" as "first"
    When I follow the "next" link
    Then the status is 200
    And the body matches schema "shopify/product-list"
    And "$.products" has 1 item
    And "$.products[0].id" is not "${first}"
    And the header "Link" is "#regex .*rel=\"previous\".*"

  @SHOP-114
  Scenario: Beside page_info no filter may stand
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/products.json?limit=1"
    And I follow the "next" link
    Then the status is 200
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/products.json?page_info=abc&status=active"
    Then the status is 400
    And the media type is "application/json"
    And the body matches schema "shopify/error-members"

  @SHOP-115
  Scenario: A product is found by its number, cut down to the fields asked for
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/products/${SHOPIFY_PRODUCT_ID}.json"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "shopify/product-answer"
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/products/${SHOPIFY_PRODUCT_ID}.json?fields=id,title"
    Then the body is:
      """
      {"product": {"id": "#integer", "title": "#string"}}
      """

  @SHOP-116
  Scenario: Orders come newest first and only those that are open
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/orders.json"
    Then the status is 200
    And the body matches schema "shopify/order-list"
    And each "$.orders[*].cancelled_at" is null
    And each "$.orders[*].closed_at" is null
    And the values of "$.orders[*].created_at" are in descending order

  @SHOP-117
  Scenario: Paid orders are found whatever became of them
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/orders.json?status=any&financial_status=paid"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "shopify/order-list"
    And each "$.orders[*].financial_status" is "paid"

  @SHOP-118
  Scenario: Inventory levels must be asked for by item or by location
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/inventory_levels.json"
    Then the status is 422
    And the media type is "application/json"
    And the body matches schema "shopify/error-members"
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/inventory_levels.json?inventory_item_ids=${SHOPIFY_INVENTORY_ITEM_ID}&location_ids=${SHOPIFY_LOCATION_ID}"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "shopify/inventory-level-list"
    And "$.inventory_levels" has 1 item

  @SHOP-119
  Scenario: Products over REST say that they are deprecated, the shop does not
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/products.json?limit=1"
    Then the header "X-Shopify-API-Deprecated-Reason" is "#string"
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/shop.json"
    Then the header "X-Shopify-API-Deprecated-Reason" is absent

  @SHOP-120 @mutates
  Scenario: A product that was renamed over REST is renamed over GraphQL
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/products/${SHOPIFY_PRODUCT_ID}.json"
    And I remember "$.product.title" as "title"
    And I PUT "/admin/api/${SHOPIFY_API_VERSION}/products/${SHOPIFY_PRODUCT_ID}.json" with the body:
      """
      {"product": {"title": "${title} (renamed)"}}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "shopify/product-answer"
    When I query GraphQL at "/admin/api/${SHOPIFY_API_VERSION}/graphql.json":
      """
      { product(id: "gid://shopify/Product/${SHOPIFY_PRODUCT_ID}") { title } }
      """
    Then "$.data.product.title" is "${title} (renamed)"
    When I PUT "/admin/api/${SHOPIFY_API_VERSION}/products/${SHOPIFY_PRODUCT_ID}.json" with the body:
      """
      {"product": {"title": "${title}"}}
      """
    Then "$.product.title" is "${title}"
