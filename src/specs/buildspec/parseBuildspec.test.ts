import { describe, expect, test } from 'vitest'
import { diagnosticLine } from '../diagnostic.ts'
import { parseBuildspec } from './parseBuildspec.ts'

const lines = (text: string) => parseBuildspec(text, 'b.yml').diagnostics.map(diagnosticLine)
const parsed = (text: string) => {
  const { buildspec, diagnostics } = parseBuildspec(text)
  if (!buildspec) throw new Error(diagnostics.map(diagnosticLine).join('\n'))
  return buildspec
}

describe('a buildspec', () => {
  test('has every section of the reference', () => {
    const spec = parsed(`version: 0.2
run-as: nobody
env:
  shell: bash
  variables: { A: "1", PORT: 8080, YES: yes, EMPTY: , OCTAL: 0755 }
  parameter-store: { P: /a/b }
  secrets-manager: { S: "id:key:AWSCURRENT" }
  exported-variables: [A, B]
  git-credential-helper: yes
proxy: { upload-artifacts: no, logs: yes }
batch:
  fast-fail: true
  build-list:
    - identifier: one
phases:
  install:
    run-as: root
    on-failure: ABORT
    runtime-versions: { nodejs: 20, java: corretto17 }
    commands: [echo 1]
    finally: [echo 2]
  build:
    commands:
      - |
        if true; then
        \techo tab inside is fine
        fi
      - true
      - 42
reports:
  unit: { files: ['**/*.xml'], base-directory: out, discard-paths: yes, file-format: CucumberJson }
artifacts:
  files: ['**/*']
  name: a-$(date +%F)
  discard-paths: yes
  base-directory: 'dist*'
  exclude-paths: ['**/*.map']
  enable-symlinks: yes
  s3-prefix: pre
  secondary-artifacts:
    two: { files: [x], name: y, base-directory: z }
cache: { paths: ['/root/.m2/**/*'], key: 'k-$(codebuild-hash-files a)', fallback-keys: [k-], action: restore }
`)
    expect(spec.version).toBe('0.2')
    expect(spec.env.variables).toEqual({ A: '1', PORT: '8080', YES: 'yes', EMPTY: '', OCTAL: '0755' })
    expect(spec.env.gitCredentialHelper).toBe(true)
    expect(spec.phases.install?.runtimeVersions).toEqual({ nodejs: '20', java: 'corretto17' })
    expect(spec.phases.build?.commands).toEqual(['if true; then\n\techo tab inside is fine\nfi\n', 'true', '42'])
    expect(spec.reports.unit?.fileFormat).toBe('CUCUMBERJSON')
    expect(spec.artifacts?.secondary.two).toMatchObject({ files: ['x'], name: 'y', baseDirectory: 'z' })
    expect(spec.cache).toMatchObject({ fallbackKeys: ['k-'], action: 'restore' })
    expect(spec.batch).toMatchObject({ fastFail: true, kind: 'build-list', builds: [{ identifier: 'one' }] })
  })

  test.each(['0.2', '"0.2"', "'0.2'", '0.20'])('version may be %s', version => {
    expect(parsed(`version: ${version}\nphases: {}\n`).version).toBe('0.2')
  })

  test('0.1 has environment_variables', () => {
    const spec = parsed(
      'version: 0.1\nenvironment_variables:\n  plaintext:\n    A: b\nphases:\n  build:\n    commands: [x]\n',
    )
    expect(spec).toMatchObject({ version: '0.1', env: { variables: { A: 'b' } } })
  })

  test('anchors, merge keys and repeated keys work as in the agent', () => {
    const spec = parsed(
      'version: 0.2\nx: &c\n  - echo a\nphases:\n  build: &b\n    commands: *c\n  post_build:\n    <<: *b\n    finally: [f]\n',
    )
    expect(spec.phases.post_build).toMatchObject({ commands: ['echo a'], finally: ['f'] })
    expect(parsed('version: 0.2\nversion: 0.1\n').version).toBe('0.1')
  })

  test.each([
    ['ABORT', { action: 'ABORT' }],
    ['continue', { action: 'CONTINUE' }],
    ['RETRY', { action: 'RETRY', count: 3, pattern: '.*' }],
    ['RETRY-8', { action: 'RETRY', count: 8, pattern: '.*' }],
    ['Retry-.*Error: Unable to connect.*', { action: 'RETRY', count: 3, pattern: '.*Error: Unable to connect.*' }],
    ['Retry-3-.*connection timed out.*', { action: 'RETRY', count: 3, pattern: '.*connection timed out.*' }],
  ])('on-failure %s', (text, expected) => {
    expect(parsed(`version: 0.2\nphases:\n  build:\n    on-failure: '${text}'\n`).phases.build?.onFailure).toEqual(
      expected,
    )
  })
})

describe('a mistake is found at its place', () => {
  test('a tab as indentation', () => {
    const [line] = lines('version: 0.2\nphases:\n\tbuild:\n\t\tcommands:\n')
    expect(line).toBe(
      'b.yml:3:1: found character that cannot start any token at line 3 (a tab is used as indentation; YAML allows only spaces there)',
    )
  })
  test('a command that is a mapping has the text of AWS', () => {
    expect(lines(`version: 0.2\nphases:\n  build:\n    commands:\n      - 'echo "a: b"'\n      - echo a: b\n`)).toEqual(
      [
        'b.yml:6:9: Expected Commands[1] to be of string type: found subkeys instead at line 6, value of the key tag on line 5 might be empty',
      ],
    )
  })
  test('no version', () => {
    expect(lines('phases: {}\n')[0]).toContain('wrong number of container tags, expected 1')
    expect(lines('')[0]).toContain('wrong number of container tags, expected 1')
    expect(lines('- a\n')[0]).toContain('wrong number of container tags, expected 1')
  })
  test('another version', () => {
    expect(lines('version: 0.3\nphases: {}\n')).toEqual([
      'b.yml:1:10: unsupported buildspec version 0.3, use 0.2 (or 0.1)',
    ])
  })
  test('an open bracket', () => {
    expect(lines('version: 0.2\nphases:\n  build:\n    commands: [a, b\n')[0]).toMatch(
      /^b\.yml:\d+:\d+: .* at line \d+/,
    )
  })
  test('unknown keys are warnings and the buildspec is used', () => {
    const { buildspec, diagnostics } = parseBuildspec(
      'version: 0.2\nphases:\n  prebuild:\n    commands: [a]\n',
      'b.yml',
    )
    expect(buildspec).toBeDefined()
    expect(diagnostics.map(diagnosticLine)).toEqual([
      'b.yml:3:3: warning: unknown key "prebuild" in phases is ignored, did you mean "pre_build"?',
    ])
  })
  test('on-failure with another word, a boolean that is none, artifacts without files', () => {
    expect(lines('version: 0.2\nphases:\n  build:\n    on-failure: STOP\n')[0]).toContain(
      'b.yml:4:17: on-failure must be',
    )
    expect(lines('version: 0.2\nphases:\n  build:\n    on-failure: RETRY-1000\n')[0]).toContain('between 0 and 100')
    expect(lines('version: 0.2\nphases: {}\nartifacts:\n  files: [a]\n  discard-paths: maybe\n')[0]).toContain('5:18')
    expect(lines('version: 0.2\nphases: {}\nartifacts:\n  name: a\n')[0]).toContain('artifacts/files is required')
  })
})
