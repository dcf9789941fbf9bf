// STS: who calls, and temporary credentials. Tokens carry their session, see operation/sessionToken.ts: there are no rows of it.

import { defineService, notSupported, read } from '../../operation/service.ts'
import { access } from './access.ts'
import { constraintError } from './errors.ts'
import { assumeRole } from './operations/assumeRole.ts'
import { getAccessKeyInfo } from './operations/getAccessKeyInfo.ts'
import { getCallerIdentity } from './operations/getCallerIdentity.ts'
import { getSessionToken } from './operations/getSessionToken.ts'
import { findRole } from './roles.ts'

export const sts = defineService<'sts'>({
  name: 'sts',
  principal: 'sts.amazonaws.com',
  access,
  accessDeniedCode: 'AccessDenied',
  constraintError,
  /** A role's trust policy. */
  resourcePolicy: async (tx, arn) => (await findRole(tx, arn))?.trust,
  operations: {
    AssumeRole: read(assumeRole),
    GetAccessKeyInfo: read(getAccessKeyInfo),
    GetCallerIdentity: read(getCallerIdentity),
    GetSessionToken: read(getSessionToken),
    AssumeRoleWithSAML: notSupported('federation by SAML is not there; use AssumeRole with access keys'),
    AssumeRoleWithWebIdentity: notSupported(
      'federation by OpenID Connect is not there; use AssumeRole with access keys',
    ),
    AssumeRoot: notSupported('there is no AWS Organizations here; each account has its own root key'),
    DecodeAuthorizationMessage: notSupported(
      'refusals say in clear which policy is missing or denies; nothing is encoded',
    ),
    GetDelegatedAccessToken: notSupported('delegation requests need AWS partners, which are not there'),
    GetFederationToken: notSupported('federated users are not there; use AssumeRole with a session policy'),
    GetWebIdentityToken: notSupported('tokens for web identities outside are not issued'),
  },
})
