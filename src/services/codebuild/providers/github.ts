// GitHub and GitHub Enterprise Server.

import type { HookEventType } from '../webhooks/event.ts'
import type { HookPlace, Provider, WantedHook } from './provider.ts'
import { callProvider } from './request.ts'

const PAGE = 100
/** GitHub lists 3,000 files of a pull request at most. */
const MOST_PAGES = 30

const GITHUB_EVENTS: Readonly<Record<HookEventType, string>> = {
  PUSH: 'push',
  PULL_REQUEST_CREATED: 'pull_request',
  PULL_REQUEST_UPDATED: 'pull_request',
  PULL_REQUEST_REOPENED: 'pull_request',
  PULL_REQUEST_MERGED: 'pull_request',
  PULL_REQUEST_CLOSED: 'pull_request',
  RELEASED: 'release',
  PRERELEASED: 'release',
  WORKFLOW_JOB_QUEUED: 'workflow_job',
}

const hooksOf = (place: HookPlace) => {
  if (place.kind === 'repository') return `/repos/${place.path}/hooks`
  return place.kind === 'organization' ? `/orgs/${encodeURIComponent(place.name)}/hooks` : '/admin/hooks'
}

const bodyOf = ({ payloadUrl, secret, events, comments }: WantedHook) => ({
  active: true,
  // AWS: pushes and pull requests are always sent, and filtered when they come.
  events: [
    ...new Set([
      'push',
      'pull_request',
      ...[...events].map(event => GITHUB_EVENTS[event]),
      ...(comments ? ['issue_comment'] : []),
    ]),
  ],
  config: { url: payloadUrl, content_type: 'json', secret, insecure_ssl: '0' },
})

export const github: Provider = {
  headers: ({ token }) => ({ authorization: `Bearer ${token}`, accept: 'application/vnd.github+json' }),
  login: ({ token }) => ({ username: 'x-access-token', password: token }),

  async checkToken(access) {
    await callProvider(access, 'GET', '/user')
  },

  async createHook(access, place, hook) {
    const made = await callProvider(access, 'POST', hooksOf(place), { name: 'web', ...bodyOf(hook) })
    return { id: String(made.id), url: made.url ?? `${access.api}${hooksOf(place)}/${made.id}` }
  },
  async updateHook(access, place, id, hook) {
    await callProvider(access, 'PATCH', `${hooksOf(place)}/${id}`, bodyOf(hook))
  },
  async deleteHook(access, place, id) {
    await callProvider(access, 'DELETE', `${hooksOf(place)}/${id}`)
  },

  async setStatus(access, path, sha, { state, context, description, targetUrl }) {
    await callProvider(access, 'POST', `/repos/${path}/statuses/${sha}`, {
      state: state === 'stopped' ? 'error' : state,
      context,
      description: description.slice(0, 140),
      ...(targetUrl && { target_url: targetUrl }),
    })
  },

  async changedFiles(access, { repository, pull, prevCommit, sha }) {
    const files: string[] = []
    const base = pull
      ? `/repos/${repository}/pulls/${pull.number}/files`
      : `/repos/${repository}/compare/${prevCommit}...${sha}`
    for (let page = 1; page <= MOST_PAGES; page++) {
      const answer = await callProvider(access, 'GET', `${base}?per_page=${PAGE}&page=${page}`)
      const list: { filename: string; previous_filename?: string }[] = (pull ? answer : answer?.files) ?? []
      for (const { filename, previous_filename: before } of list) files.push(filename, ...(before ? [before] : []))
      if (list.length < PAGE) break
    }
    return files
  },

  async commitMessage(access, path, sha) {
    return (await callProvider(access, 'GET', `/repos/${path}/commits/${sha}`))?.commit?.message ?? ''
  },

  async roleOf(access, path, user) {
    const answer = await callProvider(
      access,
      'GET',
      `/repos/${path}/collaborators/${encodeURIComponent(user)}/permission`,
    )
    switch (answer?.role_name ?? answer?.permission) {
      case 'admin':
        return 'GITHUB_ADMIN'
      case 'maintain':
        return 'GITHUB_MAINTAIN'
      case 'write':
        return 'GITHUB_WRITE'
      case 'triage':
        return 'GITHUB_TRIAGE'
      case 'read':
        return 'GITHUB_READ'
      default:
        return undefined
    }
  },
}
