// Which ways of merging would succeed.

import type { MergeOptionTypeEnum } from '@aws-sdk/client-codecommit'
import type { Handler } from '../../../../operation/handler.ts'
import { mergeSides, sidesOf } from '../../merging.ts'
import { requireRepository } from '../../repositories.ts'
import { directoryOf } from '../../store.ts'

export const getMergeOptions: Handler<'codecommit', 'GetMergeOptions'> = async (call, input) => {
  const repository = await requireRepository(call, input.repositoryName)
  const directory = await directoryOf(call.config, repository)
  const sides = await sidesOf(call, repository, directory, input)
  const { mergeable } = await mergeSides(directory, sides, input)
  const mergeOptions: MergeOptionTypeEnum[] = [
    ...(sides.base.id === sides.destination.id ? (['FAST_FORWARD_MERGE'] as const) : []),
    ...(mergeable ? (['SQUASH_MERGE', 'THREE_WAY_MERGE'] as const) : []),
  ]
  return {
    mergeOptions,
    sourceCommitId: sides.source.id,
    destinationCommitId: sides.destination.id,
    baseCommitId: sides.base.id,
  }
}
