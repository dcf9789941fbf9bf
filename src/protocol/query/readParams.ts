// Compiles readers of Query inputs. awsQuery nests lists under `member`; ec2Query writes them flat and has names of its own.

import { ServiceError } from '../../core/serviceError.ts'
import type { Member, Shape, StructureShape } from '../../model/index.ts'
import { readTextScalar } from '../xml/textScalar.ts'
import { numbered, type ParamNode } from './params.ts'

type Read = (node: ParamNode) => unknown

export function queryReader(dialect: 'awsQuery' | 'ec2Query'): (shape: StructureShape, root: ParamNode) => unknown {
  const ec2 = dialect === 'ec2Query'
  const readers = new WeakMap<Shape, Read>()

  const readerOf = (member: Member): Read => {
    const { shape } = member
    const flat = ec2 || !!member.traits.xmlFlattened
    switch (shape.kind) {
      case 'structure':
        return structure(shape)
      case 'list': {
        const item = late(shape.item)
        const name = shape.item.own.xmlName ?? 'member'
        return node => numbered(flat ? node : node.children?.get(name)).map(item)
      }
      case 'map': {
        const keyName = shape.key.own.xmlName ?? 'key'
        const valueName = shape.value.own.xmlName ?? 'value'
        const item = late(shape.value)
        return node => {
          const out: Record<string, unknown> = {}
          for (const entry of numbered(flat ? node : node.children?.get('entry'))) {
            const key = entry.children?.get(keyName)?.value
            const value = entry.children?.get(valueName)
            if (key === undefined) throw malformedInput(`an entry of ${member.name} has no ${keyName}`)
            if (value)
              Object.defineProperty(out, key, {
                value: item(value),
                enumerable: true,
                configurable: true,
                writable: true,
              })
          }
          return out
        }
      }
      default:
        return node => {
          if (node.value === undefined) throw malformedInput(`${member.name} must be a single value`)
          const value = readTextScalar(shape, node.value, 'dateTime')
          if (value === undefined) throw malformedInput(`${member.name} must be a valid ${shape.kind}`)
          return value
        }
    }
  }

  const late = (member: Member): Read => {
    let read: Read | undefined
    return node => {
      read ??= readerOf(member)
      return read(node)
    }
  }

  const structure = (shape: StructureShape): Read => {
    const known = readers.get(shape)
    if (known) return known
    const members = new Map(
      shape.members.map(member => [nameOf(member, ec2), { name: member.name, read: late(member) }]),
    )
    const read: Read = node => {
      const out: Record<string, unknown> = {}
      if (!node.children) return out
      for (const [name, child] of node.children) {
        const member = members.get(name)
        if (member) out[member.name] = member.read(child)
      }
      return out
    }
    readers.set(shape, read)
    return read
  }

  return (shape, root) => structure(shape)(root)
}

function nameOf({ own, name }: Member, ec2: boolean): string {
  if (ec2 && typeof own.ec2QueryName === 'string') return own.ec2QueryName
  const text = own.xmlName ?? name
  return ec2 ? text.charAt(0).toUpperCase() + text.slice(1) : text
}

/** AWS: Query services answer values of a wrong type with MalformedInput. */
function malformedInput(message: string): ServiceError {
  return new ServiceError('MalformedInput', message, { status: 400 })
}
