// Space-delimited patterns: `[ip, user, ..., status = 4* || status = 5*, bytes > 1000]`.

import { type Operator, parseCondition } from './condition.ts'
import { TokenReader } from './lexer.ts'
import { type FilterPattern, PatternError } from './match.ts'

type Column = '...' | { readonly name: string; readonly test: ((value: string) => boolean) | undefined }

export function parseColumns(pattern: string): FilterPattern {
  const reader = new TokenReader(pattern)
  reader.expect('[')
  const columns: Column[] = []
  while (!reader.take(']')) {
    columns.push(column(reader))
    if (reader.take(']')) break
    reader.expect(',')
  }
  if (reader.peek()) throw new PatternError(`Unexpected '${reader.next().text}' after the pattern`)
  const gap = columns.indexOf('...')
  if (gap !== columns.lastIndexOf('...')) throw new PatternError("'...' may stand only once in a pattern")

  return {
    match(message) {
      const fields = align(splitFields(message), columns, gap)
      if (!fields) return undefined
      const extracted: Record<string, string> = {}
      for (const [at, column] of columns.entries()) {
        if (column === '...') continue
        const value = fields[at]!
        if (column.test && !column.test(value)) return undefined
        extracted[`$${column.name}`] = value
      }
      return { extracted }
    },
  }
}

function column(reader: TokenReader): Column {
  if (reader.take('...')) return '...'
  const { kind, text: name } = reader.next()
  if (kind !== 'word') throw new PatternError(`Expected a field name but found '${name}'`)
  return { name, test: isOperator(reader.peek()?.text) ? either(reader, name, true) : undefined }
}

type Test = (value: string) => boolean

function either(reader: TokenReader, name: string, named: boolean): Test {
  const tests = [both(reader, name, named)]
  while (reader.take('||')) tests.push(both(reader, name, false))
  return value => tests.some(test => test(value))
}

function both(reader: TokenReader, name: string, named: boolean): Test {
  const tests = [single(reader, name, named)]
  while (reader.take('&&')) tests.push(single(reader, name, false))
  return value => tests.every(test => test(value))
}

function single(reader: TokenReader, name: string, named: boolean): Test {
  if (!named && !reader.take(name)) throw new PatternError(`Expected '${name}' but found '${reader.next().text}'`)
  const { text: operator } = reader.next()
  if (!isOperator(operator)) throw new PatternError(`'${operator}' is not an operator`)
  return parseCondition(operator, reader.next().text)
}

const isOperator = (text: string | undefined): text is Operator =>
  text !== undefined && ['=', '!=', '<', '<=', '>', '>='].includes(text)

interface Field {
  readonly value: string
  readonly start: number
}

// AWS: characters between brackets and double quotation marks are one field (Filter pattern syntax, Space-delimited).
function splitFields(message: string): { fields: Field[]; message: string } {
  const fields = [...message.matchAll(/\[([^\]]*)\](?=\s|$)|"((?:[^"\\]|\\.)*)"(?=\s|$)|(\S+)/g)].map(found => ({
    value: found[1] ?? found[2] ?? found[3]!,
    start: found.index,
  }))
  return { fields, message }
}

/** One value for each column, or undefined when there are too few. Without `...` the last column takes the rest. */
function align(
  { fields, message }: { fields: Field[]; message: string },
  columns: readonly Column[],
  gap: number,
): string[] | undefined {
  if (gap === -1) {
    if (fields.length < columns.length) return undefined
    const values = fields.slice(0, columns.length).map(field => field.value)
    if (fields.length > columns.length)
      values[columns.length - 1] = message.slice(fields[columns.length - 1]!.start).trimEnd()
    return values
  }
  const after = columns.length - gap - 1
  if (fields.length < gap + after) return undefined
  const values = fields.map(field => field.value)
  return [...values.slice(0, gap), '', ...(after > 0 ? values.slice(-after) : [])]
}
