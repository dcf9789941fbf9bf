// Sends one trigger's message to where it is to go, as CodeCommit itself.

import { parseArn } from '../../core/arn.ts'
import { ServiceError } from '../../core/serviceError.ts'
import type { CallContext } from '../../operation/call.ts'
import type { StoredTrigger } from './repositories.ts'

/** Throws ServiceError when the destination refuses or can not be reached. */
export async function deliverTrigger(call: CallContext, trigger: StoredTrigger, message: string): Promise<void> {
  if (parseArn(trigger.destinationArn)?.service !== 'sns') {
    throw new ServiceError('NotImplemented', 'Codeyard delivers triggers to SNS topics; Lambda functions are not there')
  }
  await call.asService.invoke('sns', 'Publish', {
    TopicArn: trigger.destinationArn,
    Subject: 'UPDATE: AWS CodeCommit',
    Message: message,
  })
}
