// May this caller do this to that? AWS's evaluation logic, pure: explicit deny first, then who must allow depends on who owns the resource.

import { type CompiledStatement, compilePolicy } from './compile.ts'
import type { Grant, PrincipalFacts } from './principals.ts'
import type { ContextLookup } from './template.ts'

export interface PolicyRequest {
  readonly principal: PrincipalFacts
  /** `codecommit:GetBranch`; its case does not matter. */
  readonly action: string
  /** An ARN, or `*` where the operation has none. */
  readonly resource: string
  /** Condition keys; their case does not matter. */
  readonly context: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** Documents as JSON text. */
export interface Policies {
  readonly identity: readonly string[]
  readonly resource?: string | undefined
  readonly boundary?: string | undefined
  readonly session?: readonly string[] | undefined
  /** The resource belongs to the caller's account: then either side may allow, else both must. */
  readonly sameAccount: boolean
  /** A grant on the resource (KMS) allows it, in whatever account: no policy needs to. */
  readonly granted?: boolean | undefined
}

/** `trust` is the resource policy of a role. */
export type Layer = 'identity' | 'resource' | 'trust' | 'boundary' | 'session'

export interface Matched {
  readonly layer: Layer
  /** Which of the layer's documents, from 0. */
  readonly document: number
  /** Which statement of it, from 0. */
  readonly index: number
  readonly sid: string | undefined
}

export type Decision =
  | { readonly decision: 'allowed'; readonly statement: Matched | undefined }
  | { readonly decision: 'explicitDeny'; readonly layer: Layer; readonly statement: Matched }
  /** `layer` is what should have allowed it and did not. */
  | { readonly decision: 'implicitDeny'; readonly layer: Layer }

/**
 * AWS: "Policy evaluation logic" [IAM user guide]. A role's trust policy (and a KMS key's) must allow also within the account; naming the
 * account there leaves the decision to its identity policies. Root of an account has every permission in it, subject to resource policies.
 */
export function evaluate(request: PolicyRequest, policies: Policies): Decision {
  const action = request.action.toLowerCase()
  const context = lookupOf(request.context)
  const trust = /^sts:(assumerole|tagsession|setsourceidentity)/.test(action)
  const resourceLayer: Layer = trust ? 'trust' : 'resource'
  const weigh = (layer: Layer, documents: readonly string[]) =>
    weighDocuments({ request, action, context, layer }, documents)

  const resource = weigh(resourceLayer, policies.resource === undefined ? [] : [policies.resource])
  const identity = weigh('identity', policies.identity)
  const boundary = policies.boundary === undefined ? UNLIMITED : weigh('boundary', [policies.boundary])
  const session =
    policies.session === undefined || policies.session.length === 0 ? UNLIMITED : weigh('session', policies.session)
  for (const { deny } of [resource, identity, boundary, session]) {
    if (deny) return { decision: 'explicitDeny', layer: deny.layer, statement: deny }
  }

  const missing = (layer: Layer): Decision => ({ decision: 'implicitDeny', layer })
  const allowed = (statement: Matched | undefined): Decision => ({ decision: 'allowed', statement })
  const { type } = request.principal
  if (type === 'service' || type === 'anonymous')
    return resource.allow ? allowed(resource.allow) : missing(resourceLayer)

  const mine = type === 'root' ? true : identity.allow !== undefined
  const limited = !boundary.allow ? missing('boundary') : !session.allow ? missing('session') : undefined
  const resourceMust = trust || (action.startsWith('kms:') && policies.resource !== undefined)
  if (policies.granted) return limited ?? allowed(undefined)
  if (!policies.sameAccount) {
    if (!mine) return missing('identity')
    if (limited) return limited
    return resource.allow ? allowed(resource.allow) : missing(resourceLayer)
  }
  if (resourceMust && !resource.allow) return missing(resourceLayer)
  // AWS: a resource policy that names the user or session itself is not limited by implicit denies of boundary and session policies;
  // one that names the role is [IAM user guide, "Permissions boundaries for IAM entities" and "Session policies"].
  if (resource.grant === 'exact' || (resource.grant === 'anyone' && type === 'user')) return allowed(resource.allow)
  if (!mine && resource.grant !== 'role' && resource.grant !== 'anyone') return missing('identity')
  return limited ?? allowed(identity.allow ?? resource.allow)
}

interface Weighed {
  readonly deny: Matched | undefined
  readonly allow: Matched | undefined
  /** The most direct way in which an allowing statement names the caller. */
  readonly grant: Grant | undefined
}

const UNLIMITED: Weighed = {
  deny: undefined,
  allow: { layer: 'boundary', document: 0, index: 0, sid: undefined },
  grant: undefined,
}
const STRENGTH: readonly Grant[] = ['account', 'role', 'anyone', 'exact']

interface Question {
  readonly request: PolicyRequest
  readonly action: string
  readonly context: ContextLookup
  readonly layer: Layer
}

function weighDocuments({ request, action, context, layer }: Question, documents: readonly string[]): Weighed {
  let allow: Matched | undefined
  let grant: Grant | undefined
  for (const [document, text] of documents.entries()) {
    for (const statement of compilePolicy(text)) {
      if (grant && statement.effect === 'Allow' && (grant === 'exact' || layer === 'identity')) continue
      const named = speaksOf(statement, request, action, context)
      if (!named) continue
      const matched = { layer, document, index: statement.index, sid: statement.sid }
      if (statement.effect === 'Deny') return { deny: matched, allow: undefined, grant: undefined }
      if (!grant || STRENGTH.indexOf(named) > STRENGTH.indexOf(grant)) {
        allow = matched
        grant = named
      }
    }
  }
  return { deny: undefined, allow, grant }
}

function speaksOf(
  statement: CompiledStatement,
  request: PolicyRequest,
  action: string,
  context: ContextLookup,
): Grant | undefined {
  if (!statement.matchesAction(action)) return undefined
  const grant = statement.grantTo(request.principal)
  if (!grant || !statement.matchesResource(request.resource, context) || !statement.holds(context)) return undefined
  return grant
}

/** Case-folded once a request, and only when a statement asks. */
function lookupOf(context: PolicyRequest['context']): ContextLookup {
  let folded: Map<string, readonly string[]> | undefined
  return key => {
    if (!folded) {
      folded = new Map()
      for (const [name, value] of Object.entries(context)) {
        if (value !== undefined) folded.set(name.toLowerCase(), typeof value === 'string' ? [value] : value)
      }
    }
    return folded.get(key)
  }
}
