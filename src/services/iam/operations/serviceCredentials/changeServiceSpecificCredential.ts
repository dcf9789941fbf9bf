// Update (Active, Inactive), Reset (a new password) and Delete of service-specific credentials, and their list.

import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { needUser } from '../../identities.ts'
import {
  credentialShape,
  credentialsOf,
  deleteCredential,
  findCredential,
  newPassword,
  savePassword,
  setCredentialActive,
} from '../../serviceCredentials.ts'

async function need(call: Call, input: { UserName?: string | undefined; ServiceSpecificCredentialId: string }) {
  const user = await needUser(call, input.UserName)
  const id = input.ServiceSpecificCredentialId
  const row = await findCredential(call.tx, user.id, id)
  return {
    user,
    row: row ?? fail('NoSuchEntityException', `The Service Specific Credential with id ${id} cannot be found.`),
  }
}

export const updateServiceSpecificCredential: Handler<'iam', 'UpdateServiceSpecificCredential'> = async (
  call,
  input,
) => {
  const { row } = await need(call, input)
  await setCredentialActive(call.tx, row.id, input.Status === 'Active')
  return {}
}

export const resetServiceSpecificCredential: Handler<'iam', 'ResetServiceSpecificCredential'> = async (call, input) => {
  const { user, row } = await need(call, input)
  const { password, ...hashed } = newPassword(call.ids)
  await savePassword(call.tx, row.id, hashed)
  return { ServiceSpecificCredential: { ...credentialShape(row, user.name), ServicePassword: password } }
}

export const deleteServiceSpecificCredential: Handler<'iam', 'DeleteServiceSpecificCredential'> = async (
  call,
  input,
) => {
  const { row } = await need(call, input)
  await deleteCredential(call.tx, row.id)
  return {}
}

export const listServiceSpecificCredentials: Handler<'iam', 'ListServiceSpecificCredentials'> = async (call, input) => {
  const user = await needUser(call, input.UserName)
  const rows = await credentialsOf(call.tx, user.id, input.ServiceName)
  return { ServiceSpecificCredentials: rows.map(row => credentialShape(row, user.name)), IsTruncated: false }
}
