Feature: What our app needs of Chatwoot
  A contract is a promise that someone must keep: the vendor, or your own API.
  `preflight steps` lists the sentences; add a file, or a scenario here, for what your app relies on.

  @OUR-1
  Scenario: Chatwoot says that it works, and means it
    A status of 200 is not enough: Chatwoot answers 200 while its database or its queue is failing.

    When I GET "/api"
    Then the status is 200
    And "$.queue_services" is "ok"
    And "$.data_services" is "ok"
