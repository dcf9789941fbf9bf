// DeleteParameter and DeleteParameters: with all versions, at once.

import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { announce } from '../../announce.ts'
import { noSuchParameter } from '../../errors.ts'
import { readName } from '../../names.ts'
import { deleteParameters as deleteRows } from '../../parameters.ts'

export const deleteParameter: Handler<'ssm', 'DeleteParameter'> = async (call, input) => {
  const gone = await deleteNamed(call, [...readName(call.scope, input.Name)])
  return gone.size > 0 ? {} : noSuchParameter(input.Name)
}

export const deleteParameters: Handler<'ssm', 'DeleteParameters'> = async (call, input) => {
  const asked = [...new Set(input.Names)].map(name => ({ name, meant: readName(call.scope, name) }))
  const gone = await deleteNamed(
    call,
    asked.flatMap(({ meant }) => meant),
  )
  const isGone = ({ meant }: (typeof asked)[number]) => meant.some(name => gone.has(name))
  return {
    DeletedParameters: asked.filter(isGone).map(({ name }) => name),
    InvalidParameters: asked.filter(one => !isGone(one)).map(({ name }) => name),
  }
}

async function deleteNamed(call: Call, names: string[]): Promise<Set<string>> {
  const rows = await deleteRows(call.tx, call.scope, names)
  for (const row of rows) await announce(call, 'Delete', row)
  return new Set(rows.map(row => row.name))
}
