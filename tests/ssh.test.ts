// Git over SSH with the real git and ssh: the key's id is the user, the key proves it.

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { client, openYard, type Yard } from './harness/yard.ts'

const run = promisify(execFile)
let yard: Yard
let folder: string
let url: string

beforeAll(async () => {
  yard = await openYard()
  folder = await mkdtemp(join(tmpdir(), 'codeyard-ssh-'))
  await run('ssh-keygen', ['-q', '-t', 'rsa', '-b', '3072', '-N', '', '-f', join(folder, 'key')])
  await run('ssh-keygen', ['-q', '-t', 'rsa', '-b', '3072', '-N', '', '-f', join(folder, 'stranger')])
  const { iam, codecommit } = yard.clients
  await iam.createUser({ UserName: 'ada' })
  const allow = (action: string, resource = '*') => ({ Effect: 'Allow', Action: action, Resource: resource })
  const policy = {
    Version: '2012-10-17',
    Statement: [allow('codecommit:GitPull'), allow('codecommit:GitPush', 'arn:aws:codecommit:*:*:web')],
  }
  await iam.putUserPolicy({ UserName: 'ada', PolicyName: 'git', PolicyDocument: JSON.stringify(policy) })
  const { SSHPublicKey } = await iam.uploadSSHPublicKey({
    UserName: 'ada',
    SSHPublicKeyBody: await readFile(join(folder, 'key.pub'), 'utf8'),
  })
  for (const repositoryName of ['web', 'closed']) await codecommit.createRepository({ repositoryName })
  const { repositoryMetadata } = await codecommit.getRepository({ repositoryName: 'web' })
  url = repositoryMetadata!.cloneUrlSsh!.replace('ssh://', `ssh://${SSHPublicKey!.SSHPublicKeyId}@`)
})
afterAll(async () => {
  await yard?.close()
  await rm(folder, { recursive: true, force: true })
})

const git = (args: string[], { key = 'key', cwd = folder } = {}) => {
  const options = [
    '-i',
    join(folder, key),
    '-F',
    '/dev/null',
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'BatchMode=yes',
  ]
  return client(yard, 'git', args, { cwd, env: { GIT_SSH_COMMAND: ['ssh', ...options].join(' ') } })
}

describe('git over SSH', () => {
  test('pushes and clones', async () => {
    const work = join(folder, 'work')
    await git(['init', '-q', '-b', 'main', work])
    await writeFile(join(work, 'file'), 'content\n')
    await git(['add', '.'], { cwd: work })
    await git(['commit', '-qm', 'first'], { cwd: work })
    await git(['push', '-q', url, 'main'], { cwd: work })
    await git(['clone', '-q', url, 'copy'])
    expect(await readFile(join(folder, 'copy/file'), 'utf8')).toBe('content\n')
    const { branch } = await yard.clients.codecommit.getBranch({ repositoryName: 'web', branchName: 'main' })
    expect(branch!.commitId).toBe((await git(['rev-parse', 'HEAD'], { cwd: work })).stdout.trim())
  })

  test('turns away a key that IAM does not know', async () => {
    await expect(git(['ls-remote', url], { key: 'stranger' })).rejects.toThrow(/Permission denied \(publickey\)/)
  })

  test('says why a push is not permitted', async () => {
    const closed = url.replace(/web$/, 'closed')
    await expect(git(['push', '-q', closed, 'main'], { cwd: join(folder, 'work') })).rejects.toThrow(
      /not authorized to perform: codecommit:GitPush/,
    )
  })

  test('gives nobody a shell', async () => {
    const { host, port, username } = Object.fromEntries(
      ['host', 'port', 'username'].map(part => [
        part,
        part === 'host' ? new URL(url).hostname : (new URL(url) as any)[part],
      ]),
    )
    const ssh = run('ssh', [
      '-i',
      join(folder, 'key'),
      '-F',
      '/dev/null',
      '-o',
      'IdentitiesOnly=yes',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-p',
      port!,
      `${username}@${host}`,
      'id',
    ])
    await expect(ssh).rejects.toMatchObject({ code: 1, stdout: '' })
  })
})
