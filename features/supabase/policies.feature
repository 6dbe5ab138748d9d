Feature: Who may see what, and how a refusal shows
  Row-level security does not say no when one reads: it shows less. And when one writes, the status of its no depends on
  who asks. A monitor that does not know both takes a locked table for an empty one, and a policy for a wrong key.

  Rule: Reading shows less

    @SB-60
    Scenario: A table that a role may not see looks empty
      Given I authenticate as "anon"
      When I GET "/rest/v1/experiments?select=id"
      Then the status is 200
      And "$" has 0 items

    @SB-61 @twin-only
    Scenario: A visitor sees approved suggestions, a user and the service all of them
      Given I authenticate as "anon"
      When I GET "/rest/v1/product_suggestions?select=status"
      Then "$" has 2 items
      And each "$[*].status" is "approved"
      Given I authenticate as "user"
      When I GET "/rest/v1/product_suggestions?select=status"
      Then "$" has 5 items
      Given I authenticate as "service"
      When I GET "/rest/v1/product_suggestions?select=status"
      Then "$" has 5 items

    @SB-62 @twin-only
    Scenario: A visitor sees public notes only, and whole
      Given I authenticate as "anon"
      When I GET "/rest/v1/operator_notes?select=*&order=id"
      Then the status is 200
      And "$" has 2 items
      And the media type is "application/json"
      And each "$[*]" matches schema "supabase/operator-note"
      And each "$[*].is_public" is true
      And the body does not mention "Margin is thin"

    @SB-63 @twin-only
    Scenario: Counting counts what is seen
      Given I authenticate as "anon"
      And the header "Prefer" is "count=exact"
      When I GET "/rest/v1/operator_notes?select=id"
      Then the header "Content-Range" is "0-1/2"

  Rule: A table without a privilege is refused, and the status tells who asked

    @SB-64
    Scenario: A visitor is told 401, which is no word about the key
      Given I authenticate as "anon"
      When I GET "/rest/v1/audit_log"
      Then the status is 401
      And the media type is "application/json"
      And the header "WWW-Authenticate" is "Bearer"
      And the body matches schema "supabase/error"
      And "$.code" is "42501"
      And "$.message" is "permission denied for table audit_log"

    @SB-65
    Scenario: A signed-in user is told 403
      Given I authenticate as "user"
      When I GET "/rest/v1/audit_log"
      Then the status is 403
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And the header "WWW-Authenticate" is absent
      And "$.code" is "42501"

    @SB-66
    Scenario: The service may read it
      When I GET "/rest/v1/audit_log?limit=1"
      Then the status is 200
      And the media type is "application/json"
      And each "$[*]" matches schema "supabase/audit-entry"
      And "$" has 1 item

  Rule: Writing is refused in words

    @SB-67 @mutates
    Scenario: A visitor may not write a note
      Given I authenticate as "anon"
      When I POST "/rest/v1/operator_notes" with the body:
        """
        {"body": "Written by nobody"}
        """
      Then the status is 401
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "42501"
      And "$.message" is "new row violates row-level security policy for table \"operator_notes\""

    @SB-68 @mutates
    Scenario: A user may not write in another one's name
      Given I authenticate as "user"
      When I POST "/rest/v1/operator_notes" with the body:
        """
        {"body": "Not mine", "author_id": "0e9f5f0c-7c1d-4a57-9a5e-1f4cf3d7a001"}
        """
      Then the status is 403
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "42501"

    @SB-69 @mutates
    Scenario: A user's own note is theirs to write, change and take away
      Given I authenticate as "user"
      And the header "Prefer" is "return=representation"
      When I POST "/rest/v1/operator_notes" with the body:
        """
        {"body": "A note of the contract"}
        """
      Then the status is 201
      And the media type is "application/json"
      And each "$[*]" matches schema "supabase/operator-note"
      And "$" has 1 item
      And "$[0].author_id" is "${SUPABASE_USER_ID}"
      When I remember "$[0].id" as "note"
      Given the header "Prefer" is "return=representation"
      When I PATCH "/rest/v1/operator_notes?id=eq.${note}" with the body:
        """
        {"body": "Changed"}
        """
      Then the status is 200
      And the media type is "application/json"
      And each "$[*]" matches schema "supabase/operator-note"
      And "$" has 1 item
      And "$[0].body" is "Changed"
      Given the header "Prefer" is "count=exact"
      When I DELETE "/rest/v1/operator_notes?id=eq.${note}"
      Then the status is 204
      And the body is empty
      And the header "Content-Range" is "*/1"

    @SB-70 @twin-only
    Scenario: Another one's note is not refused but missed
      Given I authenticate as "user"
      And the header "Prefer" is "return=representation, count=exact"
      When I PATCH "/rest/v1/operator_notes?id=eq.1" with the body:
        """
        {"body": "Not mine to change"}
        """
      Then the status is 200
      And "$" has 0 items
      And the header "Content-Range" is "*/0"

    @SB-71 @twin-only
    Scenario: A user proposes drafts and approves nothing
      Given I authenticate as "user"
      When I POST "/rest/v1/product_suggestions" with the body:
        """
        {"type": "launch", "title": "Self-approved", "status": "approved"}
        """
      Then the status is 403
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "42501"
      Given the header "Prefer" is "return=representation"
      When I POST "/rest/v1/product_suggestions" with the body:
        """
        {"type": "launch", "title": "Proposed"}
        """
      Then the status is 201
      And the media type is "application/json"
      And each "$[*]" matches schema "supabase/product-suggestion"
      And "$" has 1 item
      And "$[0].status" is "draft"
