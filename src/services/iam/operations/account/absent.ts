// What nobody can have here: lists of it are truthfully empty, and asking for one says that there is none. Clients ask before they delete a user.

import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { needIdentity, needUser } from '../../identities.ts'

export const listMFADevices: Handler<'iam', 'ListMFADevices'> = async (call, { UserName }) => {
  if (UserName !== undefined || call.principal.type === 'user') await needUser(call, UserName)
  return { MFADevices: [], IsTruncated: false }
}
export const listSigningCertificates: Handler<'iam', 'ListSigningCertificates'> = async (call, { UserName }) => {
  if (UserName !== undefined || call.principal.type === 'user') await needUser(call, UserName)
  return { Certificates: [], IsTruncated: false }
}
export const listVirtualMFADevices: Handler<'iam', 'ListVirtualMFADevices'> = async () => ({
  VirtualMFADevices: [],
  IsTruncated: false,
})
export const listServerCertificates: Handler<'iam', 'ListServerCertificates'> = async () => ({
  ServerCertificateMetadataList: [],
  IsTruncated: false,
})
export const listOpenIDConnectProviders: Handler<'iam', 'ListOpenIDConnectProviders'> = async () => ({
  OpenIDConnectProviderList: [],
})
export const listSAMLProviders: Handler<'iam', 'ListSAMLProviders'> = async () => ({ SAMLProviderList: [] })

export const getLoginProfile: Handler<'iam', 'GetLoginProfile'> = async ({ tx, scope, principal }, { UserName }) => {
  const name = UserName ?? (principal.type === 'user' ? principal.userName : '')
  await needIdentity(tx, scope.account, 'user', name)
  return fail('NoSuchEntityException', `Login Profile for User ${name} cannot be found.`)
}
export const getAccountPasswordPolicy: Handler<'iam', 'GetAccountPasswordPolicy'> = async ({ scope }) =>
  fail('NoSuchEntityException', `The Password Policy with domain name ${scope.account} cannot be found.`)
