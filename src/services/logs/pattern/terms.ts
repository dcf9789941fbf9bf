// Unstructured patterns: every term must be there, no excluded one may be, and of optional ones at least one.

import { type FilterPattern, NOTHING, PatternError } from './match.ts'
import { parseRegex } from './regex.ts'

interface Term {
  readonly kind: 'include' | 'exclude' | 'optional'
  test(message: string): boolean
}

export function parseTerms(pattern: string): FilterPattern {
  const terms = split(pattern)
  const optional = terms.filter(term => term.kind === 'optional')
  const others = terms.filter(term => term.kind !== 'optional')
  return {
    match(message) {
      // AWS: "If you combine "?" with other filter patterns, all question mark terms will be ignored."
      // (Filter pattern syntax, Match optional terms)
      const matches =
        others.length > 0
          ? others.every(term => term.test(message) === (term.kind === 'include'))
          : optional.some(term => term.test(message))
      return matches ? NOTHING : undefined
    },
  }
}

const TERM = /\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)*)%|([^\s"%]+))/y

function split(pattern: string): Term[] {
  const terms: Term[] = []
  TERM.lastIndex = 0
  while (TERM.lastIndex < pattern.trimEnd().length) {
    const at = TERM.lastIndex
    const found = TERM.exec(pattern)
    if (!found) throw new PatternError(`Invalid character(s) in term '${pattern.slice(at).trim()}'`)
    const [, sign, quoted, regex, bare] = found
    terms.push({ kind: sign === '-' ? 'exclude' : sign === '?' ? 'optional' : 'include', test: tester() })

    function tester() {
      if (regex !== undefined) return parseRegex(regex)
      const text = quoted === undefined ? bare! : quoted.replace(/\\(.)/g, '$1')
      // AWS: `" "` matches every event (Filter pattern syntax, Match everything).
      if (text.trim() === '') return () => true
      return (message: string) => message.includes(text)
    }
  }
  return terms
}
