// BatchGetSandboxes: sandboxes by id or ARN, in the order asked for.

import type { Handler } from '../../../../operation/handler.ts'
import { findSandboxes, sandboxId } from '../../sandboxes/sandboxes.ts'
import { sandboxShape } from '../../sandboxes/shape.ts'

export const batchGetSandboxes: Handler<'codebuild', 'BatchGetSandboxes'> = async (call, input) => {
  const ids = input.ids!.map(id => sandboxId(call.scope, id))
  const rows = new Map((await findSandboxes(call.tx, call.scope, ids)).map(row => [row.id, row]))
  const found = ids.map(id => rows.get(id))
  return {
    sandboxes: found.filter(row => row !== undefined).map(sandboxShape),
    sandboxesNotFound: input.ids!.filter((_, index) => !found[index]),
  }
}
