// Compiles writers of XML: structures into text as their schemas name them, for Query answers and REST bodies.

import type { Member, ScalarShape, Shape, StructureShape } from '../../model/index.ts'
import { timestampText } from '../timestamps.ts'

/** What stands inside an element: its attributes (with a leading space) and its content. */
interface Inside {
  readonly attributes: string
  readonly content: string
}

export interface XmlOutput {
  /** How times without a format of their own look. */
  timeText(date: Date): string
  /** EC2: lists are never flat and their items are called `item`, which its schemas say by xmlName. */
}

type Write = (value: any) => Inside
type WriteMember = (value: any) => string

/** A writer of structures for one dialect, compiled on first use. */
export function xmlWriter(output: XmlOutput): (shape: StructureShape, value: unknown) => Inside {
  const writers = new WeakMap<Shape, { write: Write }>()

  const writerOf = (shape: Shape): Write => {
    const known = writers.get(shape)
    if (known) return value => known.write(value)
    const entry: { write: Write } = { write: () => ({ attributes: '', content: '' }) }
    writers.set(shape, entry)
    entry.write = compile(shape)
    return entry.write
  }

  const compile = (shape: Shape): Write => {
    switch (shape.kind) {
      case 'structure':
        return structure(shape)
      case 'list': {
        const item = element(shape.item.own.xmlName ?? 'member', shape.item)
        return value => ({ attributes: '', content: join(value, item) })
      }
      case 'map': {
        const entry = mapEntry(shape.key, shape.value)
        return value => ({
          attributes: '',
          content: joinMap(value, (key, one) => `<entry>${entry(key, one)}</entry>`),
        })
      }
      default: {
        const text = scalar(shape, output)
        return value => ({ attributes: '', content: escapeText(text(value)) })
      }
    }
  }

  const element = (name: string, member: Member): WriteMember => {
    const namespace = namespaceOf(member)
    const { shape } = member
    if (shape.kind !== 'structure' && shape.kind !== 'list' && shape.kind !== 'map') {
      const text = scalar(shape, output)
      return value => `<${name}${namespace}>${escapeText(text(value))}</${name}>`
    }
    let write: Write | undefined
    return value => {
      write ??= writerOf(shape)
      const inside = write(value)
      return `<${name}${namespace}${inside.attributes}>${inside.content}</${name}>`
    }
  }

  const mapEntry = (key: Member, value: Member) => {
    const keyName = key.own.xmlName ?? 'key'
    const write = element(value.own.xmlName ?? 'value', value)
    return (name: string, one: unknown) => `<${keyName}>${escapeText(name)}</${keyName}>${write(one)}`
  }

  const memberWriter = (member: Member): WriteMember => {
    const name = member.own.xmlName ?? member.name
    const { shape } = member
    if (member.traits.xmlFlattened && shape.kind === 'list') {
      const item = element(name, { ...shape.item, shape: shape.item.shape })
      return value => join(value, item)
    }
    if (member.traits.xmlFlattened && shape.kind === 'map') {
      const entry = mapEntry(shape.key, shape.value)
      return value => joinMap(value, (key, one) => `<${name}>${entry(key, one)}</${name}>`)
    }
    return element(name, member)
  }

  const structure = (shape: StructureShape): Write => {
    const attributes = shape.members.filter(member => member.traits.xmlAttribute)
    const members = shape.members.filter(member => !member.traits.xmlAttribute)
    const writes: (WriteMember | undefined)[] = new Array(members.length)
    return value => {
      let content = ''
      for (let at = 0; at < members.length; at++) {
        const one = value[members[at]!.name]
        if (one === undefined || one === null) continue
        let write = writes[at]
        if (!write) {
          write = memberWriter(members[at]!)
          writes[at] = write
        }
        content += write(one)
      }
      let text = ''
      for (const member of attributes) {
        const one = value[member.name]
        if (one !== undefined && one !== null)
          text += ` ${member.own.xmlName ?? member.name}="${escapeAttribute(String(one))}"`
      }
      return { attributes: text, content }
    }
  }

  return (shape, value) => writerOf(shape)(value ?? {})
}

/** ` xmlns:xsi="..."` where a member or its target declares one. */
function namespaceOf(member: Member): string {
  const declared = member.traits.xmlNamespace as readonly [string | undefined, string] | readonly [string] | undefined
  if (!declared) return ''
  const [prefix, uri] = declared.length === 2 ? declared : [undefined, declared[0]]
  return uri ? ` xmlns${prefix ? `:${prefix}` : ''}="${escapeAttribute(uri)}"` : ''
}

function join(values: Iterable<unknown>, write: WriteMember): string {
  let out = ''
  for (const one of values) if (one !== undefined && one !== null) out += write(one)
  return out
}

function joinMap(values: Record<string, unknown>, write: (key: string, value: unknown) => string): string {
  let out = ''
  for (const [key, one] of Object.entries(values)) if (one !== undefined && one !== null) out += write(key, one)
  return out
}

function scalar(shape: ScalarShape, output: XmlOutput): (value: any) => string {
  switch (shape.kind) {
    case 'blob':
      return value => Buffer.from(value).toString('base64')
    case 'timestamp':
      return value => {
        if (!(value instanceof Date)) throw new TypeError('a timestamp of an output must be a Date')
        return shape.format ? timestampText(value, shape.format) : output.timeText(value)
      }
    default:
      return String
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace
const TEXT = /[&<>\r\u0000-\u0008\u000b\u000c\u000e-\u001f\u0085\u2028]/g
const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const reference = (char: string) => NAMED[char] ?? `&#x${char.charCodeAt(0).toString(16)};`

/** Text of an element. AWS: S3 writes characters that XML 1.0 forbids as references too; `encoding-type=url` is for them. */
export function escapeText(text: string): string {
  return text.replace(TEXT, reference)
}

function escapeAttribute(text: string): string {
  return text.replace(/[&<>"\r\n\t]/g, reference)
}
