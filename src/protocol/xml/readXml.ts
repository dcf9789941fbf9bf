// Compiles readers of XML bodies: elements into structures as their schemas name them.

import type { ListShape, MapShape, Member, Shape, StructureShape } from '../../model/index.ts'
import { type XmlElement, XmlError } from './parseXml.ts'
import { readTextScalar } from './textScalar.ts'

type Read = (element: XmlElement) => unknown
type Field = { member: Member; read: (found: XmlElement, before: unknown) => unknown }

const structures = new WeakMap<StructureShape, (element: XmlElement) => Record<string, unknown>>()

/** Throws XmlError for values that are not of their type; elements that the schema does not know are passed over. */
export function readXmlStructure(shape: StructureShape, element: XmlElement): Record<string, unknown> {
  let read = structures.get(shape)
  if (!read) {
    read = compileStructure(shape)
    structures.set(shape, read)
  }
  return read(element)
}

function compileStructure(shape: StructureShape): (element: XmlElement) => Record<string, unknown> {
  let fields: Map<string, Field> | undefined
  const attributes = shape.members.filter(member => member.traits.xmlAttribute)
  return element => {
    fields ??= new Map(
      shape.members
        .filter(member => !member.traits.xmlAttribute)
        .map(member => [member.own.xmlName ?? member.name, compileField(member)]),
    )
    const out: Record<string, unknown> = {}
    for (const member of attributes) {
      const text = element.attributes[member.own.xmlName ?? member.name]
      if (text !== undefined) out[member.name] = text
    }
    for (const child of element.children) {
      const field = fields.get(child.name)
      if (field) out[field.member.name] = field.read(child, out[field.member.name])
    }
    return out
  }
}

/** Flattened lists and maps repeat their element: each is added to what was there before. */
function compileField(member: Member): Field {
  const { shape } = member
  if (!member.traits.xmlFlattened) {
    const read = compile(shape)
    return { member, read: element => read(element) }
  }
  if (shape.kind === 'list') {
    const read = compile(shape.item.shape)
    return { member, read: (element, before) => [...((before as unknown[]) ?? []), read(element)] }
  }
  if (shape.kind === 'map') {
    const add = mapEntry(shape)
    return { member, read: (element, before) => add(element, (before as Record<string, unknown>) ?? {}) }
  }
  const read = compile(shape)
  return { member, read: element => read(element) }
}

function compile(shape: Shape): Read {
  switch (shape.kind) {
    case 'structure':
      return element => readXmlStructure(shape, element)
    case 'list':
      return compileList(shape)
    case 'map': {
      const add = mapEntry(shape)
      return element => {
        const out: Record<string, unknown> = {}
        for (const entry of element.children) if (entry.name === 'entry') add(entry, out)
        return out
      }
    }
    default:
      return element => {
        const value = element.children.length > 0 ? undefined : readTextScalar(shape, element.text, 'dateTime')
        if (value === undefined) throw new XmlError(`the value of ${element.name} is not a ${shape.kind}`)
        return value
      }
  }
}

function compileList(shape: ListShape): Read {
  const name = shape.item.own.xmlName ?? 'member'
  let read: Read | undefined
  return element => {
    read ??= compile(shape.item.shape)
    return element.children.filter(child => child.name === name).map(read)
  }
}

function mapEntry(shape: MapShape) {
  const keyName = shape.key.own.xmlName ?? 'key'
  const valueName = shape.value.own.xmlName ?? 'value'
  let read: Read | undefined
  return (entry: XmlElement, out: Record<string, unknown>) => {
    read ??= compile(shape.value.shape)
    const key = entry.children.find(child => child.name === keyName)
    const value = entry.children.find(child => child.name === valueName)
    if (!key || !value) throw new XmlError(`an entry needs a ${keyName} and a ${valueName}`)
    Object.defineProperty(out, key.text, { value: read(value), enumerable: true, configurable: true, writable: true })
    return out
  }
}
