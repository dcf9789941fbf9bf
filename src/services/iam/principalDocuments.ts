// Every policy document that speaks of one user or role: its own, those of its groups, its boundary. One query.

import type { Tx } from '../../store/tx.ts'
import { awsManagedPolicies } from './managed/awsManaged.ts'

export interface NamedDocument {
  /** As simulations show it. */
  readonly source: string
  readonly type: 'user' | 'group' | 'role' | 'user-managed' | 'aws-managed'
  readonly document: string
}

export interface PrincipalDocuments {
  readonly identity: readonly NamedDocument[]
  /** A boundary whose policy cannot be read allows nothing. */
  readonly boundary: string | undefined
}

interface Row {
  readonly part: 'inline' | 'attached' | 'boundary'
  readonly kind: 'user' | 'group' | 'role'
  readonly owner: string
  /** Name of an inline policy, ARN of a managed one. */
  readonly policy: string
  readonly document: string | null
}

const NOTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'none:none', Resource: '*' }],
})

export async function principalDocuments(tx: Tx, identityId: string): Promise<PrincipalDocuments> {
  const rows = await tx.rows<Row>`
    with who as (
      select id, kind, name, boundary from iam.identities where id = ${identityId}
      union all
      select g.id, g.kind, g.name, null from iam.memberships m join iam.identities g on g.id = m.group_id where m.user_id = ${identityId}
    ), named as (
      select 'inline' as part, w.kind, w.name as owner, p.name as policy, p.document as document
        from who w join iam.inline_policies p on p.identity_id = w.id
      union all
      select 'attached', w.kind, w.name, a.policy_arn, null from who w join iam.attachments a on a.identity_id = w.id
      union all
      select 'boundary', kind, name, boundary, null from who where boundary is not null
    )
    select n.part, n.kind, n.owner, n.policy, coalesce(n.document, v.document) as document
    from named n
    left join iam.policies p on n.document is null and p.arn = n.policy
    left join iam.policy_versions v on v.arn = p.arn and v.version = p.default_version`
  const identity = rows.flatMap((row): NamedDocument[] => {
    if (row.part === 'boundary') return []
    if (row.part === 'inline')
      return [{ source: `${row.kind}_${row.owner}_${row.policy}`, type: row.kind, document: row.document! }]
    const document = row.document ?? awsManagedPolicies().get(row.policy)?.document
    return document === undefined
      ? []
      : [{ source: row.policy, type: row.document ? 'user-managed' : 'aws-managed', document }]
  })
  const limit = rows.find(row => row.part === 'boundary')
  const boundary = limit && (limit.document ?? awsManagedPolicies().get(limit.policy)?.document ?? NOTHING)
  return { identity, boundary }
}

/** Documents of managed policies by ARN, in that order; one that is gone allows nothing. */
export async function managedDocuments(tx: Tx, arns: readonly string[]): Promise<string[]> {
  if (arns.length === 0) return []
  const rows = await tx.rows<{ arn: string; document: string }>`
    select p.arn, v.document from iam.policies p join iam.policy_versions v on v.arn = p.arn and v.version = p.default_version
    where p.arn = any(${arns}::text[])`
  return arns.map(
    arn => rows.find(row => row.arn === arn)?.document ?? awsManagedPolicies().get(arn)?.document ?? NOTHING,
  )
}
