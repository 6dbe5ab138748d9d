@webhooks @mutates
Feature: A receiver refuses what is no delivery, and says what is wrong
  The statuses are those that the framework names: 401 for what is not proven, 400 for what cannot be used, 403 for a
  stranger, 405, 413, 415 and 429. Shopify's own library answers a missing signature with 400; Shopify's review wants 401.

  Rule: The request itself

    @WH-50
    Scenario Outline: <method> on <path> is 405 and names what is allowed
      When I <method> "<path>"
      Then the status is 405
      And the media type is "application/json"
      And the body matches schema "webhooks/refusal"
      And the header "Allow" is "#regex (^|, ?)POST($|,)"

      Examples:
        | method | path               |
        | GET    | /webhooks/shopify  |
        | PUT    | /webhooks/shopify  |
        | DELETE | /webhooks/shopify  |
        | GET    | /webhooks/chatwoot |
        | PATCH  | /webhooks/chatwoot |

    @WH-51
    Scenario Outline: A body that does not say it is JSON is 415: <type>
      Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
      And the webhook's header "Content-Type" is "<type>"
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 415
      And the media type is "application/json"
      And the body matches schema "webhooks/refusal"

      Examples:
        | type                              |
        | text/plain                        |
        | application/x-www-form-urlencoded |
        | application/xml                   |
        | application/jsonp                 |

    @WH-52
    Scenario: A media type may have parameters and capitals
      Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
      And the webhook's header "Content-Type" is "Application/JSON; charset=utf-8"
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 200

    @WH-53 @twin-only
    Scenario: A body over the limit is 413, unread
      Given the setting "max-body-bytes" is 256
      And a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 413
      And the media type is "application/json"
      And the body matches schema "webhooks/refusal"
      And "$.error" is "too-large"

    @WH-54
    Scenario Outline: Shopify: a signed delivery without <header> is <status>
      Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
      And the webhook has no header "<header>"
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is <status>
      And the media type is "application/json"
      And the body matches schema "webhooks/refusal"

      Examples:
        | header                | status |
        | X-Shopify-Topic       | 400    |
        | X-Shopify-Webhook-Id  | 400    |
        | X-Shopify-API-Version | 400    |
        | X-Shopify-Shop-Domain | 403    |

    @WH-55
    Scenario: Chatwoot: a signed delivery without an id is 400
      Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
      And the webhook has no header "X-Chatwoot-Delivery"
      When the webhook is delivered to "/webhooks/chatwoot"
      Then the status is 400

  Rule: Who sends

    @WH-56
    Scenario: A source that nobody knows is 403
      When I POST "/webhooks/a-vendor-that-nobody-knows" with the body:
        """
        {"id": 1}
        """
      Then the status is 403
      And the media type is "application/json"
      And the body matches schema "webhooks/refusal"

    @WH-57
    Scenario: Another shop is 403, though the signature is right
      One app secret signs for every shop that installed the app.

      Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
      And the webhook's header "X-Shopify-Shop-Domain" is "somebody-else.myshopify.com"
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 403

    @WH-58 @twin-only
    Scenario: The shop's domain is compared without regard to case, as host names are
      Given the variable "SHOPIFY_SHOP_DOMAIN" is "Preflight-Twin.MyShopify.com"
      And a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
      And the webhook's header "X-Shopify-Shop-Domain" is "preflight-twin.myshopify.com"
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 200

    @WH-59 @twin-only
    Scenario: Another Chatwoot account is 403
      Given the variable "CHATWOOT_ACCOUNT_ID" is "2"
      And a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
      When the webhook is delivered to "/webhooks/chatwoot"
      Then the status is 403
      And the media type is "application/json"
      And the body matches schema "webhooks/refusal"
      And "$.error" is "unknown-tenant"

  Rule: How often

    @WH-60 @twin-only
    Scenario Outline: <source> may send <most> deliveries a second; the next is 429 with a time to retry
      Given the header "Content-Type" is "application/json"
      And the body is:
        """
        {"id": 1}
        """
      When I POST "/webhooks/<source>" <most> times
      Then <most> of the answers have the status <usual>
      And the media type is "application/json"
      And the body matches schema "webhooks/refusal"
      When I repeat the request
      Then the status is 429
      And the media type is "application/json"
      And the body matches schema "webhooks/refusal"
      And the answer may be retried after 1 to 1 seconds

      Examples:
        | source   | most | usual |
        | shopify  | 10   | 401   |
        | chatwoot | 20   | 401   |
        | stripe   | 5    | 403   |

    @WH-61 @twin-only
    Scenario: A second later deliveries are accepted again
      Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
      When the webhook is delivered to "/webhooks/shopify"
      And I repeat the request 10 times
      Then the status is 429
      And 10 of the answers have the status 200
      When 2 seconds pass
      And I repeat the request
      Then the status is 200

    @WH-62 @twin-only
    Scenario: A flood under one name costs the others nothing
      Given the header "Content-Type" is "application/json"
      And the body is:
        """
        {"id": 1}
        """
      When I POST "/webhooks/stripe" 6 times
      Then the status is 429
      Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
      When the webhook is delivered to "/webhooks/chatwoot"
      Then the status is 200
