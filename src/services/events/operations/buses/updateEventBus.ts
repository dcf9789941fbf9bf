// UpdateEventBus: another description.

import type { Handler } from '../../../../operation/handler.ts'
import { busArn, busName } from '../../arns.ts'
import { requireBus, saveBus } from '../../buses.ts'
import { invalid } from '../../errors.ts'

export const updateEventBus: Handler<'events', 'UpdateEventBus'> = async (call, input) => {
  if (input.KmsKeyIdentifier !== undefined || input.DeadLetterConfig || input.LogConfig)
    invalid('Codeyard does not support KmsKeyIdentifier, DeadLetterConfig and LogConfig of event buses yet.')
  const name = busName(input.Name)
  const bus = await requireBus(call.tx, call.scope, name)
  const description = input.Description ?? bus.description
  await saveBus(call.tx, call.scope, { ...bus, description }, call.now)
  return { Arn: busArn(call.scope, name), Name: name, Description: description ?? undefined }
}
