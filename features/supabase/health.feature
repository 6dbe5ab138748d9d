Feature: Health is in the body, and three services have three ideas of it
  Each of these answers 200 while it is ill, or while what it stands on is. A probe that looks at the status alone is green
  over a broken project.

  @SB-120
  Scenario: Auth says which version runs
    Given I authenticate as "anon"
    When I GET "/auth/v1/health"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "supabase/auth-health"

  @SB-121 @twin-only
  Scenario: Auth's health knows nothing of the database
    Given the setting "database" is "down"
    And I authenticate as "anon"
    When I GET "/auth/v1/health"
    Then the status is 200
    And the body matches schema "supabase/auth-health"
    When I GET "/rest/v1/idea_pool"
    Then the status is 503

  @SB-122
  Scenario: Auth's health needs a key
    Given I do not authenticate
    When I GET "/auth/v1/health"
    Then the status is 401
    And the media type is "application/json"
    And the body matches schema "supabase/gateway-refusal"

  @SB-123
  Scenario: Storage is up
    When I GET "/storage/v1/status"
    Then the status is 200
    And the body is empty

  @SB-124
  Scenario: Storage is well
    When I GET "/storage/v1/health"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "supabase/storage-health"
    And "$.healthy" is true

  @SB-125 @twin-only
  Scenario: Storage that is ill answers 200 and says so in the body
    Given the setting "storage-healthy" is false
    When I GET "/storage/v1/health"
    Then the status is 200
    And the body matches schema "supabase/storage-health"
    And "$.healthy" is false
    When I GET "/storage/v1/status"
    Then the status is 200

  @SB-126
  Scenario: An object that there is not is a 400 that means 404
    When I GET "/storage/v1/object/public/preflight-has-no-such-bucket/nothing.png"
    Then the status is 400
    And the media type is "application/json"
    And the body matches schema "supabase/storage-error"
    And "$.statusCode" is "404"

  @SB-127
  Scenario: Realtime answers a ping
    When I GET "/realtime/v1/api/ping"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "supabase/realtime-message"
    And "$.message" is "Success"

  @SB-128 @twin-only
  Scenario: Too many pings are refused, which is no illness
    Given the setting "realtime-pings" is 2
    When I GET "/realtime/v1/api/ping" 3 times
    Then the status is 429
    And the media type is "application/json"
    And the body matches schema "supabase/gateway-refusal"
    And "$.message" is "Too many requests"
    And 2 of the answers have the status 200

  @SB-129
  Scenario: Realtime is well for this project
    When I GET "/realtime/v1/api/tenants/${SUPABASE_PROJECT_REF}/health"
    Then the status is 200
    And the media type is "application/json"
    And the body matches schema "supabase/realtime-health"
    And "$.data.healthy" is true
    And "$.data.db_connected" is true

  @SB-130 @twin-only
  Scenario: Realtime that lost its database answers 200
    Given the setting "realtime-healthy" is false
    When I GET "/realtime/v1/api/tenants/${SUPABASE_PROJECT_REF}/health"
    Then the status is 200
    And the body matches schema "supabase/realtime-health"
    And "$.data.healthy" is false
    And "$.data.db_connected" is false

  @SB-131 @twin-only
  Scenario: A project that Realtime does not know is refused
    When I GET "/realtime/v1/api/tenants/preflight-no-such-tenant/health"
    Then the status is 401
    And the media type is "application/json"
    And the body matches schema "supabase/realtime-message"
