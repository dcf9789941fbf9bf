// What happened to a pull request, as DescribePullRequestEvents tells it.

import type { PullRequestEvent, PullRequestEventType } from '@aws-sdk/client-codecommit'
import type { Call } from '../../../operation/call.ts'
import { principalArn } from '../../../operation/principal.ts'
import { sql } from '../../../store/sql.ts'
import type { Tx } from '../../../store/tx.ts'
import type { PullRequestKey } from './pullRequests.ts'

type Metadata = Omit<PullRequestEvent, 'pullRequestId' | 'eventDate' | 'pullRequestEventType' | 'actorArn'>

export async function record(
  call: Call,
  { account, region, number }: PullRequestKey,
  type: PullRequestEventType,
  metadata: Metadata,
): Promise<void> {
  await call.tx.run`
    insert into codecommit.pull_request_events (account, region, number, type, actor_arn, at, metadata)
    values (${account}, ${region}, ${number}, ${type}, ${principalArn(call.principal)}, ${call.now}, ${JSON.stringify(metadata)})`
}

interface EventRow {
  readonly sequence: number
  readonly type: PullRequestEventType
  readonly actor_arn: string
  readonly at: Date
  readonly metadata: Metadata
}

export interface EventListing {
  readonly type?: string | undefined
  readonly actor?: string | undefined
  readonly after: number
  readonly limit: number
}

/** Oldest first. */
export async function listEvents(
  tx: Tx,
  { account, region, number }: PullRequestKey,
  { type, actor, after, limit }: EventListing,
) {
  return tx.rows<EventRow>`
    select sequence, type, actor_arn, at, metadata from codecommit.pull_request_events
    where account = ${account} and region = ${region} and number = ${number} and sequence > ${after}
      ${type === undefined ? sql`` : sql`and type = ${type}`}
      ${actor === undefined ? sql`` : sql`and actor_arn = ${actor}`}
    order by sequence limit ${limit}`
}

export function eventShape({ number }: PullRequestKey, { type, actor_arn, at, metadata }: EventRow): PullRequestEvent {
  return {
    pullRequestId: String(number),
    eventDate: at,
    pullRequestEventType: type,
    actorArn: actor_arn,
    ...metadata,
  }
}
