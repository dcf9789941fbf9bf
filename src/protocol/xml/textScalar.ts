// Scalars that come as text, in XML, Query and HTTP bindings: undefined is for text that is none of the wanted kind.

import type { ScalarShape, TimestampFormat } from '../../model/index.ts'
import { readTimestamp } from '../timestamps.ts'

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/

/** The value of a scalar written as text; timestamps in the shape's format, else in `format`, else in any. */
export function readTextScalar(shape: ScalarShape, text: string, format: TimestampFormat): unknown {
  switch (shape.kind) {
    case 'string':
      return text
    case 'boolean': {
      const word = text.trim().toLowerCase()
      return word === 'true' ? true : word === 'false' ? false : undefined
    }
    case 'number':
    case 'bigDecimal': {
      const number = text.trim()
      if (NUMBER.test(number)) return Number(number)
      return number === 'NaN' || number === 'Infinity' || number === '-Infinity' ? Number(number) : undefined
    }
    case 'bigInteger':
      return /^[+-]?\d{1,400}$/.test(text.trim()) ? BigInt(text.trim()) : undefined
    case 'timestamp': {
      const time = text.trim()
      return (
        readTimestamp(time, shape.format ?? format) ??
        readTimestamp(time, 'dateTime') ??
        readTimestamp(time, 'httpDate') ??
        readTimestamp(time, 'epochSeconds')
      )
    }
    case 'blob':
      return /^[A-Za-z0-9+/=\s]*$/.test(text) ? Buffer.from(text, 'base64') : undefined
    case 'document':
      return text
  }
}
