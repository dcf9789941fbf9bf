// Source credentials: one for each kind of provider in a region of an account, encrypted with the data directory's master key, or a secret of
// Secrets Manager; a project may name a secret of its own.

import type { ProjectSource, SourceCredentialsInfo } from '@aws-sdk/client-codebuild'
import { formatArn } from '../../../core/arn.ts'
import { loadMasterKey } from '../../../core/masterKey.ts'
import type { Scope } from '../../../core/scope.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import type { OpenCall } from '../../../operation/call.ts'
import type { Invoke } from '../../../operation/sdks.ts'
import type { Tx } from '../../../store/tx.ts'
import { isProviderType, type ProviderType, type Repository } from './hosts.ts'
import type { ProviderCredential } from './provider.ts'
import { providerOf } from './providerOf.ts'
import type { ApiAccess } from './request.ts'

export interface CredentialRow {
  readonly server_type: ProviderType
  readonly auth_type: 'PERSONAL_ACCESS_TOKEN' | 'BASIC_AUTH' | 'SECRETS_MANAGER'
  readonly username: string | null
  readonly sealed: string | null
  readonly resource: string | null
}

export function findCredential(tx: Tx, { account, region }: Scope, type: string): Promise<CredentialRow | undefined> {
  return tx.one<CredentialRow>`
    select server_type, auth_type, username, sealed, resource from codebuild.source_credentials
    where account = ${account} and region = ${region} and server_type = ${type}`
}

export function listCredentials(tx: Tx, { account, region }: Scope): Promise<CredentialRow[]> {
  return tx.rows<CredentialRow>`
    select server_type, auth_type, username, sealed, resource from codebuild.source_credentials
    where account = ${account} and region = ${region} order by server_type`
}

/** Answers false when there is one and it must stay. */
export async function putCredential(
  tx: Tx,
  { account, region }: Scope,
  row: CredentialRow,
  { now, overwrite }: { now: Date; overwrite: boolean },
): Promise<boolean> {
  const put = await tx.run`
    insert into codebuild.source_credentials (account, region, server_type, auth_type, username, sealed, resource, modified_at)
    values (${account}, ${region}, ${row.server_type}, ${row.auth_type}, ${row.username}, ${row.sealed}, ${row.resource}, ${now})
    on conflict (account, region, server_type) do update set auth_type = excluded.auth_type, username = excluded.username,
      sealed = excluded.sealed, resource = excluded.resource, modified_at = excluded.modified_at
    where ${overwrite}`
  return put === 1
}

export async function deleteCredential(tx: Tx, { account, region }: Scope, type: string): Promise<boolean> {
  const deleted = await tx.run`
    delete from codebuild.source_credentials where account = ${account} and region = ${region} and server_type = ${type}`
  return deleted === 1
}

// AWS: `arn:aws:codebuild:region:account-id:token/server-type` [access-tokens].
export const credentialArn = (scope: Scope, type: string) =>
  formatArn('codebuild', scope, `token/${type.toLowerCase()}`)

/** The kind of provider that an ARN of this scope names. */
export function credentialType(scope: Scope, arn: string): ProviderType | undefined {
  const type = arn.split(':token/')[1]?.toUpperCase()
  return isProviderType(type) && credentialArn(scope, type) === arn ? type : undefined
}

export const credentialShape = (scope: Scope, row: CredentialRow): SourceCredentialsInfo => ({
  arn: credentialArn(scope, row.server_type),
  serverType: row.server_type,
  authType: row.auth_type,
  ...(row.resource && { resource: row.resource }),
})

const purpose = ({ account, region }: Scope, type: string) => `codebuild-source/${account}/${region}/${type}`

export const sealToken = (dataDir: string, scope: Scope, type: string, token: string) =>
  loadMasterKey(dataDir).seal(purpose(scope, type), token)

/** A credential that can not be used; the message is for the user and holds no secret. */
export class CredentialProblem extends Error {}

export const SECRET_ARN = /^arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:.+$/

/** What the source's provider is told about who we are; undefined for nobody. Secrets are read by `asRole`. Throws CredentialProblem. */
export async function credentialOf(
  call: OpenCall,
  source: Pick<ProjectSource, 'type' | 'auth'>,
  asRole: Invoke,
): Promise<ProviderCredential | undefined> {
  if (!isProviderType(source.type)) return undefined
  const { type: authType, resource } = source.auth ?? {}
  if (authType === 'SECRETS_MANAGER' && resource) return await secretCredential(resource, source.type, asRole)
  const row = await call.read(({ tx, scope }) => findCredential(tx, scope, source.type!))
  if (!row) return undefined
  if (row.auth_type === 'SECRETS_MANAGER') return await secretCredential(row.resource!, source.type, asRole)
  const token = loadMasterKey(call.config.dataDir).open(purpose(call.scope, source.type), row.sealed!)
  if (!token) throw new CredentialProblem(`the ${source.type} credentials were encrypted with another master key`)
  return { authType: row.auth_type, token: token.toString('utf8'), ...(row.username && { username: row.username }) }
}

// AWS: `{"ServerType": "GITHUB", "AuthType": "PERSONAL_ACCESS_TOKEN", "Token": "..."}`, with Username for BASIC_AUTH [asm-create-secret].
async function secretCredential(secret: string, type: ProviderType, invoke: Invoke): Promise<ProviderCredential> {
  let text: string | undefined
  try {
    text = (await invoke('secretsmanager', 'GetSecretValue', { SecretId: secret })).SecretString
  } catch (error) {
    if (!isServiceError(error)) throw error
    throw new CredentialProblem(`the secret ${secret} can not be read: ${error.code}: ${error.message}`)
  }
  const problem = (why: string) => new CredentialProblem(`the secret ${secret} can not be used: ${why}`)
  let value: { ServerType?: unknown; AuthType?: unknown; Token?: unknown; Username?: unknown }
  try {
    value = Object(JSON.parse(text ?? ''))
  } catch {
    throw problem('it is not JSON')
  }
  const { ServerType, AuthType, Token, Username } = value
  if (ServerType !== type) throw problem(`its ServerType is not ${type}`)
  if (typeof Token !== 'string' || Token === '') throw problem('it has no Token')
  if (AuthType === 'PERSONAL_ACCESS_TOKEN') return { authType: AuthType, token: Token }
  if (AuthType !== 'BASIC_AUTH') throw problem('its AuthType is neither PERSONAL_ACCESS_TOKEN nor BASIC_AUTH')
  if (typeof Username !== 'string' || Username === '') throw problem('it has no Username')
  return { authType: AuthType, token: Token, username: Username }
}

/** The provider's API with this credential. */
export function apiAccess(
  { type, api, insecure }: Pick<Repository, 'type' | 'api' | 'insecure'>,
  credential: ProviderCredential | undefined,
): ApiAccess {
  return { api, insecure, headers: credential ? providerOf(type).headers(credential) : {} }
}
