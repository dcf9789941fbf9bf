// Payloads of GitLab. Pure.

import {
  approvedCommit,
  type Delivered,
  filesOfCommits,
  type HookEventType,
  ignored,
  NO_COMMIT,
  triggerOf,
} from './event.ts'

// AWS: object_attributes.action of a Merge Request Hook to event type [gitlab-webhook].
const MERGE_REQUESTS: Readonly<Record<string, HookEventType>> = {
  open: 'PULL_REQUEST_CREATED',
  update: 'PULL_REQUEST_UPDATED',
  merge: 'PULL_REQUEST_MERGED',
  reopen: 'PULL_REQUEST_REOPENED',
  close: 'PULL_REQUEST_CLOSED',
}

/** `name` is the header X-Gitlab-Event. */
export function readGitlab(name: string, body: any): Delivered {
  const path = body.project?.path_with_namespace
  if (typeof path !== 'string') return ignored(`${name} of no project`)
  const common = {
    actor: String(body.user_id ?? body.user?.id ?? ''),
    repository: path,
    repositoryName: path.split('/').at(-1)!,
    organization: path.split('/').slice(0, -1).join('/'),
    cloneUrl: body.project.git_http_url as string | undefined,
    isPublic: body.project.visibility_level !== 0,
  }
  switch (name) {
    case 'Push Hook':
    case 'Tag Push Hook': {
      const { ref, before, after, checkout_sha: checkedOut, commits = [], total_commits_count: total = 0 } = body
      if (NO_COMMIT.test(after ?? '') || !(checkedOut ?? after)) return ignored('the reference was deleted')
      const sha = checkedOut ?? after
      const head = commits.find((commit: any) => commit.id === sha) ?? commits.at(-1)
      return {
        kind: 'event',
        event: {
          ...common,
          type: 'PUSH',
          headRef: ref,
          sha,
          sourceVersion: sha,
          trigger: triggerOf(ref),
          ...(before && !NO_COMMIT.test(before) && { prevCommit: before }),
          // GitLab sends twenty commits at most.
          ...((total <= commits.length || !before || NO_COMMIT.test(before)) && { files: filesOfCommits(commits) }),
          ...(head && { message: head.message ?? '' }),
        },
      }
    }
    case 'Merge Request Hook': {
      const request = body.object_attributes
      const type = MERGE_REQUESTS[request?.action]
      if (!type) return ignored(`a merge request with action ${request?.action}`)
      // An update without new commits (a label, a title) changes nothing that could be built.
      if (request.action === 'update' && !request.oldrev) return ignored('a merge request whose commits are the same')
      const mergeCommit = request.squash_commit_sha ?? request.merge_commit_sha
      return {
        kind: 'event',
        event: {
          ...common,
          type,
          headRef: `refs/heads/${request.source_branch}`,
          baseRef: `refs/heads/${request.target_branch}`,
          sha: request.last_commit?.id,
          sourceVersion: `mr/${request.iid}`,
          trigger: `pr/${request.iid}`,
          ...(type === 'PULL_REQUEST_MERGED' && mergeCommit && { mergeCommit }),
          ...(request.oldrev && { prevCommit: request.oldrev }),
          message: request.last_commit?.message ?? '',
          pull: {
            number: request.iid,
            fork: request.source_project_id !== request.target_project_id,
            author: String(request.author_id ?? ''),
          },
        },
      }
    }
    case 'Release Hook': {
      if (body.action !== 'create' && body.action !== 'update') return ignored(`a release with action ${body.action}`)
      const tag = String(body.tag)
      return {
        kind: 'event',
        event: {
          ...common,
          type: 'RELEASED',
          headRef: `refs/tags/${tag}`,
          sha: body.commit?.id,
          sourceVersion: `refs/tags/${tag}`,
          trigger: `tag/${tag}`,
          tagName: tag,
          releaseName: String(body.name ?? ''),
        },
      }
    }
    case 'Note Hook': {
      const sha = approvedCommit(body.object_attributes?.note)
      if (!body.merge_request || !sha) return ignored('a comment that approves nothing')
      const author = String(body.object_attributes.author_id ?? '')
      return { kind: 'approval', approval: { number: Number(body.merge_request.iid), sha, author } }
    }
    default:
      return ignored(`events of type ${name} build nothing`)
  }
}
