@idea-pool @twin-only
Feature: With the flag on the ideas are live
  A green answer is not enough: a route that echoes the flag and still serves the fixture looks live to every check
  that reads the status alone. Live means that the source says so and that the ideas are not the fixture's.

  Background:
    Given the flag "supabase_idea_pool" is on

  @IDP-20
  Scenario: The source is Supabase and no id is the fixture's
    Given the table "product_suggestions" of "supabase" holds:
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
    Then the status is 200
    And the body matches schema "idea-pool/v4"
    And "$.data.source" is "supabase"
    And "$.data.feature_flag_enabled" is true
    And no "$.data.ideas[*].id" is found at "$[*].id" in the fixture "idea-pool/ideas.json"
    And each "$.data.ideas[*].id" is one of "live-1, live-2, live-3, live-4, live-5"
    And the values of "$.data.ideas[*].id" are unique
    And "$.fallback_reason" is absent

  @IDP-21
  Scenario: A live idea says which row it was drawn from
    Given the table "product_suggestions" of "supabase" holds:
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
    Then "$.data.source" is "supabase"
    And each "$.data.ideas[*].supabase_linkage.table" is "product_suggestions"
    And each "$.data.ideas[*].supabase_linkage.created_at" is "#past"

  @IDP-22
  Scenario: A row that is written now is shown now
    Given the table "product_suggestions" of "supabase" holds:
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
    Then "$.data.ideas[?@.id == 'live-1'].title" is "Idea 1 of the shop"
    When the table "product_suggestions" of "supabase" holds:
      """
      [
        {"id":"live-1","type":"launch","title":"Renamed in Zürich","description":"Row 1.","target_platforms":["instagram"],"suggested_copy":"Copy 1.","suggested_hashtags":["#idea"],"evidence":{"orders":1},"projected_metrics":{"estimated_reach":1000,"estimated_engagement_rate":0.5,"estimated_clicks":10,"estimated_conversions":1},"status":"approved","priority":"high","created_at":"2025-12-31T08:00:00+00:00"},
        {"id":"live-2","type":"launch","title":"Idea 2 of the shop","description":"Row 2.","target_platforms":["instagram"],"suggested_copy":"Copy 2.","suggested_hashtags":["#idea"],"evidence":{"orders":2},"projected_metrics":{"estimated_reach":2000,"estimated_engagement_rate":1.0,"estimated_clicks":20,"estimated_conversions":2},"status":"approved","priority":"medium","created_at":"2025-12-30T08:00:00+00:00"},
        {"id":"live-3","type":"evergreen","title":"Idea 3 of the shop","description":"Row 3.","target_platforms":["instagram"],"suggested_copy":"Copy 3.","suggested_hashtags":["#idea"],"evidence":{"orders":3},"projected_metrics":{"estimated_reach":3000,"estimated_engagement_rate":1.5,"estimated_clicks":30,"estimated_conversions":3},"status":"approved","priority":"low","created_at":"2025-12-31T08:00:00+00:00"},
        {"id":"live-4","type":"evergreen","title":"Idea 4 of the shop","description":"Row 4.","target_platforms":["instagram"],"suggested_copy":"Copy 4.","suggested_hashtags":["#idea"],"evidence":{"orders":4},"projected_metrics":{"estimated_reach":4000,"estimated_engagement_rate":2.0,"estimated_clicks":40,"estimated_conversions":4},"status":"approved","priority":"high","created_at":"2025-12-30T08:00:00+00:00"},
        {"id":"live-5","type":"wildcard","title":"Idea 5 of the shop","description":"Row 5.","target_platforms":["instagram"],"suggested_copy":"Copy 5.","suggested_hashtags":["#idea"],"evidence":{"orders":5},"projected_metrics":{"estimated_reach":5000,"estimated_engagement_rate":2.5,"estimated_clicks":50,"estimated_conversions":5},"status":"approved","priority":"urgent","created_at":"2025-12-31T08:00:00+00:00"}
      ]
      """
    And I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.source" is "supabase"
    And "$.data.ideas[?@.id == 'live-1'].title" is "Renamed in Zürich"

  @IDP-23
  Scenario: The most urgent are shown when there are more than five, and a sixth is not
    Given the table "product_suggestions" of "supabase" holds:
      """
      [
        {"id":"live-1","type":"launch","title":"Idea 1 of the shop","description":"Row 1.","target_platforms":["instagram"],"suggested_copy":"Copy 1.","suggested_hashtags":["#idea"],"evidence":{"orders":1},"projected_metrics":{"estimated_reach":1000,"estimated_engagement_rate":0.5,"estimated_clicks":10,"estimated_conversions":1},"status":"approved","priority":"high","created_at":"2025-12-31T08:00:00+00:00"},
        {"id":"live-2","type":"launch","title":"Idea 2 of the shop","description":"Row 2.","target_platforms":["instagram"],"suggested_copy":"Copy 2.","suggested_hashtags":["#idea"],"evidence":{"orders":2},"projected_metrics":{"estimated_reach":2000,"estimated_engagement_rate":1.0,"estimated_clicks":20,"estimated_conversions":2},"status":"approved","priority":"medium","created_at":"2025-12-30T08:00:00+00:00"},
        {"id":"live-3","type":"evergreen","title":"Idea 3 of the shop","description":"Row 3.","target_platforms":["instagram"],"suggested_copy":"Copy 3.","suggested_hashtags":["#idea"],"evidence":{"orders":3},"projected_metrics":{"estimated_reach":3000,"estimated_engagement_rate":1.5,"estimated_clicks":30,"estimated_conversions":3},"status":"approved","priority":"low","created_at":"2025-12-31T08:00:00+00:00"},
        {"id":"live-4","type":"evergreen","title":"Idea 4 of the shop","description":"Row 4.","target_platforms":["instagram"],"suggested_copy":"Copy 4.","suggested_hashtags":["#idea"],"evidence":{"orders":4},"projected_metrics":{"estimated_reach":4000,"estimated_engagement_rate":2.0,"estimated_clicks":40,"estimated_conversions":4},"status":"approved","priority":"high","created_at":"2025-12-30T08:00:00+00:00"},
        {"id":"live-5","type":"wildcard","title":"Idea 5 of the shop","description":"Row 5.","target_platforms":["instagram"],"suggested_copy":"Copy 5.","suggested_hashtags":["#idea"],"evidence":{"orders":5},"projected_metrics":{"estimated_reach":5000,"estimated_engagement_rate":2.5,"estimated_clicks":50,"estimated_conversions":5},"status":"approved","priority":"urgent","created_at":"2025-12-31T08:00:00+00:00"},
        {"id":"live-6","type":"launch","title":"Idea 6 of the shop","description":"Row 6.","target_platforms":["instagram"],"suggested_copy":"Copy 6.","suggested_hashtags":["#idea"],"evidence":{"orders":6},"projected_metrics":{"estimated_reach":6000,"estimated_engagement_rate":3.0,"estimated_clicks":60,"estimated_conversions":6},"status":"approved","priority":"high","created_at":"2025-12-30T08:00:00+00:00"}
      ]
      """
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the body matches schema "idea-pool/v4"
    And "$.data.source" is "supabase"
    And "$.data.ideas" has 5 items, exactly 1 of them with type "wildcard"

  @IDP-24
  Scenario: Credentials that are set later take effect without a restart
    The app caches the first answer of its configuration for the life of the process; the contract does not allow it.

    Given the table "product_suggestions" of "supabase" holds:
      """
      [
        {"id":"live-1","type":"launch","title":"Idea 1 of the shop","description":"Row 1.","target_platforms":["instagram"],"suggested_copy":"Copy 1.","suggested_hashtags":["#idea"],"evidence":{"orders":1},"projected_metrics":{"estimated_reach":1000,"estimated_engagement_rate":0.5,"estimated_clicks":10,"estimated_conversions":1},"status":"approved","priority":"high","created_at":"2025-12-31T08:00:00+00:00"},
        {"id":"live-2","type":"launch","title":"Idea 2 of the shop","description":"Row 2.","target_platforms":["instagram"],"suggested_copy":"Copy 2.","suggested_hashtags":["#idea"],"evidence":{"orders":2},"projected_metrics":{"estimated_reach":2000,"estimated_engagement_rate":1.0,"estimated_clicks":20,"estimated_conversions":2},"status":"approved","priority":"medium","created_at":"2025-12-30T08:00:00+00:00"},
        {"id":"live-3","type":"evergreen","title":"Idea 3 of the shop","description":"Row 3.","target_platforms":["instagram"],"suggested_copy":"Copy 3.","suggested_hashtags":["#idea"],"evidence":{"orders":3},"projected_metrics":{"estimated_reach":3000,"estimated_engagement_rate":1.5,"estimated_clicks":30,"estimated_conversions":3},"status":"approved","priority":"low","created_at":"2025-12-31T08:00:00+00:00"},
        {"id":"live-4","type":"evergreen","title":"Idea 4 of the shop","description":"Row 4.","target_platforms":["instagram"],"suggested_copy":"Copy 4.","suggested_hashtags":["#idea"],"evidence":{"orders":4},"projected_metrics":{"estimated_reach":4000,"estimated_engagement_rate":2.0,"estimated_clicks":40,"estimated_conversions":4},"status":"approved","priority":"high","created_at":"2025-12-30T08:00:00+00:00"},
        {"id":"live-5","type":"wildcard","title":"Idea 5 of the shop","description":"Row 5.","target_platforms":["instagram"],"suggested_copy":"Copy 5.","suggested_hashtags":["#idea"],"evidence":{"orders":5},"projected_metrics":{"estimated_reach":5000,"estimated_engagement_rate":2.5,"estimated_clicks":50,"estimated_conversions":5},"status":"approved","priority":"urgent","created_at":"2025-12-31T08:00:00+00:00"}
      ]
      """
    And the variable "SUPABASE_SERVICE_KEY" is not set
    When I GET "/api/analytics/idea-pool"
    Then "$.data.source" is "fixture"
    When the variable "SUPABASE_SERVICE_KEY" is "${SUPABASE_SERVICE_KEY}"
    And I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.source" is "supabase"

  @IDP-25
  Scenario: Live answers hold no key either
    Given the table "product_suggestions" of "supabase" holds:
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
    Then "$.data.source" is "supabase"
    And the answer holds no secret
    And the body does not mention "${SUPABASE_SERVICE_KEY}"

  @IDP-26
  Scenario: What a row holds beyond an idea stays in the database
    Given the table "product_suggestions" of "supabase" holds:
      """
      [
        {"id":"live-1","type":"launch","title":"Idea 1 of the shop","description":"Row 1.","target_platforms":["instagram"],"suggested_copy":"Copy 1.","suggested_hashtags":["#idea"],"evidence":{"orders":1},"projected_metrics":{"estimated_reach":1000,"estimated_engagement_rate":0.5,"estimated_clicks":10,"estimated_conversions":1},"status":"approved","priority":"high","created_at":"2025-12-31T08:00:00+00:00","confidence":0.4242,"updated_at":"2025-12-31T12:34:56+00:00"},
        {"id":"live-2","type":"launch","title":"Idea 2 of the shop","description":"Row 2.","target_platforms":["instagram"],"suggested_copy":"Copy 2.","suggested_hashtags":["#idea"],"evidence":{"orders":2},"projected_metrics":{"estimated_reach":2000,"estimated_engagement_rate":1.0,"estimated_clicks":20,"estimated_conversions":2},"status":"approved","priority":"medium","created_at":"2025-12-30T08:00:00+00:00","confidence":0.4242,"updated_at":"2025-12-31T12:34:56+00:00"},
        {"id":"live-3","type":"evergreen","title":"Idea 3 of the shop","description":"Row 3.","target_platforms":["instagram"],"suggested_copy":"Copy 3.","suggested_hashtags":["#idea"],"evidence":{"orders":3},"projected_metrics":{"estimated_reach":3000,"estimated_engagement_rate":1.5,"estimated_clicks":30,"estimated_conversions":3},"status":"approved","priority":"low","created_at":"2025-12-31T08:00:00+00:00","confidence":0.4242,"updated_at":"2025-12-31T12:34:56+00:00"},
        {"id":"live-4","type":"evergreen","title":"Idea 4 of the shop","description":"Row 4.","target_platforms":["instagram"],"suggested_copy":"Copy 4.","suggested_hashtags":["#idea"],"evidence":{"orders":4},"projected_metrics":{"estimated_reach":4000,"estimated_engagement_rate":2.0,"estimated_clicks":40,"estimated_conversions":4},"status":"approved","priority":"high","created_at":"2025-12-30T08:00:00+00:00","confidence":0.4242,"updated_at":"2025-12-31T12:34:56+00:00"},
        {"id":"live-5","type":"wildcard","title":"Idea 5 of the shop","description":"Row 5.","target_platforms":["instagram"],"suggested_copy":"Copy 5.","suggested_hashtags":["#idea"],"evidence":{"orders":5},"projected_metrics":{"estimated_reach":5000,"estimated_engagement_rate":2.5,"estimated_clicks":50,"estimated_conversions":5},"status":"approved","priority":"urgent","created_at":"2025-12-31T08:00:00+00:00","confidence":0.4242,"updated_at":"2025-12-31T12:34:56+00:00"}
      ]
      """
    When I GET "/api/analytics/idea-pool"
    Then "$.data.source" is "supabase"
    And the body does not mention "0.4242"
    And the body does not mention "12:34:56"
    And the body matches schema "idea-pool/v4"
