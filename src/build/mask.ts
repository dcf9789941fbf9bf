// Hides secret values in what is written to the log, also when a value is cut in two by the chunks of a stream.

export interface Mask {
  /** Takes text, answers what may be shown now; the rest is held back until it is known to be no secret. */
  write(text: string): string
  /** What was held back. */
  end(): string
}

/** What is looked for, the longest first. */
export function maskedValues(secrets: readonly string[]): string[] {
  // A value of several lines is hidden line by line, as logs are.
  return [...new Set(secrets.flatMap(secret => [secret, ...secret.split('\n')]).map(value => value.trim()))]
    .filter(value => value.length >= 3)
    .sort((a, b) => b.length - a.length)
}

/** Replaces each of `secrets` by `***`. Values shorter than three characters are not hidden: everything would match. */
export function createMask(secrets: readonly string[]): Mask {
  const values = maskedValues(secrets)
  if (values.length === 0) return { write: text => text, end: () => '' }
  const longest = values[0]!.length
  const pattern = new RegExp(values.map(value => RegExp.escape(value)).join('|'), 'g')
  let held = ''
  return {
    write(text) {
      const whole = (held + text).replace(pattern, '***')
      const keep = heldBack(whole, values, longest)
      held = keep === 0 ? '' : whole.slice(-keep)
      return keep === 0 ? whole : whole.slice(0, -keep)
    },
    end() {
      const rest = held
      held = ''
      return rest
    },
  }
}

/** How many of the last characters could be the start of a secret. */
function heldBack(text: string, values: readonly string[], longest: number): number {
  for (let length = Math.min(longest - 1, text.length); length > 0; length--) {
    const tail = text.slice(-length)
    if (values.some(value => value.length > length && value.startsWith(tail))) return length
  }
  return 0
}
