// Pull requests as rows: found, locked, made, changed, listed by their latest activity.

import { createHash } from 'node:crypto'
import type { MergeOptionTypeEnum, PullRequestStatusEnum } from '@aws-sdk/client-codecommit'
import type { Scope } from '../../../core/scope.ts'
import type { Call } from '../../../operation/call.ts'
import { sql } from '../../../store/sql.ts'
import type { Tx } from '../../../store/tx.ts'
import { refuse } from '../errors.ts'

export interface PullRequestRow {
  readonly account: string
  readonly region: string
  /** Its id: 1, 2, 3 ... of the account and region. */
  readonly number: number
  readonly repository_id: string
  readonly repository_name: string
  readonly title: string
  readonly description: string | null
  readonly status: PullRequestStatusEnum
  readonly author_arn: string
  readonly client_request_token: string | null
  readonly request_hash: string
  /** refs/heads/feature */
  readonly source_reference: string
  readonly destination_reference: string
  readonly source_commit: string
  readonly destination_commit: string
  readonly merge_base: string | null
  /** The destination commit that merge_base was found for. */
  readonly merge_base_of: string
  readonly revision_id: string
  readonly is_merged: boolean
  readonly merged_by: string | null
  readonly merge_commit_id: string | null
  readonly merge_option: MergeOptionTypeEnum | null
  readonly created_at: Date
  readonly last_activity_at: Date
}

/** What names a pull request in other tables. */
export type PullRequestKey = Pick<PullRequestRow, 'account' | 'region' | 'number'>

export async function findPullRequest(tx: Tx, scope: Scope, number: number): Promise<PullRequestRow | undefined> {
  return tx.one<PullRequestRow>`
    select p.*, r.name as repository_name from codecommit.pull_requests p
    join codecommit.repositories r on r.id = p.repository_id
    where p.account = ${scope.account} and p.region = ${scope.region} and p.number = ${number}`
}

/** Ids are whole numbers of at most 15 digits; undefined for anything else. */
export function readPullRequestId(id: string | undefined): number | undefined {
  return id !== undefined && /^[1-9]\d{0,14}$/.test(id) ? Number(id) : undefined
}

/** The pull request, or PullRequestIdRequired-, InvalidPullRequestId-, PullRequestDoesNotExistException. */
export async function requirePullRequest(
  call: { readonly scope: Scope; readonly tx: Tx },
  id: string | undefined,
): Promise<PullRequestRow> {
  if (!id) return refuse('PullRequestIdRequiredException')
  const number = readPullRequestId(id)
  if (number === undefined) return refuse('InvalidPullRequestIdException')
  return (await findPullRequest(call.tx, call.scope, number)) ?? refuse('PullRequestDoesNotExistException')
}

/** The same, held until the transaction ends. Who needs the repository's row as well takes that one first. */
export async function lockPullRequest(call: Call, id: string | undefined): Promise<PullRequestRow> {
  const { number } = await requirePullRequest(call, id)
  await call.tx.run`
    select 1 from codecommit.pull_requests
    where account = ${call.scope.account} and region = ${call.scope.region} and number = ${number} for update`
  return requirePullRequest(call, id)
}

/** Held, and open: PullRequestAlreadyClosedException. */
export async function lockOpenPullRequest(call: Call, id: string | undefined): Promise<PullRequestRow> {
  const row = await lockPullRequest(call, id)
  return row.status === 'OPEN' ? row : refuse('PullRequestAlreadyClosedException')
}

export async function findByToken(tx: Tx, scope: Scope, token: string): Promise<PullRequestRow | undefined> {
  return tx.one<PullRequestRow>`
    select p.*, r.name as repository_name from codecommit.pull_requests p
    join codecommit.repositories r on r.id = p.repository_id
    where p.account = ${scope.account} and p.region = ${scope.region} and p.client_request_token = ${token}`
}

