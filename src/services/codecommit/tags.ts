// Tags of repositories: AWS's limits, and the repository that an ARN names.

import { parseArn } from '../../core/arn.ts'
import type { Call } from '../../operation/call.ts'
import { refuse } from './errors.ts'
import { type RepositoryRow, requireRepository } from './repositories.ts'

type Tags = Readonly<Record<string, string>>

// AWS: at most 50 tags; keys of 1 to 128, values of up to 256 characters; letters, numbers, spaces and + - = . _ : / @ [limits].
const MOST = 50
const ALLOWED = /^[\p{L}\p{N}\p{Z}+\-=._:/@]*$/u

export function checkTags(tags: Tags): void {
  for (const [key, value] of Object.entries(tags)) {
    if (/^aws:/i.test(key)) refuse('InvalidSystemTagUsageException')
    if (!ALLOWED.test(key) || !ALLOWED.test(value)) refuse('InvalidTagsMapException')
  }
  if (Object.keys(tags).length > MOST) refuse('TooManyTagsException')
}

export async function taggedRepository(call: Call, arn: string): Promise<RepositoryRow> {
  const parsed = parseArn(arn)
  if (
    parsed?.service !== 'codecommit' ||
    parsed.account !== call.scope.account ||
    parsed.region !== call.scope.region
  ) {
    return refuse('InvalidResourceArnException')
  }
  return requireRepository(call, parsed.resource)
}

export async function setTags(call: Call, repository: RepositoryRow, tags: Tags): Promise<void> {
  checkTags(tags)
  await call.tx.run`update codecommit.repositories set tags = ${JSON.stringify(tags)} where id = ${repository.id}`
}
