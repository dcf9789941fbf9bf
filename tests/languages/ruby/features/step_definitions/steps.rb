require 'playlist'

Given(/^a song of (\d+) seconds$/) { |seconds| @list = (@list || Playlist.new).add('one', seconds.to_i) }

Then(/^the list takes "(.*)"$/) { |length| raise "it takes #{@list.length}" unless @list.length == length }
