@webhooks
Feature: An old delivery cannot be played again
  Chatwoot signs its timestamp, so a receiver can refuse what is older, or newer, than five minutes. Shopify signs no
  time and retries for four hours with the same body: there the delivery's id is the only guard, and a time window would
  refuse the retries that it is meant for.

  @WH-20 @mutates
  Scenario: A delivery of two minutes ago is accepted
    Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
    And the webhook was signed 120 seconds ago
    When the webhook is delivered to "/webhooks/chatwoot"
    Then the status is 200

  @WH-21 @mutates
  Scenario: A delivery of an hour ago is refused with 400
    Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
    And the webhook was signed 3600 seconds ago
    When the webhook is delivered to "/webhooks/chatwoot"
    Then the status is 400

  @WH-22 @mutates
  Scenario: A delivery of the next hour is refused with 400
    Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
    And the webhook is dated 3600 seconds ahead
    When the webhook is delivered to "/webhooks/chatwoot"
    Then the status is 400

  @WH-23 @mutates @twin-only
  Scenario Outline: The window's edge, <seconds> s ago
    Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
    And the webhook was signed <seconds> seconds ago
    When the webhook is delivered to "/webhooks/chatwoot"
    Then the status is <status>

    Examples:
      | seconds | status |
      | 0       | 200    |
      | 299     | 200    |
      | 300     | 200    |
      | 301     | 400    |

  @WH-24 @mutates @twin-only
  Scenario Outline: The window's edge, <seconds> s ahead
    Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
    And the webhook is dated <seconds> seconds ahead
    When the webhook is delivered to "/webhooks/chatwoot"
    Then the status is <status>

    Examples:
      | seconds | status |
      | 1       | 200    |
      | 300     | 200    |
      | 301     | 400    |

  @WH-25 @mutates
  Scenario Outline: A timestamp that is no number of seconds is refused: "<timestamp>"
    Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
    And the webhook's header "X-Chatwoot-Timestamp" is "<timestamp>"
    When the webhook is delivered to "/webhooks/chatwoot"
    Then the status is 401

    Examples:
      | timestamp                |
      | yesterday                |
      | 2026-01-01T00:00:00.000Z |
      | +1767225600              |
      | 1767225600.0             |
      | -1                       |

  @WH-26 @mutates
  Scenario: A Chatwoot delivery without a timestamp is refused
    Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
    And the webhook has no header "X-Chatwoot-Timestamp"
    When the webhook is delivered to "/webhooks/chatwoot"
    Then the status is 401

  @WH-27 @mutates
  Scenario: An old delivery cannot be dated anew
    The timestamp is part of what is signed, so a new one does not fit.

    Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
    And the webhook was signed 3600 seconds ago
    And the webhook's header "X-Chatwoot-Timestamp" is "1767225600"
    When the webhook is delivered to "/webhooks/chatwoot"
    Then the status is 401

  @WH-28 @mutates
  Scenario: Shopify's last retry, four hours on, is accepted
    Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
    And the webhook's header "X-Shopify-Triggered-At" is "2025-12-31T20:00:00.123456789Z"
    When the webhook is delivered to "/webhooks/shopify"
    Then the status is 200
