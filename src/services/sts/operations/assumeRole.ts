// AssumeRole: temporary credentials of a role. That the trust policy and the caller's own policies agree was decided before.

import { loadMasterKey } from '../../../core/masterKey.ts'
import type { Handler } from '../../../operation/handler.ts'
import { type SessionClaims, sealSession } from '../../../operation/sessionToken.ts'
import { credentialsShape, wholeSecond } from '../credentials.ts'
import { denied, fail } from '../errors.ts'
import { type AssumableRole, findRole } from '../roles.ts'
import { checkInline, checkPolicyArns, packedSize, sessionTags } from '../sessionPolicies.ts'

const HOUR = 3600

export const assumeRole: Handler<'sts', 'AssumeRole'> = async (call, input) => {
  const { principal, now } = call
  if (principal.type === 'root') denied('Roles may not be assumed by root accounts.')
  const role = await findRole(call.tx, input.RoleArn)
  if (!role) return denied(`Not authorized to perform sts:AssumeRole on ${input.RoleArn}`)
  const seconds = checkedDuration(input.DurationSeconds, role, principal.type === 'assumedRole')

  const policies = checkInline(input.Policy)
  const arns = (input.PolicyArns ?? []).flatMap(({ arn }) => (arn === undefined ? [] : [arn]))
  await checkPolicyArns(call, role.account, arns)
  const { tags, transitiveTags } = sessionTags(principal, input.Tags, input.TransitiveTagKeys)
  const packed = packedSize({ policies, arns, tags })
  const session = 'session' in principal ? principal.session : undefined
  const sourceIdentity = input.SourceIdentity ?? session?.sourceIdentity

  const issuedAt = wholeSecond(now)
  const claims: SessionClaims = {
    account: role.account,
    issuedAt,
    expires: issuedAt + seconds * 1000,
    who: { kind: 'role', roleId: role.id, roleArn: role.arn, sessionName: input.RoleSessionName },
    ...(policies.length > 0 ? { policies } : {}),
    ...(arns.length > 0 ? { policyArns: arns } : {}),
    ...(Object.keys(tags).length > 0 ? { tags } : {}),
    ...(transitiveTags.length > 0 ? { transitiveTags } : {}),
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    ...(principal.type === 'service' ? { issuedTo: principal.service } : {}),
  }
  return {
    Credentials: credentialsShape(sealSession(loadMasterKey(call.config.dataDir), call.ids, claims)),
    AssumedRoleUser: {
      AssumedRoleId: `${role.id}:${input.RoleSessionName}`,
      Arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/${input.RoleSessionName}`,
    },
    ...(packed === undefined ? {} : { PackedPolicySize: packed }),
    ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
  }
}

/** AWS: ValidationError with these sentences [IAM user guide, "Methods to assume a role"]. */
function checkedDuration(asked: number | undefined, role: AssumableRole, chained: boolean): number {
  const seconds = asked ?? HOUR
  if (chained && seconds > HOUR)
    fail(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    )
  if (seconds > role.max_session)
    fail('ValidationError', 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
  return seconds
}
