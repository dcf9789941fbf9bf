require 'simplecov'
SimpleCov.start { add_filter '/test/' }

require 'minitest/autorun'
require 'minitest/reporters'
require 'playlist'

Minitest::Reporters.use!([Minitest::Reporters::DefaultReporter.new, Minitest::Reporters::JUnitReporter.new('reports')])

class PlaylistTest < Minitest::Test
  def test_an_empty_list_has_no_length
    assert_equal '0:00', Playlist.new.length
  end

  def test_songs_add_up
    assert_equal '6:05', Playlist.new.add('Prelude', 125).add('Fugue', 240).length
  end

  def test_a_song_has_a_length
    assert_raises(ArgumentError) { Playlist.new.add('Silence', 0) }
  end
end
