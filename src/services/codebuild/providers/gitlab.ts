// GitLab, its own and self managed.

import type { PullRequestBuildApproverRole } from '@aws-sdk/client-codebuild'
import type { CommitState, HookPlace, Provider, WantedHook } from './provider.ts'
import { callProvider, ProviderError } from './request.ts'

const project = (path: string) => `/projects/${encodeURIComponent(path)}`

const hooksOf = (place: HookPlace) => {
  if (place.kind === 'repository') return `${project(place.path)}/hooks`
  return place.kind === 'organization' ? `/groups/${encodeURIComponent(place.name)}/hooks` : '/hooks'
}

const bodyOf = ({ payloadUrl, secret, events, comments }: WantedHook) => ({
  url: payloadUrl,
  token: secret,
  push_events: true,
  tag_push_events: true,
  merge_requests_events: true,
  releases_events: events.has('RELEASED'),
  note_events: comments,
  enable_ssl_verification: true,
})

const STATES: Readonly<Record<CommitState, string>> = {
  pending: 'running',
  success: 'success',
  failure: 'failed',
  error: 'failed',
  stopped: 'canceled',
}

// The numbers of GitLab's access levels.
const ROLES: readonly (readonly [number, PullRequestBuildApproverRole])[] = [
  [50, 'GITLAB_OWNER'],
  [40, 'GITLAB_MAINTAINER'],
  [30, 'GITLAB_DEVELOPER'],
  [20, 'GITLAB_REPORTER'],
  [15, 'GITLAB_PLANNER'],
  [10, 'GITLAB_GUEST'],
]

type Diff = { old_path: string; new_path: string }

export const gitlab: Provider = {
  headers: ({ token }) => ({ 'private-token': token }),
  login: ({ token }) => ({ username: 'oauth2', password: token }),

  async checkToken(access) {
    await callProvider(access, 'GET', '/user')
  },

  async createHook(access, place, hook) {
    const made = await callProvider(access, 'POST', hooksOf(place), bodyOf(hook))
    return { id: String(made.id), url: `${access.api}${hooksOf(place)}/${made.id}` }
  },
  async updateHook(access, place, id, hook) {
    await callProvider(access, 'PUT', `${hooksOf(place)}/${id}`, bodyOf(hook))
  },
  async deleteHook(access, place, id) {
    await callProvider(access, 'DELETE', `${hooksOf(place)}/${id}`)
  },

  async setStatus(access, path, sha, { state, context, description, targetUrl }) {
    try {
      await callProvider(access, 'POST', `${project(path)}/statuses/${sha}`, {
        state: STATES[state],
        name: context,
        description: description.slice(0, 255),
        ...(targetUrl && { target_url: targetUrl }),
      })
    } catch (error) {
      // It says so when the status is what it was.
      if (!(error instanceof ProviderError) || !/Cannot transition status/.test(error.message)) throw error
    }
  },

  async changedFiles(access, { repository, pull, prevCommit, sha }) {
    const paths = (diffs: readonly Diff[]) => diffs.flatMap(diff => [...new Set([diff.new_path, diff.old_path])])
    if (!pull) {
      const range = `from=${prevCommit}&to=${sha}`
      return paths(
        (await callProvider(access, 'GET', `${project(repository)}/repository/compare?${range}`))?.diffs ?? [],
      )
    }
    const files: string[] = []
    for (let page = 1; page <= 30; page++) {
      const request = `${project(repository)}/merge_requests/${pull.number}/diffs?per_page=100&page=${page}`
      const diffs: Diff[] = (await callProvider(access, 'GET', request)) ?? []
      files.push(...paths(diffs))
      if (diffs.length < 100) break
    }
    return files
  },

  async commitMessage(access, path, sha) {
    return (await callProvider(access, 'GET', `${project(path)}/repository/commits/${sha}`))?.message ?? ''
  },

  async roleOf(access, path, user) {
    const level = (await callProvider(access, 'GET', `${project(path)}/members/all/${encodeURIComponent(user)}`))
      ?.access_level
    return ROLES.find(([least]) => level >= least)?.[1]
  },
}
