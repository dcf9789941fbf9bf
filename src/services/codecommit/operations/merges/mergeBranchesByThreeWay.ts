// A merge commit with two parents.

import type { Handler } from '../../../../operation/handler.ts'
import { mergeBranches } from '../../mergeBranches.ts'

export const mergeBranchesByThreeWay: Handler<'codecommit', 'MergeBranchesByThreeWay'> = (call, input) =>
  mergeBranches(call, input, 'THREE_WAY_MERGE')
