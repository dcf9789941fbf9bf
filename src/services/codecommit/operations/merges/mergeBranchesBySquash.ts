// The changes of a branch as one commit on another.

import type { Handler } from '../../../../operation/handler.ts'
import { mergeBranches } from '../../mergeBranches.ts'

export const mergeBranchesBySquash: Handler<'codecommit', 'MergeBranchesBySquash'> = (call, input) =>
  mergeBranches(call, input, 'SQUASH_MERGE')
