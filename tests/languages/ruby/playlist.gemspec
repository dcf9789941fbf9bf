Gem::Specification.new do |gem|
  gem.name = 'playlist'
  gem.version = '0.9.1'
  gem.summary = 'How long music takes'
  gem.authors = ['The Players']
  gem.licenses = ['MIT']
  gem.homepage = 'https://example.com/playlist'
  gem.files = Dir['lib/**/*.rb'] + Dir['exe/*']
  gem.bindir = 'exe'
  gem.executables = ['playlist']
end
