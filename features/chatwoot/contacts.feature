Feature: Contacts
  Who writes to us. Lists come 15 to a page and count all; a search counts its page and says whether there is more.

  @CW-150
  Scenario: A page of contacts
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/contact-search"
    And the body matches schema "chatwoot/contact-list"
    And "$.payload" has at most 15 items
    And "$.meta.current_page" is 1

  @CW-151
  Scenario: A page that was asked for is named as a text
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts?page=1"
    Then the status is 200
    And "$.meta.current_page" is "1"

  @CW-152
  Scenario: Page by page until an empty one, no contact comes twice
    When I GET every page of "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts" by "page" until "$.payload" is empty
    Then the status is 200
    And "$.payload" has 0 items
    And the values of "$.payload[*].id" are unique on all pages

  @CW-153 @twin-only
  Scenario: Twenty contacts can be reached; the visitor without a name is in no list
    When I GET every page of "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts" by "page" until "$.payload" is empty
    Then the pages hold 20 items at "$.payload"
    And "$.meta.count" is 20

  @CW-154
  Scenario: One contact with the inboxes that it wrote to
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/${CHATWOOT_CONTACT_ID}"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/contact-answer"
    And the body matches schema "chatwoot/contact-answer"
    And "$.payload.contact_inboxes[?@.inbox.id == ${CHATWOOT_INBOX_ID}].source_id" is "#string"

  @CW-155
  Scenario: A contact is found by its e-mail address
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/${CHATWOOT_CONTACT_ID}"
    And I remember "$.payload.email" as "email"
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/search?q=${email}"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/contact-search"
    And the body matches schema "chatwoot/contact-search"
    And "$.payload[?@.id == ${CHATWOOT_CONTACT_ID}].email" is "${email}"
    And "$.meta.has_more" is "#boolean"

  @CW-156 @twin-only
  Scenario: A search counts its page, not its matches
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/search?q=customers.example"
    Then "$.meta.count" is 15
    And "$.meta.has_more" is true
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/search?q=customers.example&page=2"
    Then "$.meta.count" is 5
    And "$.meta.has_more" is false

  @CW-157 @twin-only
  Scenario: In 4.6.0 a search counts its matches and does not say whether there is more
    Given the setting "version" is "4.6.0"
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/search?q=customers.example"
    Then "$.meta.count" is 20
    And "$.payload" has 15 items
    And "$.meta.has_more" is absent

  @CW-158
  Scenario: A search for nothing finds nothing and is no error
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/search"
    Then the status is 200
    And the body matches schema "chatwoot/contact-search"
    And "$.payload" has 0 items
    And "$.meta.count" is null

  @CW-159
  Scenario: The conversations of a contact
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/${CHATWOOT_CONTACT_ID}/conversations"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/contact-conversations"
    And "$.payload" has at least 1 item
    And "$.payload[?@.meta.sender.id != ${CHATWOOT_CONTACT_ID}]" is absent

  @CW-160
  Scenario: A contact that does not exist is not found
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/999999999"
    Then the status is 404
    And the media type is "application/json"
    And the body matches schema "chatwoot/error"
    And "$.error" is "Resource could not be found"

  @CW-161 @mutates
  Scenario: A filter finds contacts by an attribute, in the list's own shape
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/filter" with the body:
      """
      {"payload": [{"attribute_key": "blocked", "filter_operator": "equal_to", "values": [false], "query_operator": null}]}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/contact-search"
    And the body matches schema "chatwoot/contact-list"
    And each "$.payload[*].blocked" is false

  @CW-162 @twin-only @mutates
  Scenario: A new contact answers with its session in the inbox, and is told to webhooks
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts" with the body:
      """
      {"inbox_id": ${CHATWOOT_INBOX_ID}, "name": "New Customer", "email": "New@Customers.example.test", "phone_number": "+15550109999"}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/contact-created"
    And "$.payload.contact.email" is "new@customers.example.test"
    And "$.payload.contact_inbox.source_id" is "#uuid"
    And the webhook "contact_created" matches schema "chatwoot/webhook-contact-created"
    And the webhook "contact_created" has the header "Content-Type" "application/json"

  @CW-166 @twin-only @mutates
  Scenario: A contact with a name alone has null for an address, in every shape that tells of it
    Who reads "email" or "phone_number" as a text breaks on the first visitor of the chat.

    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts" with the body:
      """
      {"inbox_id": ${CHATWOOT_INBOX_ID}, "name": "No Address"}
      """
    Then the status is 200
    And the body matches schema "chatwoot/contact-created"
    And the webhook "contact_created" matches schema "chatwoot/webhook-contact-created"
    When I remember "$.payload.contact.id" as "contact"
    And I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/${contact}"
    Then the body matches schema "chatwoot/contact-answer"
    And "$.payload.email" is null
    And "$.payload.phone_number" is null
    And "$.payload.identifier" is null
    When I GET "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/search?q=No+Address"
    Then the body matches schema "chatwoot/contact-search"

  @CW-163 @twin-only @mutates
  Scenario Outline: A contact with <what> is refused in the shape of records
    When I POST "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts" with the body:
      """
      {"name": "Wrong", "<member>": "<value>"}
      """
    Then the status is 422
    And the media type is "application/json"
    And the body is:
      """
      {"message": "<message>", "attributes": ["<member>"]}
      """

    Examples:
      | what                      | member       | value                       | message                                 |
      | a number without its plus | phone_number | 15550109999                 | Phone number should be in e164 format   |
      | an address that is taken  | email        | nora@customers.example.test | Email has already been taken            |
      | an address that is none   | email        | nora                        | Email Invalid email                     |
      | an identifier of another  | identifier   | customer-1001               | Identifier has already been taken       |

  @CW-164 @mutates
  Scenario: An update merges attributes, and answers 200 with the contact
    When I PUT "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/${CHATWOOT_CONTACT_ID}" with the body:
      """
      {"custom_attributes": {"preflight_a": 1}}
      """
    And I PUT "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/${CHATWOOT_CONTACT_ID}" with the body:
      """
      {"custom_attributes": {"preflight_b": 2}}
      """
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "chatwoot/contact-answer"
    And the body matches schema "chatwoot/contact-answer"
    And "$.payload.custom_attributes.preflight_a" is 1
    And "$.payload.custom_attributes.preflight_b" is 2

  @CW-165 @twin-only @mutates
  Scenario: A change of a contact is told with what it was; no change is not told
    When I PUT "/api/v1/accounts/${CHATWOOT_ACCOUNT_ID}/contacts/${CHATWOOT_CONTACT_ID}" with the body:
      """
      {"name": "Nora Q."}
      """
    And I repeat the request
    Then 1 webhook is delivered
    And the webhook "contact_updated" matches schema "chatwoot/webhook-contact-updated"
    And the webhook "contact_updated" has the header "Content-Type" "application/json"
    And the webhook "contact_updated" contains:
      """
      {"name": "Nora Q.", "changed_attributes": [{"name": {"previous_value": "Nora Quinn", "current_value": "Nora Q."}}, {"updated_at": "#object"}]}
      """
