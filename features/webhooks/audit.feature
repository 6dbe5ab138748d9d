@webhooks @twin-only @mutates
Feature: The audit log tells of every delivery, and gives nothing away
  Who asks "did Shopify tell us?" weeks later needs a line for each delivery, refused ones too. Whoever reads the log
  must not be able to sign, to replay or to read a customer's message: it holds no body, no signature and no secret.

  @WH-70
  Scenario: Accepted, repeated, filtered and refused deliveries each have their line
    Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
    And the webhook's header "X-Shopify-Webhook-Id" is "order-1"
    When the webhook is delivered to "/webhooks/shopify"
    And the webhook is delivered again
    Given a "shopify" webhook "products/update":
      """
      {"id":1}
      """
    When the webhook is delivered to "/webhooks/shopify"
    Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
    And the webhook is not signed
    When the webhook is delivered to "/webhooks/chatwoot"
    And I GET "/webhooks/audit"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "webhooks/audit"
    And "$.entries" has 4 items
    And "$.entries[0].outcome" is "processed"
    And "$.entries[0].delivery_id" is "order-1"
    And "$.entries[0].event" is "orders/create"
    And "$.entries[1].outcome" is "duplicate"
    And "$.entries[2].outcome" is "filtered"
    And "$.entries[3].outcome" is "missing-signature"
    And "$.entries[3].source" is "chatwoot"

  @WH-71
  Scenario: A line has seven members
    Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
    When the webhook is delivered to "/webhooks/chatwoot"
    And I GET "/webhooks/audit"
    Then "$.entries[0]" is:
      """
      {
        "timestamp": "#datetime",
        "source": "chatwoot",
        "delivery_id": "#uuid",
        "event": "message_created",
        "verified": true,
        "outcome": "processed",
        "processing_time_ms": "#integer"
      }
      """

  @WH-72
  Scenario: Neither secret nor signature nor message is in the log
    Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
    When the webhook is delivered to "/webhooks/chatwoot"
    Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
    And the webhook's signature is "bm90IGEgc2lnbmF0dXJlIGF0IGFsbA=="
    When the webhook is delivered to "/webhooks/shopify"
    And I GET "/webhooks/audit"
    Then the answer holds no secret
    And the body does not mention "sha256="
    And the body does not mention "bm90IGEgc2lnbmF0dXJl"
    And the body does not mention "renee@example.com"
    And the body does not mention "Schlauch"

  @WH-73
  Scenario: What a stranger calls his event is not written down
    Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
    And the webhook's header "X-Shopify-Topic" is "paste-this-into-your-terminal"
    And the webhook is not signed
    When the webhook is delivered to "/webhooks/shopify"
    Then the status is 401
    When I GET "/webhooks/audit"
    Then "$.entries[0].verified" is false
    And "$.entries[0].event" is null
    And the body does not mention "paste-this"

  @WH-74
  Scenario Outline: <path> is not for everybody
    Given I do not authenticate
    When I GET "<path>"
    Then the status is 401
    And the media type is "application/json"
    And the body matches schema "webhooks/refusal"
    And the header "WWW-Authenticate" is "#regex ^Bearer( .*[^a-z-])?$"
    And "$.entries" is absent
    And "$.effects" is absent

    Examples:
      | path              |
      | /webhooks/audit   |
      | /webhooks/effects |

  @WH-75
  Scenario Outline: A line is kept for ninety days: after <seconds> s there are <lines>
    Given a "shopify" webhook "app/uninstalled" with the fixture "webhooks/shopify-app-uninstalled.json"
    When the webhook is delivered to "/webhooks/shopify"
    And <seconds> seconds pass
    Given a "shopify" webhook "shop/redact":
      """
      {"shop_id":954889,"shop_domain":"${SHOPIFY_SHOP_DOMAIN}"}
      """
    When the webhook is delivered to "/webhooks/shopify"
    And I GET "/webhooks/audit"
    Then "$.entries" has <lines> items

    Examples:
      | seconds | lines |
      | 7775000 | 2     |
      | 7777000 | 1     |
