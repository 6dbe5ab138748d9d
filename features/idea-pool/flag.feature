@idea-pool @twin-only
Feature: The flag is read as the app reads it
  HotDash has six flag systems with different names, words and rules for an empty value. An operator who sets the right
  value under the wrong name, or rolls back one name of two, must see what the route makes of it before a launch does.

  @IDP4-10
  Scenario: The legacy prefix works
    Given the variable "FEATURE_FLAG_SUPABASE_IDEA_POOL" is "yes"
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.feature_flag_enabled" is true

  @IDP-10
  Scenario Outline: <name> = "<value>" is <state>
    Given the variable "<name>" is "<value>"
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.feature_flag_enabled" is <state>

    Examples: what means on, in any letter case
      | name                            | value | state |
      | FEATURE_SUPABASE_IDEA_POOL      | 1     | true  |
      | FEATURE_SUPABASE_IDEA_POOL      | true  | true  |
      | FEATURE_SUPABASE_IDEA_POOL      | TRUE  | true  |
      | FEATURE_SUPABASE_IDEA_POOL      | Yes   | true  |
      | FEATURE_SUPABASE_IDEA_POOL      | on    | true  |
      | FEATURE_FLAG_SUPABASE_IDEA_POOL | 1     | true  |
      | FEATURE_FLAG_SUPABASE_IDEA_POOL | ON    | true  |

    Examples: what does not
      | name                            | value   | state |
      | FEATURE_SUPABASE_IDEA_POOL      | 0       | false |
      | FEATURE_SUPABASE_IDEA_POOL      | false   | false |
      | FEATURE_SUPABASE_IDEA_POOL      | enabled | false |
      | FEATURE_SUPABASE_IDEA_POOL      | 2       | false |
      | FEATURE_SUPABASE_IDEA_POOL      |         | false |
      | FEATURE_FLAG_SUPABASE_IDEA_POOL |         | false |

    Examples: names that belong to other flag systems
      | name                       | value | state |
      | IDEA_POOL_LIVE             | 1     | false |
      | IDEA_POOL_SUPABASE_ENABLED | true  | false |
      | FEATURE_IDEA_POOL_LIVE     | 1     | false |
      | FEATURE_IDEA_POOL          | true  | false |

  @IDP-11
  Scenario: A value is not trimmed, so a space before it turns the flag off
    Given the variable "FEATURE_SUPABASE_IDEA_POOL" is " true"
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.feature_flag_enabled" is false

  @IDP-12
  Scenario Outline: The first name that is defined decides: "<first>" before "<second>"
    Given the variable "FEATURE_SUPABASE_IDEA_POOL" is "<first>"
    And the variable "FEATURE_FLAG_SUPABASE_IDEA_POOL" is "<second>"
    When I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.feature_flag_enabled" is <state>

    Examples:
      | first | second | state |
      | 0     | 1      | false |
      |       | 1      | false |
      | 1     | 0      | true  |

  @IDP-13
  Scenario: A rollback that unsets one name of two does not roll back
    The runbook unsets only the FEATURE_ name; with the legacy name still set the route stays live.

    Given the variable "FEATURE_SUPABASE_IDEA_POOL" is "1"
    And the variable "FEATURE_FLAG_SUPABASE_IDEA_POOL" is "1"
    When the variable "FEATURE_SUPABASE_IDEA_POOL" is not set
    And I GET "/api/analytics/idea-pool"
    Then "$.data.feature_flag_enabled" is true
    When the variable "FEATURE_FLAG_SUPABASE_IDEA_POOL" is not set
    And I GET "/api/analytics/idea-pool"
    Then the status is 200
    And "$.data.feature_flag_enabled" is false
    And "$.data.source" is "fixture"
    And "$.fallback_reason" is absent

  @IDP-14
  Scenario: Nobody turns the flag on from outside
    Another flag system of the app takes `?feature_x=1` from any visitor; this route must not.

    Given the flag "supabase_idea_pool" is off
    When I GET "/api/analytics/idea-pool?feature_supabase_idea_pool=1&FEATURE_SUPABASE_IDEA_POOL=1"
    Then the status is 200
    And "$.data.feature_flag_enabled" is false
    And "$.data.source" is "fixture"
