// Tags of keys: what may be one, and how they look in answers.

import type { Tag } from '@aws-sdk/client-kms'
import { fail } from './errors.ts'

const MOST = 50

/** `tags` under those of a request. AWS: the sentences as recorded on AWS [localstack, test_kms.snapshot.json]. */
export function withTags(tags: Record<string, string>, more: readonly Tag[] | undefined): Record<string, string> {
  for (const { TagKey } of more ?? []) {
    if (/^aws:/i.test(TagKey ?? '')) fail('TagException', 'Tags beginning with aws: are reserved')
  }
  const names = (more ?? []).map(({ TagKey }) => TagKey)
  if (new Set(names).size < names.length) fail('TagException', 'Duplicate tag keys')
  const all = {
    ...tags,
    ...Object.fromEntries((more ?? []).map(({ TagKey, TagValue }) => [TagKey ?? '', TagValue ?? ''])),
  }
  if (Object.keys(all).length > MOST) fail('TagException', 'Too many tags')
  return all
}

/** By name. */
export const tagList = (tags: Record<string, string>): Tag[] =>
  Object.entries(tags)
    .map(([TagKey, TagValue]) => ({ TagKey, TagValue }))
    .sort((a, b) => (a.TagKey < b.TagKey ? -1 : 1))
