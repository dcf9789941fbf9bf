// May they? Gathers the policies that speak about a call and asks the evaluator; the answer is silence or AccessDenied.

import { parseArn } from '../core/arn.ts'
import type { Clock } from '../core/clock.ts'
import type { Scope } from '../core/scope.ts'
import { ServiceError } from '../core/serviceError.ts'
import type { Origin } from '../operation/call.ts'
import type { Principal } from '../operation/principal.ts'
import type { Access, Service } from '../operation/service.ts'
import { deniedSentence, evaluate } from '../policy/index.ts'
import type { Tx } from '../store/tx.ts'
import type { IdentityDirectory } from './identity.ts'
import { requestContext } from './requestContext.ts'

export interface Question {
  readonly principal: Principal
  readonly scope: Scope
  readonly origin: Origin
  readonly access: readonly Access[]
  readonly service: Service | undefined
  readonly tx: Tx | undefined
}

/** Throws AccessDenied, in AWS's words, unless every access is allowed. */
export async function authorize(question: Question, identity: IdentityDirectory, clock: Clock): Promise<void> {
  const { principal, scope, origin, access, service, tx } = question
  const now = clock.now()
  for (const one of access) {
    const owner = one.owner ?? (parseArn(one.resource)?.account || scope.account)
    const ownRoot = principal.type === 'root' && owner === principal.account
    if (ownRoot && service?.rootKeeps?.includes(one.action)) continue
    const resourcePolicy = tx && service?.resourcePolicy ? await service.resourcePolicy(tx, one.resource) : undefined
    const sameAccount = owner === principal.account
    if (ownRoot && !resourcePolicy) continue
    // AWS services act within what a role or a resource's own policy gives them; operations without such a policy trust their peers.
    if (principal.type === 'service' && !resourcePolicy) {
      if (!service?.resourcePolicy || sameAccount) continue
    }
    const policies = await identity.policiesOf(principal)
    const decision = evaluate(
      {
        principal,
        action: one.action,
        resource: one.resource,
        context: { ...requestContext(principal, origin, now, scope.region), ...one.context },
      },
      { ...policies, resource: resourcePolicy, sameAccount, granted: one.granted },
    )
    if (decision.decision === 'allowed') continue
    throw new ServiceError(
      service?.accessDeniedCode ?? 'AccessDeniedException',
      deniedSentence(principal, one, decision),
      {
        status:
          service?.accessDeniedCode === 'AccessDenied' || service?.accessDeniedCode === 'AuthorizationError'
            ? 403
            : 400,
      },
    )
  }
}
