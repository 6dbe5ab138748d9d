Feature: Reading conversations
  The operator's tile counts and lists what waits. The list is `data.payload`, neither `data` nor `payload`; it comes 25 to a page
  without a link or a flag that says whether there is more; and it holds open conversations unless others are asked for.

  @CW-40
  Scenario: The list has its shape, and every row its own
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations"
    Then the status is 200
    And the body matches schema "chatwoot/conversation-list"
    And the media type is "application/json"
    And the body matches schema "chatwoot/conversation-list"
    And "$.data.payload" has at most 25 items
    And the header "Link" is absent

  @CW-41
  Scenario: Without a status the list holds open conversations
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations"
    Then the status is 200
    And each "$.data.payload[*].status" is "open"

  @CW-42
  Scenario: The latest activity stands first
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations"
    Then the status is 200
    And the values of "$.data.payload[*].last_activity_at" are in descending order

  @CW-43
  Scenario: Page by page until an empty one, no conversation comes twice
    When I GET every page of "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations?status=all" by "page" until "$.data.payload" is empty
    Then the status is 200
    And "$.data.payload" has 0 items
    And the values of "$.data.payload[*].id" are unique on all pages

  @CW-44 @twin-only
  Scenario: All 28 open conversations are found on two pages
    When I GET every page of "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations" by "page" until "$.data.payload" is empty
    Then the pages hold 28 items at "$.data.payload"
    And 3 of the answers have the status 200
    And "$.data.meta.all_count" is 28

  @CW-45
  Scenario Outline: A list of <status> conversations holds no other
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations?status=<status>"
    Then the status is 200
    And the body matches schema "chatwoot/conversation-list"
    And "$.data.payload[?@.status != '<status>']" is absent

    Examples:
      | status   |
      | resolved |
      | pending  |
      | snoozed  |

  @CW-64 @twin-only
  Scenario Outline: All <count> <status> conversations are in the list
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations?status=<status>&updated_within=8640000"
    Then the status is 200
    And "$.data.payload" has <count> items
    And "$.data.meta.all_count" is <count>

    Examples:
      | status   | count |
      | open     | 28    |
      | resolved | 4     |
      | pending  | 2     |
      | all      | 35    |

  @CW-46 @twin-only
  Scenario: A status that does not exist finds nothing, and says nothing of it
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations?status=closed"
    Then the status is 200
    And "$.data.payload" has 0 items
    And "$.data.meta.all_count" is 0

  @CW-47
  Scenario: What no person has is found, and names none
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations?assignee_type=unassigned"
    Then the status is 200
    And "$.data.payload" has at least 1 item
    And "$.data.payload[?@.meta.assignee.email]" is absent

  @CW-48
  Scenario: What a person has is found, and names who
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations?assignee_type=assigned"
    Then the status is 200
    And "$.data.payload" has at least 1 item
    And each "$.data.payload[*].meta.assignee.email" is "#email"
    And "$.data.payload[?!@.meta.assignee]" is absent

  @CW-49
  Scenario: The counts are of everything found, whatever is shown of it
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations"
    And I remember "$.data.meta.all_count" as "all"
    And I remember "$.data.meta.unassigned_count" as "unassigned"
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations?assignee_type=assigned"
    Then the status is 200
    And the body contains:
      """
      {"data": {"meta": {"all_count": ${all}, "unassigned_count": ${unassigned}}}}
      """

  @CW-66
  Scenario: The counts come without the list, too
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations"
    And I remember "$.data.meta.all_count" as "all"
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/meta"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/conversation-counts"
    And the body contains:
      """
      {"meta": {"all_count": ${all}}}
      """

  @CW-50 @twin-only
  Scenario: Assigned and unassigned make up all
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/meta"
    Then the status is 200
    And the body matches schema "chatwoot/conversation-counts"
    And the body is:
      """
      {"meta": {"mine_count": 1, "assigned_count": 11, "unassigned_count": 17, "all_count": 28}}
      """

  @CW-51
  Scenario: An inbox has conversations of its own only
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations?inbox_id=${CHATWOOT_INBOX_ID}"
    Then the status is 200
    And "$.data.payload" has at least 1 item
    And "$.data.payload[?@.inbox_id != ${CHATWOOT_INBOX_ID}]" is absent

  @CW-52 @twin-only
  Scenario: A label finds those that bear it
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations?labels[]=vip"
    Then the status is 200
    And "$.data.payload" has 1 item
    And "$.data.payload[0].labels" contains "vip"

  @CW-53 @twin-only
  Scenario: A text finds the conversation in which it was said, in any status
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations?q=left+our+warehouse"
    Then the status is 200
    And "$.data.payload" has 4 items
    And each "$.data.payload[*].status" is "resolved"

  @CW-54 @twin-only
  Scenario: updated_within counts seconds and knows no pages
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations?updated_within=864000"
    Then the status is 200
    And "$.data.payload" has 28 items

  @CW-65 @twin-only
  Scenario: per_page is passed over: a probe that asks for one gets twenty-five
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations?per_page=1"
    Then the status is 200
    And "$.data.payload" has 25 items

  @CW-55
  Scenario: A conversation is found by the number that the list calls id
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations"
    And I remember "$.data.payload[0].id" as "id"
    And I remember "$.data.payload[0].uuid" as "uuid"
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/${id}"
    Then the status is 200
    And the body matches schema "chatwoot/conversation"
    And "$.uuid" is "${uuid}"

  @CW-56
  Scenario: A conversation that does not exist is not found
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/999999999"
    Then the status is 404
    And the media type is "application/json"
    And the body matches schema "chatwoot/error"
    And "$.error" is "Resource could not be found"

  @CW-57
  Scenario: A search answers in another shape
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/search?q=order"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/conversation-search"
    And "$.data" is absent

  @CW-58 @mutates
  Scenario: A filter answers without data around its list
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/filter" with the body:
      """
      {"payload": [
        {"attribute_key": "status", "filter_operator": "equal_to", "values": ["open"], "query_operator": "AND"},
        {"attribute_key": "inbox_id", "filter_operator": "equal_to", "values": [${CHATWOOT_INBOX_ID}], "query_operator": null}
      ]}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/conversation-filter"
    And "$.data" is absent
    And "$.meta.assigned_count" is absent
    And each "$.payload[*].status" is "open"
    And "$.payload[?@.inbox_id != ${CHATWOOT_INBOX_ID}]" is absent

  @CW-59 @mutates
  Scenario Outline: A filter that means nothing is refused with the reason: <reason>
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations/filter" with the body:
      """
      {"payload": [{"attribute_key": "<key>", "filter_operator": "<operator>", "values": <values>, "query_operator": <next>}]}
      """
    Then the status is 422
    And the media type is "application/json"
    And the body matches schema "chatwoot/error"
    And "$.error" contains "<reason>"

    Examples:
      | key    | operator | values   | next  | reason                                            |
      | mood   | equal_to | ["bad"]  | null  | Invalid attribute key - [mood]                    |
      | status | contains | ["open"] | null  | The allowed operators for status are [equal_to    |
      | status | equal_to | []       | null  | The values provided for status are invalid        |
      | status | equal_to | ["open"] | "XOR" | Query operator must be either                     |

  @CW-60
  Scenario: An agent reads the inboxes that it is a member of
    Given I authenticate as "agent"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations?status=all"
    Then the status is 200
    And the body matches schema "chatwoot/conversation-list"
    And "$.data.payload" has at least 1 item

  @CW-61 @twin-only
  Scenario: and no conversation of the inbox that it is not a member of
    Given I authenticate as "agent"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/conversations?status=all&inbox_id=3"
    Then the status is 200
    And "$.data.payload" has 0 items

  @CW-62
  Scenario Outline: The <what> come as a list without pages
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/<what>"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/<schema>"
    And the values of "<ids>" are unique

    Examples:
      | what    | schema     | ids             |
      | inboxes | inbox-list | $.payload[*].id |
      | teams   | team-list  | $[*].id         |
      | labels  | label-list | $.payload[*].id |

  @CW-63
  Scenario: An inbox shows secrets to an administrator and none to an agent
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/inboxes/${CHATWOOT_INBOX_ID}"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/inbox"
    And "$.channel_type" is "Channel::Api"
    And "$.hmac_token" is present
    When I authenticate as "agent"
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/inboxes/${CHATWOOT_INBOX_ID}"
    Then the status is 200
    And "$.hmac_token" is absent
    And "$.secret" is absent
