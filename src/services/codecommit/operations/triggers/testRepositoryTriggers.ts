// Sends the message of a made-up change to every trigger of the request, and says which arrived.

import { ServiceError } from '../../../../core/serviceError.ts'
import { ZERO_ID } from '../../../../git/index.ts'
import type { OpenHandler } from '../../../../operation/handler.ts'
import { principalArn } from '../../../../operation/principal.ts'
import { deliverTrigger } from '../../deliverTrigger.ts'
import { branchRef, branchTip } from '../../references.ts'
import { requireRepository } from '../../repositories.ts'
import { checkTriggers, triggerMessage } from '../../triggers.ts'

export const testRepositoryTriggers: OpenHandler<'codecommit', 'TestRepositoryTriggers'> = async (
  call,
  { repositoryName, triggers },
) => {
  const checked = checkTriggers(call.scope, triggers)
  const { repository, tip } = await call.read(async inner => {
    const repository = await requireRepository(inner, repositoryName)
    return { repository, tip: await branchTip(inner.tx, repository.id, repository.default_branch ?? 'main') }
  })
  const successfulExecutions: string[] = []
  const failedExecutions: { trigger: string; failureMessage: string }[] = []
  for (const trigger of checked) {
    const branch = trigger.branches[0] ?? repository.default_branch ?? 'main'
    const commit = tip ?? ZERO_ID
    const message = triggerMessage(
      repository,
      { ...trigger, events: ['all'] },
      {
        callerUserArn: principalArn(call.principal),
        time: call.now.toISOString(),
        eventId: call.ids.uuid(),
        changes: [{ name: branchRef(branch), old: commit, new: commit }],
      },
      true,
    )
    try {
      await deliverTrigger(call, trigger, message)
      successfulExecutions.push(trigger.name)
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      failedExecutions.push({ trigger: trigger.name, failureMessage: error.message })
    }
  }
  return { successfulExecutions, failedExecutions }
}
