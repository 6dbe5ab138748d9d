@flags
Feature: A flag is evaluated for who asks
  An app that asks for a flag over OFREP gets a value, a variant and a reason, or one of the protocol's own words for why
  not. Nothing else may be taken for on, and nothing else for off.

  Background:
    Given I authenticate as "bearer"

  @FL-1
  Scenario: A flag that is off for everybody
    When I POST "/ofrep/v1/evaluate/flags/supabase_idea_pool" with the body:
      """
      {"context": {"targetingKey": "preflight"}}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "flags/evaluation"
    And "$.key" is "supabase_idea_pool"
    And "$.value" is false

  @FL-2
  Scenario: A flag that nobody knows is neither on nor off
    When I POST "/ofrep/v1/evaluate/flags/preflight-has-no-such-flag" with the body:
      """
      {"context": {"targetingKey": "preflight"}}
      """
    Then the status is 404
    And the media type is "application/json"
    And the body matches schema "flags/not-evaluated"
    And "$.errorCode" is "FLAG_NOT_FOUND"
    And "$.value" is absent

  @FL-3
  Scenario Outline: A question without somebody who asks is refused: <why>
    When I POST "/ofrep/v1/evaluate/flags/supabase_idea_pool" with the body:
      """
      <body>
      """
    Then the status is 400
    And the media type is "application/json"
    And the body matches schema "flags/not-evaluated"
    And "$.errorCode" is "<code>"

    Examples:
      | why              | body            | code                  |
      | no context       | {}              | INVALID_CONTEXT       |
      | no targeting key | {"context": {}} | TARGETING_KEY_MISSING |

  @FL-4
  Scenario: All flags come with a tag, and the tag spares the body
    When I POST "/ofrep/v1/evaluate/flags" with the body:
      """
      {"context": {"targetingKey": "preflight"}}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "flags/evaluations"
    And the values of "$.flags[*].key" are unique
    When I remember the header "ETag" as "tag"
    Given the header "If-None-Match" is "${tag}"
    When I POST "/ofrep/v1/evaluate/flags" with the body:
      """
      {"context": {"targetingKey": "preflight"}}
      """
    Then the status is 304
    And the body is empty

  @FL-5
  Scenario: A tag of one context says nothing about another
    When I POST "/ofrep/v1/evaluate/flags" with the body:
      """
      {"context": {"targetingKey": "preflight"}}
      """
    Then the status is 200
    When I remember the header "ETag" as "tag"
    Given the header "If-None-Match" is "${tag}"
    When I POST "/ofrep/v1/evaluate/flags" with the body:
      """
      {"context": {"targetingKey": "somebody-else"}}
      """
    Then the status is 200
    And the body matches schema "flags/evaluations"

  @FL-6 @twin-only
  Scenario: A flag for some is on for them alone
    When I POST "/ofrep/v1/evaluate/flags/chatwoot.pilot" with the body:
      """
      {"context": {"targetingKey": "123"}}
      """
    Then "$.value" is true
    And "$.reason" is "TARGETING_MATCH"
    When I POST "/ofrep/v1/evaluate/flags/chatwoot.pilot" with the body:
      """
      {"context": {"targetingKey": "8"}}
      """
    Then "$.value" is false
