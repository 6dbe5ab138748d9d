@mutates
Feature: Changing a conversation
  Triage moves conversations: it resolves, snoozes, assigns. Some of Chatwoot's answers say 200 to a mistake, and the
  mistake is then in production: an assignee who does not exist takes the conversation away from the one who had it.

  @CW-70
  Scenario Outline: A conversation is made <status> by that word
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_status" with the body:
      """
      {"status": "<status>"}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/status-toggled"
    And "$.payload.success" is true
    And "$.payload.current_status" is "<status>"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then "$.status" is "<status>"

    Examples:
      | status   |
      | resolved |
      | pending  |
      | open     |

  @CW-71
  Scenario: Without a word it goes from open to resolved and back
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_status"
    Then "$.payload.current_status" is "resolved"
    When I repeat the request
    Then "$.payload.current_status" is "open"

  @CW-72
  Scenario: A word that is no status is a crash, not a refusal
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_status" with the body:
      """
      {"status": "closed"}
      """
    Then the status is 500
    And the media type is "application/json"
    And the body matches schema "chatwoot/rails-exception"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then "$.status" is "open"

  @CW-73 @twin-only
  Scenario: A snoozed conversation knows when it wakes, and forgets it when it is opened
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_status" with the body:
      """
      {"status": "snoozed", "snoozed_until": 1767312000}
      """
    Then the status is 200
    And the body matches schema "chatwoot/status-toggled"
    And "$.payload.snoozed_until" is "2026-01-02T00:00:00.000Z"
    And the webhook "conversation_status_changed" matches schema "chatwoot/webhook-conversation-status-changed"
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_status" with the body:
      """
      {"status": "open"}
      """
    Then "$.payload.snoozed_until" is null

  @CW-74
  Scenario: What happened is written into the thread
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_status" with the body:
      """
      {"status": "resolved"}
      """
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then "$.messages[0].message_type" is 2
    And "$.messages[0].content" contains "resolved"
    And "$.last_non_activity_message.message_type" is not 2

  @CW-75
  Scenario: An agent who opens a conversation gets it
    Given I authenticate as "agent"
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_status" with the body:
      """
      {"status": "pending"}
      """
    And I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_status" with the body:
      """
      {"status": "open"}
      """
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then the body contains:
      """
      {"meta": {"assignee": {"id": ${CHATWOOT_AGENT_ID}}, "assignee_type": "User"}}
      """

  @CW-76
  Scenario: An assignment answers the agent and can be read back
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/assignments" with the body:
      """
      {"assignee_id": ${CHATWOOT_AGENT_ID}}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/agent"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then the body contains:
      """
      {"meta": {"assignee": {"id": ${CHATWOOT_AGENT_ID}}}}
      """

  @CW-77
  Scenario: An assignee who does not exist is no error: the conversation is nobody's then
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/assignments" with the body:
      """
      {"assignee_id": ${CHATWOOT_AGENT_ID}}
      """
    And I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/assignments" with the body:
      """
      {"assignee_id": 999999999}
      """
    Then the status is 200
    And the body matches schema "chatwoot/null"
    And the body is:
      """
      null
      """
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then "$.meta.assignee" is absent

  @CW-78
  Scenario: An assignment without a name for it changes nothing
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/assignments" with the body:
      """
      {"assignee_id": ${CHATWOOT_AGENT_ID}}
      """
    And I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/assignments" with the body:
      """
      {"agent": ${CHATWOOT_AGENT_ID}}
      """
    Then the status is 200
    And the body matches schema "chatwoot/null"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then the body contains:
      """
      {"meta": {"assignee": {"id": ${CHATWOOT_AGENT_ID}}}}
      """

  @CW-79
  Scenario: A team is assigned beside its agent
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/assignments" with the body:
      """
      {"assignee_id": ${CHATWOOT_AGENT_ID}}
      """
    And I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/assignments" with the body:
      """
      {"team_id": ${CHATWOOT_TEAM_ID}}
      """
    Then the status is 200
    And the body matches schema "chatwoot/team-record"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then the body contains:
      """
      {"meta": {"team": {"id": ${CHATWOOT_TEAM_ID}}, "assignee": {"id": ${CHATWOOT_AGENT_ID}}}}
      """

  @CW-80 @twin-only
  Scenario: A team that the assignee is no member of takes the conversation from the assignee
    # Team 2 has one member, and it is another.
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/assignments" with the body:
      """
      {"assignee_id": ${CHATWOOT_AGENT_ID}}
      """
    And I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/assignments" with the body:
      """
      {"team_id": 2}
      """
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then "$.meta.team.id" is 2
    And "$.meta.assignee" is absent

  @CW-81
  Scenario: A priority is set without an answer, and taken away by none
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_priority" with the body:
      """
      {"priority": "urgent"}
      """
    Then the status is 200
    And the body is empty
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then "$.priority" is "urgent"
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_priority" with the body:
      """
      {"priority": null}
      """
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then "$.priority" is null

  @CW-82
  Scenario: Custom attributes take the place of those that were there
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/custom_attributes" with the body:
      """
      {"custom_attributes": {"order_name": "A-1043", "grade": 4}}
      """
    And I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/custom_attributes" with the body:
      """
      {"custom_attributes": {"grade": 5}}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/custom-attributes"
    And "$.custom_attributes" is:
      """
      {"grade": 5}
      """

  @CW-83 @twin-only
  Scenario: To mute is to resolve and to block the customer, whose next message opens nothing
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/mute"
    Then the status is 200
    And the body is empty
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages" with the body:
      """
      {"content": "Are you there?", "message_type": "incoming"}
      """
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then "$.muted" is true
    And "$.status" is "resolved"
    And "$.meta.sender.blocked" is true

  @CW-84
  Scenario: A new conversation is opened for a contact, with 200 and not 201
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations" with the body:
      """
      {"inbox_id": ${CHATWOOT_INBOX_ID}, "contact_id": ${CHATWOOT_CONTACT_ID}, "custom_attributes": {"order_name": "A-1044"}}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/conversation"
    And the body matches schema "chatwoot/conversation"
    And "$.status" is "open"
    And "$.messages" has 0 items
    And "$.custom_attributes.order_name" is "A-1044"
    And the body contains:
      """
      {"meta": {"sender": {"id": ${CHATWOOT_CONTACT_ID}}}}
      """

  @CW-85
  Scenario: A conversation with a contact who does not exist is not found
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations" with the body:
      """
      {"inbox_id": ${CHATWOOT_INBOX_ID}, "contact_id": 999999999}
      """
    Then the status is 404
    And the media type is "application/json"
    And the body matches schema "chatwoot/error"

  @CW-86 @twin-only
  Scenario: A bot hands a pending conversation over, and is not told that it succeeded
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_status" with the body:
      """
      {"status": "pending"}
      """
    And I authenticate as "bot"
    And I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/toggle_status" with the body:
      """
      {"status": "open"}
      """
    Then the status is 200
    And the body matches schema "chatwoot/status-toggled"
    And "$.payload.success" is null
    And "$.payload.current_status" is "open"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then "$.meta.assignee" is absent

  @CW-87 @twin-only
  Scenario: Since it can be a bot's, a conversation says what kind of assignee it has
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/assignments" with the body:
      """
      {"assignee_id": 1, "assignee_type": "AgentBot"}
      """
    Then the status is 200
    And the body matches schema "chatwoot/agent-bot"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then "$.meta.assignee_type" is "AgentBot"
    And the body matches schema "chatwoot/conversation"
