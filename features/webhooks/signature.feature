@webhooks
Feature: Only what the vendor signed is believed
  A receiver's address is public; the signature over the raw body is all that tells Shopify and Chatwoot from anybody
  else. Five verifiers of the app's history differ in every case below: one accepted any value, one was open without a
  secret, one crashed on a signature of another length.

  Rule: What the vendor sends is accepted

    @WH-1 @mutates
    Scenario: A signed order of Shopify is accepted
      Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 200
      And the answer comes within 5000 ms
      And the answer holds no secret

    @WH-2 @mutates
    Scenario: A signed message of Chatwoot is accepted
      Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
      When the webhook is delivered to "/webhooks/chatwoot"
      Then the status is 200
      And the answer comes within 5000 ms
      And the answer holds no secret

    @WH-3 @mutates @twin-only
    Scenario: The receipt names the delivery and what became of it
      Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
      And the webhook's header "X-Shopify-Webhook-Id" is "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 200
      And the body matches schema "webhooks/receipt"
      And the body is:
        """
        {"ok": true, "outcome": "processed", "delivery_id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"}
        """

    @WH-4 @mutates
    Scenario Outline: The raw bytes are verified, whatever letters they hold: <fixture>
      Given a "chatwoot" webhook "message_created" with the fixture "webhooks/<fixture>"
      When the webhook is delivered to "/webhooks/chatwoot"
      Then the status is 200

      Examples:
        | fixture                               |
        | chatwoot-message-created.json         |
        | chatwoot-message-created-escaped.json |

    @WH-5 @mutates
    Scenario: Spaces and line breaks of the vendor are part of what it signed
      Given a "shopify" webhook "orders/create":
        """
        {
          "id" : 820982911946154508 ,
          "note"	: "Grüße aus Köln \u2014 日本",
          "tags" : [ ]
        }
        """
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 200

    @WH-6 @mutates @twin-only
    Scenario: Chatwoot's published example is accepted
      Secret, timestamp, body and signature were computed apart from this project.

      Given the variable "CHATWOOT_WEBHOOK_SECRET" is "chatwoot-secret"
      And a "chatwoot" webhook "message_created":
        """
        {"event":"message_created","id":1,"content":"hi"}
        """
      And the webhook's header "X-Chatwoot-Timestamp" is "1767225600"
      And the webhook's signature is "sha256=a17b4d24e77fd3fd541e823db700014b23a26fba1617fdfdc83183ff833ae13c"
      When the webhook is delivered to "/webhooks/chatwoot"
      Then the status is 200

    @WH-7 @mutates @twin-only
    Scenario: Shopify's published example is accepted
      Given the variable "SHOPIFY_API_SECRET" is "hush"
      And a "shopify" webhook "orders/create":
        """
        {"id":820982911946154508}
        """
      And the webhook's signature is "qBvrsZF7RfB1iS6BX6IHqJTp5L911P7intnPeTPsH0I="
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 200

  Rule: What the vendor did not sign is refused with 401, and has no effect

    @WH-8 @mutates
    Scenario Outline: <vendor>: without a signature
      Given a "<vendor>" webhook "<event>" with the fixture "webhooks/<fixture>"
      And the webhook is not signed
      When the webhook is delivered to "/webhooks/<vendor>"
      Then the status is 401

      Examples:
        | vendor   | event           | fixture                       |
        | shopify  | orders/create   | shopify-orders-create.json    |
        | chatwoot | message_created | chatwoot-message-created.json |

    @WH-9 @mutates
    Scenario Outline: <vendor>: signed with another secret
      Given a "<vendor>" webhook "<event>" with the fixture "webhooks/<fixture>"
      And the webhook is signed with "a-secret-that-nobody-gave-out"
      When the webhook is delivered to "/webhooks/<vendor>"
      Then the status is 401
      And the media type is "application/json"
      And the body does not mention "a-secret-that-nobody-gave-out"

      Examples:
        | vendor   | event           | fixture                       |
        | shopify  | orders/create   | shopify-orders-create.json    |
        | chatwoot | message_created | chatwoot-message-created.json |

    @WH-10 @mutates
    Scenario Outline: <vendor>: a signature that is none: <signature>
      A comparison in constant time that throws on another length answers 500, and the vendor tries again for hours.

      Given a "<vendor>" webhook "<event>":
        """
        {"event":"message_created","id":1}
        """
      And the webhook's signature is "<signature>"
      When the webhook is delivered to "/webhooks/<vendor>"
      Then the status is 401
      And the body matches schema "webhooks/refusal"
      And the body does not mention "stack"

      Examples:
        | vendor   | event           | signature                                                               |
        | shopify  | orders/create   |                                                                         |
        | shopify  | orders/create   | c2hvcnQ=                                                                |
        | shopify  | orders/create   | not base64 at all!                                                      |
        | shopify  | orders/create   | 0000000000000000000000000000000000000000000000000000000000000000        |
        | chatwoot | message_created |                                                                         |
        | chatwoot | message_created | sha256=                                                                 |
        | chatwoot | message_created | sha256=00                                                               |
        | chatwoot | message_created | sha1=0000000000000000000000000000000000000000                           |
        | chatwoot | message_created | 0000000000000000000000000000000000000000000000000000000000000000        |
        | chatwoot | message_created | sha256=zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz |

    @WH-11 @mutates
    Scenario: One changed number in the body
      Given a "shopify" webhook "orders/create":
        """
        {"id":820982911946154508,"total_price":"379.97"}
        """
      And the webhook's body is changed after signing to:
        """
        {"id":820982911946154508,"total_price":"0.97"}
        """
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 401

    @WH-12 @mutates
    Scenario Outline: The same JSON written anew is another body: <how>
      A framework that parses the body before the verifier sees it hands over this one, and no delivery ever verifies.

      Given a "chatwoot" webhook "message_created":
        """
        {"event":"message_created","content":"Gr\u00fc\u00dfe","id":1}
        """
      And the webhook's body is changed after signing to:
        """
        <body>
        """
      When the webhook is delivered to "/webhooks/chatwoot"
      Then the status is 401

      Examples:
        | how              | body                                                               |
        | with spaces      | {"event": "message_created", "content": "Gr\\u00fc\\u00dfe", "id": 1} |
        | letters unescaped | {"event":"message_created","content":"Grüße","id":1}               |
        | members in order | {"content":"Gr\\u00fc\\u00dfe","event":"message_created","id":1}    |

    @WH-13 @mutates
    Scenario: A delivery for one vendor is none for the other
      Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 401

    @WH-14 @mutates @twin-only
    Scenario: A refused delivery has no effect, and does not use up its id
      Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
      And the webhook's header "X-Shopify-Webhook-Id" is "guessed"
      And the webhook is signed with "a-secret-that-nobody-gave-out"
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 401
      And the body matches schema "webhooks/refusal"
      When I GET "/webhooks/effects"
      Then "$.count" is 0
      Given a "shopify" webhook "orders/create" with the fixture "webhooks/shopify-orders-create.json"
      And the webhook's header "X-Shopify-Webhook-Id" is "guessed"
      When the webhook is delivered to "/webhooks/shopify"
      Then the status is 200
      And "$.outcome" is "processed"

  Rule: A secret can be changed without losing a delivery

    @WH-15 @mutates @twin-only
    Scenario Outline: <vendor>: after a rotation the former secret is good for a day
      Given the setting "previous-secret:<vendor>" is "the-former-secret-of-the-twin"
      And a "<vendor>" webhook "<event>" with the fixture "webhooks/<fixture>"
      When the webhook is delivered to "/webhooks/<vendor>"
      Then the status is 200
      When 86400 seconds pass
      Given a "<vendor>" webhook "<event>" with the fixture "webhooks/<fixture>"
      And the webhook is signed with "the-former-secret-of-the-twin"
      When the webhook is delivered to "/webhooks/<vendor>"
      Then the status is 401
      Given the setting "previous-secret:<vendor>" is "the-former-secret-of-the-twin"
      When 86000 seconds pass
      Given a "<vendor>" webhook "<event>" with the fixture "webhooks/<fixture>"
      And the webhook is signed with "the-former-secret-of-the-twin"
      When the webhook is delivered to "/webhooks/<vendor>"
      Then the status is 200

      Examples:
        | vendor   | event           | fixture                       |
        | shopify  | orders/create   | shopify-orders-create.json    |
        | chatwoot | message_created | chatwoot-message-created.json |

    @WH-16 @mutates @twin-only
    Scenario Outline: A receiver without a secret accepts nothing: <how>
      One verifier of the app answers true here; another would take a signature made with the empty key.

      Given a "chatwoot" webhook "message_created" with the fixture "webhooks/chatwoot-message-created.json"
      And the webhook is signed with "<secret>"
      And the variable "CHATWOOT_WEBHOOK_SECRET" is not set
      When the webhook is delivered to "/webhooks/chatwoot"
      Then the status is 503
      And the media type is "application/json"
      And the body matches schema "webhooks/refusal"
      When I GET "/webhooks/effects"
      Then "$.count" is 0

      Examples:
        | how                           | secret                     |
        | signed with the former secret | ${CHATWOOT_WEBHOOK_SECRET} |
        | signed with the empty key     |                            |
        | signed with the word for none | undefined                  |
