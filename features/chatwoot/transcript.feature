Feature: Transcripts
  Chatwoot sends a transcript to an e-mail address and to nowhere else. Who wants the words themselves reads the messages
  page by page.

  @CW-170
  Scenario: There is no transcript to download
    Given the header "Accept" is "application/json"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/transcript"
    Then the status is 404
    And the media type is "application/json"
    And the body matches schema "chatwoot/rails-exception"

  @CW-171 @mutates
  Scenario: A transcript that is sent answers nothing but 200
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/transcript" with the body:
      """
      {"email": "archive@shop.example.test"}
      """
    Then the status is 200
    And the body is empty

  @CW-172 @mutates
  Scenario: Without an address it is refused
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/transcript" with the body:
      """
      {}
      """
    Then the status is 422
    And the media type is "application/json"
    And the body is:
      """
      {"error": "email param missing"}
      """

  @CW-173 @twin-only @mutates
  Scenario: A plan without transcripts asks for payment
    Given the setting "email-transcripts" is false
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/transcript" with the body:
      """
      {"email": "archive@shop.example.test"}
      """
    Then the status is 402
    And the media type is "application/json"
    And the body is:
      """
      {"error": "Email transcript is not available on your plan"}
      """

  @CW-174 @mutates
  Scenario: A bot may not send one
    Given I authenticate as "bot"
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/transcript" with the body:
      """
      {"email": "archive@shop.example.test"}
      """
    Then the status is 401
    And the media type is "application/json"
    And the body matches schema "chatwoot/error"
    And "$.error" contains "bots"
