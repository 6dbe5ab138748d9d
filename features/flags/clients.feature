@flags
Feature: Unleash's clients get every flag of their environment
  A backend client loads all flags and evaluates them itself; a browser gets what is on for it. Each of them sees one
  environment, by its token.

  @FL-10
  Scenario: All flags, with the strategies that a client evaluates
    When I GET "/api/client/features"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "flags/features"
    And the values of "$.features[*].name" are unique

  @FL-11
  Scenario: What has not changed is not sent again
    When I GET "/api/client/features"
    And I remember the header "ETag" as "tag"
    Given the header "If-None-Match" is "${tag}"
    When I GET "/api/client/features"
    Then the status is 304
    And the body is empty

  @FL-12
  Scenario: One flag, and one that there is not
    When I GET "/api/client/features/shopify.live"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "flags/feature"
    When I GET "/api/client/features/preflight-has-no-such-flag"
    Then the status is 404
    And the media type is "application/json"
    And the body matches schema "flags/refusal"
    And "$.message" is "Could not find feature flag preflight-has-no-such-flag"

  @FL-13 @twin-only
  Scenario: A token sees its own environment
    When I GET "/api/client/features/shopify.live"
    Then "$.enabled" is true
    Given I authenticate as "production"
    When I GET "/api/client/features/shopify.live"
    Then "$.enabled" is false

  @FL-14
  Scenario: A browser is told what is on for it, and nothing else
    Given I authenticate as "frontend"
    When I GET "/api/frontend?userId=preflight"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "flags/frontend"

  @FL-15 @mutates
  Scenario: A client registers and reports
    When I POST "/api/client/register" with the body:
      """
      {"appName": "preflight", "interval": 1000, "started": "2026-01-01T00:00:00Z", "strategies": ["default"]}
      """
    Then the status is 202
    And the body is empty
    When I POST "/api/client/metrics" with the body:
      """
      {"appName": "preflight", "instanceId": "1", "bucket": {"start": "2026-01-01T00:00:00Z",
       "stop": "2026-01-01T00:01:00Z", "toggles": {"shopify.live": {"yes": 3, "no": 1, "variants": {}}}}}
      """
    Then the status is 202
    And the body is empty

  @FL-16
  Scenario Outline: Who may not ask is told so: <who>
    Given I do not authenticate
    And the header "Authorization" is "<token>"
    When I GET "/api/client/features"
    Then the status is <status>
    And the media type is "application/json"
    And the body matches schema "flags/refusal"

    Examples:
      | who              | token                     | status |
      | a stranger       | preflight-nobody          | 401    |
      | a browser's own  | ${UNLEASH_FRONTEND_TOKEN} | 403    |
      | an administrator | ${UNLEASH_ADMIN_TOKEN}    | 403    |

  @FL-17
  Scenario: The server says that it is well
    When I GET "/health"
    Then the status is 200
    And the media type is "application/json"
    And the body is:
      """
      {"health": "GOOD"}
      """
