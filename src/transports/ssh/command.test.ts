import { expect, test } from 'vitest'
import { readCommand } from './command.ts'

test.each([
  ["git-upload-pack '/v1/repos/web'", { service: 'git-upload-pack', repositoryName: 'web' }],
  ["git-receive-pack 'v1/repos/web/'", { service: 'git-receive-pack', repositoryName: 'web' }],
  ['git upload-pack "/v1/repos/a.b-c_d"', { service: 'git-upload-pack', repositoryName: 'a.b-c_d' }],
])('%s is one of git', (text, command) => expect(readCommand(text)).toEqual(command))

test.each([
  'ls',
  "git-upload-pack '/v1/repos/../x'; rm -rf /",
  "git-upload-pack '/etc'",
  "git-upload-pack '/v1/repos/a/b'",
  "git-upload-archive '/v1/repos/web'",
  "git-upload-pack '/v1/repos/web' extra",
  '',
])('%j is refused', text => expect(readCommand(text)).toBeUndefined())
