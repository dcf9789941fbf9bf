// Tagged SQL: values become parameters, nested fragments are spliced in, and each text is a prepared statement.

const FRAGMENT = Symbol('sql')

export interface Sql {
  readonly [FRAGMENT]: true
  readonly strings: readonly string[]
  readonly values: readonly unknown[]
}

/** A fragment to nest in another: sql`and name = ${name}`. An empty one is sql``. */
export function sql(strings: TemplateStringsArray, ...values: unknown[]): Sql {
  return { [FRAGMENT]: true, strings, values }
}

/** The text with $1, $2 ... and its parameters, nested fragments flattened. */
export function compile(
  strings: readonly string[],
  values: readonly unknown[],
): { text: string; parameters: unknown[] } {
  const parameters: unknown[] = []
  const write = (parts: readonly string[], holes: readonly unknown[]): string =>
    parts.reduce((text, part, index) => {
      if (index === 0) return part
      const hole = holes[index - 1]
      if (isFragment(hole)) return text + write(hole.strings, hole.values) + part
      parameters.push(hole)
      return `${text}$${parameters.length}${part}`
    }, '')
  return { text: write(strings, values), parameters }
}

function isFragment(value: unknown): value is Sql {
  return typeof value === 'object' && value !== null && FRAGMENT in value
}
