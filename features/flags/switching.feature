@flags @twin-only @mutates
Feature: A switch takes effect, and can be taken back
  The admin API answers 200 before anybody sees the change. Whether a flag is on is what its readers get.

  @FL-20
  Scenario: Every protocol sees a switch, and sees it taken back
    Given I authenticate as "admin"
    When I POST "/api/admin/projects/default/features/supabase_idea_pool/environments/development/on"
    Then the status is 200
    And the body is empty
    Given I authenticate as "backend"
    When I GET "/api/client/features/supabase_idea_pool"
    Then "$.enabled" is true
    And "$.strategies" has 1 item
    Given I authenticate as "bearer"
    When I POST "/ofrep/v1/evaluate/flags/supabase_idea_pool" with the body:
      """
      {"context": {"targetingKey": "preflight"}}
      """
    Then "$.value" is true
    Given I authenticate as "admin"
    When I POST "/api/admin/projects/default/features/supabase_idea_pool/environments/development/off"
    Then the status is 200
    And the body is empty
    Given I authenticate as "backend"
    When I GET "/api/client/features/supabase_idea_pool"
    Then "$.enabled" is false

  @FL-21
  Scenario: Clients see a switch some seconds after it was made
    Given the setting "propagation-seconds" is 13
    And I authenticate as "admin"
    When I POST "/api/admin/projects/default/features/supabase_idea_pool/environments/development/on"
    Then the status is 200
    Given I authenticate as "backend"
    When I GET "/api/client/features/supabase_idea_pool"
    Then "$.enabled" is false
    When 13 seconds pass
    And I GET "/api/client/features/supabase_idea_pool"
    Then "$.enabled" is true

  @FL-22
  Scenario: A flag is made, gets a strategy, is read and archived
    Given I authenticate as "admin"
    When I POST "/api/admin/projects/default/features" with the body:
      """
      {"name": "preflight-fl-22", "type": "release", "description": "of a contract test"}
      """
    Then the status is 201
    And the media type is "application/json"
    And the body matches schema "flags/flag"
    When I POST "/api/admin/projects/default/features" with the body:
      """
      {"name": "preflight-fl-22"}
      """
    Then the status is 409
    And the media type is "application/json"
    And the body matches schema "flags/refusal"
    And "$.name" is "NameExistsError"
    When I POST "/api/admin/projects/default/features/preflight-fl-22/environments/development/strategies" with the body:
      """
      {"name": "flexibleRollout", "parameters": {"rollout": "50", "stickiness": "default", "groupId": "preflight-fl-22"}}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "flags/strategy"
    And "$.parameters.rollout" is "50"
    When I GET "/api/admin/projects/default/features/preflight-fl-22"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "flags/flag"
    And "$.environments[?@.name == 'development'].strategies[0].name" is "flexibleRollout"
    When I GET "/api/admin/search/events?limit=2"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "flags/events"
    And "$.events[0].featureName" is "preflight-fl-22"
    When I DELETE "/api/admin/projects/default/features/preflight-fl-22"
    Then the status is 202
    And the body is empty
    When I GET "/api/admin/projects/default/features/preflight-fl-22"
    Then the status is 404
    And the media type is "application/json"
    And the body matches schema "flags/refusal"

  @FL-23
  Scenario Outline: What cannot be switched is told: <what>
    Given I authenticate as "admin"
    When I POST "<path>"
    Then the status is 404
    And the media type is "application/json"
    And the body matches schema "flags/refusal"
    And "$.name" is "NotFoundError"

    Examples:
      | what           | path                                                                                    |
      | no flag        | /api/admin/projects/default/features/nope/environments/development/on                   |
      | no environment | /api/admin/projects/default/features/supabase_idea_pool/environments/nope/on            |
      | no project     | /api/admin/projects/nope/features/supabase_idea_pool/environments/development/on        |

  @FL-24
  Scenario: A client may not switch
    When I POST "/api/admin/projects/default/features/supabase_idea_pool/environments/development/on"
    Then the status is 403
    And the media type is "application/json"
    And the body matches schema "flags/refusal"
    When I GET "/api/client/features/supabase_idea_pool"
    Then "$.enabled" is false
