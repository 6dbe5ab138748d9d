@webhooks @mutates
Feature: Real events are read as the vendors write them
  A filter that looks for members that real payloads do not have answers 200 and drops every event: nothing fails, and no
  customer is ever answered. The payloads here have the vendors' real shapes.

  @WH-40 @twin-only
  Scenario: A customer's message is taken by the word "incoming"
    The app's filter looked for a number, and for a sender of type "contact" under "message"; a contact has no type.

    Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
    When the webhook is delivered to "/webhooks/chatwoot"
    Then the status is 200
    And "$.outcome" is "processed"
    When I GET "/webhooks/effects"
    Then "$.effects[0].subject" is "chatwoot/message/42"

  @WH-41 @twin-only
  Scenario Outline: A message that is not a customer's is filtered, with the reason: <why>
    Chatwoot delivers private notes and the agents' own replies too; to draft an answer to them is a loop.

    Given a "chatwoot" webhook "message_created":
      """
      {"event":"message_created","id":43,"content":"x","message_type":<type>,"private":<private>,"created_at":"2026-01-01T00:00:00.000Z","account":{"id":1}}
      """
    When the webhook is delivered to "/webhooks/chatwoot"
    Then the status is 200
    And the body matches schema "webhooks/receipt"
    And "$.outcome" is "filtered"
    And "$.reason" contains "<reason>"
    When I GET "/webhooks/effects"
    Then "$.count" is 0

    Examples:
      | why                 | type       | private | reason              |
      | an agent's reply    | "outgoing" | false   | not from a customer |
      | a template          | "template" | false   | not from a customer |
      | a private note      | "outgoing" | true    | private note        |
      | a customer's note   | "incoming" | true    | private note        |
      | the API's number    | 0          | false   | message_type        |

  @WH-42
  Scenario Outline: <vendor>: an event that nobody handles is answered 200: <event>
    A refusal would make Shopify retry, and in the end delete the subscription.

    Given a "<vendor>" webhook "<event>":
      """
      {"event":"<event>","id":1,"account":{"id":1}}
      """
    When the webhook is delivered to "/webhooks/<vendor>"
    Then the status is 200

    Examples:
      | vendor   | event                       |
      | shopify  | products/update             |
      | shopify  | customer.tags_added         |
      | shopify  | topics/of_the_next_version  |
      | chatwoot | conversation_typing_on      |
      | chatwoot | webwidget_triggered         |
      | chatwoot | conversation_resolved       |

  @WH-43 @twin-only
  Scenario: An unknown event has no effect, and says why
    Documents of the app wait for "conversation_resolved", which Chatwoot does not have: it sends conversation_status_changed.

    Given a "chatwoot" webhook "conversation_resolved":
      """
      {"event":"conversation_resolved","id":12,"account":{"id":1}}
      """
    When the webhook is delivered to "/webhooks/chatwoot"
    Then the status is 200
    And "$.outcome" is "filtered"
    And "$.reason" is "#string"
    When I GET "/webhooks/effects"
    Then "$.count" is 0

  @WH-44 @twin-only
  Scenario: A resolved conversation is learned from conversation_status_changed
    Given a "chatwoot" webhook "conversation_status_changed" with the fixture "webhooks/chatwoot-conversation-status-changed.json"
    When the webhook is delivered to "/webhooks/chatwoot"
    Then "$.outcome" is "processed"
    When I GET "/webhooks/effects"
    Then "$.subjects[?@.subject == 'chatwoot/conversation/12'].state" is "resolved"

  @WH-45 @twin-only
  Scenario Outline: A topic that every app must answer, or that this app registers, has a handler: <topic>
    Given a "shopify" webhook "<topic>":
      """
      {"id":954889,"shop_id":954889,"shop_domain":"${SHOPIFY_SHOP_DOMAIN}","customer":{"id":191167}}
      """
    When the webhook is delivered to "/webhooks/shopify"
    Then the status is 200
    And "$.outcome" is "processed"

    Examples:
      | topic                   |
      | customers/data_request  |
      | customers/redact        |
      | shop/redact             |
      | app/uninstalled         |
      | app/scopes_update       |
      | orders/create           |
      | inventory_levels/update |

  @WH-46 @twin-only
  Scenario: An id beyond 2^53 keeps every digit
    Shopify's ids do not fit a JavaScript number: 820982911946154508 becomes ...500, another order.

    Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
    When the webhook is delivered to "/webhooks/shopify"
    Then "$.outcome" is "processed"
    When I GET "/webhooks/effects"
    Then "$.effects[0].subject" is "shopify/orders/820982911946154508"

  @WH-47
  Scenario Outline: A signed body that is no event is refused with 400: <what>
    Given a "chatwoot" webhook "message_created":
      """
      <body>
      """
    When the webhook is delivered to "/webhooks/chatwoot"
    Then the status is 400
    And the media type is "application/json"
    And the body matches schema "webhooks/refusal"

    Examples:
      | what                   | body                                 |
      | JSON that breaks off   | {"event":"message_created","id":     |
      | a list                 | ["message_created"]                  |
      | a word                 | "message_created"                    |
      | no event               | {"id":1,"account":{"id":1}}          |
      | an event that is no text | {"event":5,"account":{"id":1}}     |
      | one member twice       | {"event":"a","event":"b"}            |
