@idea-pool
Feature: The idea pool is five ideas, and one of them is a wildcard
  The tile of the operator's dashboard is drawn from this answer alone. Every reader of contract v4 may rely on these
  shapes whether the ideas come from Supabase or from the fixture, so what a scenario does not arrange it does not need.

  @IDP4-1 @twin-only
  Scenario: With the flag unset the fixture is served
    Given the flag "supabase_idea_pool" is unset
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "idea-pool/v4"
    And "$.success" is true
    And "$.data.source" is "fixture"
    And "$.data.feature_flag_enabled" is false
    And "$.data.ideas" has 5 items
    And "$.data.total_count" is 5
    And "$.timestamp" is "#datetime"
    And "$.fallback_reason" is absent

  @IDP4-2
  Scenario: Every idea has the twelve members that a tile may read
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.ideas" has 5 items
    And each "$.data.ideas[*]" matches schema "idea-pool/idea"

  @IDP4-3
  Scenario: Exactly one idea is the wildcard, and the count says so
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.ideas" has 5 items, exactly 1 of them with type "wildcard"
    And "$.data.wildcard_count" is 1

  @IDP4-4
  Scenario: The type of an idea is one of three words
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And each "$.data.ideas[*].type" is one of "launch, evergreen, wildcard"

  @IDP4-5
  Scenario: The status of an idea is one of four words
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And each "$.data.ideas[*].status" is one of "draft, approved, pending_review, rejected"

  @IDP4-6
  Scenario: The priority of an idea is one of four words
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And each "$.data.ideas[*].priority" is one of "low, medium, high, urgent"

  @IDP4-7
  Scenario: What an idea may bring is told in four numbers
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And each "$.data.ideas[*].projected_metrics.estimated_reach" is "#number"
    And each "$.data.ideas[*].projected_metrics.estimated_engagement_rate" is "#number"
    And each "$.data.ideas[*].projected_metrics.estimated_clicks" is "#number"
    And each "$.data.ideas[*].projected_metrics.estimated_conversions" is "#number"
    And each "$.data.ideas[*]" matches schema "idea-pool/idea"

  @IDP4-8
  Scenario: Every idea says which table it was drawn from
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And each "$.data.ideas[*].supabase_linkage.table" is one of "product_suggestions, content_performance, trend_opportunities, product_collections, user_generated_content"
    And each "$.data.ideas[*].supabase_linkage" is "#object"
    And each "$.data.ideas[*].supabase_linkage.created_at" is "#datetime"

  @IDP4-12
  Scenario: The timestamp is written as JavaScript writes it, so that it survives a round trip
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.timestamp" is "#regex ^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"

  @IDP4-13 @twin-only
  Scenario: With the flag off the ideas are the fixture's, member for member
    Given the flag "supabase_idea_pool" is off
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.ideas" is:
      """
      [
        {
          "id": "idea-launch-fuel-rail",
          "type": "launch",
          "title": "Billet fuel rail kit for small-block swaps",
          "description": "Searches for a bolt-in fuel rail grew for six weeks and end on a page without a product. Launch the kit with its fittings in one box.",
          "target_platforms": ["instagram", "facebook"],
          "suggested_copy": "One box, every fitting, no adapters. The fuel rail kit is here.",
          "suggested_hashtags": ["#literal #fuelrail", "#literal #engineswap"],
          "evidence": { "site_searches": 412, "searches_without_result": 388, "window_days": 42 },
          "supabase_linkage": { "table": "product_suggestions", "created_at": "2025-12-20T09:00:00.000Z" },
          "projected_metrics": {
            "estimated_reach": 18500,
            "estimated_engagement_rate": 4.2,
            "estimated_clicks": 640,
            "estimated_conversions": 31
          },
          "cadence": "one-time",
          "status": "pending_review",
          "priority": "high",
          "risk_level": "medium",
          "rollback_plan": "Unpublish the product and stop the scheduled posts."
        },
        {
          "id": "idea-launch-winter-bundle",
          "type": "launch",
          "title": "Winter storage bundle",
          "description": "Stabiliser, battery maintainer and cover sell together in one order of nine. Offer them as a bundle before the season ends.",
          "target_platforms": ["facebook", "email"],
          "suggested_copy": "Put it away right, drive it away in spring.",
          "suggested_hashtags": ["#literal #winterstorage", "#literal #projectcar"],
          "evidence": { "bought_together_rate": 0.11, "orders": 274 },
          "supabase_linkage": { "table": "product_collections", "created_at": "2025-12-22T14:30:00.000Z" },
          "projected_metrics": {
            "estimated_reach": 9200,
            "estimated_engagement_rate": 3.1,
            "estimated_clicks": 310,
            "estimated_conversions": 22
          },
          "cadence": "one-time",
          "status": "approved",
          "priority": "medium",
          "risk_level": "low",
          "rollback_plan": "Archive the bundle; its parts stay on sale."
        },
        {
          "id": "idea-evergreen-hose-guide",
          "type": "evergreen",
          "title": "Hose sizes, explained once",
          "description": "The sizing guide brings the most returning readers of the blog. Post one size a week and link the matching fittings.",
          "target_platforms": ["instagram", "youtube"],
          "suggested_copy": "Dash six or dash eight? Thirty seconds and you know.",
          "suggested_hashtags": ["#literal #howto", "#literal #plumbing"],
          "evidence": { "average_read_seconds": 214, "returning_readers": 0.37 },
          "supabase_linkage": { "table": "content_performance", "created_at": "2025-11-30T08:15:00.000Z" },
          "projected_metrics": {
            "estimated_reach": 6400,
            "estimated_engagement_rate": 5.6,
            "estimated_clicks": 520,
            "estimated_conversions": 12
          },
          "cadence": "weekly",
          "status": "rejected",
          "priority": "medium"
        },
        {
          "id": "idea-evergreen-customer-builds",
          "type": "evergreen",
          "title": "Build of the month",
          "description": "Customers send photographs unasked. Show one build a month, with the parts that it carries.",
          "target_platforms": ["instagram"],
          "suggested_copy": "Built by Renée in a one-car garage: every part is listed below.",
          "suggested_hashtags": ["#literal #customerbuild"],
          "evidence": { "photographs_received": 58, "permission_given": 41 },
          "supabase_linkage": { "table": "user_generated_content", "created_at": "2025-12-05T17:45:00.000Z" },
          "projected_metrics": {
            "estimated_reach": 11800,
            "estimated_engagement_rate": 6.9,
            "estimated_clicks": 275,
            "estimated_conversions": 9
          },
          "cadence": "monthly",
          "status": "draft",
          "priority": "low"
        },
        {
          "id": "idea-wildcard-garage-radio",
          "type": "wildcard",
          "title": "Garage radio hour",
          "description": "A song about engines is rising on short video. Ask what plays in the workshop and let the answers be the playlist.",
          "target_platforms": ["tiktok", "instagram"],
          "suggested_copy": "What is on in your garage right now? The best answer picks Friday's playlist.",
          "suggested_hashtags": ["#literal #garageradio", "#literal #wrenching"],
          "evidence": { "trend_growth_percent": 180, "days_since_peak": 0 },
          "supabase_linkage": {
            "table": "trend_opportunities",
            "created_at": "2025-12-31T20:00:00.000Z",
            "expires_at": "2026-01-08T00:00:00.000Z"
          },
          "projected_metrics": {
            "estimated_reach": 42000,
            "estimated_engagement_rate": 8.3,
            "estimated_clicks": 890,
            "estimated_conversions": 4
          },
          "status": "pending_review",
          "priority": "urgent",
          "risk_level": "high",
          "rollback_plan": "Delete the post; nothing was promised."
        }
      ]
      """

  @IDP-1
  Scenario: No two ideas have the same id
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the values of "$.data.ideas[*].id" are unique

  @IDP-2 @twin-only
  Scenario: The fixture offers no idea whose window has closed
    HotDash's own fixture held a trend that had ended on the day its specification was written.

    Given the flag "supabase_idea_pool" is off
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And each "$.data.ideas[*].supabase_linkage.expires_at" is "#future"

  @IDP-3
  Scenario: A query parameter changes nothing
    When I GET "/api/analytics/idea-pool?limit=1&source=supabase"
    Then the status is 200
    And the body matches schema "idea-pool/v4"
    And "$.data.ideas" has 5 items

  @IDP-4
  Scenario: The answer holds no key
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And the answer holds no secret
    And the body does not mention "service_role"

  @IDP-5 @mutates
  Scenario Outline: The pool is read, never written, through this route
    When I <method> "/api/analytics/idea-pool" with the body:
      """
      {"ideas": []}
      """
    Then the status is 405
    And the media type is "application/json"
    And the body matches schema "idea-pool/refusal"
    And "$.data" is absent

    Examples:
      | method |
      | POST   |
      | PUT    |
      | PATCH  |
      | DELETE |
