// The reference of buildspecs, key by key: what each is read as, and what a build on this host then does. The keys are those of
// "Build specification reference for CodeBuild" [build-spec-ref] and of its newer versions.

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BuildPorts, BuildReport } from '../../build/build.ts'
import type { CacheStore } from '../../build/cache.ts'
import { type BuildSeen, buildOnce } from '../../build/testing/buildOnce.ts'
import { createHostProvider } from '../../sandbox/host/hostProvider.ts'
import { diagnosticLine } from '../diagnostic.ts'
import { parseBuildspec } from './parseBuildspec.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'codeyard-reference-'))
  await chmod(root, 0o755)
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** What the ports of one build were asked. */
interface Asked {
  env?: unknown
  gitCredentialHelper?: boolean
  reports: Omit<BuildReport, 'collected'>[]
  artifact?: unknown
  uploaded?: string[]
  saved: string[]
}

interface Row {
  readonly key: string
  /** Below `version: 0.2`, unless it says another. */
  readonly text: string
  /** What the parser makes of it, in part. */
  readonly read?: object
  /** Errors or warnings, in part; none without it. */
  readonly says?: RegExp
  /** What a build of it must show. */
  readonly does?: (seen: BuildSeen, asked: Asked) => void
}

const SUCCEEDED = { status: 'SUCCEEDED' }
const phase = (seen: BuildSeen, name: string) => seen.progress.phases.find(one => one.phase === name)
const builds = (commands: string) => `phases:\n  build:\n    commands:\n${commands}`
const WRITE = builds('      - mkdir -p out/a && echo 1 > out/a/x.txt && echo 2 > out/y.map\n')
const JUNIT = builds(
  `      - mkdir -p out/sub && echo '<testsuite><testcase name="a"/></testsuite>' > out/sub/r.xml && cp out/sub/r.xml out/skip.xml\n`,
)
const me = userInfo().username

