// Tags of alarms and dashboards, found by ARN.

import type { Tag } from '@aws-sdk/client-cloudwatch'
import type { Call } from '../../operation/call.ts'
import { findAlarm, lockAlarm, saveAlarm } from './alarms.ts'
import { readTaggable } from './arns.ts'
import { findDashboard, saveDashboard } from './dashboards.ts'
import { fail, invalidValue } from './errors.ts'

const MOST = 50

export type Tags = Readonly<Record<string, string>>

export const tagMap = (tags: readonly Tag[] | undefined): Tags =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key!, Value ?? '']))

export function checkTags(tags: Tags): Tags {
  if (Object.keys(tags).length > MOST) invalidValue(`A resource can have at most ${MOST} tags.`)
  return tags
}

const unknown = (arn: string) => fail('ResourceNotFoundException', `Resource not found: ${arn}`)

export async function readTags(call: Call, arn: string): Promise<Tags> {
  const { kind, name } = readTaggable(arn) ?? unknown(arn)
  const row = await (kind === 'alarm' ? findAlarm(call.tx, call.scope, name) : findDashboard(call.tx, call.scope, name))
  return (row ?? unknown(arn)).tags
}

/** Replaces the tags by what `change` makes of them. */
export async function changeTags(call: Call, arn: string, change: (tags: Tags) => Tags): Promise<void> {
  const { kind, name } = readTaggable(arn) ?? unknown(arn)
  if (kind === 'alarm') {
    const row = (await lockAlarm(call.tx, call.scope, name)) ?? unknown(arn)
    await saveAlarm(call.tx, call.scope, { ...row, tags: checkTags(change(row.tags)) })
  } else {
    const row = (await findDashboard(call.tx, call.scope, name)) ?? unknown(arn)
    await saveDashboard(call.tx, call.scope, { ...row, tags: checkTags(change(row.tags)) })
  }
}
