// Tags of parameters.

import type { Tag } from '@aws-sdk/client-ssm'
import { fail } from './errors.ts'

const MOST = 50

export function tagMap(tags: readonly Tag[] | undefined): Record<string, string> {
  const map = Object.fromEntries((tags ?? []).map(tag => [tag.Key!, tag.Value!]))
  return checkCount(map)
}

export function checkCount(tags: Record<string, string>): Record<string, string> {
  if (Object.keys(tags).length > MOST) fail('TooManyTagsError', `A parameter can have at most ${MOST} tags.`)
  return tags
}

/** Only parameters have tags here; says so for the rest. */
export function checkResourceType(type: string): void {
  if (type !== 'Parameter') fail('InvalidResourceType', `Codeyard has parameters only, no resource type ${type}`)
}

export const noSuchResource = () => fail('InvalidResourceId', 'Invalid Resource Id')
