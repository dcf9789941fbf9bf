// A delivery of a provider as events: which header and which payload say what, and what is too strange to be taken.

import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { ProviderType } from '../providers/hosts.ts'
import { readBitbucket } from './bitbucketEvents.ts'
import type { Delivered, HookEvent } from './event.ts'
import { readGithub } from './githubEvents.ts'
import { readGitlab } from './gitlabEvents.ts'

export interface Delivery {
  /** The same when it is delivered again. */
  readonly id: string
  /** Who CODEBUILD_INITIATOR names. */
  readonly initiator: string
  readonly delivered: readonly Delivered[]
}

const malformed = (why: string): Delivered[] => [{ kind: 'malformed', why }]

/** Reads a delivery whose signature is right. */
export function readDelivery(type: ProviderType, headers: IncomingHttpHeaders, body: Buffer): Delivery {
  const header = (name: string) => (typeof headers[name] === 'string' ? (headers[name] as string) : '')
  const id =
    header('x-github-delivery') ||
    header('x-request-uuid') ||
    header('idempotency-key') ||
    header('x-gitlab-event-uuid') ||
    createHash('sha256').update(body).digest('hex')
  return { id: id.slice(0, 200), initiator: initiatorOf(type, header('user-agent')), delivered: read() }

  function read(): Delivered[] {
    let payload: any
    try {
      payload = JSON.parse(textOf(header('content-type'), body))
    } catch {
      return malformed('the payload is not JSON')
    }
    if (typeof payload !== 'object' || payload === null) return malformed('the payload is no object')
    const name = header(EVENT_HEADER[type])
    if (name === '') return malformed(`the header ${EVENT_HEADER[type]} is missing`)
    try {
      return eventsOf(type, name, payload).map(checked)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      return malformed(`the payload is not that of ${name}`)
    }
  }
}

const EVENT_HEADER: Readonly<Record<ProviderType, string>> = {
  GITHUB: 'x-github-event',
  GITHUB_ENTERPRISE: 'x-github-event',
  BITBUCKET: 'x-event-key',
  GITLAB: 'x-gitlab-event',
  GITLAB_SELF_MANAGED: 'x-gitlab-event',
}

function eventsOf(type: ProviderType, name: string, payload: unknown): Delivered[] {
  if (type === 'BITBUCKET') return readBitbucket(name, payload)
  return [type.startsWith('GITLAB') ? readGitlab(name, payload) : readGithub(name, payload)]
}

/** GitHub's hooks may be made to send forms. */
function textOf(contentType: string, body: Buffer): string {
  const text = body.toString('utf8')
  if (!contentType.startsWith('application/x-www-form-urlencoded')) return text
  return new URLSearchParams(text).get('payload') ?? ''
}

// AWS: the user agent of the delivery, for example `GitHub-Hookshot/951dca1`.
function initiatorOf(type: ProviderType, agent: string): string {
  const plain = agent.replace(/[^\x21-\x7e]/g, '').slice(0, 100)
  if (plain !== '') return plain
  return type === 'BITBUCKET' ? 'Bitbucket-Webhooks' : type.startsWith('GITLAB') ? 'GitLab' : 'GitHub-Hookshot'
}

const LONGEST_TEXT = 64 * 1024
const NO_TEXT: ReadonlySet<keyof HookEvent> = new Set(['pull', 'files', 'labels', 'isPublic'])
/** Pull requests of Bitbucket come with twelve digits. */
const SHA = /^[0-9a-f]{7,64}$/

/** Everything that goes on from here is text of bounded length without NUL characters, commits are commits. */
function checked(delivered: Delivered): Delivered {
  if (delivered.kind !== 'event') return delivered
  const { event } = delivered
  for (const [name, value] of Object.entries(event) as [keyof HookEvent, unknown][]) {
    if (value === undefined || NO_TEXT.has(name)) continue
    if (typeof value !== 'string' || value.includes('\0')) return { kind: 'malformed', why: `${name} is no text` }
    if (name !== 'message' && value.length > 2048) return { kind: 'malformed', why: `${name} is too long` }
  }
  for (const name of ['sha', 'prevCommit', 'mergeCommit'] as const) {
    if (event[name] !== undefined && !SHA.test(event[name])) return { kind: 'malformed', why: `${name} is no commit` }
  }
  if (event.pull && !Number.isSafeInteger(event.pull.number)) return { kind: 'malformed', why: 'the number is none' }
  const message = event.message?.slice(0, LONGEST_TEXT)
  const files = event.files?.filter(file => !file.includes('\0'))
  return { kind: 'event', event: { ...event, ...(message !== undefined && { message }), ...(files && { files }) } }
}
