// Compiles readers of parsed JSON or CBOR: trees of unknown values into inputs, strictly typed, in AWS's words when they are not.

import { ServiceError } from '../core/serviceError.ts'
import type { Member, ScalarShape, Shape, StructureShape } from '../model/index.ts'
import { fromEpoch, readTimestamp } from './timestamps.ts'

export interface TreeFormat {
  /** What a member is called in the tree. */
  nameOf(member: Member): string
  /** Blobs are base64 text (JSON) or bytes (CBOR). */
  readonly blobs: 'base64' | 'bytes'
  readonly timestamps: 'dateTime' | 'epochSeconds'
}

type Read = (value: unknown) => unknown

/** A reader for each shape of one format, compiled on first use. */
export function treeReader(format: TreeFormat): (shape: StructureShape, tree: unknown) => unknown {
  const readers = new WeakMap<Shape, Read>()

  const readerOf = (shape: Shape): Read => {
    const known = readers.get(shape)
    if (known) return known
    const read = compile(shape)
    readers.set(shape, read)
    return read
  }

  const compile = (shape: Shape): Read => {
    switch (shape.kind) {
      case 'structure':
        return compileStructure(shape)
      case 'list': {
        const item = late(shape.item)
        return value => {
          if (!Array.isArray(value)) throw mismatch(value, 'a List')
          return value.map(one => {
            if (one !== null && one !== undefined) return item(one)
            if (!shape.sparse) throw serializationError('null is not allowed in a list')
            return null
          })
        }
      }
      case 'map': {
        const item = late(shape.value)
        return value => {
          if (!isRecord(value)) throw mismatch(value, 'a Map')
          const out: Record<string, unknown> = {}
          for (const key of Object.keys(value)) {
            const one = value[key]
            if (one === null || one === undefined) {
              if (shape.sparse) setOwn(out, key, null)
            } else {
              setOwn(out, key, item(one))
            }
          }
          return out
        }
      }
      default:
        return scalar(shape, format)
    }
  }

  /** Members' readers are compiled when a request first has them: large models stay cheap, recursive ones end. */
  const late = (member: Member): Read => {
    let read: Read | undefined
    return value => {
      read ??= readerOf(member.shape)
      return read(value)
    }
  }

  const compileStructure = (shape: StructureShape): Read => {
    const members = new Map(
      shape.members.map(member => [format.nameOf(member), { name: member.name, read: late(member) }]),
    )
    return value => {
      if (!isRecord(value)) throw mismatch(value, 'a Structure')
      const out: Record<string, unknown> = {}
      for (const key in value) {
        const member = members.get(key)
        if (!member) continue
        const one = value[key]
        if (one !== null && one !== undefined) out[member.name] = member.read(one)
      }
      return out
    }
  }

  return (shape, tree) => readerOf(shape)(tree)
}

function scalar(shape: ScalarShape, format: TreeFormat): Read {
  switch (shape.kind) {
    case 'string':
      return value => {
        if (typeof value === 'string') return value
        throw mismatch(value, 'a String')
      }
    case 'boolean':
      return value => {
        if (typeof value === 'boolean') return value
        throw mismatch(value, 'a Boolean')
      }
    case 'number':
      return value => {
        if (typeof value === 'number') return value
        if (typeof value === 'bigint') return Number(value)
        if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value)
        throw mismatch(value, 'a Number')
      }
    case 'bigInteger':
      return value => {
        if (typeof value === 'bigint') return value
        if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
        throw mismatch(value, 'a BigInteger')
      }
    case 'bigDecimal':
      return value => {
        if (typeof value === 'number') return value
        throw mismatch(value, 'a BigDecimal')
      }
    case 'blob':
      return format.blobs === 'base64' ? readBase64 : readBytes
    case 'timestamp':
      return value => readTime(value, shape, format)
    case 'document':
      return value => value
  }
}

function readBase64(value: unknown): Uint8Array {
  if (typeof value !== 'string') throw mismatch(value, 'a Blob')
  const bytes = Buffer.from(value, 'base64')
  // Buffer skips what is not base64; text of which it skipped something is refused. Padding may be left out.
  const expected = Math.floor((value.replace(/[\r\n=]+/g, '').length * 3) / 4)
  if (bytes.length !== expected || /[^A-Za-z0-9+/=\r\n]/.test(value)) {
    throw serializationError('The blob is not valid base64.')
  }
  return bytes
}

function readBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw mismatch(value, 'a Blob')
}

function readTime(value: unknown, shape: ScalarShape, format: TreeFormat): Date {
  const seconds = isRecord(value) && value.tag === 1 ? value.value : value // CBOR's tag of times
  const date =
    typeof seconds === 'number'
      ? fromEpoch(seconds)
      : typeof seconds === 'string'
        ? (readTimestamp(seconds, shape.format ?? format.timestamps) ?? readTimestamp(seconds, 'dateTime'))
        : seconds instanceof Date
          ? seconds
          : undefined
  if (date) return date
  throw mismatch(value, 'a Timestamp')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

/** `__proto__` is a key like any other. */
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  } else {
    target[key] = value
  }
}

/** AWS: `NUMBER_VALUE can not be converted to a String` and its relatives. */
function mismatch(value: unknown, wanted: string): ServiceError {
  if (Array.isArray(value)) return serializationError('Start of list found where not expected.')
  if (isRecord(value)) return serializationError('Start of structure or map found where not expected.')
  const kind =
    value === true
      ? 'TRUE_VALUE'
      : value === false
        ? 'FALSE_VALUE'
        : typeof value === 'string'
          ? 'STRING_VALUE'
          : 'NUMBER_VALUE'
  return serializationError(`${kind} can not be converted to ${wanted}`)
}

export function serializationError(message: string): ServiceError {
  return new ServiceError('SerializationException', message, { status: 400 })
}
