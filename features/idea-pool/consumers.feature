@idea-pool
Feature: Both tiles can be fed from one answer
  The app has two tiles for one route, written against different shapes, and its documents describe two older versions
  of the contract. Whoever goes live must know which reader gets what it reads, and which reads nothing.

  @IDP-60
  Scenario: The idea pool tile finds what it draws
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And each "$.data" matches schema "idea-pool/tile"

  @IDP-61
  Scenario: The dashboard tile can be computed: five at most, one wildcard with an id, and every status counted
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.total_count" is 5
    And "$.data.ideas[?@.type == 'wildcard'].id" is "#string"
    And each "$.data.ideas[*].status" is one of "draft, approved, pending_review, rejected"

  @IDP-62
  Scenario: The dashboard tile's own member names are not sent
    Its code reads these six members; read directly from the answer every one of them is undefined.

    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.totalIdeas" is absent
    And "$.data.maxIdeas" is absent
    And "$.data.wildcardId" is absent
    And "$.data.pendingCount" is absent
    And "$.data.acceptedCount" is absent
    And "$.data.rejectedCount" is absent

  @IDP-63
  Scenario: A reader of contract v2 or v3 gets nothing that it could mistake for its own
    Version 3 put the source at the top and the ideas under items; version 2 wrote its members in camel case.

    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.source" is absent
    And "$.warnings" is absent
    And "$.data.items" is absent
    And "$.data.totals" is absent
    And "$.data.featureFlagEnabled" is absent
    And "$.data.fallbackReason" is absent
    And "$.data.source" is "#string"

  @IDP-64
  Scenario: The answer can be read by anyone who can reach the route
    No version of the route authenticates its reader. That is a promise to the tile, and a warning to whoever puts a
    trade secret into an idea.

    Given I do not authenticate
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the body matches schema "idea-pool/v4"
