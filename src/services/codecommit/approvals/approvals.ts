// Who approved a revision, and who set its rules aside.

import type { Tx } from '../../../store/tx.ts'
import type { PullRequestKey } from '../pullRequests/pullRequests.ts'

/** ARNs, in the order in which they approved. */
export async function approversOf(tx: Tx, { account, region, number }: PullRequestKey, revisionId: string) {
  const rows = await tx.rows<{ user_arn: string }>`
    select user_arn from codecommit.approvals
    where account = ${account} and region = ${region} and number = ${number} and revision_id = ${revisionId}
    order by at, user_arn`
  return rows.map(row => row.user_arn)
}

export async function insertApproval(
  tx: Tx,
  { account, region, number }: PullRequestKey,
  { revisionId, user, now }: { readonly revisionId: string; readonly user: string; readonly now: Date },
): Promise<void> {
  await tx.run`
    insert into codecommit.approvals (account, region, number, revision_id, user_arn, at)
    values (${account}, ${region}, ${number}, ${revisionId}, ${user}, ${now})`
}

export async function deleteApproval(
  tx: Tx,
  { account, region, number }: PullRequestKey,
  { revisionId, user }: { readonly revisionId: string; readonly user: string },
): Promise<void> {
  await tx.run`
    delete from codecommit.approvals
    where account = ${account} and region = ${region} and number = ${number} and revision_id = ${revisionId}
      and user_arn = ${user}`
}

export async function overriderOf(tx: Tx, { account, region, number }: PullRequestKey, revisionId: string) {
  const row = await tx.one<{ overrider: string }>`
    select overrider from codecommit.approval_overrides
    where account = ${account} and region = ${region} and number = ${number} and revision_id = ${revisionId}`
  return row?.overrider
}

export async function setOverrider(
  tx: Tx,
  { account, region, number }: PullRequestKey,
  { revisionId, user }: { readonly revisionId: string; readonly user: string | undefined },
): Promise<void> {
  await tx.run`
    delete from codecommit.approval_overrides
    where account = ${account} and region = ${region} and number = ${number} and revision_id = ${revisionId}`
  if (user === undefined) return
  await tx.run`
    insert into codecommit.approval_overrides (account, region, number, revision_id, overrider)
    values (${account}, ${region}, ${number}, ${revisionId}, ${user})`
}
