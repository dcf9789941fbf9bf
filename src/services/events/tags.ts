// Tags of rules and buses, found by ARN.

import type { Tag } from '@aws-sdk/client-eventbridge'
import type { Call } from '../../operation/call.ts'
import { readResource } from './arns.ts'
import { findBus, saveBus } from './buses.ts'
import { fail } from './errors.ts'
import { findRule, putRule } from './rules.ts'

const MOST = 50

export const tagMap = (tags: readonly Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(tag => [tag.Key!, tag.Value!]))

const missing = (arn: string) => fail('ResourceNotFoundException', `Resource ${arn} does not exist.`)

export async function readTags(call: Call, arn: string): Promise<Record<string, string>> {
  const resource = readResource(arn) ?? missing(arn)
  const row =
    resource.kind === 'bus'
      ? await findBus(call.tx, call.scope, resource.bus)
      : await findRule(call.tx, call.scope, resource.bus, resource.rule)
  return (row ?? missing(arn)).tags
}

/** Replaces the tags of the rule or bus by what `change` makes of them. */
export async function changeTags(
  call: Call,
  arn: string,
  change: (tags: Record<string, string>) => Record<string, string>,
): Promise<void> {
  const resource = readResource(arn) ?? missing(arn)
  if (resource.kind === 'bus') {
    const bus = (await findBus(call.tx, call.scope, resource.bus)) ?? missing(arn)
    await saveBus(call.tx, call.scope, { ...bus, tags: bounded(change(bus.tags)) }, call.now)
  } else {
    const rule = (await findRule(call.tx, call.scope, resource.bus, resource.rule)) ?? missing(arn)
    await putRule(call.tx, call.scope, { ...rule, tags: bounded(change(rule.tags)) })
  }
}

function bounded(tags: Record<string, string>) {
  if (Object.keys(tags).length > MOST)
    fail('LimitExceededException', 'The requested resource exceeds the maximum number allowed.')
  return tags
}
