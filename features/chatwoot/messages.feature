Feature: Messages of a conversation
  Reading a thread and writing into it. A list is paged by message id and not by page; types are numbers here and words in
  webhooks; and a type given as a number is taken, but makes the customer the author of what the app wrote.

  @CW-90
  Scenario: A thread has its shape and stands in order, oldest first
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_WIDGET_CONVERSATION_ID}/messages"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/message-list"
    And "$.payload" has at least 2 items
    And "$.payload" has at most 20 items
    And the values of "$.payload[*].id" are in ascending order
    And "$.meta.contact.type" is "contact"

  @CW-91 @twin-only
  Scenario: From the newest twenty back to the first, by the id of the oldest that one has
    # Conversation 3 has 46 messages.
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/3/messages"
    Then "$.payload" has 20 items
    When I remember "$.payload[0].id" as "oldest"
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/3/messages?before=${oldest}"
    Then "$.payload" has 20 items
    And the values of "$.payload[*].id" are in ascending order
    And "$.payload[?@.id >= ${oldest}]" is absent
    When I remember "$.payload[0].id" as "oldest"
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/3/messages?before=${oldest}"
    Then "$.payload" has 6 items

  @CW-92 @twin-only
  Scenario: What is new since an id comes without that id
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/3/messages"
    And I remember "$.payload[17].id" as "known"
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/3/messages?after=${known}"
    Then "$.payload" has 2 items
    And "$.payload[?@.id <= ${known}]" is absent

  @CW-93 @twin-only
  Scenario: A page number is passed over: every page is the newest one
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/3/messages"
    And I remember "$.payload[0].id" as "first"
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/3/messages?page=2"
    Then "$.payload" has 20 items
    And the body contains:
      """
      {"payload": "#[20]"}
      """
    And "$.payload[?@.id < ${first}]" is absent

  @CW-94 @twin-only
  Scenario: Notes and notices are left out on request
    # Conversation 2 has one private note.
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/2/messages"
    Then "$.payload[?@.private == true]" is present
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/2/messages?filter_internal_messages=1"
    Then each "$.payload[*].private" is false
    And "$.payload" has 3 items

  @CW-95
  Scenario: There is no single message to get
    Given the header "Accept" is "application/json"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages/1"
    Then the status is 404
    And the media type is "application/json"
    And the body matches schema "chatwoot/rails-exception"

  @CW-96
  Scenario: The messages of a conversation that does not exist are not found
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/999999999/messages"
    Then the status is 404
    And the media type is "application/json"
    And the body matches schema "chatwoot/error"
    And "$.error" is "Resource could not be found"

  @CW-97 @mutates
  Scenario: A reply is answered with 200, as ours, public and sent
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
      """
      {"content": "It left our warehouse today.", "echo_id": "tile-7"}
      """
    Then the status is 200
    And the body matches schema "chatwoot/message"
    And the body contains:
      """
      {
        "content": "It left our warehouse today.",
        "message_type": 1,
        "private": false,
        "status": "sent",
        "echo_id": "tile-7",
        "sender": {"type": "user"}
      }
      """

  @CW-98 @mutates
  Scenario: What was written can be read back
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
      """
      {"content": "Kept word for word: ½ “quoted” \\ line\nbreak", "private": true}
      """
    And I remember "$.id" as "id"
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages"
    Then "$.payload[?@.id == ${id}]" is:
      """
      {
        "id": "#integer",
        "content": "Kept word for word: ½ “quoted” \\ line\nbreak",
        "inbox_id": ${CHATWOOT_INBOX_ID},
        "conversation_id": ${CHATWOOT_CONVERSATION_ID},
        "message_type": 1,
        "content_type": "text",
        "status": "sent",
        "content_attributes": {},
        "created_at": "#integer",
        "private": true,
        "source_id": null,
        "sender": "#object"
      }
      """

  @CW-99 @mutates
  Scenario: A form is taken as well as JSON
    Given the form is:
      | content | From a form |
      | private | true        |
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages"
    Then the status is 200
    And "$.content" is "From a form"
    And "$.private" is true

  @CW-100 @mutates
  Scenario: In an API inbox the app brings in what the customer wrote
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
      """
      {"content": "Still waiting", "message_type": "incoming"}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/message"
    And "$.message_type" is 0
    And "$.sender.type" is "contact"

  @CW-101 @mutates
  Scenario: In any other inbox it may not
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_WIDGET_CONVERSATION_ID}/messages" with the body:
      """
      {"content": "Still waiting", "message_type": "incoming"}
      """
    Then the status is 422
    And the media type is "application/json"
    And the body is:
      """
      {"error": "Incoming messages are only allowed in Api inboxes"}
      """

  @CW-102 @mutates
  Scenario: A type given as a number makes the customer the author of our reply
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
      """
      {"content": "Said by us", "message_type": 1}
      """
    Then the status is 200
    And "$.message_type" is 1
    And "$.sender.type" is "contact"

  @CW-103 @mutates
  Scenario Outline: A <member> that does not exist is refused by name
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
      """
      {"content": "x", "<member>": "<value>"}
      """
    Then the status is 422
    And the body is:
      """
      {"error": "'<value>' is not a valid <member>"}
      """

    Examples:
      | member       | value |
      | message_type | note  |
      | content_type | html  |

  @CW-104 @twin-only @mutates
  Scenario: The 201st message of a minute is refused with 422, and not with 429
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
      """
      {"content": "again", "private": true}
      """
    And I repeat the request 200 times
    Then the status is 422
    And the body is:
      """
      {"error": "Validation failed: Too many messages"}
      """
    And 200 of the answers have the status 200
    When 61 seconds pass
    And I repeat the request
    Then the status is 200

  @CW-105 @mutates
  Scenario: An API inbox is told how far its message has come
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
      """
      {"content": "Did this arrive?"}
      """
    And I remember "$.id" as "id"
    And I PATCH "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages/${id}" with the body:
      """
      {"status": "failed", "external_error": "mailbox full"}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/message"
    And "$.status" is "failed"
    And "$.content_attributes.external_error" is "mailbox full"

  @CW-106 @mutates
  Scenario: Any other inbox is not: this is the one 403
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_WIDGET_CONVERSATION_ID}/messages"
    And I remember "$.payload[0].id" as "id"
    And I PATCH "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_WIDGET_CONVERSATION_ID}/messages/${id}" with the body:
      """
      {"status": "read"}
      """
    Then the status is 403
    And the media type is "application/json"
    And the body is:
      """
      {"error": "Message status update is only allowed for API inboxes"}
      """

  @CW-107 @mutates
  Scenario: A message that is read does not go back to delivered
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
      """
      {"content": "Read this", "private": true}
      """
    And I remember "$.id" as "id"
    And I PATCH "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages/${id}" with the body:
      """
      {"status": "read"}
      """
    And I PATCH "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages/${id}" with the body:
      """
      {"status": "delivered"}
      """
    Then the status is 200
    And "$.status" is "read"

  @CW-108 @mutates
  Scenario: A deleted message loses its words and keeps its place
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
      """
      {"content": "Card number 4111…", "private": true}
      """
    And I remember "$.id" as "id"
    And I DELETE "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages/${id}"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/message"
    And "$.content" is "This message was deleted"
    And "$.content_attributes.deleted" is true
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages"
    Then "$.payload[?@.id == ${id}].content" is "This message was deleted"
    And the body does not mention "Card number"
