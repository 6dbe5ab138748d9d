Feature: The gateway refuses before anything else does
  A key that is missing, wrong, expired or in the wrong place looks different each time, and none of it is an error of the
  app's query. A launch is safe when each of these is told from the others.

  Rule: A key is needed, and it must be one of the project

    @SB-100
    Scenario: Without a key nothing is reached
      Given I do not authenticate
      When I GET "/rest/v1/idea_pool"
      Then the status is 401
      And the body matches schema "supabase/gateway-refusal"
      And "$.message" is "No API key found in request"

    @SB-101
    Scenario: A wrong key is refused, and not repeated
      Given I do not authenticate
      And the header "apikey" is "preflight-wrong-key"
      When I GET "/rest/v1/idea_pool"
      Then the status is 401
      And the body matches schema "supabase/gateway-refusal"
      And the body does not mention "preflight-wrong-key"

    @SB-102 @twin-only
    Scenario: The hosted gateway says where to look
      Given I do not authenticate
      And the header "apikey" is "preflight-wrong-key"
      When I GET "/rest/v1/idea_pool"
      Then the body is:
        """
        {
          "message": "Invalid API key",
          "hint": "Double check your Supabase `anon` or `service_role` API key."
        }
        """

    @SB-103
    Scenario Outline: The role of the credential <credential> is <seen>
      Given I authenticate as "<credential>"
      When I GET "/rest/v1/audit_log?limit=1"
      Then the status is <status>
      And the media type is "application/json"

      Examples:
        | credential     | seen         | status |
        | service        | the service  | 200    |
        | service-legacy | the service  | 200    |
        | anon           | a visitor    | 401    |
        | publishable    | a visitor    | 401    |
        | anon-in-query  | a visitor    | 401    |
        | user           | a user       | 403    |

    @SB-104
    Scenario: A new key is no token
      Sent where a token belongs and not beside itself, it is what PostgREST cannot take apart.

      Given I authenticate as "publishable-as-token"
      When I GET "/rest/v1/idea_pool"
      Then the status is 401
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "PGRST301"
      And the header "WWW-Authenticate" is "#regex ^Bearer error=\"invalid_token\""

  Rule: A token is believed as long as it lives

    @SB-105 @twin-only
    Scenario: A user's token expires half a minute after its time
      Given I authenticate as "user"
      When I GET "/rest/v1/product_suggestions?select=id"
      Then the status is 200
      When 157680031 seconds pass
      And I GET "/rest/v1/product_suggestions?select=id"
      Then the status is 401
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "PGRST301"
      And "$.message" is "JWT expired"

    @SB-106 @twin-only
    Scenario: Version 14 tells a token that is too old by a code of its own
      Given the setting "version" is "14.12"
      And I authenticate as "user"
      When 157680031 seconds pass
      And I GET "/rest/v1/product_suggestions?select=id"
      Then the status is 401
      And "$.code" is "PGRST303"

    @SB-107 @twin-only
    Scenario: The service's key does not expire with it
      When 157680031 seconds pass
      And I GET "/rest/v1/product_suggestions?select=id"
      Then the status is 200

  Rule: Where one tests is not where one goes live

    @SB-108 @twin-only
    Scenario: The local gateway asks for no key
      What works with "supabase start" without a key is refused as soon as it is hosted.

      Given the setting "gateway" is "cli"
      And I do not authenticate
      When I GET "/rest/v1/tags?select=name&limit=1"
      Then the status is 200
      And the media type is "application/json"
      And the body is:
        """
        [{"name": "winter"}]
        """
      Given the setting "gateway" is "hosted"
      When I GET "/rest/v1/tags?select=name&limit=1"
      Then the status is 401
      And the media type is "application/json"
      And the body matches schema "supabase/gateway-refusal"

    @SB-109 @twin-only
    Scenario: A self-hosted gateway refuses without a hint
      Given the setting "gateway" is "self-hosted"
      And I do not authenticate
      When I GET "/rest/v1/idea_pool"
      Then the status is 401
      And the body is:
        """
        {"message": "No API key found in request"}
        """

  Rule: The platform may be away

    @SB-110 @twin-only
    Scenario: A paused project is told from one that is down
      Given the setting "project" is "paused"
      When I GET "/rest/v1/idea_pool"
      Then the status is 540
      And the media type is "application/json"
      And the body matches schema "supabase/gateway-refusal"

    @SB-111 @twin-only
    Scenario: A restricted project asks for money
      Given the setting "project" is "restricted"
      When I GET "/rest/v1/idea_pool"
      Then the status is 402
      And the media type is "application/json"
      And the body matches schema "supabase/gateway-refusal"
      And "$.message" contains "restricted"

    @SB-112 @twin-only
    Scenario: A database that is away is a 503 with a time to come back
      Given the setting "database" is "down"
      When I GET "/rest/v1/idea_pool"
      Then the status is 503
      And the media type is "application/json"
      And the body matches schema "supabase/error"
      And "$.code" is "PGRST000"
      And the answer may be retried after 1 to 60 seconds

    @SB-113 @twin-only
    Scenario: What stands before the project answers in plain text when its container is gone
      Given "supabase" answers 521
      When I GET "/rest/v1/idea_pool"
      Then the status is 521
      And the media type is "text/plain"
      And the body is the text "error code: 521"

    @SB-114 @twin-only
    Scenario: A throttle names its time
      Given "supabase" throttles with Retry-After "7"
      When I GET "/rest/v1/idea_pool"
      Then the status is 429
      And the media type is "application/json"
      And the body matches schema "supabase/gateway-refusal"
      And the answer may be retried after 7 to 7 seconds

    @SB-115
    Scenario: No refusal repeats a key
      Given I authenticate as "anon"
      When I GET "/rest/v1/audit_log"
      Then the status is 401
      And the answer holds no secret
