// The public website of builds: without a signature, at the alias of a public project, read as the role that the project names for it.
//
// AWS: "all of a project's build results, logs, and artifacts, including builds that were run when the project was private, are made
// available to the public" [public-builds].

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { Scope } from '../../../core/scope.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import type { OpenCall } from '../../../operation/call.ts'
import type { Invoke } from '../../../operation/sdks.ts'
import { type BuildRow, findBuilds, listBuildsOf } from '../builds.ts'
import { logStreamOf, s3LogOf } from '../shape.ts'
import { targetOf } from '../worker/artifactStore.ts'
import { buildPage, filesPage, PAGE_POLICY, plainPage, projectPage } from './publicPages.ts'
import { findPublicProject, type PublicProject } from './visibility.ts'

/** No bucket can be named so. */
export const PUBLIC_PATH = '/_codeyard/public/'

const PAGE = 50
const ADDRESS =
  /^\/_codeyard\/public\/([A-Za-z0-9]{16,64})(?:\/builds\/(\d{1,9})(?:\/(log)|\/artifacts\/([\w-]{1,128}))?)?$/

export interface PublicDoorParts {
  /** Acts as CodeBuild itself in a scope. */
  openCall(scope: Scope): OpenCall
}

type Answer =
  | { readonly kind: 'page'; readonly status: number; readonly body: string }
  | {
      readonly kind: 'stream'
      readonly type: string
      readonly name?: string
      readonly size?: number
      readonly body: AsyncIterable<Uint8Array | string>
    }

/** An HTTP door (see transports/http): GET /_codeyard/public/ALIAS, .../builds/N, .../builds/N/log, .../builds/N/artifacts/ID */
export function publicDoor({ openCall }: PublicDoorParts) {
  return {
    matches: ({ url = '' }: IncomingMessage): boolean => url.startsWith(PUBLIC_PATH),

    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      request.resume()
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.writeHead(405, { allow: 'GET, HEAD' }).end()
        return
      }
      const answer = await answerTo(new URL(request.url ?? '/', 'http://localhost'))
      const headers = {
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': answer.kind === 'page' ? PAGE_POLICY : "sandbox; default-src 'none'",
      }
      if (answer.kind === 'page') {
        const length = Buffer.byteLength(answer.body)
        response.writeHead(answer.status, {
          ...headers,
          'content-type': 'text/html; charset=utf-8',
          'content-length': length,
        })
        response.end(request.method === 'HEAD' ? undefined : answer.body)
        return
      }
      response.writeHead(200, {
        ...headers,
        'content-type': answer.type,
        ...(answer.size !== undefined && { 'content-length': answer.size }),
        ...(answer.name && {
          'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(answer.name)}`,
        }),
      })
      if (request.method === 'HEAD') {
        response.end()
        if ('destroy' in answer.body) (answer.body as Readable).destroy()
        return
      }
      await pipeline(answer.body, response)
    },
  }

  async function answerTo({ pathname, searchParams }: URL): Promise<Answer> {
    const [, alias, number, log, artifact] = ADDRESS.exec(pathname) ?? []
    const project =
      alias && (await openCall({ account: '', region: '' }).read(({ tx }) => findPublicProject(tx, alias)))
    if (!project) return notFound('There is no public project at this address.')
    const base = PUBLIC_PATH + alias
    const call = openCall(project)
    if (number === undefined) {
      const before = Number(searchParams.get('before') ?? Number.MAX_SAFE_INTEGER)
      const { builds, older } = await buildsBefore(call, project, Number.isSafeInteger(before) ? before : 0)
      return html(projectPage(base, project, builds, older))
    }
    const { builds } = await buildsBefore(call, project, Number(number) + 1, 1)
    const build = builds.find(one => one.number === Number(number))
    if (!build) return notFound('There is no such build.')
    if (!log && artifact === undefined) return html(buildPage(base, project, build))
    const { resource_access_role: role } = project
    if (!role) return refused('This project names no role with which its logs and artifacts could be read.')
    const invoke = call.as(role, 'AWSCodeBuildPublicRead').invoke
    try {
      if (log) return await logOf(build, invoke)
      const file = searchParams.get('file')
      return await artifactOf(build, artifact === 'primary' ? '' : artifact!, { invoke, file, here: pathname })
    } catch (error) {
      if (!isServiceError(error)) throw error
      if (/NotFound|NoSuch/.test(error.code)) return notFound('It is not there any more.')
      // The reason would tell strangers how the account is set up.
      call.log.warn({ err: error, project: project.name }, 'a public build could not be read')
      return refused('The resource access role of this project may not read it.')
    }
  }
}

