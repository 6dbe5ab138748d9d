Feature: A refusal says what was wrong, in four members
  The app decides by these codes whether to retry, to fall back or to wake someone. Each of them is a status and a code
  together: 404 alone may be a table, a function or a path.

  Rule: What is not there

    @SB-80
    Scenario: A table that was never migrated is a 404 with a code
      When I GET "/rest/v1/preflight_has_no_such_table"
      Then the status is 404
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is one of "42P01, PGRST205"
      And "$.message" contains "preflight_has_no_such_table"

    @SB-81 @twin-only
    Scenario: A table of the idea pool that is dropped is told so
      Given the table "product_suggestions" of "supabase" does not exist
      When I GET "/rest/v1/product_suggestions?select=*&order=priority.desc&limit=5"
      Then the status is 404
      And the media type is "application/json"
      And the body is:
        """
        {
          "code": "42P01",
          "details": null,
          "hint": null,
          "message": "relation \"public.product_suggestions\" does not exist"
        }
        """

    @SB-82
    Scenario: A column that is misspelled finds its name
      When I GET "/rest/v1/idea_pool?select=titel"
      Then the status is 400
      And the body is:
        """
        {
          "code": "42703",
          "details": null,
          "hint": "Perhaps you meant to reference the column \"idea_pool.title\".",
          "message": "column idea_pool.titel does not exist"
        }
        """

    @SB-83
    Scenario: A relation that there is not is told from one that is empty
      When I GET "/rest/v1/idea_pool?select=id,experiments(id)"
      Then the status is 400
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "PGRST200"

    @SB-84 @mutates
    Scenario: A member that is no column is refused before anything is written
      When I POST "/rest/v1/idea_pool" with the body:
        """
        {"id": "preflight-sb-84", "titel": "Misspelled"}
        """
      Then the status is 400
      And the media type is "application/json"
      And "$.code" is "PGRST204"
      When I GET "/rest/v1/idea_pool?id=eq.preflight-sb-84"
      Then "$" has 0 items

  Rule: What cannot be read

    @SB-85
    Scenario Outline: <query> is refused with <code>
      When I GET "/rest/v1/content_performance?select=id&<query>"
      Then the status is 400
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "<code>"

      Examples:
        | query               | code     |
        | id=zzz.1            | PGRST100 |
        | id=1                | PGRST100 |
        | order=id.sideways   | PGRST100 |
        | or=(id.eq.1         | PGRST100 |
        | id=eq.abc           | 22P02    |
        | measured_on=eq.soon | 22007    |

    @SB-86
    Scenario: An operator that there is not is refused with the ones that there are
      When I GET "/rest/v1/content_performance?id=zzz.1"
      Then the status is 400
      And the body is:
        """
        {
          "code": "PGRST100",
          "details": "unexpected \"z\" expecting \"not\" or operator (eq, gt, ...)",
          "hint": null,
          "message": "\"failed to parse filter (zzz.1)\" (line 1, column 1)"
        }
        """

    @SB-87 @mutates
    Scenario: A body that is no JSON is refused
      Given the header "Content-Type" is "application/json"
      When I POST "/rest/v1/idea_pool" with the body:
        """
        {"id": "cut of
        """
      Then the status is 400
      And the body matches schema "supabase/error"
      And "$.code" is "PGRST102"

  Rule: What the tables do not allow

    @SB-88 @twin-only
    Scenario Outline: A suggestion's result with <what> is refused with <status> and <code>
      When I POST "/rest/v1/content_performance" with the body:
        """
        <row>
        """
      Then the status is <status>
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "<code>"

      Examples:
        | what                | status | code  | row                                                                                                                      |
        | no day              | 400    | 23502 | {"suggestion_id": "b3c1f0a2-5a35-4f0e-9a53-0f5d1c7e0001", "platform": "email"}                                           |
        | an unknown platform | 400    | 23514 | {"suggestion_id": "b3c1f0a2-5a35-4f0e-9a53-0f5d1c7e0001", "platform": "fax", "measured_on": "2026-11-01"}                |
        | a negative number   | 400    | 23514 | {"suggestion_id": "b3c1f0a2-5a35-4f0e-9a53-0f5d1c7e0001", "platform": "email", "measured_on": "2026-11-01", "clicks": -1} |
        | no suggestion       | 409    | 23503 | {"suggestion_id": "none", "platform": "email", "measured_on": "2026-11-01"}                                              |
        | the same day twice  | 409    | 23505 | {"suggestion_id": "b3c1f0a2-5a35-4f0e-9a53-0f5d1c7e0001", "platform": "email", "measured_on": "2026-10-10"}              |
        | a text for a number | 400    | 22P02 | {"suggestion_id": "b3c1f0a2-5a35-4f0e-9a53-0f5d1c7e0001", "platform": "email", "measured_on": "2026-11-01", "clicks": "x"} |

  Rule: What cannot be had

    @SB-89
    Scenario: A schema that is not exposed is refused
      Given the header "Accept-Profile" is "preflight_has_no_such_schema"
      When I GET "/rest/v1/idea_pool"
      Then the status is 406
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "PGRST106"

    @SB-90
    Scenario: A media type that there is not is refused
      Given the header "Accept" is "text/preflight"
      When I GET "/rest/v1/idea_pool"
      Then the status is one of "406, 415"
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "PGRST107"

    @SB-91
    Scenario: An aggregate is refused where it was not switched on
      When I GET "/rest/v1/content_performance?select=clicks.sum()"
      Then the status is 400
      And the body matches schema "supabase/error"
      And "$.code" is "PGRST123"

  Rule: Another version, another wording

    Whoever looks for a sentence finds it gone after an upgrade. These are the ones that changed.

    @SB-92 @twin-only
    Scenario Outline: Version 14 says <code> for <what>
      Given the setting "version" is "14.12"
      And the header "Accept" is "<accept>"
      When I GET "<path>"
      Then the status is <status>
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "<code>"
      And "$.message" is "<message>"
      And the header "Proxy-Status" is "PostgREST; error=<code>"

      Examples:
        | what                | path                        | accept                            | status | code     | message                                                     |
        | a missing table     | /rest/v1/idea_pol           | application/json                  | 404    | PGRST205 | Could not find the table 'public.idea_pol' in the schema cache |
        | an unknown path     | /rest/v1/idea_pool/1        | application/json                  | 404    | PGRST125 | Invalid path specified in request URL                       |
        | no single row       | /rest/v1/idea_pool?id=eq.no | application/vnd.pgrst.object+json | 406    | PGRST116 | Cannot coerce the result to a single JSON object            |
        | a strange type      | /rest/v1/idea_pool          | text/preflight                    | 406    | PGRST107 | None of these media types are available: text/preflight     |

    @SB-93 @twin-only
    Scenario: Version 12 says nothing at all of a path that it does not know
      When I GET "/rest/v1/idea_pool/1"
      Then the status is 404
      And the body matches schema "supabase/nothing"

    @SB-94 @twin-only
    Scenario: Version 14 finds the table that was meant
      Given the setting "version" is "14.12"
      When I GET "/rest/v1/idea_pol"
      Then "$.hint" is "Perhaps you meant the table 'public.idea_pool'"
