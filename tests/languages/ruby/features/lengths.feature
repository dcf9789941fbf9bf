Feature: Lengths of playlists

  Scenario: An evening
    Given a song of 3000 seconds
    And a song of 700 seconds
    Then the list takes "1:01:40"

  Scenario: A short one
    Given a song of 59 seconds
    Then the list takes "0:59"
