import type { ProjectSource } from '@aws-sdk/client-codebuild'
import { expect, test } from 'vitest'
import { type GitVersion, readGitVersion } from './version.ts'

const SHA = '046e8b67481d53bdc86c3f6affdd5d1afae6d369'
const github = 'GITHUB'
const rows: [version: string | undefined, type: ProjectSource['type'], GitVersion][] = [
  [undefined, github, { kind: 'default' }],
  ['', github, { kind: 'default' }],
  [SHA, github, { kind: 'commit', sha: SHA }],
  ['main', github, { kind: 'name', name: 'main' }],
  ['feature/x', 'CODECOMMIT', { kind: 'name', name: 'feature/x' }],
  ['v1.0', 'BITBUCKET', { kind: 'name', name: 'v1.0' }],
  ['046e8b6', github, { kind: 'name', name: '046e8b6' }],
  ['refs/heads/main', github, { kind: 'name', name: 'main' }],
  ['refs/tags/v1', github, { kind: 'ref', ref: 'refs/tags/v1' }],
  [`refs/heads/main^{${SHA}}`, github, { kind: 'ref', ref: 'refs/heads/main', sha: SHA }],
  [`main^{${SHA}}`, github, { kind: 'ref', ref: 'refs/heads/main', sha: SHA }],
  [`refs/tags/v1^{${SHA}}`, 'CODECOMMIT', { kind: 'ref', ref: 'refs/tags/v1', sha: SHA }],
  [`refs/pull/1/head^{${SHA}}`, github, { kind: 'ref', ref: 'refs/pull/1/head', sha: SHA }],
  ['refs/pull/1/head', github, { kind: 'ref', ref: 'refs/pull/1/head' }],
  ['pr/25', github, { kind: 'ref', ref: 'refs/pull/25/head' }],
  ['pr/25', 'GITHUB_ENTERPRISE', { kind: 'ref', ref: 'refs/pull/25/head' }],
  [`pr/25^{${SHA}}`, github, { kind: 'ref', ref: 'refs/pull/25/head', sha: SHA }],
  ['mr/7', 'GITLAB', { kind: 'ref', ref: 'refs/merge-requests/7/head' }],
  ['pr/7', 'GITLAB_SELF_MANAGED', { kind: 'ref', ref: 'refs/merge-requests/7/head' }],
  ['refs/merge-requests/7/head', 'GITLAB', { kind: 'ref', ref: 'refs/merge-requests/7/head' }],
  ['pr/25', 'CODECOMMIT', { kind: 'name', name: 'pr/25' }],
  ['pr/x', github, { kind: 'name', name: 'pr/x' }],
  ['main^{046e8b6}', github, { kind: 'invalid' }],
  ['--upload-pack=touch /tmp/x', github, { kind: 'invalid' }],
  ['-main', github, { kind: 'invalid' }],
  ['a..b', github, { kind: 'invalid' }],
  ['HEAD~1', github, { kind: 'invalid' }],
  ['a b', github, { kind: 'invalid' }],
  ['x:refs/heads/y', github, { kind: 'invalid' }],
  ['refs/heads/*', github, { kind: 'invalid' }],
]

test.each(rows)('version %s of %s', (version, type, expected) =>
  expect(readGitVersion(version, type)).toEqual(expected),
)
