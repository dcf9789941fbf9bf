// Writes the headers and the status of a REST answer from the members that are bound to them.

import type { Shape } from '../../model/index.ts'
import { timestampText } from '../timestamps.ts'
import type { Bindings } from './bindings.ts'

export function writeHeaders(bindings: Bindings, output: Record<string, any>, headers: Record<string, string>): void {
  for (const [name, member] of bindings.headers) {
    const value = output[member.name]
    if (value === undefined || value === null) continue
    const { shape } = member
    const text =
      shape.kind === 'list'
        ? (value as unknown[]).map(one => quoted(headerText(shape.item.shape, one))).join(', ')
        : member.traits.mediaType
          ? Buffer.from(String(value)).toString('base64')
          : headerText(shape, value)
    headers[name] = safeHeader(text)
  }
  for (const [prefix, member] of bindings.prefixHeaders) {
    const map = output[member.name]
    if (!map) continue
    for (const [name, value] of Object.entries(map)) {
      if (value !== undefined && value !== null && TOKEN.test(name))
        headers[`${prefix}${name}`] = safeHeader(String(value))
    }
  }
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const UNSAFE = /[^\t\x20-\x7e\x80-\xff]/

function headerText(shape: Shape, value: any): string {
  switch (shape.kind) {
    case 'timestamp':
      return timestampText(value, shape.format ?? 'httpDate')
    case 'blob':
      return Buffer.from(value).toString('base64')
    default:
      return String(value)
  }
}

const quoted = (text: string) => (/[",]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text)

/** AWS: S3 answers metadata that a header can not hold in the form of RFC 2047, `=?UTF-8?B?...?=`. */
export function safeHeader(text: string): string {
  return UNSAFE.test(text) ? `=?UTF-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=` : text
}
