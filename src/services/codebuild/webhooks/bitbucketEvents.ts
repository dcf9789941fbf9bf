// Payloads of Bitbucket Cloud. Pure. One push may move several references: each is an event of its own.

import { approvedCommit, type Delivered, type HookEvent, type HookEventType, ignored } from './event.ts'

// AWS: X-Event-Key to event type [bitbucket-webhook].
const PULL_REQUESTS: Readonly<Record<string, HookEventType>> = {
  'pullrequest:created': 'PULL_REQUEST_CREATED',
  'pullrequest:updated': 'PULL_REQUEST_UPDATED',
  'pullrequest:fulfilled': 'PULL_REQUEST_MERGED',
  'pullrequest:rejected': 'PULL_REQUEST_CLOSED',
}

/** `key` is the header X-Event-Key. */
export function readBitbucket(key: string, body: any): Delivered[] {
  const path = body.repository?.full_name
  if (typeof path !== 'string') return [ignored(`${key} of no repository`)]
  const common = {
    actor: String(body.actor?.account_id ?? ''),
    repository: path,
    repositoryName: path.split('/').at(-1)!,
    organization: path.split('/')[0],
    isPublic: body.repository.is_private !== true,
    ...(body.repository.links?.html?.href && { cloneUrl: `${body.repository.links.html.href}.git` }),
  }
  if (key === 'repo:push') {
    const changes: any[] = Array.isArray(body.push?.changes) ? body.push.changes : []
    const events = changes
      .filter(change => change.new)
      .map(change => ({ kind: 'event', event: pushed(common, change) }) as const)
    return events.length > 0 ? events : [ignored('the reference was deleted')]
  }
  const pull = body.pullrequest
  if (key === 'pullrequest:comment_created') {
    const sha = approvedCommit(body.comment?.content?.raw)
    if (!sha || !pull) return [ignored('a comment that approves nothing')]
    return [{ kind: 'approval', approval: { number: Number(pull.id), sha, author: userOf(body.actor) } }]
  }
  const type = PULL_REQUESTS[key]
  if (!type || !pull) return [ignored(`events of type ${key} build nothing`)]
  const branch = pull.source.branch.name as string
  const sha = pull.source.commit?.hash as string | undefined
  const mergeCommit = pull.merge_commit?.hash as string | undefined
  const merged = type === 'PULL_REQUEST_MERGED' && mergeCommit !== undefined
  return [
    {
      kind: 'event',
      event: {
        ...common,
        type,
        headRef: `refs/heads/${branch}`,
        baseRef: `refs/heads/${pull.destination.branch.name}`,
        ...(sha && { sha }),
        // AWS: the branch of a merged request may be gone, its merge commit is not [bitbucket-webhook].
        sourceVersion: (merged ? mergeCommit : sha) ?? `refs/heads/${branch}`,
        trigger: `pr/${pull.id}`,
        ...(merged && { mergeCommit }),
        pull: {
          number: pull.id,
          fork: pull.source.repository?.full_name !== pull.destination.repository?.full_name,
          author: userOf(pull.author),
        },
      },
    },
  ]
}

const userOf = (user: any) => String(user?.account_id ?? user?.uuid ?? '')

function pushed(common: Omit<HookEvent, 'type' | 'sourceVersion' | 'trigger'>, { new: after, old }: any): HookEvent {
  const isTag = after.type === 'tag' || after.type === 'annotated_tag'
  const sha = after.target?.hash as string
  return {
    ...common,
    type: 'PUSH',
    headRef: `refs/${isTag ? 'tags' : 'heads'}/${after.name}`,
    sha,
    sourceVersion: sha,
    trigger: `${isTag ? 'tag' : 'branch'}/${after.name}`,
    ...(old?.target?.hash && { prevCommit: old.target.hash }),
    message: after.target?.message ?? '',
  }
}
