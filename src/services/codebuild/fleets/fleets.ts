// The SQL of fleets, and their shape.

import type { CreateFleetCommandInput, Tag } from '@aws-sdk/client-codebuild'
import { formatArn, parseArn } from '../../../core/arn.ts'
import type { Scope } from '../../../core/scope.ts'
import { sql } from '../../../store/sql.ts'
import type { Tx } from '../../../store/tx.ts'
import { idIn } from '../definition.ts'

export type FleetStatusCode = 'CREATING' | 'UPDATING' | 'ACTIVE' | 'PENDING_DELETION' | 'DELETING'

/** What CreateFleet was given, defaults filled in. */
export interface FleetDefinition extends Omit<CreateFleetCommandInput, 'name' | 'tags'> {
  readonly baseCapacity: number
}

export interface FleetRow {
  readonly name: string
  readonly id: string
  readonly definition: FleetDefinition
  readonly tags: readonly Tag[]
  readonly status: FleetStatusCode
  readonly created_at: Date
  readonly modified_at: Date
}

const COLUMNS = sql`name, id, definition, tags, status, created_at, modified_at`

// AWS: `arn:aws:codebuild:REGION:ACCOUNT:fleet/NAME:ID`.
export const fleetArn = (scope: Scope, { name, id }: Pick<FleetRow, 'name' | 'id'>) =>
  formatArn('codebuild', scope, `fleet/${name}:${id}`)
/** Name and id in a fleet's ARN; a name alone has no id, and an ARN of elsewhere is no fleet's name. */
export function fleetName(scope: Scope, nameOrArn: string): { name: string; id?: string } {
  const own = idIn(scope, 'fleet', nameOrArn)
  if (parseArn(own)) return { name: own }
  const [name = '', id] = own.split(':')
  return id ? { name, id } : { name }
}
/** How builders and builds name a fleet. */
export const fleetKey = ({ account, region }: Scope, name: string) => `${account}/${region}/${name}`

/** Answers false when there is one of that name. */
export async function insertFleet(tx: Tx, { account, region }: Scope, row: FleetRow): Promise<boolean> {
  const inserted = await tx.run`
    insert into codebuild.fleets (account, region, name, id, definition, tags, status, created_at, modified_at)
    values (${account}, ${region}, ${row.name}, ${row.id}, ${JSON.stringify(row.definition)}, ${JSON.stringify(row.tags)},
            ${row.status}, ${row.created_at}, ${row.modified_at})
    on conflict do nothing`
  return inserted === 1
}

export async function saveFleet(tx: Tx, { account, region }: Scope, row: FleetRow): Promise<void> {
  await tx.run`
    update codebuild.fleets set definition = ${JSON.stringify(row.definition)}, tags = ${JSON.stringify(row.tags)},
      status = ${row.status}, modified_at = ${row.modified_at}
    where account = ${account} and region = ${region} and name = ${row.name}`
}

/** The fleet of a name or ARN, locked; an ARN of an earlier fleet of the name is none. */
export async function lockFleet(tx: Tx, { account, region }: Scope, nameOrArn: string): Promise<FleetRow | undefined> {
  const { name, id } = fleetName({ account, region }, nameOrArn)
  const row = await tx.one<FleetRow>`
    select ${COLUMNS} from codebuild.fleets where account = ${account} and region = ${region} and name = ${name} for update`
  return id === undefined || row?.id === id ? row : undefined
}

export function findFleets(tx: Tx, { account, region }: Scope, names: readonly string[]): Promise<FleetRow[]> {
  return tx.rows<FleetRow>`
    select ${COLUMNS} from codebuild.fleets where account = ${account} and region = ${region} and name = any(${names}::text[])`
}

/** Deletes the fleet if no build is for it any more. */
export async function deleteIdleFleet(tx: Tx, { account, region }: Scope, { name, id }: FleetRow): Promise<boolean> {
  const deleted = await tx.run`
    delete from codebuild.fleets where account = ${account} and region = ${region} and name = ${name} and id = ${id}
      and not exists (select 1 from codebuild.builds where status = 'IN_PROGRESS' and fleet = ${fleetKey({ account, region }, name)})`
  return deleted === 1
}
