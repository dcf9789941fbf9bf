// The account's alias: at most one.

import type { Handler } from '../../../../operation/handler.ts'
import { fail, insertOr } from '../../errors.ts'

export const createAccountAlias: Handler<'iam', 'CreateAccountAlias'> = async (
  { tx, scope },
  { AccountAlias: alias },
) => {
  await tx.run`delete from iam.account_aliases where account = ${scope.account}` // AWS: a new one replaces the old one
  await insertOr(
    () => tx.nested(() => tx.run`insert into iam.account_aliases (alias, account) values (${alias}, ${scope.account})`),
    () => fail('EntityAlreadyExistsException', `The account alias ${alias} already exists.`),
  )
  return {}
}

export const deleteAccountAlias: Handler<'iam', 'DeleteAccountAlias'> = async (
  { tx, scope },
  { AccountAlias: alias },
) => {
  const removed = await tx.run`delete from iam.account_aliases where account = ${scope.account} and alias = ${alias}`
  if (!removed) fail('NoSuchEntityException', `The account alias ${alias} cannot be found.`)
  return {}
}

export const listAccountAliases: Handler<'iam', 'ListAccountAliases'> = async ({ tx, scope }) => {
  const rows = await tx.rows<{ alias: string }>`select alias from iam.account_aliases where account = ${scope.account}`
  return { AccountAliases: rows.map(row => row.alias), IsTruncated: false }
}
