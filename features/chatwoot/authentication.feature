Feature: Every way to be refused
  Chatwoot says 401 to everything from a missing header to a missing right, and never 403 for either. Only the body tells
  whether the token is wrong, was lost on the way, belongs to a bot, or lacks a role: what to do about it differs in each case.

  @CW-20
  Scenario: Without a token one is asked to sign in
    Given I do not authenticate
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations"
    Then the status is 401
    And the media type is "application/json"
    And the body matches schema "chatwoot/sign-in-error"

  @CW-21
  Scenario: A token that nobody has is called invalid
    Given I do not authenticate
    And the header "api_access_token" is "not-a-token-of-anyone"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations"
    Then the status is 401
    And the body is:
      """
      {"error": "Invalid Access Token"}
      """

  @CW-22 @twin-only
  Scenario: A right token that a proxy has dropped looks like no token, not like a wrong one
    Given the setting "header-stripped" is true
    When I GET "/api/v1/profile"
    Then the status is 401
    And the media type is "application/json"
    And the body matches schema "chatwoot/sign-in-error"

  @CW-23 @twin-only
  Scenario: The name with hyphens comes through such a proxy
    Given the setting "header-stripped" is true
    And I authenticate as "hyphenated"
    When I GET "/api/v1/profile"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/profile"

  @CW-24
  Scenario: The name with hyphens is as good as the other
    Given I authenticate as "hyphenated"
    When I GET "/api/v1/profile"
    Then the status is 200
    And "$.role" is "administrator"

  @CW-25
  Scenario: An access token is no bearer token
    Given I authenticate as "bearer"
    When I GET "/api/v1/profile"
    Then the status is 401
    And the body matches schema "chatwoot/sign-in-error"

  @CW-26
  Scenario Outline: A bot's token is valid and yet not for <what>
    Given I authenticate as "bot"
    When I GET "<path>"
    Then the status is 401
    And the media type is "application/json"
    And the body is:
      """
      {"error": "Access to this endpoint is not authorized for bots"}
      """

    Examples:
      | what              | path                                                                                                    |
      | the profile       | /api/v1/profile                                                                                         |
      | the conversations | /api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations                                                   |
      | the messages      | /api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}/messages              |
      | the contacts      | /api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts                                                        |

  @CW-27
  Scenario: A bot may look at one conversation
    Given I authenticate as "bot"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/conversation"
    And the body matches schema "chatwoot/conversation"

  @CW-28 @twin-only
  Scenario: In 4.6.0 it may not
    Given the setting "version" is "4.6.0"
    And I authenticate as "bot"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${CHATWOOT_CONVERSATION_ID}"
    Then the status is 401
    And the media type is "application/json"
    And "$.error" contains "bots"

  @CW-29
  Scenario: What needs an administrator refuses an agent with 401, not 403
    Given I authenticate as "agent"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/webhooks"
    Then the status is 401
    And the media type is "application/json"
    And the body is:
      """
      {"error": "You are not authorized to do this action"}
      """

  @CW-30 @twin-only
  Scenario: A conversation in an inbox that the agent is no member of is refused in the same way
    # The one conversation of the e-mail inbox.
    Given I authenticate as "agent"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/4"
    Then the status is 401
    And the body is:
      """
      {"error": "You are not authorized to do this action"}
      """

  @CW-31 @twin-only
  Scenario: An account that exists and is not one's own
    When I GET "/api/v1/accounts/2/conversations"
    Then the status is 401
    And the body is:
      """
      {"error": "You are not authorized to access this account"}
      """

  @CW-32 @twin-only @mutates
  Scenario: An account that exists and is not the bot's
    Given I authenticate as "bot"
    When I POST "/api/v1/accounts/2/conversations/1/messages" with the body:
      """
      {"content": "Hello", "private": true}
      """
    Then the status is 401
    And the media type is "application/json"
    And the body is:
      """
      {"error": "Bot is not authorized to access this account"}
      """

  @CW-33
  Scenario: An account that does not exist is not found
    When I GET "/api/v1/accounts/999999999/conversations"
    Then the status is 404
    And the media type is "application/json"
    And the body is:
      """
      {"error": "Resource could not be found"}
      """

  @CW-34 @twin-only
  Scenario: A suspended account refuses everyone
    Given the setting "account-suspended" is true
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations"
    Then the status is 401
    And the body is:
      """
      {"error": "Account is suspended"}
      """

  @CW-35
  Scenario: Who has no token does not learn what exists
    Given I do not authenticate
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/999999999"
    Then the status is 401
    And the body matches schema "chatwoot/sign-in-error"
