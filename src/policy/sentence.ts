// The sentence that tells a caller why not, in AWS's words: which policy is missing, or where the deny is.

import { assertNever } from '../core/assertNever.ts'
import type { Decision, Layer } from './evaluate.ts'
import type { PrincipalFacts } from './principals.ts'

// AWS: "because no ... allows the x action", "with an explicit deny in ..." [IAM user guide, "Troubleshoot access denied error messages"]
const MISSING: Record<Layer, string> = {
  identity: 'identity-based policy',
  resource: 'resource-based policy',
  trust: 'role trust policy',
  boundary: 'permissions boundary',
  session: 'session policy',
}
const DENYING: Record<Layer, string> = {
  identity: 'an identity-based policy',
  resource: 'a resource-based policy',
  trust: 'the role trust policy',
  boundary: 'a permissions boundary',
  session: 'a session policy',
}

export function deniedSentence(
  principal: PrincipalFacts,
  access: { readonly action: string; readonly resource: string },
  decision: Decision,
): string {
  const { action } = access
  const resource = action.startsWith('s3:') && access.resource !== '*' ? `"${access.resource}"` : access.resource // AWS: S3 quotes it
  const sentence = `User: ${nameOf(principal)} is not authorized to perform: ${action} on resource: ${resource}`
  switch (decision.decision) {
    case 'allowed':
      return sentence
    case 'explicitDeny':
      return `${sentence} with an explicit deny in ${DENYING[decision.layer]}`
    case 'implicitDeny':
      return `${sentence} because no ${MISSING[decision.layer]} allows the ${action} action`
    default:
      return assertNever(decision)
  }
}

const nameOf = ({ type, arn, service }: PrincipalFacts) =>
  type === 'anonymous' ? 'anonymous' : (arn ?? service ?? type)
