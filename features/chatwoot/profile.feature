Feature: Whose token is it?
  The profile is the cheapest proof that a token is right and of the role that the integration needs. It shows the token itself,
  so an answer must not be kept as it is.

  @CW-10
  Scenario: The profile of an administrator
    When I GET "/api/v1/profile"
    Then the status is 200
    And the body matches schema "chatwoot/profile"
    And "$.role" is "administrator"
    And "$.confirmed" is true

  @CW-11
  Scenario: The account is among the accounts of the profile, and active
    When I GET "/api/v1/profile"
    Then the status is 200
    And the body contains:
      """
      {"account_id": ${CHATWOOT_ACCOUNT_ID}}
      """
    And "$.accounts[?@.id == ${CHATWOOT_ACCOUNT_ID}].status" is "active"

  @CW-12
  Scenario: The token of an agent is told from an administrator's
    Given I authenticate as "agent"
    When I GET "/api/v1/profile"
    Then the status is 200
    And "$.role" is "agent"
    And the body contains:
      """
      {"id": ${CHATWOOT_AGENT_ID}}
      """

  @CW-13
  Scenario: The profile shows the access token in clear
    When I GET "/api/v1/profile"
    Then the status is 200
    And "$.access_token" is "${CHATWOOT_API_TOKEN}"

  @CW-14
  Scenario: Lists hold no token
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/agents"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/agent-list"
    And the answer holds no secret

  @CW-15
  Scenario: The account answers with its name and says that it is active
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/account"
    And "$.status" is "active"
