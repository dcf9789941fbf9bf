// GetParameters: several parameters by name, version, label or ARN; names of what is not there come back.

import type { Handler } from '../../../../operation/handler.ts'
import { findVersions } from '../../lookup.ts'
import { readReference } from '../../names.ts'
import { parameterShape, shapes } from '../../shape.ts'

export const getParameters: Handler<'ssm', 'GetParameters'> = async (call, input) => {
  const asked = [...new Set(input.Names)]
  const references = asked.map(name => readReference(call.scope, name))
  const rows = await findVersions(call, references)
  const found = rows.flatMap((row, at) => (row ? [{ row, selector: references[at]!.selector }] : []))
  return {
    Parameters: await shapes(found, ({ row, selector }) =>
      parameterShape(call, row, { decrypt: input.WithDecryption, selector }),
    ),
    InvalidParameters: asked.filter((_, at) => !rows[at]),
  }
}
