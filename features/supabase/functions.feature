Feature: Functions answer with values, rows, nothing, or their own refusal
  The assistant's search and the pool's housekeeping are functions. A caller must be able to tell an empty result from a
  function that is not there, and a refusal of the function from one of the platform.

  @SB-50 @twin-only
  Scenario: A passage is found by its likeness, best first
    When I POST "/rest/v1/rpc/match_documents" with the body:
      """
      {"query_embedding": [1, 0, 0], "match_threshold": 0.5, "match_count": 5}
      """
    Then the status is 200
    And the media type is "application/json"
    And "$" has 2 items
    And each "$[*]" matches schema "supabase/document-match"
    And the values of "$[*].similarity" are in descending order
    And "$[0].content" is "Returns are free for 30 days."

  @SB-51 @twin-only
  Scenario: Nothing alike is an empty list
    When I POST "/rest/v1/rpc/match_documents" with the body:
      """
      {"query_embedding": [0, 0, 1], "match_threshold": 0.5, "match_count": 5}
      """
    Then the status is 200
    And "$" has 0 items

  @SB-52 @twin-only
  Scenario: A call with an argument too few finds no function, and says which it may have been
    When I POST "/rest/v1/rpc/match_documents" with the body:
      """
      {"query_embedding": [1, 0, 0], "match_threshold": 0.5}
      """
    Then the status is 404
    And the media type is "application/json"
    And the body matches schema "supabase/error"
    And "$.code" is "PGRST202"
    And "$.hint" is "Perhaps you meant to call the function public.match_documents(match_count, match_threshold, query_embedding)"

  @SB-53
  Scenario: A function that there is not is told from one that finds nothing
    When I GET "/rest/v1/rpc/preflight_has_no_such_function"
    Then the status is 404
    And the media type is "application/json"
    And the body matches schema "supabase/error"
    And "$.code" is "PGRST202"

  @SB-54 @twin-only
  Scenario: A value comes as a value, with POST and with GET
    When I POST "/rest/v1/rpc/add_numbers" with the body:
      """
      {"a": 1, "b": 2}
      """
    Then the status is 200
    And the media type is "application/json"
    And "$" is 3
    When I GET "/rest/v1/rpc/add_numbers?a=1&b=2"
    Then the status is 200
    And the media type is "application/json"
    And "$" is 3

  @SB-55 @twin-only
  Scenario: A function that returns rows can be filtered and ordered like a table
    When I GET "/rest/v1/rpc/suggestions_by_status?wanted=approved&select=title,confidence&confidence=gt.0.8"
    Then the status is 200
    And the body is:
      """
      [{"title": "Titanium camp mug", "confidence": 0.82}]
      """

  @SB-56 @twin-only
  Scenario: A function that returns nothing answers with no content
    When I POST "/rest/v1/rpc/refresh_idea_pool" with the body:
      """
      {}
      """
    Then the status is 204
    And the body is empty

  @SB-57 @twin-only
  Scenario: What a function raises reaches its caller whole
    When I POST "/rest/v1/rpc/approve_without_reviewer" with the body:
      """
      {"suggestion_id": "b3c1f0a2-5a35-4f0e-9a53-0f5d1c7e0001"}
      """
    Then the status is 400
    And the media type is "application/json"
    And the body is:
      """
      {
        "code": "P0001",
        "details": "No reviewer is assigned.",
        "hint": "Assign a reviewer first.",
        "message": "A suggestion needs a reviewer"
      }
      """

  @SB-58 @twin-only
  Scenario: A function may choose its own HTTP status
    When I POST "/rest/v1/rpc/publish_over_quota" with the body:
      """
      {}
      """
    Then the status is 402
    And the media type is "application/json"
    And the body matches schema "supabase/error"
    And "$.code" is "PT402"

  @SB-59
  Scenario: A table tells which methods it takes
    When I OPTIONS "/rest/v1/product_suggestions"
    Then the status is 200
    And the body is empty
    And the header "Allow" is "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"
