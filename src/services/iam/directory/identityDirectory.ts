// Who signs and what speaks for them: the gateway's view of IAM, cached in each process until IAM tells of a change.

import type { Clock } from '../../../core/clock.ts'
import type { Config } from '../../../core/config.ts'
import type { Log } from '../../../core/log.ts'
import { loadMasterKey } from '../../../core/masterKey.ts'
import { ServiceError } from '../../../core/serviceError.ts'
import type { Credential, IdentityDirectory, PrincipalPolicies } from '../../../gateway/identity.ts'
import type { Principal } from '../../../operation/principal.ts'
import { openSession } from '../../../operation/sessionToken.ts'
import { deniedSentence, evaluate } from '../../../policy/index.ts'
import { sameText } from '../../../protocol/sigv4/signature.ts'
import type { Store, Tx } from '../../../store/tx.ts'
import { findKey, openSecret } from '../accessKeys.ts'
import { IAM_CHANNEL } from '../channel.ts'
import { managedDocuments, principalDocuments } from '../principalDocuments.ts'
import { hashPassword, type ServiceCredentialRow } from '../serviceCredentials.ts'
import type { SshKeyRow } from '../sshKeys.ts'
import { createCache } from './cache.ts'
import { identityById, roleByArn, rolePrincipal, rootPrincipal, sessionOf, userPrincipal } from './principals.ts'
import { createUseRecorder } from './useRecorder.ts'

export interface IamDirectory extends Required<IdentityDirectory> {
  /** Writes what is not yet written and stops listening. */
  close(): Promise<void>
}

export interface DirectoryParts {
  readonly store: Store
  readonly config: Pick<Config, 'dataDir' | 'account' | 'dev'>
  readonly clock: Clock
  readonly log: Log
}

const HOUR = 3_600_000
const KEPT = 10_000

