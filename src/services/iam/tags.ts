// Tags of IAM's resources: keys are unique without regard to case, fifty at most.

import { fail, overQuota } from './errors.ts'

export interface Tag {
  readonly Key: string
  readonly Value: string
}
type TagInput = { readonly Key?: string | undefined; readonly Value?: string | undefined }

const MOST = 50

export function checkTags(tags: readonly TagInput[] = []): Tag[] {
  const keys = tags.map(({ Key = '' }) => Key.toLowerCase())
  if (new Set(keys).size < keys.length)
    fail('InvalidInputException', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.')
  if (keys.some(key => key.startsWith('aws:')))
    fail('InvalidInputException', 'aws: prefixed tag key names are not allowed for external use.')
  return tags.map(({ Key = '', Value = '' }) => ({ Key, Value }))
}

/** New tags come over old ones of the same key. */
export function mergeTags(old: readonly Tag[], added: readonly TagInput[]): Tag[] {
  const fresh = checkTags(added)
  const replaced = new Set(fresh.map(({ Key }) => Key.toLowerCase()))
  const merged = [...old.filter(({ Key }) => !replaced.has(Key.toLowerCase())), ...fresh]
  if (merged.length > MOST) overQuota('TagsPerResource', MOST)
  return merged
}

export function removeTags(old: readonly Tag[], keys: readonly string[]): Tag[] {
  const gone = new Set(keys.map(key => key.toLowerCase()))
  return old.filter(({ Key }) => !gone.has(Key.toLowerCase()))
}

export const tagRecord = (tags: readonly Tag[]) => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]))
