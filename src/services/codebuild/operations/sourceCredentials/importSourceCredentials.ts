// ImportSourceCredentials: the token for a kind of git provider, checked with the provider where there is only one of it.

import type { OpenCall } from '../../../../operation/call.ts'
import type { OpenHandler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import {
  apiAccess,
  type CredentialRow,
  credentialArn,
  putCredential,
  SECRET_ARN,
  sealToken,
} from '../../providers/credentials.ts'
import { hostOf, type ProviderType, providerTableOf } from '../../providers/hosts.ts'
import type { ProviderCredential } from '../../providers/provider.ts'
import { providerOf } from '../../providers/providerOf.ts'
import { ProviderError } from '../../providers/request.ts'

export const importSourceCredentials: OpenHandler<'codebuild', 'ImportSourceCredentials'> = async (call, input) => {
  const { serverType, authType, username, token } = input
  if (authType === 'OAUTH') {
    // AWS: an OAUTH connection can not be made with the API [ImportSourceCredentials, authType].
    fail(
      'InvalidInputException',
      'Cannot create source credentials of type OAUTH with the API: import a personal access token',
    )
  }
  if (authType === 'CODECONNECTIONS') {
    fail(
      'InvalidInputException',
      'CODECONNECTIONS is not supported by Codeyard: import a token or a secret of Secrets Manager',
    )
  }
  if (authType === 'BASIC_AUTH' && serverType !== 'BITBUCKET') {
    fail('InvalidInputException', `Authentication type BASIC_AUTH is not supported for server type ${serverType}`)
  }
  if (authType === 'BASIC_AUTH' && !username) fail('InvalidInputException', 'username is required for BASIC_AUTH')
  if (username && authType !== 'BASIC_AUTH') {
    fail('InvalidInputException', 'username is only valid for Bitbucket with authType BASIC_AUTH')
  }
  const type = serverType as ProviderType
  const inSecret = authType === 'SECRETS_MANAGER' ? token! : undefined
  if (inSecret && !SECRET_ARN.test(inSecret)) {
    fail('InvalidInputException', 'token must be the ARN of a secret of Secrets Manager for authType SECRETS_MANAGER')
  }
  const kind = authType === 'BASIC_AUTH' ? authType : 'PERSONAL_ACCESS_TOKEN'
  if (!inSecret) await checkToken(call, type, { authType: kind, token: token!, ...(username && { username }) })
  const row: CredentialRow = {
    server_type: type,
    auth_type: inSecret ? 'SECRETS_MANAGER' : kind,
    username: username ?? null,
    sealed: inSecret ? null : sealToken(call.config.dataDir, call.scope, type, token!),
    resource: inSecret ?? null,
  }
  const overwrite = input.shouldOverwrite !== false
  if (!(await call.transaction(({ tx, scope, now }) => putCredential(tx, scope, row, { now, overwrite })))) {
    fail(
      'ResourceAlreadyExistsException',
      `Access token with server type ${type} already exists. Delete its source credentials first, or import with shouldOverwrite`,
    )
  }
  return { arn: credentialArn(call.scope, type) }
}

// DEVIATES: a token that its provider refuses is refused; one that can not be checked now (the provider is away, or self managed) is taken.
async function checkToken(call: OpenCall, type: ProviderType, credential: ProviderCredential): Promise<void> {
  const table = await providerTableOf(call).catch((error: Error) =>
    fail('InvalidInputException', `The table of git providers can not be used: ${error.message}`),
  )
  const host = hostOf(type, table)
  if (!host) return
  try {
    await providerOf(type).checkToken(apiAccess({ type, api: host.api, insecure: false }, credential))
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    if (error.status === 401)
      fail('InvalidInputException', `The token is not valid: ${host.url} answered ${error.message}`)
    call.log.warn({ provider: type, reason: error.message }, 'a source credential could not be checked')
  }
}
