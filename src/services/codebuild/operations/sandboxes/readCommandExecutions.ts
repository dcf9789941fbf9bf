// BatchGetCommandExecutions, ListCommandExecutionsForSandbox: the commands of one sandbox, by id or page by page.

import { page } from '../../../../core/pageToken.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { PAGE_SIZE, readToken } from '../../paging.ts'
import { findCommands, listCommands } from '../../sandboxes/commands.ts'
import { findSandbox, sandboxArn, sandboxId } from '../../sandboxes/sandboxes.ts'
import { commandShape } from '../../sandboxes/shape.ts'

export const batchGetCommandExecutions: Handler<'codebuild', 'BatchGetCommandExecutions'> = async (call, input) => {
  const id = sandboxId(call.scope, input.sandboxId!)
  const ids = input.commandExecutionIds!
  const sandbox = await findSandbox(call.tx, call.scope, id)
  const rows = new Map((await findCommands(call.tx, call.scope, id, ids)).map(row => [row.id, row]))
  const found = ids.map(one => rows.get(one))
  return {
    commandExecutions: found.filter(row => row !== undefined).map(row => commandShape(sandbox!, row)),
    commandExecutionsNotFound: ids.filter((_, index) => !found[index]),
  }
}

export const listCommandExecutionsForSandbox: Handler<'codebuild', 'ListCommandExecutionsForSandbox'> = async (
  call,
  input,
) => {
  const id = sandboxId(call.scope, input.sandboxId!)
  const sandbox = await findSandbox(call.tx, call.scope, id)
  if (!sandbox)
    return fail('ResourceNotFoundException', `The provided sandbox does not exist: ${sandboxArn(call.scope, id)}`)
  const descending = input.sortOrder !== 'ASCENDING'
  const limit = input.maxResults ?? PAGE_SIZE
  const order = `${id}${descending ? '-' : '+'}`
  const after = readToken(input.nextToken, order)
  const rows = await listCommands(call.tx, call.scope, { sandbox: id, descending, after, limit })
  const { items, nextToken } = page(rows, limit, row => [order, row.key, row.id])
  return { commandExecutions: items.map(row => commandShape(sandbox, row)), ...(nextToken && { nextToken }) }
}
