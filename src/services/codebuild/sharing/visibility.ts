// The SQL of public projects.

import type { Scope } from '../../../core/scope.ts'
import type { Tx } from '../../../store/tx.ts'
import type { ProjectDefinition } from '../definition.ts'

export type Visibility = 'PUBLIC_READ' | 'PRIVATE'

export interface PublicProject extends Scope {
  readonly name: string
  readonly definition: ProjectDefinition
  /** As whom logs and artifacts are read. */
  readonly resource_access_role: string | null
}

/** The project's alias, which is made once; undefined when there is no such project. Without `role` the one before stays. */
export async function setVisibility(
  tx: Tx,
  { account, region }: Scope,
  name: string,
  { visibility, role, alias, now }: { visibility: Visibility; role: string | undefined; alias: string; now: Date },
): Promise<string | undefined> {
  const row = await tx.one<{ public_alias: string }>`
    update codebuild.projects
    set visibility = ${visibility}, resource_access_role = coalesce(${role}, resource_access_role),
      public_alias = coalesce(public_alias, ${alias}), modified_at = ${now}
    where account = ${account} and region = ${region} and name = ${name} returning public_alias`
  return row?.public_alias
}

/** Undefined for aliases of projects that are private again. */
export function findPublicProject(tx: Tx, alias: string): Promise<PublicProject | undefined> {
  return tx.one<PublicProject>`
    select account, region, name, definition, resource_access_role from codebuild.projects
    where public_alias = ${alias} and visibility = 'PUBLIC_READ'`
}
