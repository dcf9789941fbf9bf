// Reads the parts of a REST request that are not its body: path labels, query parameters, headers.

import type { ServiceError } from '../../core/serviceError.ts'
import type { Member, ScalarShape, Shape, TimestampFormat } from '../../model/index.ts'
import { parseForm } from '../query/params.ts'
import type { Labels } from '../serverProtocol.ts'
import type { WireRequest } from '../wire.ts'
import { readTextScalar } from '../xml/textScalar.ts'
import type { Bindings } from './bindings.ts'

/** How a protocol answers a value of a wrong type. */
export type Malformed = (member: string, kind: string, text: string) => ServiceError

/** Fills `input` with everything but the body. */
export function readBindings(
  bindings: Bindings,
  request: WireRequest,
  labels: Labels | undefined,
  malformed: Malformed,
): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  const scalarOf = (member: Member, shape: Shape, text: string, format: TimestampFormat) => {
    const value = readScalar(shape, text, format, member)
    if (value === undefined) throw malformed(member.name, shape.kind, text)
    return value
  }
  for (const member of bindings.labels) {
    const text = labels?.[member.name]
    if (text !== undefined) input[member.name] = scalarOf(member, member.shape, text, 'dateTime')
  }
  if (request.rawQuery !== '' && (bindings.query.size > 0 || bindings.queryParams)) {
    for (const [name, text] of parseForm(request.rawQuery)) {
      const member = bindings.query.get(name)
      if (!member) {
        if (bindings.queryParams) addParam(input, bindings.queryParams, name, text)
      } else if (member.shape.kind === 'list') {
        input[member.name] ??= []
        const list = input[member.name] as unknown[]
        list.push(scalarOf(member, member.shape.item.shape, text, 'dateTime'))
      } else {
        input[member.name] = scalarOf(member, member.shape, text, 'dateTime')
      }
    }
  }
  for (const [name, member] of bindings.headers) {
    const text = request.headers[name]
    if (typeof text !== 'string') continue
    const { shape } = member
    input[member.name] =
      shape.kind === 'list'
        ? splitHeader(text, shape.item.shape).map(one => scalarOf(member, shape.item.shape, one, 'httpDate'))
        : scalarOf(member, shape, text, 'httpDate')
  }
  for (const [prefix, member] of bindings.prefixHeaders) {
    let map: Record<string, unknown> | undefined
    for (const [name, text] of Object.entries(request.headers)) {
      if (!name.startsWith(prefix) || typeof text !== 'string') continue
      map ??= {}
      Object.defineProperty(map, name.slice(prefix.length), {
        value: text,
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    if (map) input[member.name] = map
  }
  return input
}

function readScalar(shape: Shape, text: string, format: TimestampFormat, member: Member): unknown {
  if (shape.kind === 'structure' || shape.kind === 'list' || shape.kind === 'map') return undefined
  // JSON values in headers travel as base64.
  if (shape.kind === 'string' && member.traits.mediaType && member.traits.httpHeader)
    return Buffer.from(text, 'base64').toString('utf8')
  return readTextScalar(shape as ScalarShape, text, format)
}

function addParam(input: Record<string, unknown>, member: Member, name: string, text: string): void {
  input[member.name] ??= {}
  const map = input[member.name] as Record<string, unknown>
  if (member.shape.kind === 'map' && member.shape.value.shape.kind === 'list') {
    const list = Object.hasOwn(map, name) ? (map[name] as string[]) : []
    list.push(text)
    Object.defineProperty(map, name, { value: list, enumerable: true, configurable: true, writable: true })
  } else {
    Object.defineProperty(map, name, { value: text, enumerable: true, configurable: true, writable: true })
  }
}

/** Values separated by commas, with quotes around those that hold commas; HTTP dates hold one each. */
function splitHeader(text: string, item: Shape): string[] {
  if (item.kind === 'timestamp' && item.format !== 'dateTime' && item.format !== 'epochSeconds') {
    return (text.match(/[^,]+,[^,]+/g) ?? []).map(part => part.trim())
  }
  return (text.match(/"(?:[^"\\]|\\.)*"|[^,]+/g) ?? [])
    .map(part => part.trim())
    .filter(part => part !== '')
    .map(part => (part.startsWith('"') && part.endsWith('"') ? part.slice(1, -1).replace(/\\(.)/g, '$1') : part))
}
