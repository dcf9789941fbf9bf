// Bitbucket Cloud.

import { createHash } from 'node:crypto'
import type { HookEventType } from '../webhooks/event.ts'
import type { CommitState, HookPlace, Provider, WantedHook } from './provider.ts'
import { callProvider, ProviderError } from './request.ts'

const repository = (path: string) => `/repositories/${path}`

const hooksOf = (place: HookPlace) => {
  if (place.kind === 'repository') return `${repository(place.path)}/hooks`
  throw new ProviderError(400, 'Bitbucket has webhooks of repositories only')
}

const BITBUCKET_EVENTS: Partial<Readonly<Record<HookEventType, string>>> = {
  PULL_REQUEST_MERGED: 'pullrequest:fulfilled',
  PULL_REQUEST_CLOSED: 'pullrequest:rejected',
}

const bodyOf = ({ payloadUrl, secret, events, comments }: WantedHook) => ({
  description: 'AWS CodeBuild webhook',
  url: payloadUrl,
  active: true,
  secret,
  events: [
    'repo:push',
    'pullrequest:created',
    'pullrequest:updated',
    ...[...events].map(event => BITBUCKET_EVENTS[event]).filter(event => event !== undefined),
    ...(comments ? ['pullrequest:comment_created'] : []),
  ],
})

const STATES: Readonly<Record<CommitState, string>> = {
  pending: 'INPROGRESS',
  success: 'SUCCESSFUL',
  failure: 'FAILED',
  error: 'FAILED',
  stopped: 'STOPPED',
}

const idOf = (id: string) => encodeURIComponent(id)

export const bitbucket: Provider = {
  headers: ({ authType, token, username }) => ({
    authorization:
      authType === 'BASIC_AUTH' ? `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}` : `Bearer ${token}`,
  }),
  login: ({ authType, token, username }) =>
    authType === 'BASIC_AUTH'
      ? { username: username!, password: token }
      : { username: 'x-token-auth', password: token },

  // Tokens of a repository are nobody's: what they may see is asked for, not who they are.
  async checkToken(access) {
    await callProvider(access, 'GET', '/repositories?pagelen=1&role=member')
  },

  async createHook(access, place, hook) {
    const made = await callProvider(access, 'POST', hooksOf(place), bodyOf(hook))
    return { id: String(made.uuid), url: made.links?.self?.href ?? `${access.api}${hooksOf(place)}/${idOf(made.uuid)}` }
  },
  async updateHook(access, place, id, hook) {
    await callProvider(access, 'PUT', `${hooksOf(place)}/${idOf(id)}`, bodyOf(hook))
  },
  async deleteHook(access, place, id) {
    await callProvider(access, 'DELETE', `${hooksOf(place)}/${idOf(id)}`)
  },

  async setStatus(access, path, sha, { state, context, description, targetUrl }) {
    await callProvider(access, 'POST', `${repository(path)}/commit/${sha}/statuses/build`, {
      // Bitbucket takes 40 characters.
      key: createHash('sha1').update(context).digest('hex'),
      state: STATES[state],
      name: context,
      description,
      url: targetUrl,
    })
  },

  async changedFiles(access, { repository: path, pull, prevCommit, sha }) {
    const files = new Set<string>()
    let next: string | undefined = pull
      ? `${repository(path)}/pullrequests/${pull.number}/diffstat?pagelen=500`
      : `${repository(path)}/diffstat/${prevCommit ? `${sha}..${prevCommit}` : sha}?pagelen=500`
    for (let page = 0; next !== undefined && page < 20; page++) {
      const answer: { values?: { new?: { path: string }; old?: { path: string } }[]; next?: string } =
        await callProvider(access, 'GET', next)
      for (const { new: after, old } of answer?.values ?? []) {
        for (const one of [after, old]) if (one?.path) files.add(one.path)
      }
      next = answer?.next?.startsWith(access.api) ? answer.next.slice(access.api.length) : undefined
    }
    return [...files]
  },

  async commitMessage(access, path, sha) {
    return (await callProvider(access, 'GET', `${repository(path)}/commit/${sha}`))?.message ?? ''
  },

  async roleOf(access, path, user) {
    const request = `${repository(path)}/permissions-config/users/${encodeURIComponent(user)}`
    switch ((await callProvider(access, 'GET', request))?.permission) {
      case 'admin':
        return 'BITBUCKET_ADMIN'
      case 'write':
        return 'BITBUCKET_WRITE'
      case 'read':
        return 'BITBUCKET_READ'
      default:
        return undefined
    }
  },
}
