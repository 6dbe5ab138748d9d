Feature: The tables of the idea pool can be read as the app reads them
  The tile, the reports and the experiments read these tables through one address. What they rely on is the shape of a
  row and what select, filters and embedded relations do to it.

  Rule: A row has the shape that its readers know

    @SB-1
    Scenario Outline: Each row of <table> is whole
      When I GET "/rest/v1/<table>?select=*&limit=20"
      Then the status is 200
      And the media type is "application/json"
      And each "$[*]" matches schema "supabase/<schema>"

      Examples:
        | table                  | schema                 |
        | product_suggestions    | product-suggestion     |
        | content_performance    | content-performance    |
        | trend_opportunities    | trend-opportunity      |
        | product_collections    | product-collection     |
        | user_generated_content | user-generated-content |
        | idea_pool              | idea                   |
        | experiments            | experiment             |
        | experiment_results     | experiment-result      |

    @SB-18 @twin-only
    Scenario Outline: A row of <table> that was written with what it must have alone is whole, too
      Columns that may be empty are sent as null and never left out.

      Given the table "<table>" of "supabase" holds:
        """
        [<row>]
        """
      When I GET "/rest/v1/<table>?select=*"
      Then the status is 200
      And each "$[*]" matches schema "supabase/<schema>"

      Examples:
        | table                  | schema                 | row |
        | product_suggestions    | product-suggestion     | {"id": "bare", "type": "launch", "title": "Bare", "description": "No more than it must have"} |
        | user_generated_content | user-generated-content | {"author": "kim", "body": "Works"} |
        | content_performance    | content-performance    | {"suggestion_id": "b3c1f0a2-5a35-4f0e-9a53-0f5d1c7e0001", "platform": "email", "measured_on": "2026-01-01"} |
        | experiment_results     | experiment-result      | {"experiment_id": "7b7b1c7e-0d7a-4b86-9d5f-40f6d1a20001", "variant": "a", "visitors": 0} |

    @SB-2
    Scenario: The tile's own question is answered with at most five rows
      When I GET "/rest/v1/product_suggestions?select=*&order=priority.desc&limit=5"
      Then the status is 200
      And "$" has at most 5 items
      And the values of "$[*].id" are unique
      And each "$[*]" matches schema "supabase/product-suggestion"

    @SB-3 @twin-only
    Scenario: Priority is a text, so its order is the alphabet's and not urgency's
      The tile asks for "order=priority.desc" and expects the urgent and the high ones first. It gets high last, and with
      a limit of five a pool of six loses a high one.

      When I GET "/rest/v1/product_suggestions?select=priority&order=priority.desc&limit=5"
      Then the status is 200
      And the body is:
        """
        [{"priority": "urgent"}, {"priority": "medium"}, {"priority": "low"}, {"priority": "high"}, {"priority": "high"}]
        """

  Rule: Select says what comes, and under which name

    @SB-4
    Scenario: Only what was selected is sent
      When I GET "/rest/v1/idea_pool?select=id,title&limit=1"
      Then the status is 200
      And "$" has 1 item
      And the body is:
        """
        [{"id": "#string", "title": "#string"}]
        """

    @SB-5
    Scenario: A column can be renamed and cast
      When I GET "/rest/v1/content_performance?select=number:id::text&limit=1"
      Then the status is 200
      And "$[0].number" is "#regex ^[0-9]+$"
      And "$[0].id" is absent

    @SB-6 @twin-only
    Scenario: A path leads into a JSON column, with one arrow to a number and with two to a text
      When I GET "/rest/v1/product_suggestions?title=eq.Titanium%20camp%20mug&select=projected_metrics->estimated_reach,projected_metrics->>estimated_clicks"
      Then the status is 200
      And the body is:
        """
        [{"estimated_reach": 24000, "estimated_clicks": "960"}]
        """

  Rule: Filters choose rows, and an unknown value is neither equal nor unequal

    @SB-7 @twin-only
    Scenario Outline: <filter> finds <count> of four ideas
      When I GET "/rest/v1/idea_pool?select=id&<filter>"
      Then the status is 200
      And "$" has <count> items

      Examples:
        | filter                                               | count |
        | status=eq.approved                                   | 1     |
        | status=neq.approved                                  | 3     |
        | status=in.(approved,rejected)                        | 2     |
        | status=not.in.(approved,rejected)                    | 2     |
        | confidence=gte.0.5                                   | 2     |
        | reviewer=is.null                                     | 2     |
        | reviewer=not.is.null                                 | 2     |
        | reviewer=neq.sasha                                   | 0     |
        | reviewer=isdistinct.sasha                            | 2     |
        | title=ilike.*in*                                     | 2     |
        | or=(status.eq.draft,priority.eq.high)                | 2     |
        | and=(priority.eq.medium,confidence.lt.0.5)           | 1     |
        | not.or=(priority.eq.medium,confidence.is.null)       | 1     |
        | title=like(any).{Bundle*,Gift*}                      | 2     |

    @SB-8 @twin-only
    Scenario: Arrays and documents are asked what they contain
      When I GET "/rest/v1/trend_opportunities?select=keyword&tags=cs.{winter}"
      Then the body is:
        """
        [{"keyword": "dog thermos"}]
        """
      When I GET "/rest/v1/product_collections?select=handle&seo->>title=eq.Winter%20gear"
      Then the body is:
        """
        [{"handle": "winter"}]
        """

    @SB-9
    Scenario: A filter that nothing passes is an empty list and no error
      When I GET "/rest/v1/idea_pool?id=eq.no-such-idea-of-preflight"
      Then the status is 200
      And "$" has 0 items
      And the header "Content-Range" is "*/*"

  Rule: Related rows come along

    @SB-10 @twin-only
    Scenario: A suggestion brings its performance, a list even where there is none
      When I GET "/rest/v1/product_suggestions?select=title,content_performance(platform,clicks)&content_performance.limit=2&order=title"
      Then the status is 200
      And each "$[*].content_performance" is "#array"
      And "$[?@.title == 'Titanium camp mug'].content_performance" has 2 items
      And "$[?@.title == 'Merino base layer bundle'].content_performance" has 0 items

    @SB-11
    Scenario: A result brings its experiment as one object
      When I GET "/rest/v1/experiment_results?select=variant,experiments(experiment_key,status)&limit=5"
      Then the status is 200
      And each "$[*].experiments.experiment_key" is "#string"
      And each "$[*].experiments.status" is "#regex ^(draft|running|paused|completed)$"

    @SB-12 @twin-only
    Scenario: An inner embed drops the rows that have no partner
      When I GET "/rest/v1/product_suggestions?select=title,content_performance!inner(platform)&content_performance.platform=eq.email"
      Then the status is 200
      And "$" has 3 items
      And each "$[*].content_performance[*].platform" is "email"

    @SB-13 @twin-only
    Scenario: Where two references lead to one table the request must say which
      When I GET "/rest/v1/user_generated_content?select=author,product_collections(handle)"
      Then the status is 300
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "PGRST201"
      And "$.hint" contains "product_collections!user_generated_content_collection_id_fkey"
      When I GET "/rest/v1/user_generated_content?select=author,product_collections!collection_id(handle)"
      Then the status is 200
      And each "$[*].product_collections.handle" is "#string"

  Rule: One row can be asked for as an object

    @SB-14
    Scenario: Exactly one row comes without a list around it
      When I GET "/rest/v1/idea_pool?select=id&limit=1"
      And I remember "$[0].id" as "idea"
      Given the header "Accept" is "application/vnd.pgrst.object+json"
      When I GET "/rest/v1/idea_pool?id=eq.${idea}"
      Then the status is 200
      And the media type is "application/vnd.pgrst.object+json"
      And the body matches schema "supabase/idea"

    @SB-15
    Scenario: No row at all is a refusal
      Given the header "Accept" is "application/vnd.pgrst.object+json"
      When I GET "/rest/v1/idea_pool?id=eq.no-such-idea-of-preflight"
      Then the status is 406
      And the body matches schema "supabase/error"
      And "$.code" is "PGRST116"
      And "$.details" is "The result contains 0 rows"

    @SB-16 @twin-only
    Scenario: More than one row is a refusal, too
      Given the header "Accept" is "application/vnd.pgrst.object+json"
      When I GET "/rest/v1/idea_pool"
      Then the status is 406
      And "$.code" is "PGRST116"
      And "$.details" is "The result contains 4 rows"

  Rule: Rows can be had as CSV

    @SB-17 @twin-only
    Scenario: A text with a comma is quoted, and what is unknown is empty
      Given the header "Accept" is "text/csv"
      When I GET "/rest/v1/user_generated_content?select=author,body,rating&order=author"
      Then the status is 200
      And the media type is "text/csv"
      And the body is the text "author,body,rating\njoão,\"Zip froze, (warranty) was fast\",3\nkim,\"mug, spoon, done\",\nmara,\"Slept at -20 in this, twice.\",5"
