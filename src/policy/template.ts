// Texts with policy variables: `${aws:username}`, `${key, 'default'}`, `${*}`, `${?}`, `${$}`. Taken apart once, filled in for each request.

import { appendGlob, type Glob, matchGlob, type WildcardRule } from './glob.ts'

type Part = string | { readonly literal: string } | { readonly key: string; readonly fallback: string | undefined }

/** A request's condition keys: lower-case name -> values. */
export type ContextLookup = (key: string) => readonly string[] | undefined

export interface Template {
  /** Lower-case names of the variables inside. */
  readonly keys: readonly string[]
  /** Undefined when a variable has no value and no default: then nothing matches. */
  glob(context: ContextLookup): Glob | undefined
  /** The text with variables filled in and wildcards as they are written. */
  text(context: ContextLookup): string | undefined
}

const VARIABLE = /\$\{([*?$]|[^}']+?(?:,\s*'[^']*'\s*)?)\}/g

/** AWS: variables are literal text in documents of version 2008-10-17 [IAM user guide, "Policy elements: Variables and tags"]. */
export function compileTemplate(
  source: string,
  rule: WildcardRule,
  variables: boolean,
  fold = (text: string) => text,
): Template {
  const parts = variables && source.includes('${') ? split(source) : [source]
  const keys = parts.flatMap(part => (typeof part === 'object' && 'key' in part ? [part.key] : []))
  const build = (context: ContextLookup): number[] | undefined => {
    const glob: number[] = []
    let segment = 0
    for (const part of parts) {
      const value = typeof part === 'string' ? part : 'literal' in part ? part.literal : variableValue(part, context)
      if (value === undefined) return undefined
      segment = appendGlob(glob, fold(value), typeof part === 'string' ? rule : 'none', segment)
    }
    return glob
  }
  const text = (context: ContextLookup): string | undefined => {
    let out = ''
    for (const part of parts) {
      const value = typeof part === 'string' ? part : 'literal' in part ? part.literal : variableValue(part, context)
      if (value === undefined) return undefined
      out += value
    }
    return out
  }
  if (keys.length > 0) return { keys, glob: build, text }
  const fixed = build(() => undefined)
  const fixedText = text(() => undefined)
  return { keys, glob: () => fixed, text: () => fixedText }
}

export function matchTemplate(template: Template, text: string, context: ContextLookup): boolean {
  const glob = template.glob(context)
  return glob !== undefined && matchGlob(glob, text)
}

function variableValue(
  part: { key: string; fallback: string | undefined },
  context: ContextLookup,
): string | undefined {
  const values = context(part.key)
  return values?.length === 1 ? values[0] : part.fallback // AWS: a multivalued key cannot be a variable
}

function split(source: string): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const match of source.matchAll(VARIABLE)) {
    if (match.index > at) parts.push(source.slice(at, match.index))
    at = match.index + match[0].length
    const inner = match[1]!
    if (inner.length === 1 && '*?$'.includes(inner)) parts.push({ literal: inner })
    else {
      const [, key, fallback] = /^([^,]+?)\s*(?:,\s*'([^']*)'\s*)?$/.exec(inner) ?? []
      parts.push(key === undefined ? match[0] : { key: key.trim().toLowerCase(), fallback })
    }
  }
  if (at < source.length) parts.push(source.slice(at))
  return parts
}
