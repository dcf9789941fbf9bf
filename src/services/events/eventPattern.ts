// Event patterns as operations take them: a broken one is the caller's InvalidEventPatternException.

import { type EventPattern, PatternSyntaxError, parsePattern } from '../../patterns/eventPattern.ts'
import { fail } from './errors.ts'

export function readEventPattern(text: string): EventPattern {
  try {
    return parsePattern(text)
  } catch (error) {
    if (!(error instanceof PatternSyntaxError)) throw error
    // DEVIATES: AWS adds the place as its JSON parser shows it (`at [Source: (String)"..."; line: 1, column: 56]`).
    return fail('InvalidEventPatternException', `Event pattern is not valid. Reason: ${error.message}`)
  }
}
