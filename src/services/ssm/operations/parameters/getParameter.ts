// GetParameter: one parameter by name, version, label or ARN.

import type { Handler } from '../../../../operation/handler.ts'
import { noSuchLabel, noSuchParameter, noSuchVersion } from '../../errors.ts'
import { findVersions } from '../../lookup.ts'
import { readReference } from '../../names.ts'
import { currentVersions } from '../../parameters.ts'
import { parameterShape } from '../../shape.ts'

export const getParameter: Handler<'ssm', 'GetParameter'> = async (call, input) => {
  const reference = readReference(call.scope, input.Name)
  const { names, selector } = reference
  const [row] = await findVersions(call, [reference])
  if (row) return { Parameter: await parameterShape(call, row, { decrypt: input.WithDecryption, selector }) }
  const [present] = selector ? await currentVersions(call.tx, call.scope, names) : []
  if (!present) return noSuchParameter(input.Name)
  const wanted = selector!.slice(1)
  return /^\d+$/.test(wanted) ? noSuchVersion(present.name, wanted) : noSuchLabel(present.name, wanted)
}
