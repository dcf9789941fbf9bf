// TestEventPattern: does a pattern match an event?

import type { Handler } from '../../../../operation/handler.ts'
import { invalid } from '../../errors.ts'
import { readEventPattern } from '../../eventPattern.ts'

// AWS: "The event must include all of" these (TestEventPattern, API reference).
const REQUIRED = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type']

export const testEventPattern: Handler<'events', 'TestEventPattern'> = async (_call, input) => {
  const pattern = readEventPattern(input.EventPattern)
  const event = readEvent(input.Event)
  for (const name of REQUIRED) {
    if (!Object.hasOwn(event, name)) invalid(`Parameter Event is not valid. Reason: ${name} is a required field.`)
  }
  return { Result: pattern.matches(event) }
}

function readEvent(text: string): object {
  try {
    const event: unknown = JSON.parse(text)
    if (typeof event === 'object' && event !== null && !Array.isArray(event)) return event
  } catch {}
  return invalid('Parameter Event is not valid.')
}
