@idea-pool @twin-only
Feature: Whatever Supabase does, the tile can be drawn
  The answer is 200 with five ideas even when the database is down, refuses, dawdles, is empty or holds something else
  than a pool. A degraded answer is told from a live one by three members together: the flag is on, the source is the
  fixture, and there is a reason. Nothing of the database's answer but its status and error code is repeated.

  Background:
    Given the flag "supabase_idea_pool" is on

  @IDP4-11
  Scenario: An error of Supabase degrades to the fixture
    Given "supabase" answers 500
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the body matches schema "idea-pool/v4"
    And "$.success" is true
    And "$.data.source" is "fixture"
    And the answer holds no secret
    And "$.data.feature_flag_enabled" is true
    And "$.data.ideas" has 5 items, exactly 1 of them with type "wildcard"
    And "$.fallback_reason" contains "500"
    And "$.timestamp" is "#datetime"

  @IDP-30
  Scenario Outline: A refusal with <status> degrades to the fixture
    Given "supabase" answers <status>
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the body matches schema "idea-pool/v4"
    And "$.data.source" is "fixture"
    And the answer holds no secret
    And "$.data.feature_flag_enabled" is true
    And "$.fallback_reason" contains "<status>"

    Examples:
      | status |
      | 401    |
      | 402    |
      | 403    |
      | 404    |
      | 406    |
      | 429    |
      | 502    |
      | 503    |
      | 504    |

  @IDP-31
  Scenario: A throttled database is not hammered: one question for one answer
    Given "supabase" throttles with Retry-After "30"
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the answer comes within 1000 ms
    And "$.data.source" is "fixture"
    And the answer holds no secret
    And "$.fallback_reason" contains "429"

  @IDP-32
  Scenario: A wrong key degrades, and the wrong key is not shown
    Given the variable "SUPABASE_SERVICE_KEY" is "sb_secret_preflight_revoked"
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.source" is "fixture"
    And the answer holds no secret
    And "$.fallback_reason" contains "401"
    And the body does not mention "preflight_revoked"

  @IDP-33
  Scenario: A database that does not answer is given up in time
    Given "supabase" takes 20000 ms to answer
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the answer comes within 3500 ms
    And the body matches schema "idea-pool/v4"
    And "$.data.source" is "fixture"
    And the answer holds no secret
    And "$.fallback_reason" contains "did not answer"

  @IDP-34
  Scenario: A database that is slow but answers is waited for
    Given "supabase" takes 1500 ms to answer
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the answer comes within 3000 ms
    And "$.data.source" is "supabase"
    And "$.fallback_reason" is absent

  @IDP-35
  Scenario: A body that drips in for ever is given up in time
    Given "supabase" sends its body over 60000 ms
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the answer comes within 3500 ms
    And "$.data.source" is "fixture"
    And the answer holds no secret

  @IDP-36
  Scenario: A connection that is reset degrades to the fixture
    Given "supabase" resets the connection
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the body matches schema "idea-pool/v4"
    And "$.data.source" is "fixture"
    And the answer holds no secret
    And "$.fallback_reason" contains "cannot be reached"

  @IDP-37
  Scenario: A body that breaks off degrades to the fixture
    Given "supabase" truncates its body
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the body matches schema "idea-pool/v4"
    And "$.data.source" is "fixture"
    And the answer holds no secret
    And "$.fallback_reason" is "#string"

  @IDP-38
  Scenario: A body that is not JSON degrades to the fixture
    Given "supabase" answers with invalid JSON
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the body matches schema "idea-pool/v4"
    And "$.data.source" is "fixture"
    And the answer holds no secret
    And "$.fallback_reason" contains "not JSON"

  @IDP-39
  Scenario: The route recovers with its database, without a restart
    Given "supabase" answers 503 to the next 1 request
    When I GET "/api/analytics/idea-pool"
    Then "$.data.source" is "fixture"
    And "$.fallback_reason" contains "503"
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.source" is "supabase"
    And "$.fallback_reason" is absent

  @IDP-40
  Scenario: An empty table degrades to the fixture
    An empty list would draw an empty tile, and an older version of the route did.

    Given the table "product_suggestions" of "supabase" is empty
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the body matches schema "idea-pool/v4"
    And "$.data.source" is "fixture"
    And the answer holds no secret
    And "$.fallback_reason" contains "empty"

  @IDP-41
  Scenario: A table that was never migrated degrades to the fixture, by name
    No migration in the app's history creates the table that the route reads.

    Given the table "product_suggestions" of "supabase" does not exist
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the body matches schema "idea-pool/v4"
    And "$.data.source" is "fixture"
    And the answer holds no secret
    And "$.fallback_reason" contains "404"

  @IDP-42
  Scenario: Four ideas are not a pool
    Given the table "product_suggestions" of "supabase" holds:
      """
      [
        {"id":"live-2","type":"launch","title":"Idea 2 of the shop","description":"Row 2.","target_platforms":["instagram"],"suggested_copy":"Copy 2.","suggested_hashtags":["#idea"],"evidence":{"orders":2},"projected_metrics":{"estimated_reach":2000,"estimated_engagement_rate":1.0,"estimated_clicks":20,"estimated_conversions":2},"status":"approved","priority":"medium","created_at":"2025-12-30T08:00:00+00:00"},
        {"id":"live-3","type":"evergreen","title":"Idea 3 of the shop","description":"Row 3.","target_platforms":["instagram"],"suggested_copy":"Copy 3.","suggested_hashtags":["#idea"],"evidence":{"orders":3},"projected_metrics":{"estimated_reach":3000,"estimated_engagement_rate":1.5,"estimated_clicks":30,"estimated_conversions":3},"status":"approved","priority":"low","created_at":"2025-12-31T08:00:00+00:00"},
        {"id":"live-4","type":"evergreen","title":"Idea 4 of the shop","description":"Row 4.","target_platforms":["instagram"],"suggested_copy":"Copy 4.","suggested_hashtags":["#idea"],"evidence":{"orders":4},"projected_metrics":{"estimated_reach":4000,"estimated_engagement_rate":2.0,"estimated_clicks":40,"estimated_conversions":4},"status":"approved","priority":"high","created_at":"2025-12-30T08:00:00+00:00"},
        {"id":"live-5","type":"wildcard","title":"Idea 5 of the shop","description":"Row 5.","target_platforms":["instagram"],"suggested_copy":"Copy 5.","suggested_hashtags":["#idea"],"evidence":{"orders":5},"projected_metrics":{"estimated_reach":5000,"estimated_engagement_rate":2.5,"estimated_clicks":50,"estimated_conversions":5},"status":"approved","priority":"urgent","created_at":"2025-12-31T08:00:00+00:00"}
      ]
      """
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the body matches schema "idea-pool/v4"
    And "$.data.source" is "fixture"
    And the answer holds no secret
    And "$.fallback_reason" contains "4 ideas"

  @IDP-43
  Scenario Outline: Five rows that are not a pool are not shown: <why>
    Given the table "product_suggestions" of "supabase" holds:
      """
      [
        {"id":"live-1","type":"<first>","title":"Idea 1 of the shop","description":"Row 1.","target_platforms":["instagram"],"suggested_copy":"Copy 1.","suggested_hashtags":["#idea"],"evidence":{"orders":1},"projected_metrics":{"estimated_reach":1000,"estimated_engagement_rate":0.5,"estimated_clicks":10,"estimated_conversions":1},"status":"approved","priority":"high","created_at":"2025-12-31T08:00:00+00:00"},
        {"id":"live-2","type":"launch","title":"Idea 2 of the shop","description":"Row 2.","target_platforms":["instagram"],"suggested_copy":"Copy 2.","suggested_hashtags":["#idea"],"evidence":{"orders":2},"projected_metrics":{"estimated_reach":2000,"estimated_engagement_rate":1.0,"estimated_clicks":20,"estimated_conversions":2},"status":"<status>","priority":"high","created_at":"2025-12-30T08:00:00+00:00"},
        {"id":"live-3","type":"evergreen","title":"Idea 3 of the shop","description":"Row 3.","target_platforms":["instagram"],"suggested_copy":"Copy 3.","suggested_hashtags":["#idea"],"evidence":{"orders":3},"projected_metrics":{"estimated_reach":3000,"estimated_engagement_rate":1.5,"estimated_clicks":30,"estimated_conversions":3},"status":"approved","priority":"high","created_at":"2025-12-31T08:00:00+00:00","expires_at":<expires>},
        {"id":"live-4","type":"evergreen","title":"Idea 4 of the shop","description":"Row 4.","target_platforms":["instagram"],"suggested_copy":"Copy 4.","suggested_hashtags":["#idea"],"evidence":{"orders":4},"projected_metrics":{"estimated_reach":4000,"estimated_engagement_rate":2.0,"estimated_clicks":40,"estimated_conversions":4},"status":"approved","priority":"high","created_at":"2025-12-30T08:00:00+00:00"},
        {"id":"live-5","type":"<last>","title":"Idea 5 of the shop","description":"Row 5.","target_platforms":["instagram"],"suggested_copy":"Copy 5.","suggested_hashtags":["#idea"],"evidence":{"orders":5},"projected_metrics":{"estimated_reach":5000,"estimated_engagement_rate":2.5,"estimated_clicks":50,"estimated_conversions":5},"status":"approved","priority":"<priority>","created_at":"2025-12-31T08:00:00+00:00"}
      ]
      """
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the body matches schema "idea-pool/v4"
    And "$.data.source" is "<source>"
    And the answer holds no secret
    And "$.fallback_reason" is <reason>

    Examples:
      | why                     | first    | last     | status    | priority | expires                     | source   | reason                                       |
      | nothing is wrong        | launch   | wildcard | approved  | urgent   | "2026-02-01T00:00:00+00:00" | supabase | "#absent"                                    |
      | two wildcards           | wildcard | wildcard | approved  | urgent   | null                        | fixture  | "#regex .*2 wildcards.*"                     |
      | no wildcard             | launch   | launch   | approved  | urgent   | null                        | fixture  | "#regex .*0 wildcards.*"                     |
      | a window that is closed | launch   | wildcard | approved  | urgent   | "2025-12-31T23:59:59+00:00" | fixture  | "#regex .*window of row . .*has closed.*"    |
      | an unknown status       | launch   | wildcard | published | urgent   | null                        | fixture  | "#regex .*contract v4 does not know.*"       |
      | an unknown priority     | launch   | wildcard | approved  | critical | null                        | fixture  | "#regex .*contract v4 does not know.*"       |
      | an unknown type         | seasonal | wildcard | approved  | urgent   | null                        | fixture  | "#regex .*contract v4 does not know.*"       |

  @IDP-44
  Scenario: A window that closes between two answers takes its idea with it
    Given the table "product_suggestions" of "supabase" holds:
      """
      [
        {"id":"live-1","type":"launch","title":"Idea 1 of the shop","description":"Row 1.","target_platforms":["instagram"],"suggested_copy":"Copy 1.","suggested_hashtags":["#idea"],"evidence":{"orders":1},"projected_metrics":{"estimated_reach":1000,"estimated_engagement_rate":0.5,"estimated_clicks":10,"estimated_conversions":1},"status":"approved","priority":"high","created_at":"2025-12-31T08:00:00+00:00"},
        {"id":"live-2","type":"launch","title":"Idea 2 of the shop","description":"Row 2.","target_platforms":["instagram"],"suggested_copy":"Copy 2.","suggested_hashtags":["#idea"],"evidence":{"orders":2},"projected_metrics":{"estimated_reach":2000,"estimated_engagement_rate":1.0,"estimated_clicks":20,"estimated_conversions":2},"status":"approved","priority":"medium","created_at":"2025-12-30T08:00:00+00:00"},
        {"id":"live-3","type":"evergreen","title":"Idea 3 of the shop","description":"Row 3.","target_platforms":["instagram"],"suggested_copy":"Copy 3.","suggested_hashtags":["#idea"],"evidence":{"orders":3},"projected_metrics":{"estimated_reach":3000,"estimated_engagement_rate":1.5,"estimated_clicks":30,"estimated_conversions":3},"status":"approved","priority":"low","created_at":"2025-12-31T08:00:00+00:00"},
        {"id":"live-4","type":"evergreen","title":"Idea 4 of the shop","description":"Row 4.","target_platforms":["instagram"],"suggested_copy":"Copy 4.","suggested_hashtags":["#idea"],"evidence":{"orders":4},"projected_metrics":{"estimated_reach":4000,"estimated_engagement_rate":2.0,"estimated_clicks":40,"estimated_conversions":4},"status":"approved","priority":"high","created_at":"2025-12-30T08:00:00+00:00"},
        {"id":"live-5","type":"wildcard","title":"Idea 5 of the shop","description":"Row 5.","target_platforms":["instagram"],"suggested_copy":"Copy 5.","suggested_hashtags":["#idea"],"evidence":{"orders":5},"projected_metrics":{"estimated_reach":5000,"estimated_engagement_rate":2.5,"estimated_clicks":50,"estimated_conversions":5},"status":"approved","priority":"urgent","created_at":"2025-12-31T08:00:00+00:00","expires_at":"2026-01-01T01:00:00+00:00"}
      ]
      """
    When I GET "/api/analytics/idea-pool"
    Then "$.data.source" is "supabase"
    And each "$.data.ideas[*].supabase_linkage.expires_at" is "#future"
    When 3600 seconds pass
    And I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.source" is "fixture"
    And the answer holds no secret
    And "$.fallback_reason" contains "has closed"

  @IDP-45
  Scenario Outline: Without <variable> the integration is pending, not broken
    Given the variable "<variable>" is not set
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the body matches schema "idea-pool/v4"
    And "$.data.source" is "fixture"
    And the answer holds no secret
    And "$.data.feature_flag_enabled" is true
    And "$.fallback_reason" is "#regex ^Supabase integration pending: .*credentials.*"

    Examples:
      | variable             |
      | SUPABASE_URL         |
      | SUPABASE_SERVICE_KEY |

  @IDP-46
  Scenario: The anon key in the service key's place is an outage that looks like data
    Row level security answers 200 with the rows that a visitor may see, which are too few for a pool.

    Given the variable "SUPABASE_SERVICE_KEY" is "${SUPABASE_ANON_KEY}"
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the body matches schema "idea-pool/v4"
    And "$.data.source" is "fixture"
    And the answer holds no secret
    And "$.fallback_reason" is "#regex ^Supabase has \d ideas, 5 are needed$"

  @IDP4-9
  Scenario: A route without a live path says that it is pending
    This is the route as it stood on 2025-10-25: it reads the flag, echoes it, and serves the fixture all the same.

    Given the setting "version" is "v4-pending"
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the body matches schema "idea-pool/v4"
    And "$.data.feature_flag_enabled" is true
    And "$.data.source" is "fixture"
    And the answer holds no secret
    And "$.fallback_reason" is "#regex ^Supabase integration pending.*"
