// The global condition keys of a call: what policies may ask about whoever calls, from where and when.

import { isIP } from 'node:net'
import type { Origin } from '../operation/call.ts'
import type { Principal } from '../operation/principal.ts'

export type RequestContext = Record<string, string | readonly string[]>

/** Keys that do not apply are absent, as on AWS: for example `aws:MultiFactorAuthPresent` with long-term keys. */
export function requestContext(principal: Principal, origin: Origin, now: Date, region: string): RequestContext {
  const context: RequestContext = {
    'aws:CurrentTime': isoSeconds(now),
    'aws:EpochTime': String(Math.floor(now.getTime() / 1000)),
    'aws:SecureTransport': String(origin.secure),
    'aws:UserAgent': origin.userAgent,
    'aws:RequestedRegion': region,
    'aws:PrincipalIsAWSService': String(principal.type === 'service'),
    ...principalKeys(principal),
    ...sessionKeys(principal, now),
    ...calledVia(principal, origin),
  }
  if (isIP(origin.sourceIp)) context['aws:SourceIp'] = origin.sourceIp
  return context
}

function principalKeys(principal: Principal): RequestContext {
  switch (principal.type) {
    case 'root':
      return identified(principal.arn, principal.account, 'Account', principal.account)
    case 'user':
      return {
        ...identified(principal.arn, principal.account, 'User', principal.userId),
        'aws:username': principal.userName,
        ...tagKeys({ ...principal.tags, ...principal.session?.tags }),
      }
    case 'assumedRole':
      return {
        ...identified(
          principal.roleArn,
          principal.account,
          'AssumedRole',
          `${principal.roleId}:${principal.sessionName}`,
        ), // AWS: PrincipalArn is the role's, not the session's
        ...tagKeys({ ...principal.tags, ...principal.session.tags }),
      }
    case 'service':
      return {
        'aws:PrincipalServiceName': principal.service,
        'aws:SourceAccount': principal.account,
        // AWS: the default policy of a topic asks for it; alarms send it, EventBridge and S3 do not and need a statement of their own.
        ...(SENDS_SOURCE_OWNER.has(principal.service) ? { 'aws:SourceOwner': principal.account } : {}),
      }
    case 'anonymous':
      return { 'aws:PrincipalType': 'Anonymous', 'aws:userid': 'anonymous' }
  }
}

const SENDS_SOURCE_OWNER = new Set(['cloudwatch.amazonaws.com'])

const identified = (arn: string, account: string, type: string, userId: string): RequestContext => ({
  'aws:PrincipalArn': arn,
  'aws:PrincipalAccount': account,
  'aws:PrincipalType': type,
  'aws:userid': userId,
})

const tagKeys = (tags: Readonly<Record<string, string>>): RequestContext =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]))

function sessionKeys(principal: Principal, now: Date): RequestContext {
  const session = 'session' in principal ? principal.session : undefined
  if (!session) return {}
  const mfa = session.mfaAuthenticatedAt === undefined ? undefined : new Date(session.mfaAuthenticatedAt)
  return {
    'aws:MultiFactorAuthPresent': String(mfa !== undefined),
    ...(mfa
      ? { 'aws:MultiFactorAuthAge': String(Math.max(0, Math.floor((now.getTime() - mfa.getTime()) / 1000))) }
      : {}),
    ...(session.sourceIdentity ? { 'aws:SourceIdentity': session.sourceIdentity } : {}),
    ...(session.issuedAt ? { 'aws:TokenIssueTime': isoSeconds(session.issuedAt) } : {}),
  }
}

/** A service that calls on with its caller's own permissions; one that acts in a role it assumed itself is not "via". */
function calledVia(principal: Principal, origin: Origin): RequestContext {
  const service = /^[a-z0-9.-]+\.amazonaws\.com$/.test(origin.sourceIp) ? origin.sourceIp : undefined
  const issuedTo = 'session' in principal ? principal.session?.issuedTo : undefined
  if (!service || principal.type === 'service' || issuedTo === service) return { 'aws:ViaAWSService': 'false' }
  return {
    'aws:ViaAWSService': 'true',
    'aws:CalledVia': [service],
    'aws:CalledViaFirst': service,
    'aws:CalledViaLast': service,
  }
}

const isoSeconds = (date: Date) => `${date.toISOString().slice(0, 19)}Z`
