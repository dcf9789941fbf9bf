// Access control lists as buckets with ObjectOwnership BucketOwnerEnforced have them: the owner has full control, nobody else any.
// AWS: "AccessControlListNotSupported: The bucket does not allow ACLs" [Amazon S3 user guide, about-object-ownership].

import type { AccessControlPolicy, Grant } from '@aws-sdk/client-s3'
import { fail } from './errors.ts'
import { canonicalId, owner } from './owners.ts'

interface AclInput {
  readonly ACL?: string
  readonly AccessControlPolicy?: AccessControlPolicy
  readonly GrantFullControl?: string
  readonly GrantRead?: string
  readonly GrantReadACP?: string
  readonly GrantWrite?: string
  readonly GrantWriteACP?: string
}

/** Canned lists that say what is so anyway. */
const HARMLESS = new Set(['private', 'bucket-owner-full-control', 'bucket-owner-read'])

/** Refuses every list that would let others in. */
export function checkAcl(input: AclInput, account: string): void {
  const { ACL, AccessControlPolicy, ...grants } = input
  const opens =
    (ACL !== undefined && !HARMLESS.has(ACL)) ||
    [grants.GrantRead, grants.GrantReadACP, grants.GrantWrite, grants.GrantWriteACP].some(
      grant => grant !== undefined,
    ) ||
    (grants.GrantFullControl !== undefined && !grants.GrantFullControl.includes(canonicalId(account))) ||
    (AccessControlPolicy?.Grants ?? []).some(grant => grant.Grantee?.ID !== canonicalId(account))
  if (opens) fail('AccessControlListNotSupported')
}

/** What Get*Acl answers. */
export function ownersAcl(account: string): { Owner: { ID: string }; Grants: Grant[] } {
  const Owner = owner(account)
  return { Owner, Grants: [{ Grantee: { ...Owner, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }] }
}
