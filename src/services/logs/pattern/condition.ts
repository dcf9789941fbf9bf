// One comparison of a filter pattern: `= 4*`, `!= "x y"`, `>= 100`, `= %regex%`; shared by JSON and column patterns.

import { PatternError } from './match.ts'
import { parseRegex } from './regex.ts'

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>='

/** Tells whether a value of a log event satisfies `operator` and the right-hand side as written in the pattern. */
export function parseCondition(operator: Operator, literal: string): (value: string | number) => boolean {
  if (operator !== '=' && operator !== '!=') {
    const limit = numberOf(literal)
    if (limit === undefined) throw new PatternError(`'${literal}' is not a number`)
    return value => {
      const number = typeof value === 'number' ? value : numberOf(value)
      return number !== undefined && ordered(operator, number, limit)
    }
  }
  const equal = equality(literal)
  return operator === '=' ? equal : value => !equal(value)
}

function equality(literal: string): (value: string | number) => boolean {
  if (literal.length >= 2 && literal.startsWith('%') && literal.endsWith('%')) {
    const regex = parseRegex(literal.slice(1, -1))
    return value => regex(String(value))
  }
  const quoted = literal.startsWith('"')
  const text = quoted ? literal.slice(1, -1).replace(/\\(.)/g, '$1') : literal
  if (text.includes('*')) return value => matchesWildcard(text, String(value))
  const number = quoted ? undefined : numberOf(text)
  return value =>
    (number !== undefined && (typeof value === 'number' ? value : numberOf(value)) === number) || String(value) === text
}

function ordered(operator: '<' | '<=' | '>' | '>=', value: number, limit: number): boolean {
  switch (operator) {
    case '<':
      return value < limit
    case '<=':
      return value <= limit
    case '>':
      return value > limit
    case '>=':
      return value >= limit
  }
}

function numberOf(text: string): number | undefined {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined
}

/** `*` stands for any characters; the pieces between are searched from left to right, so the time is linear enough. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const pieces = pattern.split('*')
  const first = pieces.shift()!
  const last = pieces.pop()
  if (last === undefined) return pattern === text
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false
  let at = first.length
  const end = text.length - last.length
  for (const piece of pieces) {
    const found = text.indexOf(piece, at)
    if (found === -1 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}
