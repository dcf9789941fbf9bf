// Users, groups and roles: their rows, and the shapes in which IAM shows them.

import type { Call } from '../../operation/call.ts'
import type { Principal } from '../../operation/principal.ts'
import type { Tx } from '../../store/tx.ts'
import { encodedDocument, entityArn } from './arns.ts'
import { fail, noSuch } from './errors.ts'
import type { Kind } from './kinds.ts'
import { after, limitOf, type PageInput } from './pages.ts'
import type { Tag } from './tags.ts'

export interface IdentityRow {
  readonly id: string
  readonly account: string
  readonly kind: Kind
  readonly name: string
  readonly path: string
  readonly created_at: Date
  readonly boundary: string | null
  readonly tags: readonly Tag[]
}

export interface RoleRow extends IdentityRow {
  readonly trust: string
  readonly description: string | null
  readonly max_session: number
  readonly service_linked: boolean
  readonly last_used_at: Date | null
  readonly last_used_region: string | null
}

/** Prefixes of unique ids. AWS: "IAM identifiers" [IAM user guide]. */
export const ID_PREFIX: Record<Kind, string> = { user: 'AIDA', group: 'AGPA', role: 'AROA' }

export const findIdentity = (tx: Tx, account: string, kind: Kind, name: string) =>
  tx.one<RoleRow>`select * from iam.identities where account = ${account} and kind = ${kind} and lower(name) = lower(${name}) and name = ${name}`

export async function needIdentity(tx: Tx, account: string, kind: Kind, name: string): Promise<RoleRow> {
  return (await findIdentity(tx, account, kind, name)) ?? noSuch(kind, name)
}

/** The named user, or without a name the caller itself. */
export async function needUser({ tx, scope, principal }: Call, name: string | undefined): Promise<RoleRow> {
  return needIdentity(tx, scope.account, 'user', name ?? ownName(principal))
}

/** AWS: "Must specify userName when calling with non-User credentials" [IAM, ValidationError]. */
export function ownName(principal: Principal): string {
  return principal.type === 'user'
    ? principal.userName
    : fail('ValidationError', 'Must specify userName when calling with non-User credentials')
}

export const insertIdentity = (tx: Tx, row: Omit<IdentityRow, 'boundary'> & Partial<RoleRow>) => tx.run`
  insert into iam.identities (id, account, kind, name, path, created_at, boundary, tags, trust, description, max_session, service_linked)
  values (${row.id}, ${row.account}, ${row.kind}, ${row.name}, ${row.path}, ${row.created_at}, ${row.boundary ?? null},
    ${JSON.stringify(row.tags)}, ${row.trust}, ${row.description}, ${row.max_session}, ${row.service_linked ?? false})`

export const listIdentities = (
  tx: Tx,
  account: string,
  kind: Kind,
  input: PageInput & { PathPrefix?: string | undefined },
) =>
  tx.rows<RoleRow>`
    select * from iam.identities where account = ${account} and kind = ${kind} and name > ${after(input)}
      and starts_with(path || name, ${input.PathPrefix ?? '/'})
    order by name limit ${limitOf(input) + 1}`

export const renameIdentity = (tx: Tx, id: string, name: string, path: string) =>
  tx.run`update iam.identities set name = ${name}, path = ${path} where id = ${id}`

export const deleteIdentity = (tx: Tx, id: string) => tx.run`delete from iam.identities where id = ${id}`

export const saveTags = (tx: Tx, id: string, tags: readonly Tag[]) =>
  tx.run`update iam.identities set tags = ${JSON.stringify(tags)} where id = ${id}`

export const saveBoundary = (tx: Tx, id: string, arn: string | null) =>
  tx.run`update iam.identities set boundary = ${arn} where id = ${id}`

export const saveRole = (tx: Tx, id: string, role: Pick<RoleRow, 'trust' | 'description' | 'max_session'>) => tx.run`
  update iam.identities set trust = ${role.trust}, description = ${role.description}, max_session = ${role.max_session} where id = ${id}`

const boundaryShape = ({ boundary }: IdentityRow) =>
  boundary
    ? {
        PermissionsBoundary: {
          PermissionsBoundaryType: 'PermissionsBoundaryPolicy' as const,
          PermissionsBoundaryArn: boundary,
        },
      }
    : {}

const tagsShape = ({ tags }: IdentityRow) => (tags.length > 0 ? { Tags: [...tags] } : {})

export const userShape = (row: IdentityRow) => ({
  Path: row.path,
  UserName: row.name,
  UserId: row.id,
  Arn: entityArn(row),
  CreateDate: row.created_at,
})

/** AWS: lists leave out tags and boundary, Get and Create show them [IAM API reference, ListUsers, ListRoles]. */
export const fullUserShape = (row: IdentityRow) => ({ ...userShape(row), ...boundaryShape(row), ...tagsShape(row) })

export const groupShape = (row: IdentityRow) => ({
  Path: row.path,
  GroupName: row.name,
  GroupId: row.id,
  Arn: entityArn(row),
  CreateDate: row.created_at,
})

export const roleShape = (row: RoleRow) => ({
  Path: row.path,
  RoleName: row.name,
  RoleId: row.id,
  Arn: entityArn(row),
  CreateDate: row.created_at,
  AssumeRolePolicyDocument: encodedDocument(row.trust),
  ...(row.description ? { Description: row.description } : {}),
  MaxSessionDuration: row.max_session,
})

export const fullRoleShape = (row: RoleRow) => ({
  ...roleShape(row),
  ...boundaryShape(row),
  ...tagsShape(row),
  RoleLastUsed: row.last_used_at
    ? { LastUsedDate: row.last_used_at, ...(row.last_used_region ? { Region: row.last_used_region } : {}) }
    : {},
})
