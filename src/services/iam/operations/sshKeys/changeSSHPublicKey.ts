// Get, List, Update and Delete of SSH public keys.

import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { needIdentity, needUser } from '../../identities.ts'
import { after, listed } from '../../pages.ts'
import { deleteSshKeyRow, findSshKey, pemOf, setSshKeyActive, sshKeyShape, sshKeysOf } from '../../sshKeys.ts'

async function need({ tx, scope }: Call, { UserName, SSHPublicKeyId }: { UserName: string; SSHPublicKeyId: string }) {
  const user = await needIdentity(tx, scope.account, 'user', UserName)
  const row = await findSshKey(tx, user.id, SSHPublicKeyId)
  return {
    user,
    row: row ?? fail('NoSuchEntityException', `The Public Key with id ${SSHPublicKeyId} cannot be found.`),
  }
}

export const getSSHPublicKey: Handler<'iam', 'GetSSHPublicKey'> = async (call, input) => {
  const { user, row } = await need(call, input)
  const SSHPublicKeyBody = input.Encoding === 'PEM' ? pemOf(row.body) : row.body
  return { SSHPublicKey: { ...sshKeyShape(row, user.name), Fingerprint: row.fingerprint, SSHPublicKeyBody } }
}

export const listSSHPublicKeys: Handler<'iam', 'ListSSHPublicKeys'> = async (call, input) => {
  const user = await needUser(call, input.UserName)
  const rows = (await sshKeysOf(call.tx, user.id)).filter(row => row.id > after(input))
  const { items, rest } = listed(rows, input, row => row.id)
  return { SSHPublicKeys: items.map(row => sshKeyShape(row, user.name)), ...rest }
}

export const updateSSHPublicKey: Handler<'iam', 'UpdateSSHPublicKey'> = async (call, input) => {
  const { row } = await need(call, input)
  await setSshKeyActive(call.tx, row.id, input.Status === 'Active')
  return {}
}

export const deleteSSHPublicKey: Handler<'iam', 'DeleteSSHPublicKey'> = async (call, input) => {
  const { row } = await need(call, input)
  await deleteSshKeyRow(call.tx, row.id)
  return {}
}
