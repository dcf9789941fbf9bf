// Key policies: what may be one, and that it leaves the caller able to change it again.

import type { Scope } from '../../core/scope.ts'
import { isServiceError } from '../../core/serviceError.ts'
import type { Call } from '../../operation/call.ts'
import { evaluate, type PolicyDocument, parsePolicy } from '../../policy/index.ts'
import { fail } from './errors.ts'
import type { KeyRow } from './keys.ts'
import { keyArn } from './references.ts'

/** AWS: 32 KB [PutKeyPolicy]. */
const LARGEST = 32 * 1024

const EVERYTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
})

/** AWS: a key made without a policy leaves every decision to the account's IAM policies [key-policy-default]. */
export const defaultPolicy = ({ account }: Scope): string =>
  JSON.stringify(
    {
      Version: '2012-10-17',
      Id: 'key-default-1',
      Statement: [
        {
          Sid: 'Enable IAM User Permissions',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: 'kms:*',
          Resource: '*',
        },
      ],
    },
    null,
    2,
  )

/** Refuses what can not be the policy of `key`, and what would lock the caller out unless `bypass`. */
export function checkPolicy(call: Call, key: KeyRow, text: string, bypass: boolean | undefined): void {
  if (Buffer.byteLength(text) > LARGEST)
    fail('LimitExceededException', `The key policy is larger than ${LARGEST} bytes`)
  const document = readPolicy(text)
  for (const { Principal } of document.Statement) {
    const names =
      typeof Principal === 'object' ? [(Principal as Record<string, string | string[]>).AWS ?? []].flat() : []
    // AWS: as in [aws-cdk, CodePipeline: troubleshooting].
    if (!names.every(isPrincipal)) malformed('Policy contains a statement with one or more invalid principals.')
  }
  if (bypass) return
  const { principal } = call
  const { decision } = evaluate(
    {
      principal,
      action: 'kms:PutKeyPolicy',
      resource: keyArn(key),
      context: { 'kms:CallerAccount': principal.account, 'aws:PrincipalAccount': principal.account },
    },
    { identity: [EVERYTHING], resource: text, sameAccount: principal.account === key.account },
  )
  // AWS: as many reports of PutKeyPolicy show it.
  if (decision !== 'allowed') malformed('The new key policy will not allow you to update the key policy in the future.')
}

function readPolicy(text: string): PolicyDocument {
  try {
    return parsePolicy(text, 'resource')
  } catch (error) {
    if (isServiceError(error)) return malformed(error.message)
    throw error
  }
}

const isPrincipal = (name: string) => /^(\*|\d{12}|arn:aws:(iam|sts)::\d{12}:.+|A[A-Z0-9]{15,127})$/.test(name)

const malformed = (message: string): never => fail('MalformedPolicyDocumentException', message)
