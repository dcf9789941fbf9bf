// A user for the demo's pushes, with git credentials, and nothing else.

import type { Clients } from '../clients.ts'
import type { GitLogin } from './repository.ts'

const USER = 'demo-developer'

/** Fresh git credentials: the password of earlier ones can not be shown again, so they are replaced. */
export async function makeGitLogin({ iam }: Clients): Promise<GitLogin> {
  await iam.createUser({ UserName: USER }).catch(error => {
    if (error.name !== 'EntityAlreadyExistsException') throw error
  })
  await iam.attachUserPolicy({ UserName: USER, PolicyArn: 'arn:aws:iam::aws:policy/AWSCodeCommitPowerUser' })
  const service = { UserName: USER, ServiceName: 'codecommit.amazonaws.com' }
  const { ServiceSpecificCredentials } = await iam.listServiceSpecificCredentials(service)
  for (const { ServiceSpecificCredentialId } of ServiceSpecificCredentials ?? []) {
    await iam.deleteServiceSpecificCredential({ UserName: USER, ServiceSpecificCredentialId })
  }
  const { ServiceSpecificCredential } = await iam.createServiceSpecificCredential(service)
  return {
    userName: ServiceSpecificCredential!.ServiceUserName!,
    password: ServiceSpecificCredential!.ServicePassword!,
  }
}
