// Finding the versions that references mean: all of them in two queries.

import type { CallContext } from '../../operation/call.ts'
import type { Tx } from '../../store/tx.ts'
import type { ParameterReference } from './names.ts'
import { currentVersions, selectedVersions, type VersionRow } from './parameters.ts'

/** The rows of `references`, in their order; undefined for what is not there. */
export async function findVersions(
  { tx, scope }: Pick<CallContext, 'scope'> & { tx: Tx },
  references: readonly ParameterReference[],
): Promise<(VersionRow | undefined)[]> {
  const plain = references.filter(({ selector }) => !selector).flatMap(({ names }) => names)
  const selected = references.flatMap(({ names, selector }) =>
    selector ? names.map(name => ({ name, selector: selector.slice(1) })) : [],
  )
  const found = new Map<string, VersionRow>()
  if (plain.length > 0) for (const row of await currentVersions(tx, scope, plain)) found.set(row.name, row)
  if (selected.length > 0) {
    const rows = await selectedVersions(
      tx,
      scope,
      selected.map(({ name }) => name),
      selected.map(({ selector }) => selector),
    )
    for (const row of rows) found.set(`${row.name}:${row.selector}`, row)
  }
  return references.map(({ names, selector = '' }) =>
    names.map(name => found.get(name + selector)).find(row => row !== undefined),
  )
}
