// Who calls. Made by authentication (a signature) or by `as(role)`; never by an operation.

export type Principal =
  | {
      readonly type: 'root'
      readonly account: string
      readonly arn: string
      readonly accessKeyId?: string
      /** Set when the credentials are a session's of GetSessionToken. */
      readonly session?: Session
    }
  | {
      readonly type: 'user'
      readonly account: string
      readonly arn: string
      readonly userId: string
      readonly userName: string
      readonly accessKeyId?: string
      /** The user's own tags: `aws:PrincipalTag/...`. */
      readonly tags?: Readonly<Record<string, string>>
      /** Set when the credentials are a session's of GetSessionToken. */
      readonly session?: Session
    }
  | {
      readonly type: 'assumedRole'
      readonly account: string
      /** arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION */
      readonly arn: string
      readonly roleArn: string
      readonly roleId: string
      readonly sessionName: string
      readonly accessKeyId?: string
      /** The role's own tags; those of the session come before them. */
      readonly tags?: Readonly<Record<string, string>>
      readonly session: Session
    }
  /** An AWS service acting for itself, for example `codepipeline.amazonaws.com`, for resources of `account`. */
  | { readonly type: 'service'; readonly account: string; readonly service: string }
  | { readonly type: 'anonymous'; readonly account: string }

export interface Session {
  readonly expires: Date
  /** When the credentials were made: `aws:TokenIssueTime`. */
  readonly issuedAt?: Date
  /** ISO time at which an MFA device was shown, if one was. */
  readonly mfaAuthenticatedAt?: string
  /** Session policies: JSON documents that narrow the permissions. */
  readonly policies?: readonly string[]
  readonly tags?: Readonly<Record<string, string>>
  /** Keys of tags that pass on to roles assumed from this session. */
  readonly transitiveTags?: readonly string[]
  /** Set once, kept by all roles assumed from this session: `aws:SourceIdentity`. */
  readonly sourceIdentity?: string
  /** The service that assumed the role, for role chains and `aws:CalledVia`. */
  readonly issuedTo?: string
}

/** The ARN that AWS shows for a principal; services show as their host name. */
export function principalArn(principal: Principal): string {
  switch (principal.type) {
    case 'service':
      return principal.service
    case 'anonymous':
      return 'anonymous'
    default:
      return principal.arn
  }
}
