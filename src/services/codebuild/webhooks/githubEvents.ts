// Payloads of GitHub and GitHub Enterprise Server. Pure.

import {
  approvedCommit,
  type Delivered,
  filesOfCommits,
  type HookEventType,
  ignored,
  NO_COMMIT,
  triggerOf,
} from './event.ts'

// AWS: action of a pull_request to event type [github-webhook].
const PULL_REQUESTS: Readonly<Record<string, HookEventType>> = {
  opened: 'PULL_REQUEST_CREATED',
  reopened: 'PULL_REQUEST_REOPENED',
  synchronize: 'PULL_REQUEST_UPDATED',
}

/** `name` is the header X-GitHub-Event. */
export function readGithub(name: string, body: any): Delivered {
  if (name === 'ping') return ignored('ping')
  const repository = body.repository
  if (typeof repository?.full_name !== 'string') return ignored(`${name} of no repository`)
  const common = {
    actor: String(body.sender?.id ?? ''),
    repository: repository.full_name as string,
    repositoryName: String(repository.name ?? repository.full_name.split('/')[1]),
    organization: (body.organization?.login ?? repository.owner?.login) as string | undefined,
    cloneUrl: repository.clone_url as string | undefined,
    isPublic: repository.private !== true,
  }
  switch (name) {
    case 'push': {
      const { ref, before, after, deleted, head_commit: head } = body
      if (deleted === true || NO_COMMIT.test(after ?? '')) return ignored('the reference was deleted')
      return {
        kind: 'event',
        event: {
          ...common,
          type: 'PUSH',
          headRef: ref,
          sha: after,
          // AWS: a push builds the commit itself.
          sourceVersion: after,
          trigger: triggerOf(ref),
          ...(before && !NO_COMMIT.test(before) && { prevCommit: before }),
          files: filesOfCommits(body.commits?.length ? body.commits : head ? [head] : []),
          message: head?.message ?? '',
        },
      }
    }
    case 'pull_request': {
      const pull = body.pull_request
      const closed: HookEventType = pull?.merged === true ? 'PULL_REQUEST_MERGED' : 'PULL_REQUEST_CLOSED'
      const type = body.action === 'closed' ? closed : PULL_REQUESTS[body.action]
      if (!type) return ignored(`a pull request that was ${body.action}`)
      return {
        kind: 'event',
        event: {
          ...common,
          type,
          headRef: `refs/heads/${pull.head.ref}`,
          baseRef: `refs/heads/${pull.base.ref}`,
          sha: pull.head.sha,
          // AWS: `pr/pull-request-number` [build-env-ref-env-vars].
          sourceVersion: `pr/${pull.number}`,
          trigger: `pr/${pull.number}`,
          ...(pull.merged === true && pull.merge_commit_sha && { mergeCommit: pull.merge_commit_sha }),
          pull: {
            number: pull.number,
            fork: pull.head.repo?.full_name !== pull.base.repo?.full_name,
            author: String(pull.user?.login ?? ''),
          },
        },
      }
    }
    case 'release': {
      const type = body.action === 'released' ? 'RELEASED' : body.action === 'prereleased' ? 'PRERELEASED' : undefined
      if (!type) return ignored(`a release that was ${body.action}`)
      const tag = String(body.release.tag_name)
      return {
        kind: 'event',
        event: {
          ...common,
          type,
          headRef: `refs/tags/${tag}`,
          sourceVersion: `refs/tags/${tag}`,
          trigger: `tag/${tag}`,
          tagName: tag,
          releaseName: String(body.release.name ?? ''),
        },
      }
    }
    case 'workflow_job': {
      const job = body.workflow_job
      if (body.action !== 'queued') return ignored(`a workflow job that was ${body.action}`)
      return {
        kind: 'event',
        event: {
          ...common,
          type: 'WORKFLOW_JOB_QUEUED',
          ...(job.head_branch && { headRef: `refs/heads/${job.head_branch}` }),
          sha: job.head_sha,
          sourceVersion: job.head_sha,
          trigger: `branch/${job.head_branch ?? ''}`,
          workflowName: String(job.workflow_name ?? ''),
          labels: (job.labels ?? []).map(String),
        },
      }
    }
    case 'issue_comment': {
      const sha = approvedCommit(body.comment?.body)
      if (body.action !== 'created' || !body.issue?.pull_request || !sha)
        return ignored('a comment that approves nothing')
      const author = String(body.comment.user?.login ?? '')
      return { kind: 'approval', approval: { number: Number(body.issue.number), sha, author } }
    }
    default:
      return ignored(`events of type ${name} build nothing`)
  }
}
