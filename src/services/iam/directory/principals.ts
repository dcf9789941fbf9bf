// From rows to principals: what a key, a session or a role stands for.

import type { Principal, Session } from '../../../operation/principal.ts'
import type { SessionClaims } from '../../../operation/sessionToken.ts'
import type { Tx } from '../../../store/tx.ts'
import { entityArn, iamArn } from '../arns.ts'
import type { RoleRow } from '../identities.ts'
import { tagRecord } from '../tags.ts'

export const rootPrincipal = (account: string): Principal & { type: 'root' } => ({
  type: 'root',
  account,
  arn: iamArn(account, 'root'),
})

export function userPrincipal(row: RoleRow): Principal & { type: 'user' } {
  return {
    type: 'user',
    account: row.account,
    arn: entityArn(row),
    userId: row.id,
    userName: row.name,
    ...(row.tags.length > 0 ? { tags: tagRecord(row.tags) } : {}),
  }
}

export function rolePrincipal(
  row: RoleRow,
  sessionName: string,
  session: Session,
): Principal & { type: 'assumedRole' } {
  return {
    type: 'assumedRole',
    account: row.account,
    arn: `arn:aws:sts::${row.account}:assumed-role/${row.name}/${sessionName}`,
    roleArn: entityArn(row),
    roleId: row.id,
    sessionName,
    ...(row.tags.length > 0 ? { tags: tagRecord(row.tags) } : {}),
    session,
  }
}

export function sessionOf(claims: SessionClaims, policies: readonly string[]): Session {
  return {
    expires: new Date(claims.expires),
    issuedAt: new Date(claims.issuedAt),
    ...(policies.length > 0 ? { policies } : {}),
    ...(claims.tags ? { tags: claims.tags } : {}),
    ...(claims.transitiveTags ? { transitiveTags: claims.transitiveTags } : {}),
    ...(claims.sourceIdentity ? { sourceIdentity: claims.sourceIdentity } : {}),
    ...(claims.mfaAuthenticatedAt ? { mfaAuthenticatedAt: claims.mfaAuthenticatedAt } : {}),
    ...(claims.issuedTo ? { issuedTo: claims.issuedTo } : {}),
  }
}

export const identityById = (tx: Tx, id: string) => tx.one<RoleRow>`select * from iam.identities where id = ${id}`

export const roleByArn = (tx: Tx, arn: string) => tx.one<RoleRow>`
  select i.* from iam.assumable_roles r join iam.identities i on i.id = r.id
  where r.account = ${arn.split(':')[4] ?? ''} and r.name = ${arn.slice(arn.lastIndexOf('/') + 1)} and r.arn = ${arn}`
