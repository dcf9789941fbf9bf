// A Smithy schema in the form that readers and writers are compiled from: resolved once, every lookup a plain field.

import { NormalizedSchema } from '@smithy/core/schema'
import type { SchemaRef, SchemaTraitsObject } from '@smithy/types'

export type Traits = SchemaTraitsObject

export type Shape = StructureShape | ListShape | MapShape | ScalarShape

export interface StructureShape {
  readonly kind: 'structure'
  readonly name: string
  /** Exactly one member is set. */
  readonly union: boolean
  readonly traits: Traits
  /** Resolved on first use, since structures may hold themselves. */
  readonly members: readonly Member[]
}

export interface ListShape {
  readonly kind: 'list'
  readonly item: Member
  /** Nulls are values. */
  readonly sparse: boolean
}

export interface MapShape {
  readonly kind: 'map'
  readonly key: Member
  readonly value: Member
  readonly sparse: boolean
}

export type TimestampFormat = 'dateTime' | 'httpDate' | 'epochSeconds'

export interface ScalarShape {
  readonly kind: 'string' | 'number' | 'boolean' | 'blob' | 'timestamp' | 'bigInteger' | 'bigDecimal' | 'document'
  /** Of a timestamp whose format the model fixes; otherwise the protocol decides. */
  readonly format?: TimestampFormat
  /** Of a blob that may be larger than memory. */
  readonly streaming?: boolean
}

export interface Member {
  readonly name: string
  readonly shape: Shape
  /** Those of the member and of its target. */
  readonly traits: Traits
  /** Those of the member alone: an XML name of the target does not name the member. */
  readonly own: Traits
}

const known = new WeakMap<object, Shape>()
const NO_MEMBERS: StructureShape = { kind: 'structure', name: 'Unit', union: false, traits: {}, members: [] }

/** The shape of an operation's input, output or of an error; no schema at all is a structure without members. */
export function structureOf(ref: SchemaRef | undefined): StructureShape {
  if (ref === undefined) return NO_MEMBERS
  const shape = shapeOf(NormalizedSchema.of(ref))
  if (shape.kind !== 'structure') throw new TypeError('inputs and outputs are structures')
  return shape
}

function shapeOf(schema: NormalizedSchema): Shape {
  const raw = schema.getSchema()
  const key = typeof raw === 'object' && raw !== null ? raw : undefined
  const found = key && known.get(key)
  if (found) return found
  const shape = makeShape(schema)
  if (key) known.set(key, shape)
  return shape
}

function makeShape(schema: NormalizedSchema): Shape {
  if (schema.isUnitSchema()) return NO_MEMBERS
  if (schema.isStructSchema()) return makeStructure(schema)
  if (schema.isListSchema()) {
    const item = memberOf('member', schema.getValueSchema())
    return { kind: 'list', item, sparse: !!(schema.getOwnTraits().sparse || item.traits.sparse) }
  }
  if (schema.isMapSchema()) {
    const value = memberOf('value', schema.getValueSchema())
    const sparse = !!(schema.getOwnTraits().sparse || value.traits.sparse)
    return { kind: 'map', key: memberOf('key', schema.getKeySchema()), value, sparse }
  }
  return makeScalar(schema)
}

function makeStructure(schema: NormalizedSchema): StructureShape {
  let members: readonly Member[] | undefined
  return {
    kind: 'structure',
    name: schema.getName() ?? '',
    union: schema.isUnionSchema(),
    traits: schema.getOwnTraits(),
    get members() {
      members ??= Array.from(schema.structIterator(), ([name, member]) => memberOf(name, member))
      return members
    },
  }
}

/** Lists and maps may hold themselves too (through a structure), so a member's shape is looked up late. */
function memberOf(name: string, schema: NormalizedSchema): Member {
  let shape: Shape | undefined
  return {
    name,
    get shape() {
      shape ??= shapeOf(schema)
      return shape
    },
    traits: schema.getMergedTraits(),
    own: schema.getMemberTraits(),
  }
}

const FORMATS: Record<number, TimestampFormat> = { 5: 'dateTime', 6: 'httpDate', 7: 'epochSeconds' }

function makeScalar(schema: NormalizedSchema): ScalarShape {
  const raw = schema.getSchema()
  if (schema.isStringSchema()) return { kind: 'string' }
  if (schema.isNumericSchema()) return { kind: 'number' }
  if (schema.isBooleanSchema()) return { kind: 'boolean' }
  if (schema.isBlobSchema()) return { kind: 'blob', streaming: raw === 42 || !!schema.getMergedTraits().streaming }
  if (schema.isTimestampSchema()) return { kind: 'timestamp', format: FORMATS[Number(raw)] }
  if (schema.isBigIntegerSchema()) return { kind: 'bigInteger' }
  if (schema.isBigDecimalSchema()) return { kind: 'bigDecimal' }
  if (schema.isDocumentSchema()) return { kind: 'document' }
  throw new TypeError(`unknown schema ${schema.getName(true)}`)
}
