@webhooks @mutates
Feature: Every delivery is answered at once and has its effect once
  Shopify retries eight times in four hours and deletes a subscription that keeps failing; Chatwoot gives up after five
  seconds and never tries again. So a receiver says yes before it works, and a repeated yes must not do the work twice.

  Rule: A retry is answered 200 and changes nothing

    @WH-30 @twin-only
    Scenario Outline: <vendor>: the same delivery five times has one effect
      Given a "<vendor>" webhook "<event>" with the fixture "webhooks/<fixture>"
      When the webhook is delivered to "/webhooks/<vendor>"
      Then the status is 200
      And the media type is "application/json"
      And "$.outcome" is "processed"
      When the webhook is delivered again
      Then the status is 200
      And "$.outcome" is "duplicate"
      When I repeat the request 3 times
      Then the status is 200
      And 5 of the answers have the status 200
      When I GET "/webhooks/effects"
      Then the status is 200
      And the media type is "application/json"
      And the body matches schema "webhooks/effects"
      And "$.count" is 1
      And "$.effects[0].event" is "<event>"

      Examples:
        | vendor   | event           | fixture                       |
        | shopify  | orders/create   | shopify-orders-create.json    |
        | chatwoot | message_created | chatwoot-message-created.json |

    @WH-31
    Scenario: A retry is a success for the vendor
      Given a "shopify" webhook "app/uninstalled" with the fixture "webhooks/shopify-app-uninstalled.json"
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 200
      When the webhook is delivered again
      Then the status is 200

    @WH-32 @twin-only
    Scenario: The same id with another body is noted and has no effect
      No vendor sends it: a retry carries the same body. Refusing it would make a vendor try for hours.

      Given a "shopify" webhook "orders/create":
        """
        {"id":1,"note":"first"}
        """
      And the webhook's header "X-Shopify-Webhook-Id" is "one-id"
      When the webhook is delivered to "/webhooks/shopify"
      Then "$.outcome" is "processed"
      Given a "shopify" webhook "orders/create":
        """
        {"id":2,"note":"second"}
        """
      And the webhook's header "X-Shopify-Webhook-Id" is "one-id"
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 200
      And the media type is "application/json"
      And "$.outcome" is "conflicting-duplicate"
      When I GET "/webhooks/effects"
      Then "$.count" is 1
      And "$.effects[0].subject" is "shopify/orders/1"

    @WH-33 @twin-only
    Scenario: The same body under another id is another delivery
      A customer may write "hi" twice.

      Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
      And the webhook's header "X-Chatwoot-Delivery" is "11111111-1111-4111-8111-111111111111"
      When the webhook is delivered to "/webhooks/chatwoot"
      Then "$.outcome" is "processed"
      Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
      And the webhook's header "X-Chatwoot-Delivery" is "22222222-2222-4222-8222-222222222222"
      When the webhook is delivered to "/webhooks/chatwoot"
      Then the status is 200
      And "$.outcome" is "processed"

    @WH-34 @twin-only
    Scenario: An id is remembered for seven days
      Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
      When the webhook is delivered to "/webhooks/shopify"
      Then "$.outcome" is "processed"
      When 604000 seconds pass
      And the webhook is delivered again
      Then "$.outcome" is "duplicate"
      When 801 seconds pass
      And the webhook is delivered again
      Then the status is 200
      And "$.outcome" is "processed"

    @WH-35 @twin-only
    Scenario: What was refused for its rate is no duplicate when it comes again
      Given a "shopify" webhook "products/update":
        """
        {"id":1}
        """
      When the webhook is delivered to "/webhooks/shopify"
      And I repeat the request 9 times
      Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
      And the webhook's header "X-Shopify-Webhook-Id" is "eleventh"
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 429
      When 2 seconds pass
      And the webhook is delivered again
      Then the status is 200
      And "$.outcome" is "processed"

  Rule: The answer does not wait for the work

    @WH-36 @twin-only
    Scenario: Work of twenty seconds is answered within the five that Shopify and Chatwoot wait
      Given the setting "processing-ms" is 20000
      And a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
      When the webhook is delivered to "/webhooks/chatwoot"
      Then the status is 200
      And the answer comes within 1000 ms
      When I GET "/webhooks/effects"
      Then "$.effects[0].work" is "queued"
      When 20 seconds pass
      And I GET "/webhooks/effects"
      Then "$.effects[0].work" is "done"

  Rule: Deliveries may overtake each other

    @WH-37 @twin-only
    Scenario: A status that comes late does not turn the conversation back
      Neither vendor promises an order.

      Given a "chatwoot" webhook "conversation_status_changed":
        """
        {"event":"conversation_status_changed","id":12,"status":"resolved","updated_at":1767225590.5,"account":{"id":1}}
        """
      When the webhook is delivered to "/webhooks/chatwoot"
      Then "$.outcome" is "processed"
      Given a "chatwoot" webhook "conversation_status_changed":
        """
        {"event":"conversation_status_changed","id":12,"status":"open","updated_at":1767225589.5,"account":{"id":1}}
        """
      When the webhook is delivered to "/webhooks/chatwoot"
      Then the status is 200
      And "$.outcome" is "processed"
      When I GET "/webhooks/effects"
      Then "$.count" is 2
      And the values of "$.effects[*].sequence" are in ascending order
      And "$.effects[0].out_of_order" is false
      And "$.effects[1].out_of_order" is true
      And "$.subjects[?@.subject == 'chatwoot/conversation/12'].state" is "resolved"

    @WH-38 @twin-only
    Scenario: What comes in order is kept in order
      Given a "shopify" webhook "orders/create":
        """
        {"id":1,"financial_status":"pending","updated_at":"2025-12-31T23:59:00Z"}
        """
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 200
      Given a "shopify" webhook "orders/updated":
        """
        {"id":1,"financial_status":"paid","updated_at":"2025-12-31T23:59:30Z"}
        """
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 200
      When I GET "/webhooks/effects"
      Then each "$.effects[*].out_of_order" is false
      And "$.effects[1].event" is "orders/updated"
      And "$.subjects[0].state" is "paid"