const ROWS: readonly Row[] = [
  {
    key: 'version 0.2',
    text: 'phases: {}',
    read: { version: '0.2' },
    does: seen => expect(seen).toMatchObject(SUCCEEDED),
  },
  {
    key: 'version 0.1: each command has a shell of its own',
    text: `version: 0.1\n${builds('      - X=1\n      - echo "<$X>"\n')}`,
    read: { version: '0.1' },
    does: seen => expect(seen.log).toContain('<>\n'),
  },
  {
    key: '0.2: all commands have one shell',
    text: builds('      - cd /; X=1\n      - echo "<$X> $PWD"\n'),
    does: seen => expect(seen.log).toContain('<1> /\n'),
  },
  { key: 'version is required', text: 'version:\nphases: {}', says: /wrong number of container tags, expected 1/ },
  {
    key: 'run-as',
    text: `run-as: ${me}\n${builds('      - id -un\n')}`,
    read: { runAs: me },
    does: seen => expect(seen).toMatchObject({ ...SUCCEEDED, log: expect.stringContaining(`\n${me}\n`) }),
  },
  // Only root can be others.
  ...(process.getuid?.() === 0
    ? [
        {
          key: 'run-as of another user, who may read and run and not write',
          text: `run-as: nobody\nphases:\n  install:\n    run-as: root\n    commands: [id -un; echo 1 > mine]\n  build:\n    commands: [id -un; cat mine, 'if echo 2 > mine; then exit 1; fi']\n`,
          read: { runAs: 'nobody', phases: { install: { runAs: 'root' } } },
          does: (seen: BuildSeen) =>
            expect(seen).toMatchObject({
              ...SUCCEEDED,
              log: expect.stringMatching(/\nroot\n[\s\S]*\nnobody\n1\n/),
            }),
        },
      ]
    : []),
  {
    key: 'run-as of somebody who is not there',
    text: `run-as: ghost\n${builds('      - "true"\n')}`,
    does: seen =>
      expect(phase(seen, 'INSTALL')).toMatchObject({
        status: 'FAILED',
        contexts: [{ message: 'run-as: there is no user ghost in this build environment' }],
      }),
  },
  {
    key: 'env/shell bash',
    text: `env:\n  shell: bash\n${builds('      - echo "is ${BASH_VERSION:+bash}"\n      - a=(1 2); echo "has ${#a[@]}"\n')}`,
    read: { env: { shell: 'bash' } },
    does: seen => expect(seen).toMatchObject({ ...SUCCEEDED, log: expect.stringMatching(/is bash[\s\S]*has 2/) }),
  },
  {
    key: 'env/shell /bin/sh',
    text: `env:\n  shell: /bin/sh\n${builds('      - echo "is $0"\n')}`,
    read: { env: { shell: '/bin/sh' } },
    does: seen => expect(seen).toMatchObject(SUCCEEDED),
  },
  {
    key: 'env/shell powershell.exe',
    text: `env:\n  shell: powershell.exe\n${builds('      - "true"\n')}`,
    read: { env: { shell: 'powershell.exe' } },
    does: seen => expect(phase(seen, 'DOWNLOAD_SOURCE')?.contexts).toMatchObject([{ statusCode: 'YAML_FILE_ERROR' }]),
  },
  {
    key: 'env/variables: literal, a later source wins',
    text: `env:\n  variables:\n    A: "$PATH:/x"\n    PORT: 8080\n    YES: yes\n${builds(`      - 'echo "$A|$PORT|$YES"'\n`)}`,
    read: { env: { variables: { A: '$PATH:/x', PORT: '8080', YES: 'yes' } } },
    does: seen => expect(seen.log).toContain('$PATH:/x|8080|yes\n'),
  },
  {
    key: 'env/variables: CODEBUILD_ is reserved',
    text: `env:\n  variables:\n    CODEBUILD_X: 1\n${builds('      - echo "<$CODEBUILD_X>"\n')}`,
    says: /CODEBUILD_X: names that start with CODEBUILD_ are reserved/,
    does: seen => expect(seen.log).toContain('<>\n'),
  },
  {
    key: 'env/parameter-store',
    text: `env:\n  parameter-store:\n    P: /team/p\n${builds('      - echo "p is $P"\n')}`,
    read: { env: { parameterStore: { P: '/team/p' } } },
    does: (seen, { env }) => {
      expect(env).toMatchObject({ parameterStore: { P: '/team/p' } })
      expect(seen.log).toContain('p is ***\n')
    },
  },
  {
    key: 'env/secrets-manager',
    text: `env:\n  secrets-manager:\n    S: team:key:AWSCURRENT\n${builds('      - echo "s is $S"\n')}`,
    read: { env: { secretsManager: { S: 'team:key:AWSCURRENT' } } },
    does: (seen, { env }) => {
      expect(env).toMatchObject({ secretsManager: { S: 'team:key:AWSCURRENT' } })
      expect(seen.log).toContain('s is ***\n')
    },
  },
  {
    key: 'env/exported-variables: fixed after post_build, no secrets, no AWS_',
    text: `env:\n  parameter-store: { P: /p }\n  exported-variables: [A, P, AWS_B]\nphases:\n  build:\n    commands: [export A=1 AWS_B=2]\n  post_build:\n    commands: [A=3]\n`,
    read: { env: { exportedVariables: ['A', 'P', 'AWS_B'] } },
    does: seen => expect(seen.progress.exported).toEqual([{ name: 'A', value: '3' }]),
  },
  {
    key: 'env/git-credential-helper yes',
    text: 'env:\n  git-credential-helper: yes\nphases: {}',
    read: { env: { gitCredentialHelper: true } },
    does: (_seen, asked) => expect(asked.gitCredentialHelper).toBe(true),
  },
  {
    key: 'env/git-credential-helper no',
    text: 'env:\n  git-credential-helper: no\nphases: {}',
    read: { env: { gitCredentialHelper: false } },
    does: (_seen, asked) => expect(asked.gitCredentialHelper).toBe(false),
  },
  {
    key: 'proxy/upload-artifacts, proxy/logs',
    text: 'proxy:\n  upload-artifacts: yes\n  logs: yes\nphases: {}',
    read: { proxy: { uploadArtifacts: true, logs: true } },
    does: seen => expect(seen.log).toContain('proxy: logs and artifacts do not pass through a proxy here'),
  },
  {
    key: 'batch/fast-fail, batch/build-list: of no concern for a single build',
    text: 'batch:\n  fast-fail: true\n  build-list:\n    - identifier: one\n      ignore-failure: true\nphases: {}',
    read: { batch: { fastFail: true, kind: 'build-list', builds: [{ identifier: 'one', ignoreFailure: true }] } },
    does: seen => expect(seen.log).toContain('batch'),
  },
  {
    key: 'batch/build-graph',
    text: 'batch:\n  build-graph:\n    - identifier: a\n    - identifier: b\n      depend-on: [a]\n',
    says: /there are no phases/,
    read: { batch: { kind: 'build-graph', builds: [{ identifier: 'a' }, { identifier: 'b', dependsOn: ['a'] }] } },
  },
  {
    key: 'batch/build-matrix',
    text: 'batch:\n  build-matrix:\n    dynamic:\n      env:\n        variables:\n          V: [1, 2]\nphases: {}',
    read: { batch: { kind: 'build-matrix' } },
  },
  {
    key: 'batch/build-fanout',
    text: 'batch:\n  build-fanout:\n    parallelism: 2\nphases: {}',
    read: { batch: { kind: 'build-fanout', builds: [{}, {}] } },
  },
  {
    key: 'phases: run in their order, whatever the order of the text',
    text: 'phases:\n  post_build:\n    commands: [echo 4]\n  build:\n    commands: [echo 3]\n  pre_build:\n    commands: [echo 2]\n  install:\n    commands: [echo 1]\n',
    does: seen => expect(seen.log.match(/^\d$/gm)).toEqual(['1', '2', '3', '4']),
  },
  {
    key: 'phases: an unknown one is ignored',
    text: 'phases:\n  deploy:\n    commands: [echo never]\n  build:\n    commands: [echo once]\n',
    says: /unknown key "deploy" in phases is ignored/,
    does: seen => expect(seen.log).not.toContain('never\n\n'),
  },
  {
    key: 'phases/*/run-as wins over the one of all',
    text: `run-as: ghost\nphases:\n${['install', 'pre_build', 'build', 'post_build'].map(name => `  ${name}:\n    run-as: ${me}\n    commands: [id -un]\n`).join('')}`,
    read: { runAs: 'ghost', phases: { build: { runAs: me } } },
    does: seen => expect(seen).toMatchObject(SUCCEEDED),
  },
  {
    key: 'phases/*/on-failure ABORT',
    text: 'phases:\n  build:\n    on-failure: ABORT\n    commands: ["false"]\n  post_build:\n    commands: [echo after]\n',
    read: { phases: { build: { onFailure: { action: 'ABORT' } } } },
    does: seen => expect(seen).toMatchObject({ status: 'FAILED', log: expect.not.stringContaining('\nafter\n') }),
  },
  {
    key: 'phases/*/on-failure CONTINUE',
    text: 'phases:\n  pre_build:\n    on-failure: CONTINUE\n    commands: ["false"]\n  build:\n    commands: [echo after]\n',
    read: { phases: { pre_build: { onFailure: { action: 'CONTINUE' } } } },
    does: seen => expect(seen.log).toContain('\nafter\n'),
  },
  {
    key: 'phases/*/on-failure RETRY-count-regex',
    text: 'phases:\n  build:\n    on-failure: RETRY-2-.*exit status 3.*\n    commands:\n      - echo try >> tries; [ $(wc -l < tries) -ge 2 ] || (exit 3)\n',
    read: { phases: { build: { onFailure: { action: 'RETRY', count: 2, pattern: '.*exit status 3.*' } } } },
    does: seen => expect(seen).toMatchObject({ ...SUCCEEDED, log: expect.stringContaining('retry 1') }),
  },
  {
    key: 'phases/*/finally runs after a failure, and the phase has failed',
    text: 'phases:\n  build:\n    commands: ["false", echo skipped]\n    finally: [echo last]\n',
    read: { phases: { build: { finally: ['echo last'] } } },
    does: seen => {
      expect(seen).toMatchObject({ status: 'FAILED', log: expect.stringContaining('\nlast\n') })
      expect(seen.log).not.toContain('\nskipped\n')
    },
  },
  {
    key: 'phases/install/runtime-versions by number and by variable',
    text: 'env:\n  variables: { PY: 3.x, MISSING: 9999 }\nphases:\n  install:\n    runtime-versions:\n      python: $PY\n      nodejs: "${MISSING}"\n',
    read: { phases: { install: { runtimeVersions: { python: '$PY', nodejs: '${MISSING}' } } } },
    does: seen => {
      expect(seen.log).toContain("Selecting 'python' runtime version '3.x'")
      expect(phase(seen, 'DOWNLOAD_SOURCE')?.contexts?.[0]).toMatchObject({ statusCode: 'YAML_FILE_ERROR' })
    },
  },
  {
    key: 'phases/*/commands: scalars of every kind, blocks with tabs',
    text: `${builds('      - true\n      - echo 42 > n && cat n\n      - |\n        if true; then\n        \techo "in a block"\n        fi\n')}`,
    does: seen =>
      expect(seen).toMatchObject({ ...SUCCEEDED, log: expect.stringMatching(/\n42\n[\s\S]*\nin a block\n/) }),
  },
  {
    key: 'phases/*/commands: a lone command',
    text: 'phases:\n  build:\n    commands: echo alone\n',
    says: /commands should be a list/,
    does: seen => expect(seen.log).toContain('\nalone\n'),
  },
  {
    key: 'phases/*/commands: a mapping',
    text: builds('      - echo a: b\n'),
    says: /Expected Commands\[0\] to be of string type: found subkeys instead at line 5/,
  },
  {
    key: 'phases/*/steps: GitHub Actions are read, and a build with them fails by name',
    text: 'phases:\n  build:\n    steps:\n      - name: lint\n        uses: github/super-linter@v4\n',
    says: /GitHub Actions are not supported by Codeyard/,
    read: { phases: { build: { steps: true } } },
    does: seen =>
      expect(phase(seen, 'DOWNLOAD_SOURCE')?.contexts?.[0]?.message).toMatch(
        /^phases\/build\/steps: GitHub Actions are not/,
      ),
  },
  {
    key: 'phases/*/steps beside commands',
    text: 'phases:\n  build:\n    commands: [a]\n    steps:\n      - uses: a/b@v1\n',
    says: /has both steps and commands/,
  },
  {
    key: 'reports/*/files, base-directory, file-format',
    text: `${JUNIT}reports:\n  unit:\n    files: ['sub/*.xml']\n    base-directory: out\n    file-format: JunitXml\n`,
    read: { reports: { unit: { files: ['sub/*.xml'], baseDirectory: 'out', fileFormat: 'JUNITXML' } } },
    does: (_seen, { reports }) => expect(reports).toMatchObject([{ name: 'unit', files: [{ path: 'sub/r.xml' }] }]),
  },
  {
    key: 'reports/*/discard-paths, exclude-paths; JUNITXML without a format',
    text: `${JUNIT}reports:\n  unit:\n    files: ['**/*.xml']\n    exclude-paths: ['**/skip.xml']\n    discard-paths: yes\n`,
    read: { reports: { unit: { discardPaths: true, excludePaths: ['**/skip.xml'], fileFormat: 'JUNITXML' } } },
    does: (_seen, { reports }) => expect(reports).toMatchObject([{ name: 'unit', files: [{ path: 'r.xml' }] }]),
  },
  {
    key: 'reports/*/files is required',
    text: 'phases: {}\nreports:\n  unit: {}\n',
    says: /reports\/unit\/files is required/,
  },
  {
    key: 'reports: five at most',
    text: `phases: {}\nreports:\n${[1, 2, 3, 4, 5, 6].map(n => `  r${n}: { files: [x] }\n`).join('')}`,
    says: /a maximum of five report groups/,
  },
  {
    key: 'artifacts/files, base-directory',
    text: `${WRITE}artifacts:\n  files: ['**/*']\n  base-directory: out\n`,
    read: { artifacts: { files: ['**/*'], baseDirectory: 'out' } },
    does: seen => expect([...seen.uploaded!].sort()).toEqual(['a/x.txt', 'y.map']),
  },
  {
    key: 'artifacts/base-directory with a star',
    text: `${WRITE}artifacts:\n  files: ['**/*']\n  base-directory: 'ou*'\n`,
    does: seen => expect([...seen.uploaded!].sort()).toEqual(['a/x.txt', 'y.map']),
  },
  {
    key: 'artifacts/discard-paths',
    text: `${WRITE}artifacts:\n  files: ['out/**/*']\n  discard-paths: yes\n`,
    read: { artifacts: { discardPaths: true } },
    does: seen => expect([...seen.uploaded!].sort()).toEqual(['x.txt', 'y.map']),
  },
  {
    key: 'artifacts/exclude-paths',
    text: `${WRITE}artifacts:\n  files: ['out/**/*']\n  exclude-paths: ['**/*.map']\n`,
    read: { artifacts: { excludePaths: ['**/*.map'] } },
    does: seen => expect(seen.uploaded).toEqual(['out/a/x.txt']),
  },
  {
    key: 'artifacts/name is evaluated by the shell; s3-prefix',
    text: `${WRITE}artifacts:\n  files: ['out/**/*']\n  name: n-$(echo 1)-$HOME_X\n  s3-prefix: pre\n`,
    read: { artifacts: { name: 'n-$(echo 1)-$HOME_X', s3Prefix: 'pre' } },
    does: (_seen, { artifact }) => expect(artifact).toMatchObject({ name: 'n-1-', spec: { s3Prefix: 'pre' } }),
  },
  {
    key: 'artifacts/enable-symlinks',
    text: `${builds('      - mkdir out && echo 1 > out/a && ln -s a out/b\n')}artifacts:\n  files: ['**/*']\n  base-directory: out\n  enable-symlinks: yes\n`,
    read: { artifacts: { enableSymlinks: true } },
    does: seen => expect([...seen.uploaded!].sort()).toEqual(['a', 'b']),
  },
  {
    key: 'artifacts/secondary-artifacts',
    text: `${WRITE}artifacts:\n  files: ['out/y.map']\n  secondary-artifacts:\n    two:\n      files: ['**/*']\n      base-directory: out/a\n      name: second\n`,
    read: { artifacts: { secondary: { two: { files: ['**/*'], baseDirectory: 'out/a', name: 'second' } } } },
    does: seen => expect(seen.uploaded).toEqual(['out/y.map']),
  },
  {
    key: 'artifacts/files is required',
    text: 'phases: {}\nartifacts:\n  name: a\n',
    says: /artifacts\/files is required/,
  },
  {
    key: 'cache/paths, cache/key, cache/fallback-keys',
    text: `${WRITE}cache:\n  paths: ['out/**/*']\n  key: k-$(echo 1)\n  fallback-keys: [k-]\n`,
    read: { cache: { paths: ['out/**/*'], key: 'k-$(echo 1)', fallbackKeys: ['k-'] } },
    does: (_seen, { saved }) => expect(saved).toEqual(['find k-1', 'newest k-', 'save k-1']),
  },
  {
    key: 'cache/action restore',
    text: `${WRITE}cache:\n  paths: ['out/**/*']\n  key: k\n  action: restore\n`,
    read: { cache: { action: 'restore' } },
    does: (_seen, { saved }) => expect(saved).toEqual(['find k']),
  },
  {
    key: 'cache/action save',
    text: `${WRITE}cache:\n  paths: ['out/**/*']\n  key: k\n  action: save\n`,
    read: { cache: { action: 'save' } },
    does: (_seen, { saved }) => expect(saved).toEqual(['save k']),
  },
  {
    key: 'booleans of every spelling',
    text: 'env: { git-credential-helper: YES }\nproxy: { logs: "true", upload-artifacts: On }\nphases: {}\nartifacts: { files: [a], discard-paths: n }',
    read: {
      env: { gitCredentialHelper: true },
      proxy: { logs: true, uploadArtifacts: true },
      artifacts: { discardPaths: false },
    },
  },
  {
    key: 'sections without content',
    text: 'env:\nproxy:\nphases:\n  build:\n    commands:\n    finally:\nreports:\nartifacts:\ncache:\n',
    read: { phases: { build: { commands: [] } } },
    does: seen => expect(seen).toMatchObject(SUCCEEDED),
  },
]

