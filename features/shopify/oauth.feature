@shopify
Feature: Access tokens
  Tokens that expire are optional since December 2025 and mandatory for new public apps since April 2026. A refresh gives a new
  pair and spends the old one.

  @SHOP-140 @twin-only @mutates
  Scenario: A code is exchanged once, for a token that works
    Given I do not authenticate
    When I POST "/admin/oauth/access_token" with the body:
      """
      {"client_id": "${SHOPIFY_API_KEY}", "client_secret": "${SHOPIFY_API_SECRET}", "code": "${SHOPIFY_AUTH_CODE}", "expiring": "0"}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "shopify/access-token"
    When I remember "$.access_token" as "token"
    When I repeat the request
    Then the status is 400
    And the media type is "application/json"
    And the body matches schema "shopify/oauth-error"
    Given the header "X-Shopify-Access-Token" is "${token}"
    When I GET "/admin/api/${SHOPIFY_API_VERSION}/shop.json"
    Then the status is 200

  @SHOP-141 @twin-only @mutates
  Scenario: An expiring token stops working after an hour, and its refresh token gives a new pair
    Given I do not authenticate
    When I POST "/admin/oauth/access_token" with the body:
      """
      {"client_id": "${SHOPIFY_API_KEY}", "client_secret": "${SHOPIFY_API_SECRET}", "code": "${SHOPIFY_AUTH_CODE}", "expiring": "1"}
      """
    Then the status is 200
    And the body matches schema "shopify/access-token-expiring"
    When I remember "$.access_token" as "token"
    And I remember "$.refresh_token" as "refresh"
    Given the header "X-Shopify-Access-Token" is "${token}"
    When I GET "/admin/oauth/access_scopes.json"
    Then the status is 200
    When 3601 seconds pass
    And the header "X-Shopify-Access-Token" is "${token}"
    And I GET "/admin/oauth/access_scopes.json"
    Then the status is 401
    When I POST "/admin/oauth/access_token" with the body:
      """
      {"client_id": "${SHOPIFY_API_KEY}", "client_secret": "${SHOPIFY_API_SECRET}", "grant_type": "refresh_token", "refresh_token": "${refresh}"}
      """
    Then the status is 200
    And the body matches schema "shopify/access-token-expiring"
    And "$.refresh_token" is not "${refresh}"
    When I remember "$.access_token" as "renewed"
    Given the header "X-Shopify-Access-Token" is "${renewed}"
    When I GET "/admin/oauth/access_scopes.json"
    Then the status is 200

  @SHOP-142 @twin-only @mutates
  Scenario: A refresh token is spent by its first use
    Given I do not authenticate
    When I POST "/admin/oauth/access_token" with the body:
      """
      {"client_id": "${SHOPIFY_API_KEY}", "client_secret": "${SHOPIFY_API_SECRET}", "code": "${SHOPIFY_AUTH_CODE}", "expiring": "1"}
      """
    Then the body matches schema "shopify/access-token-expiring"
    When I remember "$.refresh_token" as "refresh"
    When I POST "/admin/oauth/access_token" with the body:
      """
      {"client_id": "${SHOPIFY_API_KEY}", "client_secret": "${SHOPIFY_API_SECRET}", "grant_type": "refresh_token", "refresh_token": "${refresh}"}
      """
    Then the status is 200
    When I repeat the request
    Then the status is 400
    And "$.error" is "invalid_grant"

  @SHOP-143 @mutates
  Scenario: An app that does not know its secret gets no token
    Given I do not authenticate
    When I POST "/admin/oauth/access_token" with the body:
      """
      {"client_id": "${SHOPIFY_API_KEY}", "client_secret": "a-synthetic-secret-that-is-wrong", "grant_type": "client_credentials"}
      """
    Then the status is 401
    And the media type is "application/json"
    And the body matches schema "shopify/oauth-error"
    And "$.access_token" is absent

  @SHOP-144 @mutates
  Scenario: A session token that nobody signed is not exchanged
    Given I do not authenticate
    When I POST "/admin/oauth/access_token" with the body:
      """
      {"client_id": "${SHOPIFY_API_KEY}", "client_secret": "${SHOPIFY_API_SECRET}",
       "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "subject_token": "a.b.c",
       "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
       "requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token"}
      """
    Then the status is 400
    And "$.error" is "invalid_subject_token"

  @SHOP-145 @mutates
  Scenario: The client credentials of the app give a token for a day
    Given I do not authenticate
    When I POST "/admin/oauth/access_token" with the body:
      """
      {"client_id": "${SHOPIFY_API_KEY}", "client_secret": "${SHOPIFY_API_SECRET}", "grant_type": "client_credentials"}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "shopify/access-token-client"
    When I remember "$.access_token" as "token"
    Given the header "X-Shopify-Access-Token" is "${token}"
    When I GET "/admin/oauth/access_scopes.json"
    Then the status is 200
    And the body matches schema "shopify/access-scopes"