/** Ids go up by one in the order in which transactions take them, and are never given again. */
export async function nextNumber(tx: Tx, scope: Scope): Promise<number> {
  const row = await tx.one<{ last: number }>`
    insert into codecommit.pull_request_numbers (account, region, last) values (${scope.account}, ${scope.region}, 1)
    on conflict (account, region) do update set last = codecommit.pull_request_numbers.last + 1 returning last`
  return row!.last
}

export async function countOpen(tx: Tx, repositoryId: string): Promise<number> {
  const row = await tx.one<{ open: number }>`
    select count(*)::int as open from codecommit.pull_requests where repository_id = ${repositoryId} and status = 'OPEN'`
  return row!.open
}

export type NewPullRequest = Omit<
  PullRequestRow,
  | 'repository_name'
  | 'status'
  | 'merge_base_of'
  | 'is_merged'
  | 'merged_by'
  | 'merge_commit_id'
  | 'merge_option'
  | 'last_activity_at'
>

/** False when the token is taken. */
export async function insertPullRequest(tx: Tx, row: NewPullRequest): Promise<boolean> {
  const count = await tx.run`
    insert into codecommit.pull_requests (account, region, number, repository_id, title, description, status, author_arn,
      client_request_token, request_hash, source_reference, destination_reference, source_commit, destination_commit,
      merge_base, merge_base_of, revision_id, created_at, last_activity_at)
    values (${row.account}, ${row.region}, ${row.number}, ${row.repository_id}, ${row.title}, ${row.description}, 'OPEN',
      ${row.author_arn}, ${row.client_request_token}, ${row.request_hash}, ${row.source_reference},
      ${row.destination_reference}, ${row.source_commit}, ${row.destination_commit}, ${row.merge_base},
      ${row.destination_commit}, ${row.revision_id}, ${row.created_at}, ${row.created_at})
    on conflict (account, region, client_request_token) do nothing`
  if (count === 1) await insertRevision(tx, row, row.revision_id)
  return count === 1
}

// AWS: revision ids are 64 hexadecimal digits that say nothing.
export const newRevisionId = (call: Call): string => createHash('sha256').update(call.ids.uuid()).digest('hex')

export const isRevisionId = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

async function insertRevision(tx: Tx, { account, region, number }: PullRequestKey, revisionId: string): Promise<void> {
  await tx.run`
    insert into codecommit.pull_request_revisions (account, region, number, revision_id)
    values (${account}, ${region}, ${number}, ${revisionId})`
}

/** A revision that the pull request has or had; RevisionIdRequired-, InvalidRevisionIdException. */
export async function requireRevision(
  call: Call,
  row: PullRequestRow,
  revisionId: string | undefined,
): Promise<string> {
  if (!revisionId) return refuse('RevisionIdRequiredException')
  if (revisionId === row.revision_id) return revisionId
  const known =
    isRevisionId(revisionId) &&
    (await call.tx.one`
      select 1 from codecommit.pull_request_revisions
      where account = ${row.account} and region = ${row.region} and number = ${row.number} and revision_id = ${revisionId}`)
  return known ? revisionId : refuse('InvalidRevisionIdException')
}

/** The same, but only the newest: RevisionNotCurrentException. */
export async function requireCurrentRevision(call: Call, row: PullRequestRow, revisionId: string | undefined) {
  const known = await requireRevision(call, row, revisionId)
  if (known !== row.revision_id) refuse('RevisionNotCurrentException')
  return known
}

/** The open pull requests that come from or go to one of these references, held, in their order. */
export async function lockOpenAround(tx: Tx, repositoryId: string, references: readonly string[]) {
  return tx.rows<Omit<PullRequestRow, 'repository_name'>>`
    select p.* from codecommit.pull_requests p
    where p.repository_id = ${repositoryId} and p.status = 'OPEN'
      and (p.source_reference = any(${references}::text[]) or p.destination_reference = any(${references}::text[]))
    order by p.number for update`
}