export async function createIdentityDirectory({ store, config, clock, log }: DirectoryParts): Promise<IamDirectory> {
  const key = loadMasterKey(config.dataDir)
  const cache = createCache(KEPT)
  const stopListening = await store.listen(IAM_CHANNEL, () => cache.forget())
  const recorder = createUseRecorder(store, clock, log)
  const cached = <T>(name: string, load: (tx: Tx) => Promise<T>) => cache.get(name, () => store.read(load))
  const identity = (id: string) => cached(`identity/${id}`, tx => identityById(tx, id))

  /** In development `test`, or any account's number, with the secret `test`, is root. */
  const devKey = (accessKeyId: string): Credential | undefined => {
    if (!config.dev || !/^(test|\d{12})$/.test(accessKeyId)) return undefined
    const account = accessKeyId === 'test' ? config.account : accessKeyId
    return { accessKeyId, secretAccessKey: 'test', principal: { ...rootPrincipal(account), accessKeyId }, active: true }
  }

  const lastingKey = (accessKeyId: string): Promise<Credential | undefined> =>
    cached(`key/${accessKeyId}`, async tx => {
      const row = await findKey(tx, accessKeyId)
      const secretAccessKey = row && openSecret(key, row)
      if (!row || secretAccessKey === undefined) return undefined
      const user = row.user_id === null ? undefined : await identityById(tx, row.user_id)
      if (row.user_id !== null && !user) return undefined
      const principal = user ? userPrincipal(user) : rootPrincipal(row.account)
      return { accessKeyId, secretAccessKey, principal: { ...principal, accessKeyId }, active: row.active }
    })

  const sessionKey = async (accessKeyId: string, sessionToken: string): Promise<Credential | undefined> => {
    const claims = openSession(key, accessKeyId, sessionToken)
    if (!claims) return undefined
    const managed = claims.policyArns ?? []
    const documents = await cached(`managed/${managed.join()}`, tx => managedDocuments(tx, managed))
    const session = sessionOf(claims, [...(claims.policies ?? []), ...documents])
    const principal = await principalOf(claims, session)
    if (!principal) return undefined
    const { secret: secretAccessKey } = claims
    return {
      accessKeyId,
      secretAccessKey,
      sessionToken,
      expires: session.expires,
      principal: { ...principal, accessKeyId },
      active: true,
    }
  }

  /** Undefined when the user or role is gone: its sessions end with it. */
  const principalOf = async (
    { who, account }: NonNullable<ReturnType<typeof openSession>>,
    session: ReturnType<typeof sessionOf>,
  ): Promise<Exclude<Principal, { type: 'service' | 'anonymous' }> | undefined> => {
    if (who.kind === 'root') return { ...rootPrincipal(account), session }
    const row = await identity(who.kind === 'user' ? who.userId : who.roleId)
    if (!row) return undefined
    return who.kind === 'user' ? { ...userPrincipal(row), session } : rolePrincipal(row, who.sessionName, session)
  }

  const documentsOf = (id: string) => cached(`policies/${id}`, tx => principalDocuments(tx, id))

  const policies = async (id: string, session: readonly string[] | undefined): Promise<PrincipalPolicies> => {
    const { identity: own, boundary } = await documentsOf(id)
    return {
      identity: own.map(({ document }) => document),
      ...(boundary === undefined ? {} : { boundary }),
      ...(session?.length ? { session } : {}),
    }
  }

  return {
    async findCredential(accessKeyId, sessionToken) {
      if (sessionToken !== undefined && accessKeyId.startsWith('ASIA')) return sessionKey(accessKeyId, sessionToken)
      return devKey(accessKeyId) ?? lastingKey(accessKeyId)
    },

    async policiesOf(principal) {
      switch (principal.type) {
        case 'user':
          return policies(principal.userId, principal.session?.policies)
        case 'assumedRole':
          return policies(principal.roleId, principal.session.policies)
        default:
          return { identity: [] }
      }
    },

    async assumeAsService(scope, service, roleArn, sessionName) {
      const role = await cached(`role/${roleArn}`, tx => roleByArn(tx, roleArn))
      const caller: Principal = { type: 'service', account: scope.account, service }
      const asked = { action: 'sts:AssumeRole', resource: roleArn }
      const context = { 'aws:SourceAccount': scope.account, 'sts:RoleSessionName': sessionName }
      const decision = evaluate(
        { principal: caller, ...asked, context },
        { identity: [], resource: role?.trust, sameAccount: role?.account === scope.account },
      )
      if (!role || decision.decision !== 'allowed') {
        throw new ServiceError('AccessDenied', deniedSentence(caller, asked, decision), { status: 403 })
      }
      const now = clock.now()
      recorder.roleUsed(role.id, scope.region)
      const session = { issuedAt: now, expires: new Date(now.getTime() + HOUR), issuedTo: service }
      return rolePrincipal(role, cleanSessionName(sessionName), session)
    },

    async findServiceCredential(service, userName, password) {
      const found = await cached(`service-credential/${service}/${userName}`, async tx => {
        const row = await tx.one<ServiceCredentialRow>`
          select * from iam.service_credentials where service = ${service} and user_name = ${userName}`
        const user = row && (await identityById(tx, row.user_id))
        return row && user && { row, principal: userPrincipal(user) }
      })
      const row = found?.row
      const same = sameText(hashPassword(row?.salt ?? '', password), row?.password_hash ?? NO_HASH)
      if (!row || !same || !row.active || (row.expires_at && row.expires_at <= clock.now())) return undefined
      return found.principal
    },

    findSshKey: id =>
      cached(`ssh-key/${id}`, async tx => {
        const row = await tx.one<SshKeyRow>`select * from iam.ssh_keys where id = ${id} and active`
        const user = row && (await identityById(tx, row.user_id))
        return row && user && { body: row.body, principal: userPrincipal(user) }
      }),

    used(principal, accessKeyId, service, region) {
      if (accessKeyId.startsWith('AKIA')) recorder.keyUsed(accessKeyId, service, region)
      if (principal.type === 'assumedRole') recorder.roleUsed(principal.roleId, region)
    },

    async close() {
      await stopListening()
      await recorder.close()
    },
  }
}

const NO_HASH = '0'.repeat(64)

/** Session names are letters, digits and +=,.@_- and 64 characters at most. */
const cleanSessionName = (name: string) => name.replace(/[^\w+=,.@-]/g, '-').slice(0, 64) || 'session'
