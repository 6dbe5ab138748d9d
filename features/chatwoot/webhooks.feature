Feature: Webhooks that Chatwoot sends
  The app answers what Chatwoot tells it. What is told depends on the release: before 4.11.2 nothing is signed, and a receiver
  that insists on a signature drops every delivery. Deliveries come once, within five seconds or not at all, in no
  promised order, and private notes are among them.

  Rule: Who is told

    @CW-200
    Scenario: An administrator sees the webhooks with their secrets
      When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/webhooks"
      Then the status is 200
      And the media type is "application/json"
      And the body matches schema "chatwoot/webhook-list"
      And "$.payload.webhooks[?@.secret == '${CHATWOOT_WEBHOOK_SECRET}']" is present

    @CW-201 @twin-only
    Scenario: In 4.6.0 a webhook has no secret
      Given the setting "version" is "4.6.0"
      When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/webhooks"
      Then the status is 200
      And the body matches schema "chatwoot/webhook-list"
      And "$.payload.webhooks[*].secret" is absent

    @CW-202 @mutates
    Scenario: A webhook is made with a secret of its own, changed and taken away
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/webhooks" with the body:
        """
        {"url": "https://preflight.example.test/hook", "name": "Preflight", "subscriptions": ["message_created"]}
        """
      Then the status is 200
      And the media type is "application/json"
      And the body matches schema "chatwoot/webhook-answer"
      And "$.payload.webhook.secret" is "#regex ^[1-9A-HJ-NP-Za-km-z]{24}$"
      And "$.payload.webhook.secret" is not "${CHATWOOT_WEBHOOK_SECRET}"
      When I remember "$.payload.webhook.id" as "webhook"
      And I remember "$.payload.webhook.secret" as "secret"
      And I PATCH "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/webhooks/${webhook}" with the body:
        """
        {"subscriptions": ["message_created", "conversation_status_changed"]}
        """
      Then the status is 200
      And the media type is "application/json"
      And the body matches schema "chatwoot/webhook-answer"
      And "$.payload.webhook.secret" is "${secret}"
      And "$.payload.webhook.subscriptions" has 2 items
      When I DELETE "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/webhooks/${webhook}"
      Then the status is 200
      And the body is empty

    @CW-203 @mutates
    Scenario Outline: There is no event <event> to subscribe to
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/webhooks" with the body:
        """
        {"url": "https://preflight.example.test/<event>", "subscriptions": ["<event>"]}
        """
      Then the status is 422
      And the media type is "application/json"
      And the body is:
        """
        {"message": "Subscriptions Invalid events", "attributes": ["subscriptions"]}
        """

      Examples:
        | event                 |
        | conversation_resolved |
        | conversation_opened   |
        | message_deleted       |

    @CW-204 @twin-only @mutates
    Scenario: An address can be told once only
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/webhooks" with the body:
        """
        {"url": "https://preflight.example.test/twice", "subscriptions": ["message_created"]}
        """
      And I repeat the request
      Then the status is 422
      And the body is:
        """
        {"message": "Url has already been taken", "attributes": ["url"]}
        """

    @CW-205 @twin-only @mutates
    Scenario: Every webhook that subscribed is told, and a new one under a secret of its own
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/webhooks" with the body:
        """
        {"url": "https://preflight.example.test/hook", "subscriptions": ["message_created"]}
        """
      And I remember "$.payload.webhook.secret" as "secret"
      And I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "A note", "private": true}
        """
      Then 2 webhooks are delivered
      And the webhook "message_created" is signed by "chatwoot" with the secret "${secret}"

    @CW-206 @twin-only @mutates
    Scenario: Since 4.14 a private address is told nothing, unless the installation allows it
      Given the setting "allow-private-network" is false
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/webhooks" with the body:
        """
        {"url": "http://127.0.0.1:3000/api/webhooks/chatwoot", "subscriptions": ["conversation_typing_on"]}
        """
      Then the status is 200
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_typing_status" with the body:
        """
        {"typing_status": "on"}
        """
      # The webhook of the public address is told, the one of the loopback is not.
      Then 1 webhook is delivered

  Rule: What a delivery bears

    @CW-210 @twin-only @mutates
    Scenario: A delivery is signed over its time and its raw body, and has an id
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "A note", "private": true}
        """
      Then the webhook "message_created" is signed by "chatwoot" with the secret "${CHATWOOT_WEBHOOK_SECRET}"
      And the webhook "message_created" has the header "X-Chatwoot-Signature" "#regex ^sha256=[0-9a-f]{64}$"
      And the webhook "message_created" has the header "X-Chatwoot-Timestamp" "1767225600"
      And the webhook "message_created" has the header "X-Chatwoot-Delivery" "#uuid"
      And the webhook "message_created" has the header "Content-Type" "application/json"

    @CW-211 @twin-only @mutates
    Scenario: In 4.6.0 nothing is signed
      Given the setting "version" is "4.6.0"
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "A note", "private": true}
        """
      Then the webhook "message_created" is delivered
      And the webhook "message_created" carries no signature
      And the webhook "message_created" matches schema "chatwoot/webhook-message-created"

  Rule: What a delivery says

    @CW-212 @twin-only @mutates
    Scenario: A customer's message: the type is a word, the time is written out, the sender is a contact
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "Where is it?", "message_type": "incoming"}
        """
      Then "$.message_type" is 0
      And the webhook "message_created" matches schema "chatwoot/webhook-message-created"
      And the webhook "message_created" contains:
        """
        {
          "event": "message_created",
          "message_type": "incoming",
          "created_at": "#datetime",
          "content": "Where is it?",
          "private": false,
          "sender": {"id": ${CHATWOOT_CONTACT_ID}, "email": "#email"},
          "inbox": {"id": ${CHATWOOT_INBOX_ID}},
          "account": {"id": ${CHATWOOT_ACCOUNT_ID}},
          "conversation": {"id": ${CHATWOOT_CONVERSATION_ID}, "messages": [{"message_type": 0, "created_at": "#integer"}]}
        }
        """

    @CW-213 @twin-only @mutates
    Scenario: There is no message inside of the message: its members stand at the top
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "Where is it?", "message_type": "incoming"}
        """
      Then the webhook "message_created" contains:
        """
        {"message": "#absent", "type": "#absent", "content": "#string"}
        """

    @CW-214 @twin-only @mutates
    Scenario: A change of status is told twice: as such, and as an update with what it was
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_status" with the body:
        """
        {"status": "resolved"}
        """
      Then 2 webhooks are delivered
      And the webhook "conversation_status_changed" matches schema "chatwoot/webhook-conversation-status-changed"
      And the webhook "conversation_status_changed" has the header "Content-Type" "application/json"
      And the webhook "conversation_status_changed" contains:
        """
        {"event": "conversation_status_changed", "status": "resolved", "id": ${CHATWOOT_CONVERSATION_ID}}
        """
      And the webhook "conversation_updated" matches schema "chatwoot/webhook-conversation-updated"
      And the webhook "conversation_updated" has the header "Content-Type" "application/json"
      And the webhook "conversation_updated" contains:
        """
        {
          "status": "resolved",
          "changed_attributes": [
            {"status": {"previous_value": "open", "current_value": "resolved"}},
            {"updated_at": {"previous_value": "#datetime", "current_value": "#datetime"}}
          ]
        }
        """

    @CW-215 @twin-only @mutates
    Scenario: To resolve sends no conversation_resolved
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_status" with the body:
        """
        {"status": "resolved"}
        """
      Then the webhook "conversation_resolved" is not delivered
      And the webhook "conversation_status_changed" is delivered

    @CW-216 @twin-only @mutates
    Scenario: A status that is set again is told to nobody
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_status" with the body:
        """
        {"status": "open"}
        """
      Then the status is 200
      And no webhook is delivered

    @CW-217 @twin-only @mutates
    Scenario: A notice in the thread is no message to webhooks
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_priority" with the body:
        """
        {"priority": "low"}
        """
      Then the webhook "conversation_updated" is delivered
      And the webhook "message_created" is not delivered

    @CW-218 @twin-only @mutates
    Scenario: An assignment is an update that names the assignee
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/assignments" with the body:
        """
        {"assignee_id": ${CHATWOOT_AGENT_ID}}
        """
      Then 1 webhook is delivered
      And the webhook "conversation_updated" contains:
        """
        {"meta": {"assignee": {"id": ${CHATWOOT_AGENT_ID}, "type": "user"}, "assignee_type": "User"}}
        """

    @CW-219 @twin-only @mutates
    Scenario: A customer who writes again reopens what was resolved, and that is told
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_status" with the body:
        """
        {"status": "resolved"}
        """
      And I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "Still not here", "message_type": "incoming"}
        """
      Then the webhook "conversation_status_changed" contains:
        """
        {"status": "open"}
        """
      And the webhook "contact_updated" is delivered

    @CW-220 @twin-only @mutates
    Scenario: A new conversation is told with its contact's session
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations" with the body:
        """
        {"inbox_id": ${CHATWOOT_INBOX_ID}, "contact_id": ${CHATWOOT_CONTACT_ID}}
        """
      Then the webhook "conversation_created" matches schema "chatwoot/webhook-conversation-created"
      And the webhook "conversation_created" has the header "Content-Type" "application/json"
      And the webhook "conversation_created" contains:
        """
        {"contact_inbox": {"contact_id": ${CHATWOOT_CONTACT_ID}, "source_id": "#string"}, "messages": []}
        """

    @CW-221 @twin-only @mutates
    Scenario Outline: Typing <word> is told, and leaves no trace in the conversation
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_typing_status" with the body:
        """
        {"typing_status": "<word>", "is_private": true}
        """
      Then the status is 200
      And the body is empty
      And 1 webhook is delivered
      And the webhook "conversation_typing_<word>" matches schema "chatwoot/webhook-typing"
      And the webhook "conversation_typing_<word>" has the header "Content-Type" "application/json"
      And the webhook "conversation_typing_<word>" contains:
        """
        {"event": "conversation_typing_<word>", "is_private": true, "user": {"type": "user"}}
        """

      Examples:
        | word |
        | on   |
        | off  |

    @CW-222 @twin-only @mutates
    Scenario: A message that was deleted is told as an update without its words
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "Sent by mistake", "private": true}
        """
      And I remember "$.id" as "id"
      And I DELETE "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages/${id}"
      Then the webhook "message_updated" matches schema "chatwoot/webhook-message-updated"
      And the webhook "message_updated" has the header "Content-Type" "application/json"
      And the webhook "message_updated" contains:
        """
        {"id": ${id}, "content": "This message was deleted", "content_attributes": {"deleted": true}}
        """
