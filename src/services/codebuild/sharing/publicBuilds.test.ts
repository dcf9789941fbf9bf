// Public projects: what everybody sees without credentials, as whom it is read, and that nothing else is.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ServiceError } from '../../../core/serviceError.ts'
import type { Principal } from '../../../operation/principal.ts'
import { openHouse, type TestHouse } from '../../../testing/house.ts'
import { findBuild, saveBuild } from '../builds.ts'
import { codebuildWith, publicDoor } from '../index.ts'

const service = codebuildWith({
  sandboxes: () => {
    throw new Error('nothing is built here')
  },
  endpointIn: async () => 'http://endpoint.test',
})
const READER = 'arn:aws:iam::000000000000:role/reader'
const HOSTILE = `<script>alert(1)</script>"'&`
let house: TestHouse
let server: Server
let url = ''
let readable = true
const asked: string[] = []

beforeAll(async () => {
  const note = (what: string, principal: Principal) =>
    asked.push(`${what} as ${principal.type === 'assumedRole' ? principal.roleArn : principal.type}`)
  house = await openHouse({
    services: [service],
    answers: {
      'sts.GetCallerIdentity': async () => ({}),
      'logs.GetLogEvents': async (input, principal) => {
        note(`log ${input.logStreamName}`, principal)
        if (!readable) throw new ServiceError('AccessDeniedException', 'secret reason')
        const at = Number(input.nextToken ?? 0)
        const events = at < 3 ? [{ timestamp: 1, message: `line ${at} ${HOSTILE}\n` }] : []
        return { events, nextForwardToken: String(Math.min(at + 1, 3)) }
      },
      's3.ListObjectsV2': async input => ({ Contents: [{ Key: `${input.Prefix}a b.txt` }] }),
      's3.GetObject': async (input, principal) => {
        note(`object ${input.Bucket}/${input.Key}`, principal)
        const built = { 'codebuild-buildarn': `arn:aws:codebuild:us-east-1:000000000000:build/${buildOf(input.Key)}` }
        // A log is a gzip file of several members.
        const log = Buffer.concat(['first\n', 'second\n'].map(text => gzipSync(text)))
        const body = input.Key.endsWith('.gz') ? log : Buffer.from('bytes')
        return { Body: Readable.from([body]), ContentLength: body.length, Metadata: built }
      },
    },
  })
  const door = publicDoor({ openCall: scope => house.openCall(service, scope) })
  server = createServer((request, response) => {
    if (door.matches(request)) void door.handle(request, response)
    else response.writeHead(404).end()
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await new Promise(closed => server?.close(closed))
  await house?.close()
})

let id = ''
const buildOf = (key: string) => (key.startsWith('foreign') ? 'other:1' : id)
const arn = 'arn:aws:codebuild:us-east-1:000000000000:project/open'
const show = async (more: object = { resourceAccessRole: READER }) =>
  (
    await house.invoke('codebuild', 'UpdateProjectVisibility', {
      projectArn: arn,
      projectVisibility: 'PUBLIC_READ',
      ...more,
    })
  ).publicProjectAlias!
const project = async () => (await house.invoke('codebuild', 'BatchGetProjects', { names: ['open'] })).projects![0]!

beforeAll(async () => {
  await house.invoke('codebuild', 'CreateProject', {
    name: 'open',
    description: HOSTILE,
    source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: {}\n# spec-is-private\n' },
    artifacts: { type: 'S3', location: 'bucket', packaging: 'ZIP', name: 'out.zip' },
    secondaryArtifacts: [{ type: 'S3', location: 'bucket', artifactIdentifier: 'docs' }],
    environment: {
      type: 'LINUX_CONTAINER',
      image: 'x',
      computeType: 'BUILD_GENERAL1_SMALL',
      environmentVariables: [{ name: 'HIDDEN', value: 'do-not-show' }],
    },
    serviceRole: 'arn:aws:iam::000000000000:role/build',
  })
  id = (await house.invoke('codebuild', 'StartBuild', { projectName: 'open', sourceVersion: HOSTILE })).build!.id!
  await house.transaction(async ({ tx, scope }) => {
    const row = (await findBuild(tx, scope, id))!
    const outputs = {
      '': { location: 'arn:aws:s3:::bucket/out.zip', sha256sum: 'abc' },
      docs: { location: 'arn:aws:s3:::bucket/docs' },
    }
    await saveBuild(tx, { ...row, status: 'FAILED', outputs, ended_at: row.started_at })
  })
})

describe('a public project', () => {
  test('is private at first, and has no address', async () => {
    expect(await project()).toMatchObject({ projectVisibility: 'PRIVATE' })
    expect(await project()).not.toHaveProperty('publicProjectAlias')
  })

  test('shows its builds, one build, its log and its artifacts, read as its own role', async () => {
    const alias = await show()
    expect(await project()).toMatchObject({
      projectVisibility: 'PUBLIC_READ',
      publicProjectAlias: alias,
      resourceAccessRole: READER,
    })
    const base = `${url}/_codeyard/public/${alias}`
    const overview = await fetch(base)
    expect(overview.status).toBe(200)
    expect(overview.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
    const page = await overview.text()
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;')
    expect(page).not.toContain('<script')
    expect(page).toContain(`/_codeyard/public/${alias}/builds/1`)
    const one = await (await fetch(`${base}/builds/1`)).text()
    expect(one).toContain('FAILED')
    expect(one).not.toMatch(/<script|do-not-show|spec-is-private/)
    const log = await fetch(`${base}/builds/1/log`)
    expect(log.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(log.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await log.text()).toBe([0, 1, 2].map(at => `line ${at} ${HOSTILE}\n`).join(''))
    const zip = await fetch(`${base}/builds/1/artifacts/primary`)
    expect(zip.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''out.zip")
    expect(await zip.text()).toBe('bytes')
    const files = await (await fetch(`${base}/builds/1/artifacts/docs`)).text()
    expect(files).toContain('?file=a%20b.txt')
    expect(await (await fetch(`${base}/builds/1/artifacts/docs?file=a%20b.txt`)).text()).toBe('bytes')
    expect(new Set(asked.map(text => text.split(' as ')[1]))).toEqual(new Set([READER]))
    expect(asked).toContain(`object bucket/docs/a b.txt as ${READER}`)
  })

  test('gives nothing that its build did not put there, and no more than there is', async () => {
    const base = `${url}/_codeyard/public/${await show()}`
    await house.transaction(async ({ tx, scope }) => {
      const row = (await findBuild(tx, scope, id))!
      await saveBuild(tx, { ...row, outputs: { ...row.outputs, docs: { location: 'arn:aws:s3:::bucket/foreign' } } })
    })
    const paths = ['/builds/1/artifacts/docs?file=x', '/builds/1/artifacts/none', '/builds/2', '/builds/x', '/other']
    for (const path of paths) expect((await fetch(base + path)).status).toBe(404)
    expect((await fetch(base, { method: 'POST' })).status).toBe(405)
    expect((await fetch(`${base}/builds/1/log`, { method: 'HEAD' })).status).toBe(200)
  })

  test('has its log from S3 when a build wrote none to CloudWatch Logs', async () => {
    const base = `${url}/_codeyard/public/${await show()}`
    const start = (logsConfigOverride: object) =>
      house.invoke('codebuild', 'StartBuild', { projectName: 'open', logsConfigOverride } as any)
    const first = id
    const cloudWatchLogs = { status: 'DISABLED' }
    const { build } = await start({ cloudWatchLogs, s3Logs: { status: 'ENABLED', location: 'bucket/logs' } })
    id = build!.id!
    const address = `${base}/builds/${build!.buildNumber}/log`
    expect((await fetch(address)).status).toBe(404)
    await house.transaction(async ({ tx, scope }) => {
      const row = (await findBuild(tx, scope, id))!
      await saveBuild(tx, { ...row, status: 'SUCCEEDED', ended_at: row.started_at })
    })
    const log = await fetch(address)
    expect(log.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await log.text()).toBe('first\nsecond\n')
    expect(asked).toContain(`object bucket/logs/${id.split(':')[1]}.gz as ${READER}`)
    const none = await start({ cloudWatchLogs })
    expect((await fetch(`${base}/builds/${none.build!.buildNumber}/log`)).status).toBe(404)
    id = first
  })

  test('whose role may not read says so, and not why', async () => {
    const base = `${url}/_codeyard/public/${await show()}`
    readable = false
    const answer = await fetch(`${base}/builds/1/log`)
    readable = true
    expect(answer.status).toBe(403)
    expect(await answer.text()).not.toContain('secret reason')
  })

  test('that is private again is not there, and has its old address when it is public again', async () => {
    const alias = await show()
    await house.invoke('codebuild', 'UpdateProjectVisibility', { projectArn: arn, projectVisibility: 'PRIVATE' })
    for (const path of ['', '/builds/1', '/builds/1/log'])
      expect((await fetch(`${url}/_codeyard/public/${alias}${path}`)).status).toBe(404)
    expect(await project()).not.toHaveProperty('publicProjectAlias')
    expect(await show({})).toBe(alias)
  })

  test('must be there, must be named by its ARN, and its role must be of the account', async () => {
    const update = (projectArn: string, more: object = {}) =>
      house.invoke('codebuild', 'UpdateProjectVisibility', { projectArn, projectVisibility: 'PUBLIC_READ', ...more })
    await expect(update(`${arn}-not`)).rejects.toMatchObject({ code: 'ResourceNotFoundException' })
    await expect(update('open')).rejects.toMatchObject({ code: 'InvalidInputException' })
    await expect(update(arn, { resourceAccessRole: 'arn:aws:iam::111111111111:role/x' })).rejects.toMatchObject({
      code: 'InvalidInputException',
    })
    await expect(update(arn, { projectVisibility: 'ALL' })).rejects.toMatchObject({ code: 'InvalidInputException' })
  })
})
