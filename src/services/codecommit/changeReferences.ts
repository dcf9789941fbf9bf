// The one place where references change, for pushes and for the API: rows, version, default branch, pull requests, events and
// triggers in one transaction.

import { type CommandResult, isReferenceName, ZERO_ID } from '../../git/index.ts'
import type { Call } from '../../operation/call.ts'
import { principalArn } from '../../operation/principal.ts'
import { followReferences } from './pullRequests/followReferences.ts'
import { findReferences } from './references.ts'
import { lockRepository, type RepositoryRow, repositoryArn } from './repositories.ts'

export interface ReferenceChange {
  readonly name: string
  /** 40 zeros create. */
  readonly old: string
  /** 40 zeros delete. */
  readonly new: string
  readonly type?: 'commit' | 'tag' | 'tree' | 'blob'
  readonly peeled?: string
}

export interface ChangeOptions {
  /** One refusal refuses all. */
  readonly atomic?: boolean
  /** Members that merges add to the event's detail. */
  readonly detail?: Readonly<Record<string, unknown>>
}

/** Changes what may change; the objects must be in place. One result a change, in their order. */
export async function changeReferences(
  call: Call,
  repositoryId: string,
  changes: readonly ReferenceChange[],
  { atomic = false, detail = {} }: ChangeOptions = {},
): Promise<CommandResult[]> {
  const repository = await lockRepository(call.tx, repositoryId)
  if (!repository) return changes.map(change => rejected(change, 'the repository was deleted'))
  let verdicts = await judge(call, repository, changes)
  if (atomic && verdicts.some(({ status }) => status === 'rejected')) {
    verdicts = verdicts.map(verdict => (verdict.status === 'ok' ? rejected(verdict, 'atomic push failure') : verdict))
  }
  const accepted = changes.filter((change, index) => verdicts[index]!.status === 'ok' && change.old !== change.new)
  if (accepted.length > 0) {
    await write(call, repository, accepted)
    for (const change of accepted) await announce(call, repository, change, detail)
    await followReferences(call, repository, accepted)
    if (repository.triggers.length > 0) await call.addJob('deliverTriggers', triggerJob(call, repository, accepted))
    await scheduleMaintenance(call, repository)
  }
  return verdicts
}

const rejected = ({ name }: { readonly name: string }, reason: string): CommandResult => ({
  name,
  status: 'rejected',
  reason,
})

/** What would become of the changes, without changing anything; for pushes also asked before objects are taken. */
export async function judge(
  call: Pick<Call, 'tx'>,
  repository: RepositoryRow,
  changes: readonly ReferenceChange[],
): Promise<CommandResult[]> {
  const rows = await findReferences(
    call.tx,
    repository.id,
    changes.map(({ name }) => name),
  )
  const current = new Map(rows.map(({ name, object_id }) => [name, object_id]))
  const blocked = await directoryConflicts(call, repository, changes)
  return changes.map((change): CommandResult => {
    const now = current.get(change.name) ?? ZERO_ID
    const deletes = change.new === ZERO_ID
    if (!isReferenceName(change.name)) return rejected(change, 'funny refname')
    if (now !== change.old && !(deletes && now === ZERO_ID)) {
      return rejected(change, now === ZERO_ID ? 'no such reference' : 'fetch first: the reference changed meanwhile')
    }
    if (deletes && change.name === `refs/heads/${repository.default_branch}`) {
      // AWS: the default branch cannot be deleted by git push --delete either [how-to-delete-branch]
      return rejected(change, 'the default branch cannot be deleted')
    }
    const obstacle = blocked.get(change.name)
    if (obstacle !== undefined && !deletes) return rejected(change, `cannot be created while ${obstacle} exists`)
    if (change.name.startsWith('refs/heads/') && !deletes && change.type !== undefined && change.type !== 'commit') {
      return rejected(change, 'a branch must be a commit')
    }
    return { name: change.name, status: 'ok' }
  })
}

/** `a` and `a/b` can not both be references: created name -> the one in its way. */
async function directoryConflicts(
  { tx }: Pick<Call, 'tx'>,
  repository: RepositoryRow,
  changes: readonly ReferenceChange[],
): Promise<Map<string, string>> {
  const created = changes.filter(change => change.old === ZERO_ID && change.new !== ZERO_ID).map(({ name }) => name)
  if (created.length === 0) return new Map()
  const deleted = new Set(changes.filter(change => change.new === ZERO_ID).map(({ name }) => name))
  const wanted = new Set(created)
  const above = created.flatMap(name => parentsOf(name).map(parent => ({ name, parent })))
  const conflicts = new Map<string, string>()
  for (const { name, parent } of above) if (wanted.has(parent)) conflicts.set(name, parent)
  const there = await tx.rows<{ wanted: string; name: string }>`
    select c.name as wanted, r.name from unnest(${created}::text[]) as c(name)
    join codecommit.refs r on r.repository_id = ${repository.id}
      and r.name >= c.name || '/' and r.name < c.name || '0'
    union all
    select c.name, r.name from unnest(${above.map(({ name }) => name)}::text[], ${above.map(({ parent }) => parent)}::text[]) as c(name, parent)
    join codecommit.refs r on r.repository_id = ${repository.id} and r.name = c.parent`
  for (const { wanted, name } of there) if (!deleted.has(name)) conflicts.set(wanted, name)
  return conflicts
}

