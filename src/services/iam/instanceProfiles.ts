// Instance profiles: the box in which a role is handed to an instance, one role each.

import type { Tx } from '../../store/tx.ts'
import { iamArn } from './arns.ts'
import { fail } from './errors.ts'
import { type RoleRow, roleShape } from './identities.ts'
import { after, limitOf, type PageInput } from './pages.ts'
import type { Tag } from './tags.ts'

export interface ProfileRow {
  readonly id: string
  readonly account: string
  readonly name: string
  readonly path: string
  readonly created_at: Date
  readonly role_id: string | null
  readonly tags: readonly Tag[]
  readonly role: (Omit<RoleRow, 'created_at'> & { readonly created_at: string }) | null
}

export const insertProfile = (tx: Tx, row: Omit<ProfileRow, 'role' | 'role_id'>) => tx.run`
  insert into iam.instance_profiles (id, account, name, path, created_at, tags)
  values (${row.id}, ${row.account}, ${row.name}, ${row.path}, ${row.created_at}, ${JSON.stringify(row.tags)})`

export async function needProfile(tx: Tx, account: string, name: string): Promise<ProfileRow> {
  const row = await tx.one<ProfileRow>`
    select p.*, to_jsonb(r) as role from iam.instance_profiles p left join iam.identities r on r.id = p.role_id
    where p.account = ${account} and lower(p.name) = lower(${name}) and p.name = ${name}`
  return row ?? fail('NoSuchEntityException', `Instance Profile ${name} cannot be found.`)
}

export const listProfiles = (
  tx: Tx,
  account: string,
  prefix: string | undefined,
  input: PageInput,
) => tx.rows<ProfileRow>`
  select p.*, to_jsonb(r) as role from iam.instance_profiles p left join iam.identities r on r.id = p.role_id
  where p.account = ${account} and p.name > ${after(input)} and starts_with(p.path || p.name, ${prefix ?? '/'})
  order by p.name limit ${limitOf(input) + 1}`

export const profilesOfRole = (tx: Tx, roleId: string, input: PageInput) => tx.rows<ProfileRow>`
  select p.*, to_jsonb(r) as role from iam.instance_profiles p join iam.identities r on r.id = p.role_id
  where p.role_id = ${roleId} and p.name > ${after(input)} order by p.name limit ${limitOf(input) + 1}`

export const setProfileRole = (tx: Tx, id: string, roleId: string | null) =>
  tx.run`update iam.instance_profiles set role_id = ${roleId} where id = ${id}`
export const saveProfileTags = (tx: Tx, id: string, tags: readonly Tag[]) =>
  tx.run`update iam.instance_profiles set tags = ${JSON.stringify(tags)} where id = ${id}`
export const deleteProfile = (tx: Tx, id: string) => tx.run`delete from iam.instance_profiles where id = ${id}`

export const profileShape = (row: ProfileRow) => ({
  Path: row.path,
  InstanceProfileName: row.name,
  InstanceProfileId: row.id,
  Arn: iamArn(row.account, `instance-profile${row.path}${row.name}`),
  CreateDate: row.created_at,
  Roles: row.role ? [roleShape({ ...row.role, created_at: new Date(row.role.created_at) } as RoleRow)] : [],
  ...(row.tags.length > 0 ? { Tags: [...row.tags] } : {}),
})
