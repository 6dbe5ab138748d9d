@idea-pool
Feature: In production a flag that is on means live ideas
  Contract v4 never answers 500, so in production a monitor that reads the status alone is green over a pool that has
  been served from the fixture for weeks. The schema "idea-pool/production" is contract v4 without that excuse: with the flag
  on, the source fixture is a failure, and so is an idea of the fixture under the source supabase, and any fallback reason.

  @IDP-50
  Scenario: What the route says of its source fits what it says of its flag
    On a live target this is the proof that a flip took effect: with the flag on nothing but live ideas passes.

    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the body matches schema "idea-pool/production"

  @IDP-51 @twin-only
  Scenario: With the flag on and the database in order production is live
    Given the flag "supabase_idea_pool" is on
    And the table "product_suggestions" of "supabase" holds:
      """
      [
        {"id":"live-1","type":"launch","title":"Idea 1 of the shop","description":"Row 1.","target_platforms":["instagram"],"suggested_copy":"Copy 1.","suggested_hashtags":["#idea"],"evidence":{"orders":1},"projected_metrics":{"estimated_reach":1000,"estimated_engagement_rate":0.5,"estimated_clicks":10,"estimated_conversions":1},"status":"approved","priority":"high","created_at":"2025-12-31T08:00:00+00:00"},
        {"id":"live-2","type":"launch","title":"Idea 2 of the shop","description":"Row 2.","target_platforms":["instagram"],"suggested_copy":"Copy 2.","suggested_hashtags":["#idea"],"evidence":{"orders":2},"projected_metrics":{"estimated_reach":2000,"estimated_engagement_rate":1.0,"estimated_clicks":20,"estimated_conversions":2},"status":"approved","priority":"medium","created_at":"2025-12-30T08:00:00+00:00"},
        {"id":"live-3","type":"evergreen","title":"Idea 3 of the shop","description":"Row 3.","target_platforms":["instagram"],"suggested_copy":"Copy 3.","suggested_hashtags":["#idea"],"evidence":{"orders":3},"projected_metrics":{"estimated_reach":3000,"estimated_engagement_rate":1.5,"estimated_clicks":30,"estimated_conversions":3},"status":"approved","priority":"low","created_at":"2025-12-31T08:00:00+00:00"},
        {"id":"live-4","type":"evergreen","title":"Idea 4 of the shop","description":"Row 4.","target_platforms":["instagram"],"suggested_copy":"Copy 4.","suggested_hashtags":["#idea"],"evidence":{"orders":4},"projected_metrics":{"estimated_reach":4000,"estimated_engagement_rate":2.0,"estimated_clicks":40,"estimated_conversions":4},"status":"approved","priority":"high","created_at":"2025-12-30T08:00:00+00:00"},
        {"id":"live-5","type":"wildcard","title":"Idea 5 of the shop","description":"Row 5.","target_platforms":["instagram"],"suggested_copy":"Copy 5.","suggested_hashtags":["#idea"],"evidence":{"orders":5},"projected_metrics":{"estimated_reach":5000,"estimated_engagement_rate":2.5,"estimated_clicks":50,"estimated_conversions":5},"status":"approved","priority":"urgent","created_at":"2025-12-31T08:00:00+00:00"}
      ]
      """
    When I GET "/api/analytics/idea-pool"
    Then the body matches schema "idea-pool/production"
    And "$.data.source" is "supabase"
    And no "$.data.ideas[*].id" is found at "$[*].id" in the fixture "idea-pool/ideas.json"

  @IDP-53 @twin-only
  Scenario Outline: A degraded answer can be told from a live one: <why>
    Given the flag "supabase_idea_pool" is on
    And the setting "version" is "<version>"
    And "supabase" answers <status>
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.feature_flag_enabled" is true
    And "$.data.source" is not "supabase"
    And "$.fallback_reason" is present

    Examples:
      | why                  | version    | status |
      | no live path         | v4-pending | 503    |
      | the database is down | v4         | 503    |
      | the database refuses | v4         | 403    |