/** `refs/heads/a/b` -> `refs/heads/a`; never `refs/heads` itself. */
function parentsOf(name: string): string[] {
  const parts = name.split('/')
  return parts.slice(3).map((_, index) => parts.slice(0, index + 3).join('/'))
}

async function write({ tx, now }: Call, repository: RepositoryRow, changes: readonly ReferenceChange[]) {
  const kept = changes.filter(change => change.new !== ZERO_ID)
  const gone = changes.filter(change => change.new === ZERO_ID).map(({ name }) => name)
  if (gone.length > 0) {
    await tx.run`delete from codecommit.refs where repository_id = ${repository.id} and name = any(${gone}::text[])`
  }
  if (kept.length > 0) {
    const columns = [
      kept.map(({ name }) => name),
      kept.map(change => change.new),
      kept.map(({ peeled }) => peeled ?? null),
    ] as const
    await tx.run`
      insert into codecommit.refs (repository_id, name, object_id, peeled_id)
      select ${repository.id}::uuid, * from unnest(${columns[0]}::text[], ${columns[1]}::text[], ${columns[2]}::text[])
      on conflict (repository_id, name) do update set object_id = excluded.object_id, peeled_id = excluded.peeled_id`
  }
  await tx.run`
    update codecommit.repositories
    set ref_version = ref_version + 1, modified_at = ${now},
        default_branch = coalesce(default_branch, ${firstBranch(kept)})
    where id = ${repository.id}`
}

/** The first branch that comes becomes the default one; of several at once `main`, then `master`, then the first. */
function firstBranch(kept: readonly ReferenceChange[]): string | undefined {
  const branches = kept.flatMap(({ name }) => (name.startsWith('refs/heads/') ? [name.slice(11)] : []))
  return branches.find(name => name === 'main') ?? branches.find(name => name === 'master') ?? branches[0]
}

// AWS: "CodeCommit Repository State Change" [monitoring-events]; real events also carry callerUserArn.
async function announce(
  call: Call,
  repository: RepositoryRow,
  change: ReferenceChange,
  detail: Readonly<Record<string, unknown>>,
) {
  const [, kind, name] = /^refs\/(heads|tags)\/(.*)$/s.exec(change.name) ?? []
  if (!kind) return // AWS shows branches and tags only
  const event =
    change.old === ZERO_ID ? 'referenceCreated' : change.new === ZERO_ID ? 'referenceDeleted' : 'referenceUpdated'
  await call.emit({
    source: 'aws.codecommit',
    detailType: 'CodeCommit Repository State Change',
    resources: [repositoryArn(repository, repository.name)],
    detail: {
      callerUserArn: principalArn(call.principal),
      event,
      repositoryName: repository.name,
      repositoryId: repository.id,
      referenceType: kind === 'heads' ? 'branch' : 'tag',
      referenceName: name,
      referenceFullName: change.name,
      ...(change.new !== ZERO_ID && { commitId: change.peeled ?? change.new }),
      ...(change.old !== ZERO_ID && { oldCommitId: change.old }),
      ...detail,
    },
  })
}

function triggerJob(call: Call, repository: RepositoryRow, changes: readonly ReferenceChange[]) {
  return {
    repositoryId: repository.id,
    callerUserArn: principalArn(call.principal),
    time: call.now.toISOString(),
    eventId: call.ids.uuid(),
    changes: changes.map(({ name, old, new: commit }) => ({ name, old, new: commit })),
  }
}

const MAINTENANCE_EVERY = 10 * 60_000

/** At most one packing a repository and ten minutes, at the end of them: a busy repository must not postpone it for ever. */
async function scheduleMaintenance(call: Call, repository: RepositoryRow): Promise<void> {
  const slot = Math.floor(call.now.getTime() / MAINTENANCE_EVERY) + 1
  await call.addJob(
    'maintain',
    { repositoryId: repository.id },
    {
      runAt: new Date(slot * MAINTENANCE_EVERY),
      jobKey: `codecommit.maintain.${repository.id}.${slot}`,
      maxAttempts: 3,
    },
  )
}
