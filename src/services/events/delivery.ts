// One event to one target: the call that it becomes, and which failures are worth another try.

import type { Target } from '@aws-sdk/client-eventbridge'
import { isServiceError } from '../../core/serviceError.ts'
import type { EventRecord, OpenCall } from '../../operation/call.ts'
import { ruleArn } from './arns.ts'
import { readDestination } from './destination.ts'
import { invalid } from './errors.ts'
import { targetInput } from './input.ts'
import type { RuleKey } from './targets.ts'

/** Events that buses hand on to buses stop after this many: a circle must end. */
export const MOST_HOPS = 5

export interface Delivery extends RuleKey {
  readonly event: EventRecord
  /** ISO time at which the bus took the event. */
  readonly ingested: string
  readonly hops: number
}

/** Delivers; throws what the target's service throws. */
export async function deliver(call: OpenCall, target: Target, delivery: Delivery): Promise<void> {
  const { event, bus, rule } = delivery
  const read = readDestination(target, call.scope)
  if ('problem' in read) return invalid(read.problem)
  const matched = { name: rule, arn: ruleArn(call.scope, bus, rule) }
  const input = targetInput(target, event, matched, new Date(delivery.ingested))
  const { destination } = read
  switch (destination.kind) {
    case 'topic':
      await call.asService.invoke('sns', 'Publish', { TopicArn: destination.arn, Message: input })
      return
    case 'pipeline':
      // The session is named after the rule, so that the pipeline can say which rule started it.
      await call.as(destination.roleArn, rule.padEnd(2, '_')).invoke('codepipeline', 'StartPipelineExecution', {
        ...overrides(target, input, ['sourceRevisions', 'variables']),
        name: destination.name,
      })
      return
    case 'build':
      await call.as(destination.roleArn, rule.padEnd(2, '_')).invoke('codebuild', 'StartBuild', {
        ...overrides(target, input),
        projectName: destination.project,
      })
      return
    case 'logGroup':
      return writeLog(call, destination.name, rule, input, event)
    case 'bus':
      if (delivery.hops >= MOST_HOPS) invalid(`The event went through ${MOST_HOPS} buses: do they form a circle?`)
      await call.transaction(inner =>
        inner.addJob('routeTo', { bus: destination.name, event, hops: delivery.hops + 1 }),
      )
  }
}

/** A constant or transformed input is the request of the call; the event itself is not. */
function overrides(target: Target, input: string, names?: readonly string[]): Record<string, unknown> {
  if (target.Input === undefined && target.InputPath === undefined && !target.InputTransformer) return {}
  const given: unknown = parseInput(target, input)
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return {}
  return Object.fromEntries(Object.entries(given).filter(([name]) => !names || names.includes(name)))
}

/** A template may make anything of an event: what is no JSON will be none at the next try either. */
function parseInput(target: Target, input: string): unknown {
  try {
    return JSON.parse(input)
  } catch {
    return invalid(`The input of target ${target.Id} is not valid JSON: ${input.slice(0, 200)}`)
  }
}

// DEVIATES: AWS names streams at random; here one stream holds a rule's events of one day, which is easier to read.
async function writeLog(call: OpenCall, group: string, rule: string, input: string, event: EventRecord) {
  const logStreamName = `${rule}/${call.now.toISOString().slice(0, 10)}`
  const { invoke } = call.asService
  try {
    await invoke('logs', 'CreateLogStream', { logGroupName: group, logStreamName })
  } catch (error) {
    if (!isServiceError(error, 'ResourceAlreadyExistsException')) throw error
  }
  const logEvents = [{ timestamp: Date.parse(event.time), message: input }]
  await invoke('logs', 'PutLogEvents', { logGroupName: group, logStreamName, logEvents })
}

/**
 * AWS: EventBridge tries again when the target is busy or broken, not when it says no (user guide, Retrying delivery).
 * What is no answer of a service (the database is gone) passes too.
 */
export function isPassing(error: unknown): boolean {
  if (!isServiceError(error)) return true
  if (error.code === 'NotImplemented') return false
  return (error.status ?? 400) >= 500 || /Throttl|LimitExceeded|Unavailable|Internal|TooManyRequests/.test(error.code)
}
