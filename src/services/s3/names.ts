// What S3 accepts as names of buckets and keys, and how keys compare.
// AWS: rules from "Bucket naming rules" [Amazon S3 user guide, bucketnamingrules] and "Creating object key names".

import { fail } from './errors.ts'

const LONGEST_KEY = 1024
const IP_ADDRESS = /^\d+\.\d+\.\d+\.\d+$/
const RESERVED_PREFIX = /^(xn--|sthree-)/
const RESERVED_SUFFIX = /(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/

export function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !IP_ADDRESS.test(name) &&
    !RESERVED_PREFIX.test(name) &&
    !RESERVED_SUFFIX.test(name)
  )
}

/** Refuses keys that are too long or that no key can be. */
export function checkKey(key: string): void {
  const size = Buffer.byteLength(key)
  if (size > LONGEST_KEY) fail('KeyTooLongError', { fields: { Size: size, MaxSizeAllowed: LONGEST_KEY } })
  // DEVIATES: keys with a NUL byte, which S3 allows, can not be stored in PostgreSQL.
  if (key.includes('\0')) fail('InvalidURI', { fields: { URI: encodeURI(key) } })
}

/**
 * The smallest text that sorts behind every text that begins with `prefix` (bytes of UTF-8 sort as code points do);
 * undefined when there is none.
 */
export function successor(prefix: string): string | undefined {
  const points = Array.from(prefix)
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const next = last.codePointAt(0)! + 1
    if (next > 0x10ffff) continue
    return points.join('') + String.fromCodePoint(next === 0xd800 ? 0xe000 : next)
  }
  return undefined
}

/** Keys in lists with `encoding-type=url`; slashes stay. */
export function urlEncode(text: string): string {
  return encodeURIComponent(text)
    .replace(/%2F/g, '/')
    .replace(/[!'()]/g, sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
