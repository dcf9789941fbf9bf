// If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since: what they decide for reads, copies and writes.
// AWS: precedence from "GetObject" [Amazon S3 API reference]: If-Match true beats If-Unmodified-Since false (200),
// If-None-Match false beats If-Modified-Since true (304).

import { fail, failNotSupported } from './errors.ts'

export interface Conditions {
  readonly IfMatch?: string
  readonly IfNoneMatch?: string
  readonly IfModifiedSince?: Date
  readonly IfUnmodifiedSince?: Date
}

export interface Current {
  /** Without quotes. */
  readonly etag: string
  readonly modified_at: Date
}

type Broken = { readonly condition: string; readonly status: 304 | 412 }

/** The condition that does not hold, with the status that a GET answers; undefined when all do. */
export function brokenCondition(conditions: Conditions, { etag, modified_at }: Current): Broken | undefined {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions
  const modified = seconds(modified_at)
  if (IfMatch !== undefined) {
    if (!matches(IfMatch, etag)) return { condition: 'If-Match', status: 412 }
  } else if (IfUnmodifiedSince && modified > seconds(IfUnmodifiedSince)) {
    return { condition: 'If-Unmodified-Since', status: 412 }
  }
  if (IfNoneMatch !== undefined) {
    if (matches(IfNoneMatch, etag)) return { condition: 'If-None-Match', status: 304 }
  } else if (IfModifiedSince && modified <= seconds(IfModifiedSince)) {
    return { condition: 'If-Modified-Since', status: 304 }
  }
  return undefined
}

/** For GET and HEAD: 304 NotModified or 412 PreconditionFailed. */
export function checkRead(conditions: Conditions, current: Current): void {
  const broken = brokenCondition(conditions, current)
  if (broken?.status === 412) fail('PreconditionFailed', { fields: { Condition: broken.condition } })
  if (broken) {
    const headers = { etag: `"${current.etag}"`, 'last-modified': current.modified_at.toUTCString() }
    fail('NotModified', { headers })
  }
}

/** For the source of a copy: every broken condition is a 412. */
export function checkCopySource(conditions: Conditions, current: Current): void {
  const broken = brokenCondition(conditions, current)
  if (broken) fail('PreconditionFailed', { fields: { Condition: `x-amz-copy-source-${broken.condition}` } })
}

/** For writes: `If-None-Match: *` = only if there is no object, `If-Match` = only over this one. */
export function checkWrite(conditions: Conditions, current: Current | undefined, key: string): void {
  const { IfMatch, IfNoneMatch } = conditions
  // AWS: PutObject "Expects the '*' (asterisk) character" for If-None-Match.
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*')
    failNotSupported('If-None-Match with an ETag on writes, as S3 does not')
  if (IfNoneMatch !== undefined && current) fail('PreconditionFailed', { fields: { Condition: 'If-None-Match' } })
  if (IfMatch === undefined) return
  if (!current) fail('NoSuchKey', { fields: { Key: key } })
  if (!matches(IfMatch, current.etag)) fail('PreconditionFailed', { fields: { Condition: 'If-Match' } })
}

function matches(header: string, etag: string): boolean {
  return header.split(',').some(part => {
    const one = part.trim().replace(/^W\//, '')
    return one === '*' || one.replace(/^"(.*)"$/, '$1') === etag
  })
}

/** HTTP dates have no milliseconds. */
const seconds = (date: Date) => Math.floor(date.getTime() / 1000)
