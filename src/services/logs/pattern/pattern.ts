// CloudWatch Logs filter patterns: which of the three languages a pattern is in.

import { parseColumns } from './columns.ts'
import { parseJsonPattern } from './json.ts'
import { type FilterPattern, NOTHING } from './match.ts'
import { parseTerms } from './terms.ts'

/** Reads a filter pattern; throws PatternError. An empty one matches everything. */
export function parseFilterPattern(text: string): FilterPattern {
  const pattern = text.trim()
  if (pattern === '') return { match: () => NOTHING }
  if (pattern.startsWith('{')) return parseJsonPattern(pattern)
  if (pattern.startsWith('[')) return parseColumns(pattern)
  return parseTerms(pattern)
}
