// Where READMEs get build badges: without a signature, by the project's id, which nobody can guess.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Scope } from '../../core/scope.ts'
import { isServiceError } from '../../core/serviceError.ts'
import type { OpenCall } from '../../operation/call.ts'
import { BADGE_PATH, type BadgeProject, type BadgeStatus, badgeSvg, findBadgeProject, newestStatus } from './badge.ts'
import { codecommitRepository } from './definition.ts'

export interface BadgeDoorParts {
  /** Acts as CodeBuild itself in a scope. */
  openCall(scope: Scope): OpenCall
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** An HTTP door (see transports/http): GET /badges?uuid=...&branch=... or &tag=... */
export function badgeDoor({ openCall }: BadgeDoorParts) {
  return {
    matches({ method, url = '' }: IncomingMessage): boolean {
      if (method !== 'GET' && method !== 'HEAD') return false
      return url === BADGE_PATH || url.startsWith(`${BADGE_PATH}?uuid=`)
    },

    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
      const picture = badgeSvg(await statusOf(searchParams))
      response.writeHead(200, {
        'content-type': 'image/svg+xml; charset=utf-8',
        'content-length': Buffer.byteLength(picture),
        // Proxies of pictures keep them for hours unless they are told not to.
        'cache-control': 'no-cache, no-store, must-revalidate',
        expires: '0',
      })
      response.end(request.method === 'HEAD' ? undefined : picture)
    },
  }

  async function statusOf(asked: URLSearchParams): Promise<BadgeStatus> {
    const id = asked.get('uuid') ?? ''
    if (!UUID.test(id)) return 'unknown'
    const project = await openCall({ account: '', region: '' }).read(({ tx }) => findBadgeProject(tx, id))
    if (!project?.definition.badgeEnabled) return 'unknown'
    const call = openCall(project)
    const tag = asked.get('tag')
    const branch = asked.get('branch') ?? project.definition.sourceVersion ?? (await defaultBranch(call, project))
    const versions = tag ? [tag, `refs/tags/${tag}`] : [branch, `refs/heads/${branch}`]
    const unnamed = !tag && branch === (await defaultBranch(call, project))
    return call.read(({ tx }) => newestStatus(tx, project, { versions, unnamed }))
  }
}

/** What a build without a source version builds. */
async function defaultBranch(call: OpenCall, { definition }: BadgeProject): Promise<string> {
  const repository = definition.source?.type === 'CODECOMMIT' && codecommitRepository(definition.source.location ?? '')
  if (!repository) return 'main'
  try {
    const found = await call.asService.invoke('codecommit', 'GetRepository', { repositoryName: repository.name })
    return found.repositoryMetadata?.defaultBranch ?? 'main'
  } catch (error) {
    if (isServiceError(error) && error.code !== 'InternalFailure') return 'main'
    throw error
  }
}
