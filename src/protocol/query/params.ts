// Form parameters `Tags.member.1.Key=x` as a tree, which readers walk by name.

import { ServiceError } from '../../core/serviceError.ts'

export interface ParamNode {
  value: string | undefined
  children: Map<string, ParamNode> | undefined
}

const MAX_PARAMS = 200_000
const MAX_DEPTH = 64

/** Decoded name and value pairs, in order. MalformedQueryString for broken escapes and for more than 200,000 of them. */
export function parseForm(text: string): [name: string, value: string][] {
  const pairs: [string, string][] = []
  if (text === '') return pairs
  for (let from = 0; from <= text.length; ) {
    const found = text.indexOf('&', from)
    const to = found < 0 ? text.length : found
    if (to > from) {
      if (pairs.length >= MAX_PARAMS) throw malformed('too many parameters')
      const part = text.slice(from, to)
      const equals = part.indexOf('=')
      pairs.push(equals < 0 ? [decode(part), ''] : [decode(part.slice(0, equals)), decode(part.slice(equals + 1))])
    }
    from = to + 1
  }
  return pairs
}

export function paramTree(pairs: Iterable<readonly [string, string]>): ParamNode {
  const root: ParamNode = { value: undefined, children: undefined }
  for (const [name, value] of pairs) {
    let node = root
    const parts = name.split('.')
    if (parts.length > MAX_DEPTH) throw malformed('nested too deeply')
    for (const part of parts) {
      node.children ??= new Map()
      let next = node.children.get(part)
      if (!next) {
        next = { value: undefined, children: undefined }
        node.children.set(part, next)
      }
      node = next
    }
    node.value = value
  }
  return root
}

/** A list's items `1`, `2` ... in the order of their numbers, whatever the order on the wire. */
export function numbered(node: ParamNode | undefined): ParamNode[] {
  if (!node?.children) return []
  return [...node.children]
    .filter(([name]) => /^\d{1,9}$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child)
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    throw malformed('a percent escape is broken')
  }
}

function malformed(why: string): ServiceError {
  return new ServiceError('MalformedQueryString', `The query string contains a syntax error: ${why}.`, { status: 400 })
}
