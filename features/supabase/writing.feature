@mutates
Feature: What is written is there, once, and whole
  The server writes with the service key: it is asked by no policy. What keeps the data right is the keys and checks of
  the tables, and what the app makes of the answers.

  Rule: Rows are added

    @SB-30
    Scenario: An idea that is added can be read back and taken away again
      Given the header "Prefer" is "return=representation"
      When I POST "/rest/v1/idea_pool" with the body:
        """
        {"id": "preflight-sb-30", "title": "An idea of the contract", "priority": "low"}
        """
      Then the status is 201
      And the media type is "application/json"
      And "$" has 1 item
      And each "$[*]" matches schema "supabase/idea"
      And "$[0].status" is "draft"
      When I GET "/rest/v1/idea_pool?id=eq.preflight-sb-30&select=title"
      Then "$[0].title" is "An idea of the contract"
      When I DELETE "/rest/v1/idea_pool?id=eq.preflight-sb-30"
      Then the status is 204
      And the body is empty
      When I GET "/rest/v1/idea_pool?id=eq.preflight-sb-30"
      Then "$" has 0 items

    @SB-31 @twin-only
    Scenario: Without a preference nothing is sent back
      When I POST "/rest/v1/product_suggestions" with the body:
        """
        {"type": "launch", "title": "Quiet launch"}
        """
      Then the status is 201
      And the body is empty
      And the header "Location" is absent
      And the header "Content-Range" is "*/*"

    @SB-32 @twin-only
    Scenario: Only the headers tell where the new row is
      Given the header "Prefer" is "return=headers-only"
      When I POST "/rest/v1/content_performance" with the body:
        """
        {"suggestion_id": "b3c1f0a2-5a35-4f0e-9a53-0f5d1c7e0004", "platform": "email", "measured_on": "2026-11-01"}
        """
      Then the status is 201
      And the body is empty
      And the header "Location" is "/content_performance?id=eq.25"

    @SB-33 @twin-only
    Scenario: Many rows go in together or not at all
      When I POST "/rest/v1/idea_pool" with the body:
        """
        [{"id": "one", "title": "One", "priority": "low"}, {"id": "two", "title": "Two", "priority": "asap"}]
        """
      Then the status is 400
      And "$.code" is "23514"
      When I GET "/rest/v1/idea_pool?id=in.(one,two)"
      Then "$" has 0 items

    @SB-34 @twin-only
    Scenario: A result of an experiment that there is not is refused
      When I POST "/rest/v1/experiment_results" with the body:
        """
        {"experiment_id": "00000000-0000-4000-8000-000000000000", "variant": "a", "visitors": 1}
        """
      Then the status is 409
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "23503"

  Rule: An upsert merges, and a repeated one changes nothing

    @SB-35 @twin-only
    Scenario: The status tells a merge from an insert
      Given the header "Prefer" is "resolution=merge-duplicates, return=representation"
      When I POST "/rest/v1/experiments?on_conflict=shop_domain,experiment_key" with the body:
        """
        {"shop_domain": "hotdash.myshopify.com", "experiment_key": "pdp_hero", "status": "paused"}
        """
      Then the status is 200
      And the media type is "application/json"
      And each "$[*]" matches schema "supabase/experiment"
      And "$" has 1 item
      And "$[0].id" is "7b7b1c7e-0d7a-4b86-9d5f-40f6d1a20001"
      And "$[0].status" is "paused"
      And "$[0].variants" has 2 items
      Given the header "Prefer" is "resolution=merge-duplicates"
      When I POST "/rest/v1/experiments?on_conflict=shop_domain,experiment_key" with the body:
        """
        {"shop_domain": "hotdash.myshopify.com", "experiment_key": "another", "status": "draft"}
        """
      Then the status is 201
      And the body is empty

    @SB-36 @twin-only
    Scenario: Duplicates can be ignored, and then the list of what was written is empty
      Given the header "Prefer" is "resolution=ignore-duplicates, return=representation"
      When I POST "/rest/v1/idea_pool" with the body:
        """
        {"id": "idea-1", "title": "Changed?"}
        """
      Then the status is 201
      And "$" has 0 items
      When I GET "/rest/v1/idea_pool?id=eq.idea-1&select=title"
      Then "$[0].title" is "Bundle stove and mug"

    @SB-37 @twin-only
    Scenario: Without a resolution a second one is refused
      When I POST "/rest/v1/idea_pool" with the body:
        """
        {"id": "idea-1", "title": "Again"}
        """
      Then the status is 409
      And the media type is "application/json"
      And the body is:
        """
        {
          "code": "23505",
          "details": "Key (id)=(idea-1) already exists.",
          "hint": null,
          "message": "duplicate key value violates unique constraint \"idea_pool_pkey\""
        }
        """

    @SB-38 @twin-only
    Scenario: PUT writes one row by its key, new or not
      When I PUT "/rest/v1/idea_pool?id=eq.idea-put" with the body:
        """
        {"id": "idea-put", "title": "Put"}
        """
      Then the status is 204
      And the body is empty
      Given the header "Prefer" is "return=representation"
      When I PUT "/rest/v1/idea_pool?id=eq.idea-put" with the body:
        """
        {"id": "idea-put", "title": "Put again"}
        """
      Then the status is 200
      And the media type is "application/json"
      And each "$[*]" matches schema "supabase/idea"
      And "$" has 1 item
      And "$[0].title" is "Put again"
      When I PUT "/rest/v1/idea_pool?id=eq.idea-put" with the body:
        """
        {"id": "another", "title": "Not this one"}
        """
      Then the status is 400
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "PGRST115"

  Rule: Changes and deletions say how many rows they hit, if asked

    @SB-39 @twin-only
    Scenario: A change of nothing is no error
      Reading 204 as "changed" is how an approval gets lost: the row was not there, or a policy hid it.

      When I PATCH "/rest/v1/idea_pool?id=eq.no-such-idea" with the body:
        """
        {"status": "approved"}
        """
      Then the status is 204
      And the body is empty
      And the header "Content-Range" is "*/*"
      Given the header "Prefer" is "return=representation, count=exact"
      When I PATCH "/rest/v1/idea_pool?id=eq.no-such-idea" with the body:
        """
        {"status": "approved"}
        """
      Then the status is 200
      And the media type is "application/json"
      And "$" has 0 items
      And the header "Content-Range" is "*/0"

    @SB-40 @twin-only
    Scenario: A change that hits is told by its range
      When I PATCH "/rest/v1/product_suggestions?status=eq.draft" with the body:
        """
        {"status": "pending_review"}
        """
      Then the status is 204
      And the body is empty
      And the header "Content-Range" is "0-0/*"
      When I GET "/rest/v1/product_suggestions?status=eq.pending_review&select=id"
      Then "$" has 2 items

    @SB-41 @twin-only
    Scenario: Asking for one object keeps a change from hitting two rows
      Given the header "Accept" is "application/vnd.pgrst.object+json"
      When I PATCH "/rest/v1/idea_pool?priority=eq.medium" with the body:
        """
        {"reviewer": "kim"}
        """
      Then the status is 406
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "PGRST116"
      When I GET "/rest/v1/idea_pool?reviewer=eq.kim"
      Then "$" has 0 items

    @SB-42 @twin-only
    Scenario: A deletion can tell what it took, and takes what hangs on it
      Given the header "Prefer" is "return=representation, count=exact"
      When I DELETE "/rest/v1/experiments?experiment_key=eq.pdp_hero&select=experiment_key"
      Then the status is 200
      And the media type is "application/json"
      And the header "Content-Range" is "*/1"
      And the body is:
        """
        [{"experiment_key": "pdp_hero"}]
        """
      When I GET "/rest/v1/experiment_results?variant=eq.video"
      Then "$" has 0 items

    @SB-43 @twin-only
    Scenario: An experiment that is stopped keeps its results
      When I PATCH "/rest/v1/experiments?experiment_key=eq.pdp_hero" with the body:
        """
        {"status": "completed"}
        """
      Then the status is 204
      And the body is empty
      And the header "Content-Range" is "0-0/*"
      When I GET "/rest/v1/experiments?experiment_key=eq.pdp_hero&select=status,experiment_results(variant)"
      Then "$[0].status" is "completed"
      And "$[0].experiment_results" has 2 items

    @SB-44 @twin-only
    Scenario: A suggestion that is deleted takes its performance with it, and leaves the trend that it came from
      When I DELETE "/rest/v1/product_suggestions?title=eq.Thermos%20for%20dogs"
      Then the status is 204
      And the body is empty
      When I GET "/rest/v1/content_performance?suggestion_id=eq.b3c1f0a2-5a35-4f0e-9a53-0f5d1c7e0003"
      Then "$" has 0 items
      When I GET "/rest/v1/trend_opportunities?keyword=eq.dog%20thermos&select=suggestion_id"
      Then "$[0].suggestion_id" is null
