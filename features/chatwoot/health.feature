Feature: Is Chatwoot well?
  A probe that looks at the status alone calls a Chatwoot without database healthy: `GET /api` answers 200
  whatever has failed, and says what has failed in its body. `GET /health` says only that a process runs, and no other path is
  a health check at all.

  Background:
    Given I do not authenticate

  @CW-1
  Scenario: Both services answer, by the words of the body
    When I GET "/api"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/api-status"
    And "$.queue_services" is "ok"
    And "$.data_services" is "ok"

  @CW-2
  Scenario: The answer comes within the half second that the runbook allows
    When I GET "/api"
    Then the status is 200
    And the answer comes within 500 ms

  @CW-3 @twin-only
  Scenario Outline: 200 with a word in the body is all that is heard of a failure
    Given the setting "<failed>" is "failing"
    When I GET "/api"
    Then the status is 200
    And "$.<failed>" is "failing"
    And "$.<other>" is "ok"

    Examples:
      | failed         | other          |
      | data_services  | queue_services |
      | queue_services | data_services  |

  @CW-4 @twin-only
  Scenario: A process that is alive may have neither database nor queue
    Given the setting "data_services" is "failing"
    And the setting "queue_services" is "failing"
    When I GET "/health"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/health"
    And the body is:
      """
      {"status": "woot"}
      """

  @CW-5 @twin-only
  Scenario: Chatwoot 4.6.0 has no /health
    Given the setting "version" is "4.6.0"
    And the header "Accept" is "application/json"
    When I GET "/health"
    Then the status is 404
    And the media type is "application/json"
    And the body matches schema "chatwoot/rails-exception"

  @CW-6
  Scenario Outline: <path> is no health check
    Given the header "Accept" is "application/json"
    When I GET "<path>"
    Then the status is 404
    And the media type is "application/json"
    And the body is:
      """
      {"status": 404, "error": "Not Found"}
      """

    Examples:
      | path          |
      | /rails/health |
      | /up           |
      | /hc           |

  @CW-7
  Scenario: The front page does not speak JSON
    Given the header "Accept" is "application/json"
    When I GET "/"
    Then the status is 406
    And the media type is "application/json"
    And the body matches schema "chatwoot/error"
    And "$.error" contains "API routes"

  @CW-8 @twin-only
  Scenario: While the application is away its proxy answers, and not in JSON
    Given "chatwoot" answers 503
    When I GET "/api"
    Then the status is 503
    And the media type is "text/html"

  @CW-9 @twin-only
  Scenario: A service that does not answer in time is no healthy one
    Given "chatwoot" takes 3000 ms to answer
    And my timeout is 500 ms
    When I GET "/api"
    Then no answer comes: timed-out
