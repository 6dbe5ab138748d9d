Feature: Labels
  The triage sets labels by title. One request sets the whole list: whoever posts one label takes all others away,
  and whoever posts ids makes labels that are called "3" and "4".

  @CW-130
  Scenario: The labels of the account have titles and colours
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/labels"
    Then the status is 200
    And the body matches schema "chatwoot/label-list"
    And the values of "$.payload[*].title" are unique

  @CW-131
  Scenario: A conversation's labels are titles
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/labels"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/titles"

  @CW-132 @mutates
  Scenario: A posted list takes the place of the old one
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/labels" with the body:
      """
      {"labels": ["shipping", "vip"]}
      """
    And I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/labels" with the body:
      """
      {"labels": ["ai_drafted"]}
      """
    Then the status is 200
    And the media type is "application/json"
    And "$.payload" is:
      """
      ["ai_drafted"]
      """
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/labels"
    Then "$.payload" is:
      """
      ["ai_drafted"]
      """

  @CW-133 @mutates
  Scenario: To add a label is to post the old ones with it
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/labels" with the body:
      """
      {"labels": ["shipping"]}
      """
    And I remember "$.payload[0]" as "old"
    And I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/labels" with the body:
      """
      {"labels": ["${old}", "ai_drafted"]}
      """
    Then "$.payload" is:
      """
      ["shipping", "ai_drafted"]
      """

  @CW-134 @mutates
  Scenario: Ids are taken for titles
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/labels" with the body:
      """
      {"labels": [3, 4]}
      """
    Then the status is 200
    And "$.payload" is:
      """
      ["3", "4"]
      """

  @CW-135 @mutates
  Scenario: A text in the place of the list takes all labels away
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/labels" with the body:
      """
      {"labels": "vip"}
      """
    Then the status is 200
    And "$.payload" has 0 items

  @CW-136 @mutates
  Scenario: A title that is no label of the account is taken all the same
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/labels" with the body:
      """
      {"labels": ["no-such-label-anywhere"]}
      """
    Then the status is 200
    And "$.payload" contains "no-such-label-anywhere"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/labels"
    Then "$.payload[?@.title == 'no-such-label-anywhere']" is absent

  @CW-137 @twin-only @mutates
  Scenario: A change of labels is told with both lists
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/labels" with the body:
      """
      {"labels": ["urgent"]}
      """
    Then 1 webhook is delivered
    And the webhook "conversation_updated" contains:
      """
      {
        "labels": ["urgent"],
        "changed_attributes": [
          {"label_list": {"previous_value": ["shipping", "vip"], "current_value": ["urgent"]}},
          {"updated_at": "#object"}
        ]
      }
      """

  @CW-138 @mutates
  Scenario: A new label of the account is written in lower case
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/labels" with the body:
      """
      {"title": "Preflight-Check", "description": "Made by a contract", "color": "#445566"}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/label"
    And "$.title" is "preflight-check"
    When I remember "$.id" as "label"
    And I DELETE "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/labels/${label}"
    Then the status is 200
    And the body is empty

  @CW-143 @mutates
  Scenario: A label needs no description, and has null for it then
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/labels" with the body:
      """
      {"title": "preflight-bare", "color": "#445566"}
      """
    Then the status is 200
    And the body matches schema "chatwoot/label"
    And "$.description" is null
    When I remember "$.id" as "label"
    And I DELETE "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/labels/${label}"
    Then the status is 200

  @CW-139 @mutates
  Scenario: A title that is taken is refused in a shape of its own
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/labels" with the body:
      """
      {"title": "preflight-twice"}
      """
    And I remember "$.id" as "label"
    And I repeat the request
    Then the status is 422
    And the media type is "application/json"
    And the body is:
      """
      {"message": "Title has already been taken", "attributes": ["title"]}
      """
    When I DELETE "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/labels/${label}"
    Then the status is 200

  @CW-140 @mutates
  Scenario: Nothing at all is refused in the other shape
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/labels" with the body:
      """
      {}
      """
    Then the status is 422
    And the body is:
      """
      {"error": "param is missing or the value is empty: label"}
      """

  @CW-141 @twin-only @mutates
  Scenario: A label that is deleted goes from the conversations that bear it
    When I DELETE "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/labels/3"
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/labels"
    Then "$.payload" is:
      """
      ["shipping"]
      """

  @CW-142 @mutates
  Scenario: A bot may label a conversation, and an agent may not make a label
    Given I authenticate as "bot"
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/labels" with the body:
      """
      {"labels": ["ai_drafted"]}
      """
    Then the status is 200
    When I authenticate as "agent"
    And I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/labels" with the body:
      """
      {"title": "agents-own"}
      """
    Then the status is 401
    And the media type is "application/json"
    And the body matches schema "chatwoot/error"
