// CreateEventBus: a bus for events of the account's own.

import type { Handler } from '../../../../operation/handler.ts'
import { busArn, DEFAULT_BUS } from '../../arns.ts'
import { insertBus } from '../../buses.ts'
import { fail, invalid } from '../../errors.ts'
import { tagMap } from '../../tags.ts'

export const createEventBus: Handler<'events', 'CreateEventBus'> = async (call, input) => {
  if (input.EventSourceName !== undefined) invalid('Codeyard has no partner event sources: leave out EventSourceName.')
  if (input.KmsKeyIdentifier !== undefined || input.DeadLetterConfig || input.LogConfig)
    invalid('Codeyard does not support KmsKeyIdentifier, DeadLetterConfig and LogConfig of event buses yet.')
  if (input.Name.includes('/')) invalid("Event bus name must not contain '/'.")
  const bus = {
    name: input.Name,
    description: input.Description ?? null,
    created_at: call.now,
    modified_at: call.now,
    policy: null,
    tags: tagMap(input.Tags),
  }
  if (input.Name === DEFAULT_BUS || !(await insertBus(call.tx, call.scope, bus, call.now)))
    fail('ResourceAlreadyExistsException', `Event bus ${input.Name} already exists.`)
  return { EventBusArn: busArn(call.scope, input.Name), Description: input.Description }
}
