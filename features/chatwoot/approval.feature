@mutates
Feature: Nothing public without an approval
  A draft of the assistant is a private note. The customer sees a reply only after a person has approved one. What keeps
  this promise is one flag, so the contract looks at everything that flag decides: who sees the message, whether the
  conversation counts as answered, and what webhooks are told.

  Rule: A draft is for colleagues

    @CW-110
    Scenario: The assistant's draft is a private note of a bot, with what the assistant knows of it
      Given I authenticate as "bot"
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {
          "content": "Draft: your order left our warehouse on Friday.",
          "message_type": "outgoing",
          "private": true,
          "content_attributes": {"ai_generated": true, "confidence": 0.87}
        }
        """
      Then the status is 200
      And the body matches schema "chatwoot/message"
      And "$.private" is true
      And "$.sender.type" is "agent_bot"
      And "$.content_attributes" is:
        """
        {"ai_generated": true, "confidence": 0.87}
        """

    @CW-111
    Scenario: A draft leaves nothing in what the customer sees
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "Draft that nobody has approved", "message_type": "outgoing", "private": true}
        """
      And I remember "$.id" as "draft"
      And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages"
      Then "$.payload[?@.id == ${draft}].private" is true
      When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages?filter_internal_messages=1"
      Then the status is 200
      And "$.payload[?@.id == ${draft}]" is absent
      And the body does not mention "Draft that nobody has approved"

    @CW-112 @twin-only
    Scenario: After a draft alone, no public reply exists and the customer still waits
      When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
      And I remember "$.waiting_since" as "waiting"
      And I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "Draft", "message_type": "outgoing", "private": true}
        """
      And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
      Then "$.first_reply_created_at" is 0
      And the body contains:
        """
        {"waiting_since": ${waiting}}
        """
      When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages"
      Then "$.payload[?@.message_type == 1 && @.private == false]" is absent

    @CW-113 @twin-only
    Scenario: A draft is delivered to webhooks too, and says that it is private
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "Draft", "message_type": "outgoing", "private": true}
        """
      Then the webhook "message_created" is delivered
      And the webhook "message_created" contains:
        """
        {"private": true, "message_type": "outgoing", "content": "Draft"}
        """
      And the webhook "conversation_updated" is not delivered

    @CW-114 @twin-only
    Scenario: The conversation inside of that webhook shows the last public message, and not the draft
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "Draft", "message_type": "outgoing", "private": true}
        """
      Then the webhook "message_created" contains:
        """
        {"conversation": {"messages": [{"private": false, "message_type": 0, "content": "#string"}]}}
        """

    @CW-115
    Scenario: Without the flag the same text is public at once
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "Meant as a draft", "message_type": "outgoing"}
        """
      Then the status is 200
      And "$.private" is false
      When I remember "$.id" as "sent"
      And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages?filter_internal_messages=1"
      Then "$.payload[?@.id == ${sent}].content" is "Meant as a draft"

  Rule: An approval is answered by a person, in public

    @CW-116 @twin-only
    Scenario: Draft, approval, reply: the reply is a person's and the customer waits no longer
      Given I authenticate as "bot"
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "It left on Friday.", "private": true, "content_attributes": {"ai_generated": true}}
        """
      And I remember "$.content" as "approved"
      And 600 seconds pass
      And I authenticate as "agent"
      And I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "${approved}", "message_type": "outgoing", "private": false}
        """
      Then the status is 200
      And "$.private" is false
      And "$.sender.type" is "user"
      And "$.content" is "It left on Friday."
      When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
      Then "$.waiting_since" is 0
      And "$.first_reply_created_at" is 1767226200

    @CW-117
    Scenario: Draft and reply both stay in the thread, in this order
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "It left on Friday.", "private": true}
        """
      And I remember "$.id" as "draft"
      And I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "It left on Friday.", "private": false}
        """
      And I remember "$.id" as "reply"
      And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages"
      Then "$.payload[?@.id == ${draft}].private" is true
      And "$.payload[?@.id == ${reply}].private" is false
      And the values of "$.payload[?@.id >= ${draft}].id" are in ascending order

    @CW-118 @twin-only
    Scenario: The first public reply is told as a message and as a change of the conversation
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "It left on Friday."}
        """
      Then 2 webhooks are delivered
      And the webhook "message_created" contains:
        """
        {"private": false, "sender": {"type": "user"}}
        """
      And the webhook "conversation_updated" contains:
        """
        {"waiting_since": 0, "first_reply_created_at": "#datetime"}
        """

    @CW-119 @twin-only
    Scenario: A reply of the bot itself is public, but is no first reply
      Given I authenticate as "bot"
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "Sent without a person"}
        """
      Then "$.private" is false
      And "$.sender.type" is "agent_bot"
      When I authenticate as "agent"
      And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
      Then "$.first_reply_created_at" is 0
      And "$.waiting_since" is 0

    @CW-120 @twin-only
    Scenario: A reply that was refused for want of a right leaves nothing behind
      # Conversation 4 is in an inbox that the agent is no member of.
      Given I authenticate as "agent"
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/4/messages" with the body:
        """
        {"content": "Not mine to answer"}
        """
      Then the status is 401
      And no webhook is delivered
      When I authenticate as "administrator"
      And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/4/messages"
      Then "$.payload" has 1 item
      And the body does not mention "Not mine to answer"

    @CW-121 @twin-only
    Scenario: A reply whose answer cannot be read has been sent, and sending it again sends it twice
      # Chatwoot has written the message when the answer is spoiled; it knows no idempotency key.
      Given "chatwoot" answers with invalid JSON
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "Only once, please", "echo_id": "reply-1"}
        """
      And "chatwoot" behaves again
      And I repeat the request
      And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages?filter_internal_messages=1"
      Then "$.payload" has 3 items, exactly 2 of them with content "Only once, please"

    @CW-122 @twin-only @requires:wire
    Scenario: So has a reply whose answer broke off
      Given "chatwoot" truncates its body
      When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
        """
        {"content": "Sent and never confirmed"}
        """
      Then no answer comes: cut-off
      When "chatwoot" behaves again
      And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages?filter_internal_messages=1"
      Then "$.payload" has 2 items, exactly 1 of them with content "Sent and never confirmed"
