// Compiles writers of JSON and CBOR: outputs into trees of plain values, only members that the model knows.

import type { Member, ScalarShape, Shape, StructureShape } from '../model/index.ts'
import { timestampText } from './timestamps.ts'

export interface TreeOutput {
  nameOf(member: Member): string
  /** The tree's value for bytes and for times. */
  blob(bytes: Uint8Array): unknown
  timestamp(date: Date): unknown
  /** JSON has no NaN and Infinity: they are text. */
  readonly textForNonFinite: boolean
}

/** Undefined stands for "as it is": most values need no change and are not copied. */
type Write = ((value: any) => unknown) | undefined

/** A writer for each shape of one format, compiled on first use. */
export function treeWriter(format: TreeOutput): (shape: StructureShape, value: unknown) => Record<string, unknown> {
  const writers = new WeakMap<Shape, { write: Write }>()

  const writerOf = (shape: Shape): Write => {
    const known = writers.get(shape)
    if (known) return known.write
    const entry: { write: Write } = { write: value => entry.write?.(value) } // for shapes that hold themselves
    writers.set(shape, entry)
    entry.write = compile(shape)
    return entry.write
  }

  const compile = (shape: Shape): Write => {
    switch (shape.kind) {
      case 'structure':
        return structure(shape)
      case 'list': {
        const item = writerOf(shape.item.shape)
        return (value: Iterable<unknown>) => {
          const out: unknown[] = []
          for (const one of value) {
            if (one !== null && one !== undefined) out.push(item ? item(one) : one)
            else if (shape.sparse) out.push(null)
          }
          return out
        }
      }
      case 'map': {
        const item = writerOf(shape.value.shape)
        return (value: Record<string, unknown>) =>
          Object.fromEntries(
            Object.entries(value)
              .filter(([, one]) => shape.sparse || (one !== null && one !== undefined))
              .map(([key, one]) => [key, one === null || one === undefined ? null : item ? item(one) : one]),
          )
      }
      default:
        return scalar(shape, format)
    }
  }

  const structure = (shape: StructureShape): Write => {
    type Field = { from: string; to: string; write: Write; member: Member; ready: boolean }
    const fields: Field[] = shape.members.map(member => ({
      from: member.name,
      to: format.nameOf(member),
      write: undefined,
      member,
      ready: false,
    }))
    return (value: Record<string, unknown>) => {
      const out: Record<string, unknown> = {}
      for (const field of fields) {
        const one = value[field.from]
        if (one === null || one === undefined) continue
        if (!field.ready) {
          field.write = writerOf(field.member.shape)
          field.ready = true
        }
        out[field.to] = field.write ? field.write(one) : one
      }
      return out
    }
  }

  return (shape, value) => writerOf(shape)!(value ?? {}) as Record<string, unknown>
}

function scalar(shape: ScalarShape, format: TreeOutput): Write {
  switch (shape.kind) {
    case 'blob':
      return value => format.blob(typeof value === 'string' ? Buffer.from(value) : value)
    case 'timestamp':
      return value => {
        if (!(value instanceof Date)) throw new TypeError('a timestamp of an output must be a Date')
        return shape.format && shape.format !== 'epochSeconds'
          ? timestampText(value, shape.format)
          : format.timestamp(value)
      }
    case 'number':
    case 'bigInteger':
    case 'bigDecimal':
      return value => {
        if (typeof value === 'bigint') return Number(value)
        return format.textForNonFinite && typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
      }
    case 'string':
      return value => (typeof value === 'string' ? value : String(value))
    default:
      return undefined
  }
}
