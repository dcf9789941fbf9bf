// Routing and delivery as jobs: one for an event, then one for each target whose rule matches.

import { isServiceError } from '../../core/serviceError.ts'
import type { Call, EventRecord } from '../../operation/call.ts'
import type { Task } from '../../operation/service.ts'
import { DEFAULT_BUS, ruleArn } from './arns.ts'
import { type Delivery, deliver, isPassing } from './delivery.ts'
import { matchingRules } from './routing.ts'
import { findRule } from './rules.ts'
import { scheduleNext } from './schedules.ts'
import { findTarget, listTargets, targetIdsOfRules } from './targets.ts'

/** Every event that a service emits, on the default bus. Events of the house itself are not for rules. */
const route: Task = async (call, event: EventRecord) => {
  if (event.source.startsWith('codeyard.')) return
  await call.transaction(inner => routeOn(inner, DEFAULT_BUS, event, 0))
}

/** An event of PutEvents, or one that another bus handed on. */
const routeTo: Task = async (call, { bus, event, hops }: { bus: string; event: EventRecord; hops: number }) => {
  await call.transaction(inner => routeOn(inner, bus, event, hops))
}

async function routeOn(call: Call, bus: string, event: EventRecord, hops: number) {
  const rules = await matchingRules(call.tx, call.scope, bus, event)
  if (rules.length === 0) return
  const ingested = call.now.toISOString()
  for (const { rule, id, target } of await targetIdsOfRules(call.tx, call.scope, bus, rules)) {
    await addDelivery(call, id, target.RetryPolicy?.MaximumRetryAttempts, { bus, rule, event, ingested, hops })
  }
}

/** Tries of one delivery: AWS makes 185 in 24 hours, the backoff of jobs reaches a day after 17. */
const MOST_TRIES = 17

async function addDelivery(call: Call, targetId: string, retries: number | undefined, delivery: Delivery) {
  const maxAttempts = Math.min((retries ?? MOST_TRIES) + 1, MOST_TRIES)
  await call.addJob('deliver', { ...delivery, targetId }, { maxAttempts })
}

const DAY_SECONDS = 86_400

const deliverTask: Task = async (call, { targetId, ...delivery }: Delivery & { targetId: string }) => {
  const target = await call.read(inner => findTarget(inner.tx, inner.scope, delivery, targetId))
  if (!target) return
  const age = (call.now.getTime() - Date.parse(delivery.ingested)) / 1000
  const note = { rule: delivery.rule, target: target.Arn, event: delivery.event.id }
  if (age > (target.RetryPolicy?.MaximumEventAgeInSeconds ?? DAY_SECONDS)) {
    call.log.warn(note, 'an event was too old to be delivered')
    return
  }
  try {
    await deliver(call, target, delivery)
  } catch (error) {
    if (isPassing(error)) throw error
    const reason = error instanceof Error ? error.message : String(error)
    call.log.warn(
      { ...note, code: isServiceError(error) ? error.code : undefined, reason },
      'a target refused an event',
    )
  }
}

/** A scheduled rule is due: its event goes to its targets, and the next time is set. */
const fire: Task = async (call, { rule: name, schedule, due }: { rule: string; schedule: string; due: string }) => {
  await call.transaction(async inner => {
    const rule = await findRule(inner.tx, inner.scope, DEFAULT_BUS, name)
    if (!rule || rule.state === 'DISABLED' || rule.schedule !== schedule) return
    const event: EventRecord = {
      version: '0',
      id: inner.ids.uuid(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: inner.scope.account,
      time: `${due.slice(0, 19)}Z`,
      region: inner.scope.region,
      resources: [ruleArn(inner.scope, DEFAULT_BUS, name)],
      detail: {},
    }
    const ingested = inner.now.toISOString()
    for (const target of await listTargets(inner.tx, inner.scope, { bus: DEFAULT_BUS, rule: name })) {
      const delivery = { bus: DEFAULT_BUS, rule: name, event, ingested, hops: 0 }
      await addDelivery(inner, target.Id!, target.RetryPolicy?.MaximumRetryAttempts, delivery)
    }
    await scheduleNext(inner, rule, new Date(due))
  })
}

export const tasks = { route, routeTo, deliver: deliverTask, fire }