export interface Tips {
  readonly sourceCommit: string
  readonly destinationCommit: string
  readonly mergeBase: string | null
}

/** The source branch moved: a new revision. */
export async function moveSource(call: Call, key: PullRequestKey, tips: Tips): Promise<string> {
  const revisionId = newRevisionId(call)
  await call.tx.run`
    update codecommit.pull_requests set source_commit = ${tips.sourceCommit}, destination_commit = ${tips.destinationCommit},
      merge_base = ${tips.mergeBase}, merge_base_of = ${tips.destinationCommit}, revision_id = ${revisionId},
      last_activity_at = ${call.now}
    where account = ${key.account} and region = ${key.region} and number = ${key.number}`
  await insertRevision(call.tx, key, revisionId)
  return revisionId
}

/** The destination branch of these pull requests moved: all at once, since they may be a thousand. */
export async function moveDestination(
  tx: Tx,
  repository: { readonly account: string; readonly region: string },
  numbers: readonly number[],
  commit: string,
): Promise<void> {
  if (numbers.length === 0) return
  await tx.run`
    update codecommit.pull_requests set destination_commit = ${commit}
    where account = ${repository.account} and region = ${repository.region} and number = any(${numbers}::bigint[])`
}

export async function touch(call: Call, { account, region, number }: PullRequestKey): Promise<void> {
  await call.tx.run`
    update codecommit.pull_requests set last_activity_at = greatest(last_activity_at, ${call.now}::timestamptz)
    where account = ${account} and region = ${region} and number = ${number}`
}

export async function setWords(
  call: Call,
  { account, region, number }: PullRequestKey,
  { title, description }: { readonly title: string; readonly description: string | null },
): Promise<void> {
  await call.tx.run`
    update codecommit.pull_requests set title = ${title}, description = ${description}, last_activity_at = ${call.now}
    where account = ${account} and region = ${region} and number = ${number}`
}

export async function close(call: Call, { account, region, number }: PullRequestKey, mergeBase: string | null) {
  await call.tx.run`
    update codecommit.pull_requests
    set status = 'CLOSED', merge_base = ${mergeBase}, merge_base_of = destination_commit, last_activity_at = ${call.now}
    where account = ${account} and region = ${region} and number = ${number}`
}

export interface Merge {
  readonly mergedBy: string
  readonly option: MergeOptionTypeEnum
  /** None for a fast forward. */
  readonly commitId?: string
  readonly mergeBase: string | null
}

export async function closeMerged(
  call: Call,
  { account, region, number }: PullRequestKey,
  merge: Merge,
): Promise<void> {
  await call.tx.run`
    update codecommit.pull_requests
    set status = 'CLOSED', is_merged = true, merged_by = ${merge.mergedBy}, merge_option = ${merge.option},
      merge_commit_id = ${merge.commitId}, merge_base = ${merge.mergeBase}, merge_base_of = destination_commit,
      last_activity_at = ${call.now}
    where account = ${account} and region = ${region} and number = ${number}`
}

export interface Listing {
  readonly status?: string | undefined
  readonly author?: string | undefined
  /** Time and number of the last one of the page before. */
  readonly after?: readonly [number, number]
  readonly limit: number
}

// AWS: in the order of the most recent activity [how-to-view-pull-request].
export async function listPullRequests(tx: Tx, repositoryId: string, { status, author, after, limit }: Listing) {
  return tx.rows<Pick<PullRequestRow, 'number' | 'last_activity_at'>>`
    select number, last_activity_at from codecommit.pull_requests
    where repository_id = ${repositoryId}
      ${status === undefined ? sql`` : sql`and status = ${status}`}
      ${author === undefined ? sql`` : sql`and author_arn = ${author}`}
      ${after === undefined ? sql`` : sql`and (last_activity_at, number) < (${new Date(after[0])}, ${after[1]})`}
    order by last_activity_at desc, number desc limit ${limit}`
}
