// Filter policies of subscriptions: EventBridge's pattern language over a message's attributes or its JSON body.

import { compilePattern, type EventPattern, PatternSyntaxError } from '../../patterns/eventPattern.ts'
import { invalid } from './errors.ts'
import type { Notification } from './message.ts'

export type FilterScope = 'MessageAttributes' | 'MessageBody'

// AWS: SNS quotas: five keys, and at most 150 combinations of values.
const MOST_KEYS = 5
const MOST_COMBINATIONS = 150

/** Throws InvalidParameter for a policy that SNS refuses. */
export function checkFilterPolicy(text: string, scope: FilterScope): void {
  const policy = parse(text)
  if (isEmpty(policy)) return
  const { keys, combinations, nested } = measure(policy)
  if (nested && scope === 'MessageAttributes')
    invalid('Filter policy scope MessageAttributes does not support nested filter policy')
  try {
    compilePattern(policy)
  } catch (error) {
    if (error instanceof PatternSyntaxError) invalid(`FilterPolicy: ${error.message}`)
    throw error
  }
  if (keys > MOST_KEYS) invalid(`FilterPolicy: Filter policy can not have more than ${MOST_KEYS} keys`)
  if (combinations > MOST_COMBINATIONS) invalid('FilterPolicy: Filter policy is too complex')
}

/** Whether a subscription with this policy gets the message. */
export function isWanted(notification: Notification, policy: string | undefined, scope: FilterScope): boolean {
  if (!policy) return true
  const parsed = JSON.parse(policy)
  if (isEmpty(parsed)) return true
  const pattern: EventPattern = compilePattern(parsed)
  if (scope === 'MessageAttributes') return pattern.matches(attributeValues(notification))
  const body = parseBody(notification.message)
  return body !== undefined && pattern.matches(body)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return invalid('FilterPolicy: failed to parse JSON.')
  }
}

const isEmpty = (policy: unknown) =>
  typeof policy === 'object' && policy !== null && !Array.isArray(policy) && Object.keys(policy).length === 0

function measure(policy: unknown): { keys: number; combinations: number; nested: boolean } {
  const total = { keys: 0, combinations: 1, nested: false }
  const walk = (object: Record<string, unknown>, depth: number) => {
    for (const [name, value] of Object.entries(object)) {
      if (name === '$or' && Array.isArray(value)) {
        for (const one of value) if (isRecord(one)) walk(one, depth)
      } else if (Array.isArray(value)) {
        total.keys++
        total.combinations *= Math.max(1, value.length) * depth
      } else if (isRecord(value)) {
        total.nested = true
        walk(value, depth + 1)
      }
    }
  }
  if (isRecord(policy)) walk(policy, 1)
  return total
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function attributeValues({ attributes }: Notification): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, { type, value }]) => {
      if (type.startsWith('Number')) return [[name, Number(value)]]
      if (type === 'String.Array') return [[name, parseBody(value) ?? value]]
      return type.startsWith('Binary') ? [] : [[name, value]]
    }),
  )
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
