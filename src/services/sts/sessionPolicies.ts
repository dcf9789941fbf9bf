// Session policies and tags of AssumeRole: checked, and how much of the space for them they take.

import { deflateRawSync } from 'node:zlib'
import { parseArn } from '../../core/arn.ts'
import { isServiceError } from '../../core/serviceError.ts'
import type { Call } from '../../operation/call.ts'
import type { Principal } from '../../operation/principal.ts'
import { parsePolicy } from '../../policy/index.ts'
import { fail } from './errors.ts'

type TagInput = { readonly Key?: string | undefined; readonly Value?: string | undefined }

/** Bytes of packed policies and tags that a token has room for. */
const ROOM = 2048

/** ARNs of managed session policies; they are read at each use, so their later versions count. */
export async function checkPolicyArns(call: Call, roleAccount: string, arns: readonly string[]): Promise<void> {
  for (const arn of arns) {
    const parsed = parseArn(arn)
    if (
      parsed?.service !== 'iam' ||
      !parsed.resource.startsWith('policy/') ||
      (parsed.account !== 'aws' && parsed.account !== roleAccount)
    ) {
      fail('ValidationError', `The policy ARN ${arn} is not one of the role's account or of AWS.`)
    }
    if (roleAccount !== call.scope.account) continue
    await call.asService.invoke('iam', 'GetPolicy', { PolicyArn: arn }).catch(error => {
      if (isServiceError(error, 'NoSuchEntityException'))
        return fail('ValidationError', `The policy ${arn} does not exist.`)
      throw error
    })
  }
}

export function checkInline(policy: string | undefined): readonly string[] {
  if (policy === undefined) return []
  parsePolicy(policy, 'identity')
  return [policy]
}

/** Tags of the new session: those asked for over the transitive ones of the caller's. */
export function sessionTags(principal: Principal, tags: readonly TagInput[] = [], transitive: readonly string[] = []) {
  const keys = tags.map(({ Key = '' }) => Key.toLowerCase())
  if (new Set(keys).size < keys.length)
    fail('InvalidParameterValue', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.')
  for (const key of transitive) {
    if (!keys.includes(key.toLowerCase()))
      fail('InvalidParameterValue', `The transitive tag key ${key} is not one of the session tags.`)
  }
  const session = 'session' in principal ? principal.session : undefined
  const inherited = (session?.transitiveTags ?? []).filter(key => session?.tags?.[key] !== undefined)
  const conflict = inherited.find(key => keys.includes(key.toLowerCase()))
  if (conflict !== undefined) {
    fail(
      'InvalidParameterValue',
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    )
  }
  return {
    tags: Object.fromEntries([
      ...inherited.map(key => [key, session?.tags?.[key] ?? '']),
      ...tags.map(({ Key = '', Value = '' }) => [Key, Value]),
    ]) as Record<string, string>,
    transitiveTags: [...inherited, ...transitive],
  }
}

/** Percent of the room. AWS: PackedPolicyTooLarge from 100 on [STS API reference, AssumeRole]. */
export function packedSize(parts: {
  policies: readonly string[]
  arns: readonly string[]
  tags: Readonly<Record<string, string>>
}): number | undefined {
  if (parts.policies.length + parts.arns.length + Object.keys(parts.tags).length === 0) return undefined
  const percent = Math.ceil((deflateRawSync(JSON.stringify(parts)).length * 100) / ROOM)
  if (percent > 100)
    fail(
      'PackedPolicyTooLargeException',
      `Serialized token too large for session: packed policies and tags take ${percent}% of the room for them.`,
    )
  return percent
}
