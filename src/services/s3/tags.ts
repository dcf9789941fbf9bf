// Tags of objects and buckets: their limits, and the query-string form of the x-amz-tagging header.
// AWS: limits from "Categorizing your storage using tags" [Amazon S3 user guide, object-tagging].

import { fail } from './errors.ts'
import type { Tag } from './objects.ts'

const OBJECT_TAGS = 10
const BUCKET_TAGS = 50
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

export const checkObjectTags = (tags: readonly TagInput[]): Tag[] => checkTags(tags, OBJECT_TAGS, 'Object')
export const checkBucketTags = (tags: readonly TagInput[]): Tag[] => checkTags(tags, BUCKET_TAGS, 'Bucket')

interface TagInput {
  readonly Key?: string
  readonly Value?: string
}

function checkTags(tags: readonly TagInput[], most: number, kind: 'Object' | 'Bucket'): Tag[] {
  if (tags.length > most) {
    const code = kind === 'Object' ? 'BadRequest' : 'InvalidTag'
    const message = `${kind} tags cannot be greater than ${most}`
    fail(code, { message })
  }
  const seen = new Set<string>()
  return tags.map(({ Key = '', Value = '' }) => {
    if (Key.length === 0 || Key.length > 128 || !ALLOWED.test(Key)) {
      fail('InvalidTag', { message: 'The TagKey you have provided is invalid', fields: { TagKey: Key } })
    }
    if (Value.length > 256 || !ALLOWED.test(Value)) {
      fail('InvalidTag', {
        message: 'The TagValue you have provided is invalid',
        fields: { TagKey: Key, TagValue: Value },
      })
    }
    if (Key.toLowerCase().startsWith('aws:')) {
      fail('InvalidTag', { message: 'System tags cannot be added/updated by requester', fields: { TagKey: Key } })
    }
    if (seen.has(Key)) {
      fail('InvalidTag', { message: 'Cannot provide multiple Tags with the same key', fields: { TagKey: Key } })
    }
    seen.add(Key)
    return { Key, Value }
  })
}

/** `x-amz-tagging: a=1&b=2`, percent-encoded. */
export function readTagHeader(header: string | undefined): Tag[] {
  if (!header) return []
  const tags = [...new URLSearchParams(header)].map(([Key, Value]) => ({ Key, Value }))
  const names = new Set(tags.map(tag => tag.Key))
  if (names.size < tags.length) {
    const message =
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates."
    fail('InvalidArgument', { message, fields: { ArgumentName: 'x-amz-tagging', ArgumentValue: header } })
  }
  return checkObjectTags(tags)
}
