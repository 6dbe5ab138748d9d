Feature: Pages add up to the whole
  A report that reads the first thousand rows and calls them all is wrong without anyone noticing. Whoever pages must know
  what the ranges say, what they leave out, and where the server cuts by itself.

  @SB-20
  Scenario: Rows come in the order that was asked for
    When I GET "/rest/v1/content_performance?select=id&order=id.desc&limit=50"
    Then the status is 200
    And the values of "$[*].id" are in descending order
    And the values of "$[*].id" are unique

  @SB-21 @twin-only
  Scenario: Unknown values come last, or first where that is said
    When I GET "/rest/v1/content_performance?select=revenue&order=revenue.desc&limit=1"
    Then "$[0].revenue" is null
    When I GET "/rest/v1/content_performance?select=revenue&order=revenue.desc.nullslast&limit=1"
    Then "$[0].revenue" is 288.5

  @SB-22 @twin-only
  Scenario: Without a count the range does not say how many there are
    A page that is full says 200, whether it is the last one or not.

    When I GET "/rest/v1/content_performance?select=id&order=id&limit=10"
    Then the status is 200
    And the header "Content-Range" is "0-9/*"
    When I GET "/rest/v1/content_performance?select=id&order=id&limit=10&offset=20"
    Then the status is 200
    And the header "Content-Range" is "20-23/*"
    When I GET "/rest/v1/content_performance?select=id&order=id&limit=10&offset=100"
    Then the status is 200
    And "$" has 0 items
    And the header "Content-Range" is "*/*"

  @SB-23 @twin-only
  Scenario: With a count a part is told from the whole by its status
    Given the header "Prefer" is "count=exact"
    When I GET "/rest/v1/content_performance?select=id&order=id&limit=10"
    Then the status is 206
    And the media type is "application/json"
    And the body is:
      """
      [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}, {"id": 5}, {"id": 6}, {"id": 7}, {"id": 8}, {"id": 9}, {"id": 10}]
      """
    And the header "Content-Range" is "0-9/24"
    And the header "Preference-Applied" is "count=exact"
    Given the header "Prefer" is "count=exact"
    When I GET "/rest/v1/content_performance?select=id&order=id"
    Then the status is 200
    And the header "Content-Range" is "0-23/24"

  @SB-24 @twin-only
  Scenario: With a count a page behind the last one is refused
    Given the header "Prefer" is "count=exact"
    When I GET "/rest/v1/content_performance?select=id&offset=100"
    Then the status is 416
    And the media type is "application/json"
    And the body matches schema "supabase/error"
    And "$.code" is "PGRST103"
    And "$.details" is "An offset of 100 was requested, but there are only 24 rows."

  @SB-25 @twin-only
  Scenario: The Range header pages as limit and offset do
    Given the header "Range" is "20-29"
    When I GET "/rest/v1/content_performance?select=id&order=id"
    Then the status is 200
    And "$" has 4 items
    And the header "Content-Range" is "20-23/*"

  @SB-26
  Scenario: The number of rows can be had without the rows
    Given the header "Prefer" is "count=exact"
    When I HEAD "/rest/v1/product_suggestions?limit=1"
    Then the status is one of "200, 206"
    And the body is empty
    And the header "Content-Range" is "#regex ^(0-0|\*)/[0-9]+$"

  @SB-27 @twin-only
  Scenario: The server cuts at its own limit and says nothing of it
    Hosted projects answer a thousand rows at most. A reader that sets no limit gets a part, with the status of a whole.

    Given the setting "max-rows" is 10
    When I GET "/rest/v1/content_performance?select=id&order=id"
    Then the status is 200
    And "$" has 10 items
    And the header "Content-Range" is "0-9/*"

  @SB-28 @twin-only
  Scenario: Only a count gives the cut away
    Given the setting "max-rows" is 10
    And the header "Prefer" is "count=exact"
    When I GET "/rest/v1/content_performance?select=id&order=id"
    Then the status is 206
    And the header "Content-Range" is "0-9/24"

  @SB-29
  Scenario Outline: <range> is no range
    Given the header "Range" is "<range>"
    When I GET "/rest/v1/content_performance?select=id&<query>"
    Then the status is 416
    And the body matches schema "supabase/error"
    And "$.code" is "PGRST103"

    Examples:
      | range | query    |
      | 9-5   | order=id |
      | 0-9   | limit=-1 |
