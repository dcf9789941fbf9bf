// The triggers as they were put.

import type { RepositoryTrigger } from '@aws-sdk/client-codecommit'
import type { Handler } from '../../../../operation/handler.ts'
import { requireRepository } from '../../repositories.ts'

export const getRepositoryTriggers: Handler<'codecommit', 'GetRepositoryTriggers'> = async (
  call,
  { repositoryName },
) => {
  const { triggers, triggers_id } = await requireRepository(call, repositoryName)
  return {
    ...(triggers_id !== null && { configurationId: triggers_id }),
    triggers: triggers as unknown as RepositoryTrigger[],
  }
}
