// On-premises instances: who they are, their tags, and which of them a deployment group means.

import type { InstanceInfo, Tag, TagFilter } from '@aws-sdk/client-codedeploy'
import type { Scope } from '../../core/scope.ts'
import type { Tx } from '../../store/tx.ts'
import type { GroupSettings } from './groups.ts'

export interface InstanceRow {
  readonly name: string
  readonly arn: string
  readonly iam_user_arn: string | null
  readonly iam_session_arn: string | null
  readonly tags: readonly Tag[]
  readonly registered_at: Date
  readonly deregistered_at: Date | null
  readonly last_seen_at: Date | null
}

export const findInstances = (tx: Tx, scope: Scope, names: readonly string[]) =>
  tx.rows<InstanceRow>`
    select name, arn, iam_user_arn, iam_session_arn, tags, registered_at, deregistered_at, last_seen_at
    from codedeploy.on_premises_instances
    where account = ${scope.account} and region = ${scope.region} and name = any(${names}) order by name`

export const findInstance = async (tx: Tx, scope: Scope, name: string) => (await findInstances(tx, scope, [name]))[0]

export const registeredInstances = (tx: Tx, scope: Scope) =>
  tx.rows<InstanceRow>`
    select name, arn, iam_user_arn, iam_session_arn, tags, registered_at, deregistered_at, last_seen_at
    from codedeploy.on_premises_instances
    where account = ${scope.account} and region = ${scope.region} and deregistered_at is null order by name`

/** The registered instance that polls as `host`. */
export const instanceOfHost = (tx: Tx, scope: Scope, host: string) =>
  tx.one<InstanceRow>`
    select name, arn, iam_user_arn, iam_session_arn, tags, registered_at, deregistered_at, last_seen_at
    from codedeploy.on_premises_instances
    where account = ${scope.account} and region = ${scope.region} and deregistered_at is null
      and coalesce(iam_user_arn, iam_session_arn) = ${host}`

export const hostIdentifier = (row: InstanceRow) => row.iam_user_arn ?? row.iam_session_arn ?? ''

/** AWS: any one of the filters is enough; of several tag groups every one must match [instances-tagging]. */
export function isMeantBy(settings: GroupSettings, instance: InstanceRow): boolean {
  const groups = settings.onPremisesTagSet?.onPremisesTagSetList
  if (groups?.length) return groups.every(filters => matchesAny(filters, instance.tags))
  return matchesAny(settings.onPremisesInstanceTagFilters ?? [], instance.tags)
}

export function matchesAny(filters: readonly TagFilter[], tags: readonly Tag[]): boolean {
  return filters.some(filter =>
    tags.some(tag => {
      const key = tag.Key === filter.Key
      const value = (tag.Value ?? '') === (filter.Value ?? '')
      switch (filter.Type) {
        case 'KEY_ONLY':
          return key
        case 'VALUE_ONLY':
          return value
        default:
          return key && value
      }
    }),
  )
}

export function instanceInfo(row: InstanceRow): InstanceInfo {
  return {
    instanceName: row.name,
    instanceArn: row.arn,
    iamUserArn: row.iam_user_arn ?? undefined,
    iamSessionArn: row.iam_session_arn ?? undefined,
    registerTime: row.registered_at,
    deregisterTime: row.deregistered_at ?? undefined,
    tags: [...row.tags],
  }
}
