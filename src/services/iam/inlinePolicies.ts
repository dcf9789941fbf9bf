// Policies that live inside one user, group or role.

import type { Tx } from '../../store/tx.ts'
import { after, limitOf, type PageInput } from './pages.ts'

export interface InlinePolicyRow {
  readonly name: string
  readonly document: string
}

export const putInline = (tx: Tx, identityId: string, { name, document }: InlinePolicyRow) => tx.run`
  insert into iam.inline_policies (identity_id, name, document) values (${identityId}, ${name}, ${document})
  on conflict (identity_id, name) do update set document = excluded.document`

export const findInline = (tx: Tx, identityId: string, name: string) =>
  tx.one<InlinePolicyRow>`select name, document from iam.inline_policies where identity_id = ${identityId} and name = ${name}`

export const deleteInline = (tx: Tx, identityId: string, name: string) =>
  tx.run`delete from iam.inline_policies where identity_id = ${identityId} and name = ${name}`

export const listInline = (tx: Tx, identityId: string, input: PageInput) => tx.rows<InlinePolicyRow>`
  select name, document from iam.inline_policies where identity_id = ${identityId} and name > ${after(input)}
  order by name limit ${limitOf(input) + 1}`

/** Those beside `name`, which is about to be written: their sizes count together. */
export const otherInline = (tx: Tx, identityId: string, name: string) =>
  tx.rows<InlinePolicyRow>`select name, document from iam.inline_policies where identity_id = ${identityId} and name <> ${name}`
