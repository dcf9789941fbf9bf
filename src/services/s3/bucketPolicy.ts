// Bucket policies: what may be stored, and what the gateway is given to evaluate.

import type { Tx } from '../../store/tx.ts'
import { bucketArn, type PublicAccessBlock } from './buckets.ts'
import { fail } from './errors.ts'
import { isPublicPolicy } from './publicPolicy.ts'

/** AWS: "Bucket policies are limited to 20 KB in size." */
const LARGEST = 20 * 1024

interface Statement {
  readonly Sid?: string
  readonly Effect?: unknown
  readonly Principal?: unknown
  readonly NotPrincipal?: unknown
  readonly Action?: string | readonly string[]
  readonly NotAction?: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly NotResource?: string | readonly string[]
}

/** Refuses what can not be a policy of `bucket`, in S3's words. */
export function checkPolicy(text: string, bucket: string): void {
  if (Buffer.byteLength(text) > LARGEST) malformed('Policies must not be longer than 20480 bytes')
  const document = parsed(text)
  if (document.Version !== undefined && !['2012-10-17', '2008-10-17'].includes(document.Version)) {
    malformed('The policy must contain a valid version string')
  }
  const statements = [document.Statement ?? []].flat() as Statement[]
  if (statements.length === 0) malformed('Missing required field Statement')
  for (const statement of statements) checkStatement(statement, bucket)
}

function parsed(text: string): { Version?: string; Statement?: unknown } {
  try {
    const document: unknown = JSON.parse(text)
    if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document
  } catch {}
  return malformed("Policies must be valid JSON and the first byte must be '{'")
}

function checkStatement(statement: Statement, bucket: string): void {
  if (statement.Effect === undefined) malformed('Missing required field Effect')
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') malformed(`Invalid effect: ${statement.Effect}`)
  if (statement.Principal === undefined && statement.NotPrincipal === undefined)
    malformed('Missing required field Principal')
  const actions = [statement.Action ?? statement.NotAction ?? []].flat()
  if (actions.length === 0) malformed('Missing required field Action')
  if (actions.some(action => action !== '*' && !/^s3(express)?:/i.test(action))) malformed('Policy has invalid action')
  const resources = [statement.Resource ?? statement.NotResource ?? []].flat()
  if (resources.length === 0) malformed('Missing required field Resource')
  const own = bucketArn(bucket)
  if (!resources.every(resource => resource === own || resource.startsWith(`${own}/`) || resource === `${own}*`)) {
    malformed('Policy has invalid resource')
  }
}

function malformed(message: string): never {
  return fail('MalformedPolicy', { message })
}

/** The policy that guards `arn` (a bucket or an object in it), as it counts under the bucket's public access block. */
export async function resourcePolicy(tx: Tx, arn: string): Promise<string | undefined> {
  const bucket = /^arn:aws:s3:::([^/]+)/.exec(arn)?.[1]
  if (!bucket) return undefined
  const row = await tx.one<{ account: string; policy: string | null; block: PublicAccessBlock | null }>`
    select account, settings->>'policy' as policy, settings->'publicAccessBlock' as block
    from s3.buckets where name = ${bucket} and settings ? 'policy'`
  if (!row?.policy) return undefined
  return row.block?.RestrictPublicBuckets && isPublicPolicy(row.policy)
    ? restricted(row.policy, row.account)
    : row.policy
}

// AWS: RestrictPublicBuckets "restricts access to an access point or bucket with a public policy to only AWS service principals and
// authorized users within the bucket owner's account" [Amazon S3 user guide, access-control-block-public-access].
function restricted(policy: string, account: string): string {
  const document = JSON.parse(policy)
  const deny = {
    Effect: 'Deny',
    Principal: '*',
    Action: '*',
    Resource: '*',
    Condition: {
      StringNotEquals: { 'aws:PrincipalAccount': account },
      Bool: { 'aws:PrincipalIsAWSService': 'false' },
    },
  }
  return JSON.stringify({ ...document, Statement: [...[document.Statement].flat(), deny] })
}
