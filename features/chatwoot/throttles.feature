@twin-only
Feature: Throttles
  rack-attack counts in windows of the clock and refuses with plain text. It names no time to come back, so a client
  that waits for Retry-After waits for ever or not at all, and one that parses JSON falls over the answer.

  @CW-180
  Scenario: The thirty-first count of a minute is refused, in plain text and without a time
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/meta" 31 times
    Then the status is 429
    And the media type is "text/plain"
    And the body is the text "Retry later\n"
    And the answer names no time to retry
    And 30 of the answers have the status 200
    And 1 of the answers have the status 429

  @CW-181
  Scenario: The next minute begins anew
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/meta" 31 times
    And 60 seconds pass
    And I repeat the request
    Then the status is 200
    And 1 of the answers have the status 429

  @CW-182
  Scenario: Each token counts for itself
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/meta" 31 times
    And I authenticate as "agent"
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/meta"
    Then the status is 200
    And 1 of the answers have the status 429

  @CW-183
  Scenario: Other requests go on
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/meta" 31 times
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations"
    Then the status is 200
    And "$.data.meta.all_count" is "#integer"
    And 1 of the answers have the status 429

  @CW-184
  Scenario: In 4.6.0 counts have no limit of their own
    Given the setting "version" is "4.6.0"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/meta" 31 times
    Then 31 of the answers have the status 200

  @CW-185
  Scenario: A hundred searches for contacts a minute, whoever of the account makes them
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/search?q=nora" 100 times
    And I authenticate as "agent"
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/search?q=nora"
    Then the status is 429
    And the media type is "text/plain"
    And 100 of the answers have the status 200

  @CW-186 @mutates
  Scenario: Thirty transcripts an hour in 4.6.0
    Given the setting "version" is "4.6.0"
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/transcript" with the body:
      """
      {"email": "archive@shop.example.test"}
      """
    And I repeat the request 30 times
    Then the status is 429
    And the media type is "text/plain"
    And 30 of the answers have the status 200
    When 3600 seconds pass
    And I repeat the request
    Then the status is 200

  @CW-187 @mutates
  Scenario: and more than thirty since
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/transcript" with the body:
      """
      {"email": "archive@shop.example.test"}
      """
    And I repeat the request 30 times
    Then 31 of the answers have the status 200

  @CW-188 @slow
  Scenario: An address has 3,000 requests a minute; the health check is not counted
    When I GET "/api" 3001 times
    Then the status is 429
    And the media type is "text/plain"
    And 3000 of the answers have the status 200
    When I GET "/health"
    Then the status is 200

  @CW-189
  Scenario: An address that is trusted has no limit
    Given the setting "safelisted" is true
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/meta" 40 times
    Then 40 of the answers have the status 200

  @CW-190
  Scenario: A request without a token is counted too
    Given I do not authenticate
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/search?q=nora" 101 times
    Then the status is 429
    And 100 of the answers have the status 401
