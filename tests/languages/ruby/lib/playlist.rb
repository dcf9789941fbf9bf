# Songs in the order in which they are played.
class Playlist
  Song = Struct.new(:title, :seconds)

  def initialize(songs = [])
    @songs = songs
  end

  def add(title, seconds)
    raise ArgumentError, "#{title} has no length" unless seconds.positive?

    self.class.new(@songs + [Song.new(title, seconds)])
  end

  def length
    total = @songs.sum(&:seconds)
    total < 3600 ? format('%d:%02d', *total.divmod(60)) : format('%d:%02d:%02d', total / 3600, total / 60 % 60, total % 60)
  end
end
