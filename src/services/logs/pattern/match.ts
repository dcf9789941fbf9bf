// What a filter pattern is once it is read, and how it is refused.

export interface Match {
  /** What TestMetricFilter shows: `$ip` -> the field. */
  readonly extracted: Readonly<Record<string, string>>
}

export interface FilterPattern {
  /** The match, or undefined. */
  match(message: string): Match | undefined
}

/** The pattern is not in the language; the message says where. */
export class PatternError extends Error {
  override readonly name = 'PatternError'
}

export const NOTHING: Match = { extracted: {} }
