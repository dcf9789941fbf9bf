// Filter patterns as operations take them: a broken one is the caller's InvalidParameterException.

import { invalid } from '../errors.ts'
import { type FilterPattern, PatternError } from './match.ts'
import { parseFilterPattern } from './pattern.ts'

export function readPattern(text: string): FilterPattern {
  try {
    return parseFilterPattern(text)
  } catch (error) {
    if (error instanceof PatternError) return invalid(`Invalid filter pattern: ${error.message}`)
    throw error
  }
}