/** The newest builds below a number, and the number before which the next page begins. */
async function buildsBefore(call: OpenCall, project: PublicProject, before: number, limit = PAGE) {
  return call.read(async ({ tx }) => {
    const listed = await listBuildsOf(tx, project, project.name, { descending: true, after: before, limit })
    const ids = listed.slice(0, limit).map(({ id }) => id)
    const rows = new Map((await findBuilds(tx, project, ids)).map(row => [row.id, row]))
    const builds = ids.flatMap(id => rows.get(id) ?? [])
    return { builds, older: listed.length > limit ? builds.at(-1)?.number : undefined }
  })
}

async function logOf(build: BuildRow, invoke: Invoke): Promise<Answer> {
  const place = logStreamOf(build)
  if (!place) return await s3Log(build, invoke)
  const read = (nextToken?: string) =>
    invoke('logs', 'GetLogEvents', {
      logGroupName: place.group,
      logStreamName: place.stream,
      startFromHead: true,
      ...(nextToken && { nextToken }),
    })
  const first = await read()
  async function* text() {
    for (let events = first, token: string | undefined; ; events = await read(token)) {
      for (const { message = '' } of events.events ?? []) yield message.endsWith('\n') ? message : `${message}\n`
      if (events.nextForwardToken === undefined || events.nextForwardToken === token) return
      token = events.nextForwardToken
    }
  }
  return { kind: 'stream', type: 'text/plain; charset=utf-8', body: text() }
}

/** What a build left in S3 when it wrote nothing to CloudWatch Logs. */
async function s3Log(build: BuildRow, invoke: Invoke): Promise<Answer> {
  const place = s3LogOf(build)
  if (!place) return notFound('This build wrote no log.')
  if (build.status === 'IN_PROGRESS') return notFound('The log of this build is here when the build is over.')
  const { Body, Metadata } = await invoke('s3', 'GetObject', { Bucket: place.bucket, Key: place.key })
  if (Metadata?.['codebuild-buildarn']?.endsWith(`/${build.id}`) !== true) {
    ;(Body as Readable).destroy()
    return notFound('This build has no such log.')
  }
  const text = createGunzip()
  // Its end is told by the stream itself.
  void pipeline(Body as Readable, text).catch(() => {})
  return { kind: 'stream', type: 'text/plain; charset=utf-8', body: text }
}

interface Asked {
  readonly invoke: Invoke
  readonly file: string | null
  readonly here: string
}

async function artifactOf(build: BuildRow, identifier: string, { invoke, file, here }: Asked): Promise<Answer> {
  const stored = build.outputs[identifier]
  const target = targetOf(build, identifier)
  const [, bucket, prefix = ''] = /^arn:aws[\w-]*:s3:::([^/]+)\/(.*)$/s.exec(stored?.location ?? '') ?? []
  if (!target || !bucket) return notFound('There is no such artifact.')
  const one = target.type === 'CODEPIPELINE' || target.packaging === 'ZIP'
  const below = one || prefix === '' ? prefix : `${prefix}/`
  if (!one && file === null) {
    const listed = await invoke('s3', 'ListObjectsV2', { Bucket: bucket, Prefix: below })
    const files = (listed.Contents ?? []).map(({ Key }) => Key!.slice(below.length))
    return html(filesPage(here, identifier || 'primary', files, listed.IsTruncated === true))
  }
  const key = one ? prefix : below + file
  const { Body, ContentLength, Metadata } = await invoke('s3', 'GetObject', { Bucket: bucket, Key: key })
  // A bucket may hold more than builds put there.
  if (Metadata?.['codebuild-buildarn']?.endsWith(`/${build.id}`) !== true) {
    ;(Body as Readable).destroy()
    return notFound('This build has no such file.')
  }
  const name = key.split('/').at(-1)!
  return { kind: 'stream', type: 'application/octet-stream', name, size: ContentLength, body: Body as Readable }
}

const html = (body: string): Answer => ({ kind: 'page', status: 200, body })
const notFound = (why: string): Answer => ({ kind: 'page', status: 404, body: plainPage('Not found', why) })
const refused = (why: string): Answer => ({ kind: 'page', status: 403, body: plainPage('Not readable', why) })
