// Git over HTTP at /v1/repos/NAME. What is wrong is said where git shows it: as text with the status before a talk begins, in
// the talk itself after.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { assertNever } from '../../core/assertNever.ts'
import type { Clock } from '../../core/clock.ts'
import type { Config } from '../../core/config.ts'
import type { Ids } from '../../core/ids.ts'
import type { Log } from '../../core/log.ts'
import { isServiceError } from '../../core/serviceError.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import type { IdentityDirectory } from '../../gateway/identity.ts'
import { advertisement, openGit } from '../../git/index.ts'
import type { HttpDoor } from '../http/door.ts'
import { authenticate } from './authenticate.ts'
import { type GitCaller, type GitService, gitService } from './gitService.ts'
import { type GitUrl, gitUrl } from './route.ts'
import { turnstile } from './turnstile.ts'

export interface GitDoorParts {
  readonly gateway: Gateway
  readonly identity: IdentityDirectory
  readonly config: Config
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

const PATIENCE = 60_000

export function gitHttpDoor(parts: GitDoorParts): HttpDoor {
  const git = openGit(join(parts.config.dataDir, 'git'))
  const service = gitService({ gateway: parts.gateway, git, ids: parts.ids })
  const packing = turnstile(Math.max(4, availableParallelism() * 4), PATIENCE)

  const answer = async (url: GitUrl, request: IncomingMessage, response: ServerResponse) => {
    const caller = await callerOf(parts, url, request, response)
    if (!caller) return
    const leave = await packing.enter(caller.signal)
    if (!leave) return say(response, 503, 'The server is busy with other fetches and pushes: try again in a minute.')
    try {
      await talk({ url, request, response, caller, service })
    } catch (error) {
      if (caller.signal.aborted) return response.destroy()
      if (!isServiceError(error) || response.headersSent) throw error
      say(response, statusOf(error.code), error.message)
    } finally {
      leave()
    }
  }

  return {
    matches: request => gitUrl(request.method ?? 'GET', request.url ?? '/') !== undefined,
    async handle(request, response) {
      const url = gitUrl(request.method ?? 'GET', request.url ?? '/')!
      response.setHeader('x-amzn-requestid', parts.ids.uuid())
      if (url.route.kind === 'nothing') return say(response, 404, url.route.why)
      await answer(url, request, response)
    },
  }
}

/** Undefined when the caller was sent away already. */
async function callerOf(
  { identity, config, clock }: GitDoorParts,
  url: GitUrl,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<GitCaller | undefined> {
  const found = await authenticate(
    {
      authorization: request.headers.authorization,
      host: request.headers.host ?? '',
      path: url.signedPath,
      now: clock.now(),
    },
    identity,
    config,
  )
  switch (found.kind) {
    case 'unknown':
      response.setHeader('www-authenticate', 'Basic realm="AWS CodeCommit on Codeyard", charset="UTF-8"')
      say(response, 401, found.why)
      return undefined
    case 'refused':
      say(response, 403, found.why)
      return undefined
    case 'known': {
      const gone = new AbortController()
      response.on('close', () => response.writableFinished || gone.abort())
      return {
        principal: found.principal,
        scope: { account: found.principal.account, region: found.region },
        origin: {
          sourceIp: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
          userAgent: request.headers['user-agent'] ?? '',
          secure: 'encrypted' in request.socket,
        },
        signal: gone.signal,
      }
    }
    default:
      return assertNever(found)
  }
}

interface Talk {
  readonly url: GitUrl
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly caller: GitCaller
  readonly service: GitService
}

async function talk({ url: { repositoryName, route }, request, response, caller, service }: Talk): Promise<void> {
  const { signal } = caller
  const protocol = request.headers['git-protocol']?.toString()
  const spoken = protocol === undefined ? {} : { protocol }
  switch (route.kind) {
    case 'advertise': {
      if (route.service === 'git-upload-pack') {
        const repository = await service.openPull(caller, repositoryName)
        begin(response, 'application/x-git-upload-pack-advertisement')
        return repository.uploadPack({ mode: 'advertise', output: response, signal, ...spoken })
      }
      const { references } = await service.openPush(caller, repositoryName)
      begin(response, 'application/x-git-receive-pack-advertisement')
      const lines = advertisement(references, protocol === 'version=1')
      return pipeline(Readable.from(preceded('001f# service=git-receive-pack\n0000', lines)), response)
    }
    case 'upload': {
      const repository = await service.openPull(caller, repositoryName)
      begin(response, 'application/x-git-upload-pack-result')
      return repository.uploadPack({ mode: 'stateless', input: bodyOf(request), output: response, signal, ...spoken })
    }
    case 'receive': {
      // Before a large push git asks with an empty one whether it is welcome.
      const probe = request.headers['content-length'] === '4'
      if (probe) {
        begin(response, 'application/x-git-receive-pack-result')
        return void response.end()
      }
      const { repository, owner } = await service.openPush(caller, repositoryName)
      begin(response, 'application/x-git-receive-pack-result')
      await repository.receivePack({ input: bodyOf(request), output: response, owner, signal, drain: true })
      return void response.end()
    }
    case 'nothing':
      return
    default:
      return assertNever(route)
  }
}

function bodyOf(request: IncomingMessage): Readable {
  if (request.headers['content-encoding'] !== 'gzip') return request
  const plain = createGunzip()
  pipeline(request, plain).catch(() => {}) // whoever reads `plain` hears of it
  return plain
}

function begin(response: ServerResponse, contentType: string): void {
  response.writeHead(200, {
    'content-type': contentType,
    'cache-control': 'no-cache, max-age=0, must-revalidate',
    expires: 'Fri, 01 Jan 1980 00:00:00 GMT',
    pragma: 'no-cache',
  })
}

/** Git shows text/plain bodies of failed requests as `remote: ...`. */
function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

function statusOf(code: string): number {
  if (code === 'RepositoryDoesNotExistException' || code === 'InvalidRepositoryNameException') return 404
  return code.startsWith('AccessDenied') ? 403 : code === 'InternalFailure' ? 500 : 400
}

function* preceded(head: string, rest: Iterable<Buffer>): Generator<Buffer> {
  yield Buffer.from(head)
  yield* rest
}