async function run(text: string): Promise<{ seen: BuildSeen; asked: Asked }> {
  const asked: Asked = { reports: [], saved: [] }
  const note = (what: string) => void asked.saved.push(what)
  const cache: CacheStore = {
    place: 'a test',
    find: async key => note(`find ${key}`) as undefined,
    findNewest: async prefix => note(`newest ${prefix}`) as undefined,
    has: async () => false,
    save: async key => note(`save ${key}`),
  }
  const ports: Partial<BuildPorts> = {
    cache,
    async environment(_sandbox, sourceDirectory, env) {
      asked.gitCredentialHelper = env.gitCredentialHelper
      return { documented: { CODEBUILD_SRC_DIR: sourceDirectory }, secrets: [] }
    },
    async resolve(env) {
      asked.env = env
      const names = [...Object.keys(env.parameterStore), ...Object.keys(env.secretsManager)]
      return Object.fromEntries(names.map(name => [name, `hidden-value-of-${name}`]))
    },
    async upload(artifact) {
      asked.artifact = artifact
      asked.uploaded = []
      for await (const file of artifact.files()) {
        asked.uploaded.push(file.path)
        file.content.resume()
      }
      return asked.uploaded.length
    },
    async report({ collected: _, ...report }) {
      asked.reports.push(report)
    },
  }
  const seen = await buildOnce({
    provider: createHostProvider({ root: join(root, 'builds') }),
    buildspec: text,
    ports,
  })
  return { seen: { ...seen, uploaded: asked.uploaded }, asked }
}

describe('the key', () => {
  test.each(ROWS.map(row => [row.key, row] as const))('%s', async (_key, { text, read, says, does }) => {
    const whole = /^version:/.test(text) ? text : `version: 0.2\n${text}`
    const { buildspec, diagnostics } = parseBuildspec(whole)
    const said = diagnostics.map(diagnosticLine).join('\n')
    if (says) expect(said).toMatch(says)
    else expect(said).toBe('')
    if (read) expect(buildspec).toMatchObject(read)
    if (!does) return
    const { seen, asked } = await run(whole)
    does(seen, asked)
  })
})
