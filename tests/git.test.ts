// Git over HTTP with real git: the three ways in, each set up by nothing but what `codeyard env` prints.

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onPath } from '../src/cli/prerequisites.ts'
import { openYard, type Yard } from './harness/yard.ts'

const run = promisify(execFile)
const launcher = fileURLToPath(new URL('../codeyard', import.meta.url))
const standIn = fileURLToPath(new URL('harness', import.meta.url))
const AWS = await onPath('aws')
const PATIENCE = 120_000

let yard: Yard
let home = ''
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  yard = await openYard({ args: ['--sandbox', 'host'] })
  home = await mkdtemp(join(tmpdir(), 'codeyard-git-'))
  env = await environment()
}, PATIENCE)

afterAll(async () => {
  await yard?.close()
  await rm(home, { recursive: true, force: true })
})

/** A shell's environment after eval "$(codeyard env)". */
async function environment(...args: string[]): Promise<NodeJS.ProcessEnv> {
  const script = 'eval "$("$0" env "$@")" && env -0'
  const blank = Object.fromEntries(Object.entries(yard.env).filter(([name]) => !name.startsWith('AWS_')))
  const { stdout } = await run('bash', ['-c', script, launcher, '--data', yard.dataDir, ...args], {
    env: {
      ...blank,
      PATH: [process.env.PATH, standIn, dirname(process.execPath)].join(delimiter), // a real git-remote-codecommit first
      HOME: home,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    },
  })
  return Object.fromEntries(
    stdout
      .split('\0')
      .filter(Boolean)
      .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}

const git = async (folder: string, ...args: string[]) =>
  (await run('git', args, { cwd: join(home, folder), env, timeout: PATIENCE })).stdout.trim()

async function repository(repositoryName: string): Promise<string> {
  const { repositoryMetadata } = await yard.clients.codecommit.createRepository({ repositoryName })
  return repositoryMetadata!.cloneUrlHttp!
}

/** Pushes a commit from one clone and reads it in another; `url` is what a user types. */
async function roundTrip(name: string, url: string): Promise<void> {
  await git('.', 'clone', '-q', url, `${name}-one`)
  await writeFile(join(home, `${name}-one`, 'greeting.txt'), `hello from ${name}\n`)
  await git(`${name}-one`, 'add', '.')
  await git(`${name}-one`, 'commit', '-q', '-m', 'greet')
  await git(`${name}-one`, 'push', '-q', 'origin', 'HEAD:main')
  const { branch } = await yard.clients.codecommit.getBranch({ repositoryName: name, branchName: 'main' })
  expect(branch!.commitId).toBe(await git(`${name}-one`, 'rev-parse', 'HEAD'))
  await git('.', 'clone', '-q', '-b', 'main', url, `${name}-two`)
  expect(await readFile(join(home, `${name}-two`, 'greeting.txt'), 'utf8')).toBe(`hello from ${name}\n`)
}

const withLogin = (url: string, { ServiceUserName, ServicePassword }: Record<string, string>) =>
  url.replace('://', `://${encodeURIComponent(ServiceUserName!)}:${encodeURIComponent(ServicePassword!)}@`)

describe('git', { timeout: PATIENCE }, () => {
  test.skipIf(!AWS)("goes in with the aws command line's credential helper", async () => {
    await roundTrip('by-helper', await repository('by-helper'))
  })

  test.skipIf(!AWS)("goes in with the aws command line's credential helper over TLS", async () => {
    await roundTrip('by-helper-tls', (await repository('by-helper-tls')).replace('http:', 'https:'))
  })

  test('goes in with git-remote-codecommit', async () => {
    await repository('by-remote')
    await roundTrip('by-remote', 'codecommit::us-east-1://by-remote')
  })

  test('goes in with the HTTPS Git credentials of an IAM user, as far as his policies allow', async () => {
    const url = await repository('by-user')
    const { iam } = yard.clients
    await iam.createUser({ UserName: 'grace' })
    const { ServiceSpecificCredential: login } = await iam.createServiceSpecificCredential({
      UserName: 'grace',
      ServiceName: 'codecommit.amazonaws.com',
    })
    const mine = withLogin(url, login as never)
    const allow = (...actions: string[]) =>
      iam.putUserPolicy({
        UserName: 'grace',
        PolicyName: 'git',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
        }),
      })
    await expect(git('.', 'clone', '-q', mine, 'refused')).rejects.toThrow(/403|not authorized/)
    await allow('codecommit:GitPull')
    await git('.', 'clone', '-q', mine, 'reading')
    await git('reading', 'commit', '-q', '--allow-empty', '-m', 'nothing')
    await expect(git('reading', 'push', '-q', 'origin', 'HEAD:main')).rejects.toThrow(
      /user\/grace is not authorized to perform: codecommit:GitPush/,
    )
    await allow('codecommit:GitPull', 'codecommit:GitPush')
    await roundTrip('by-user', mine)
  })

  test('is refused over TLS by who does not trust the authority', async () => {
    await repository('untrusted')
    const stranger = { ...env, GIT_CONFIG_COUNT: '0' }
    await expect(
      run('git', ['ls-remote', 'codecommit::us-east-1://untrusted'], { cwd: home, env: stranger }),
    ).rejects.toThrow(/certificate/)
  })

  test.skipIf(!AWS)('and the aws command line also speaks TLS, and other hosts stay trusted', async () => {
    const secure = await environment('--tls')
    expect(secure.AWS_ENDPOINT_URL).toMatch(/^https:/)
    const { stdout } = await run(AWS!, ['sts', 'get-caller-identity', '--output', 'json'], { env: secure })
    expect(JSON.parse(stdout)).toMatchObject({ Account: '000000000000' })
    const bundle = await readFile(secure.AWS_CA_BUNDLE!, 'utf8')
    expect(bundle.split('BEGIN CERTIFICATE').length).toBeGreaterThan(50)
  })
})
