// Finds a NUL character in an input: no service means one, and PostgreSQL's text can not keep it.

import type { Violation } from '../operation/service.ts'

/** The first text or map key with a NUL, as a broken constraint. */
export function findNul(input: unknown): Violation | undefined {
  const path = pathTo(input)
  if (path === undefined) return undefined
  const at = path.map(name => name.charAt(0).toLowerCase() + name.slice(1)).join('.')
  return {
    path: at,
    kind: 'pattern',
    value: '',
    message: `Value at '${at}' failed to satisfy constraint: Member must not contain the character NUL (U+0000)`,
  }
}

function pathTo(value: unknown): string[] | undefined {
  if (typeof value === 'string') return value.includes('\0') ? [] : undefined
  if (Array.isArray(value)) {
    for (const [index, one] of value.entries()) {
      const below = pathTo(one)
      if (below) return [String(index + 1), 'member', ...below]
    }
    return undefined
  }
  if (!isPlain(value)) return undefined
  for (const [name, one] of Object.entries(value)) {
    if (name.includes('\0')) return []
    const below = pathTo(one)
    if (below) return [name, ...below]
  }
  return undefined
}

/** Bytes, streams and dates hold no text. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
