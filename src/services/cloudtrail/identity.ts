// `userIdentity`: who called, in CloudTrail's words, and the name by which LookupEvents finds them. Pure.

import type { Principal, Session } from '../../operation/principal.ts'

export interface Identity {
  readonly userIdentity: Readonly<Record<string, unknown>>
  readonly username: string | undefined
  readonly accessKeyId: string | undefined
}

export function identityOf(principal: Principal): Identity {
  switch (principal.type) {
    case 'root': {
      const { account, arn, accessKeyId } = principal
      return {
        userIdentity: { type: 'Root', principalId: account, arn, accountId: account, accessKeyId },
        username: 'root',
        accessKeyId,
      }
    }
    case 'user': {
      const { account, arn, accessKeyId, userId, userName, session } = principal
      return {
        userIdentity: {
          type: 'IAMUser',
          principalId: userId,
          arn,
          accountId: account,
          accessKeyId,
          userName,
          ...(session && { sessionContext: { attributes: attributesOf(session) } }),
        },
        username: userName,
        accessKeyId,
      }
    }
    case 'assumedRole': {
      const { account, arn, accessKeyId, roleArn, roleId, sessionName, session } = principal
      const sessionIssuer = {
        type: 'Role',
        principalId: roleId,
        arn: roleArn,
        accountId: account,
        userName: roleArn.split('/').at(-1),
      }
      return {
        userIdentity: {
          type: 'AssumedRole',
          principalId: `${roleId}:${sessionName}`,
          arn,
          accountId: account,
          accessKeyId,
          sessionContext: { sessionIssuer, webIdFederationData: {}, attributes: attributesOf(session) },
          ...(session.issuedTo && { invokedBy: session.issuedTo }),
        },
        username: sessionName,
        accessKeyId,
      }
    }
    case 'service':
      return {
        userIdentity: { type: 'AWSService', invokedBy: principal.service },
        username: undefined,
        accessKeyId: undefined,
      }
    case 'anonymous':
      return {
        userIdentity: { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' },
        username: undefined,
        accessKeyId: undefined,
      }
  }
}

const attributesOf = ({ mfaAuthenticatedAt }: Session) => ({
  ...(mfaAuthenticatedAt && { creationDate: mfaAuthenticatedAt }),
  mfaAuthenticated: String(mfaAuthenticatedAt !== undefined),
})
