// Which permission on which key each operation needs, with KMS's condition keys; grants count beside the policies.
// AWS: "Actions, resources, and condition keys for AWS Key Management Service" [service authorization reference].

import type { Access, AccessCall } from '../../operation/service.ts'
import { originOf } from './ciphertext.ts'
import { callerKeys, contextOf, keyKeys, requestKeys } from './conditionKeys.ts'
import { fail, invalidCiphertext, unknownCiphertextKey } from './errors.ts'
import { constraintsHold, covers, findGrant, grantsTo, namesOf } from './grants.ts'
import { openGrantToken } from './grantTokens.ts'
import { findByIdAnywhere, findKey, type KeyRow, managedKeyNamed, notThere } from './keys.ts'
import { aliasArn, keyArn, readReference } from './references.ts'

const UNSCOPED = new Set(['CreateKey', 'ListKeys', 'ListAliases', 'GenerateRandom', 'ListRetirableGrants'])

/** Operations that another account may use, if the key's policy lets it. */
const ACROSS = new Set([
  'CreateGrant',
  'Decrypt',
  'DeriveSharedSecret',
  'DescribeKey',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'GetKeyRotationStatus',
  'GetPublicKey',
  'ListGrants',
  'ListKeyRotations',
  'ReEncryptFrom',
  'ReEncryptTo',
  'RetireGrant',
  'RevokeGrant',
  'Sign',
  'Verify',
  'VerifyMac',
])

/** What grants can give. Only those below the line look at the encryption context. */
const GRANTABLE = new Set([
  'DescribeKey',
  'GetPublicKey',
  'RetireGrant',
  'Sign',
  'Verify',
  'GenerateMac',
  'VerifyMac',
  'DeriveSharedSecret',
])
const GRANTABLE_IN_CONTEXT = new Set([
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
])

/** What is asked of one key. */
interface Need {
  readonly action: string
  readonly key: KeyLike
  /** As the request names it, when it does. */
  readonly named?: string
  readonly context?: Record<string, string>
}

/** A key, or an AWS-managed one that is made on first use. */
type KeyLike = Pick<KeyRow, 'account' | 'region' | 'key_id'> & { readonly row?: KeyRow }

export async function access(call: AccessCall, operation: string, input: any): Promise<Access[]> {
  if (UNSCOPED.has(operation)) {
    return [
      { action: `kms:${operation}`, resource: '*', context: { ...callerKeys(call), ...requestKeys(operation, input) } },
    ]
  }
  switch (operation) {
    case 'ReEncrypt': {
      const to = await named(call, input.DestinationKeyId)
      const from = await sourceOf(call, input.CiphertextBlob, input.SourceKeyId)
      const same = { 'kms:ReEncryptOnSameKey': String(from.key_id === to.key_id) }
      return [
        await weigh(call, input, { action: 'ReEncryptFrom', key: from, named: input.SourceKeyId, context: same }),
        await weigh(call, input, { action: 'ReEncryptTo', key: to, named: input.DestinationKeyId, context: same }),
      ]
    }
    case 'Decrypt': {
      const key = await sourceOf(call, input.CiphertextBlob, input.KeyId)
      return [await weigh(call, input, { action: 'Decrypt', key, named: input.KeyId })]
    }
    case 'CreateAlias':
    case 'UpdateAlias':
    case 'DeleteAlias':
      return aliasAccess(call, operation, input)
    case 'RetireGrant':
      return [await retiring(call, input)]
    default:
      return [await weigh(call, input, { action: operation, key: await named(call, input.KeyId), named: input.KeyId })]
  }
}

async function named({ tx, scope }: AccessCall, text: unknown): Promise<KeyLike> {
  const reference = readReference(scope, String(text))
  const row = await findKey(tx, scope, reference)
  if (row) return { ...row, row }
  const managed = managedKeyNamed(scope, reference)
  return managed ? { ...scope, key_id: managed.keyId } : notThere(scope, reference)
}

/** The key of a ciphertext: as the request names it, else as the ciphertext does. */
async function sourceOf(call: AccessCall, blob: Uint8Array | undefined, text: string | undefined): Promise<KeyLike> {
  if (text !== undefined) return named(call, text)
  const origin = blob && originOf(blob)
  if (!origin) return invalidCiphertext()
  const row = await findByIdAnywhere(call.tx, call.scope.region, origin.keyId)
  return row ? { ...row, row } : unknownCiphertextKey()
}

async function weigh(call: AccessCall, input: any, need: Need): Promise<Access> {
  const { action, key, context } = need
  const resource = keyArn(key)
  if (key.account !== call.scope.account && !ACROSS.has(action)) {
    const who = namesOf(call.principal)[0] ?? 'anonymous'
    fail(
      'AccessDeniedException',
      `User: ${who} is not authorized to perform: kms:${action} on resource: ${resource} because no resource-based policy allows the kms:${action} action`,
    )
  }
  const alias = need.named && /(?:^|:)(alias\/.*)$/.exec(need.named)?.[1]
  return {
    action: `kms:${action}`,
    resource,
    context: {
      ...callerKeys(call),
      ...requestKeys(action, input),
      ...(key.row ? await keyKeys(call.tx, key.row) : {}),
      ...(alias ? { 'kms:RequestAlias': alias } : {}),
      ...context,
    },
    granted: await isGranted(call, input, need),
  }
}

async function isGranted(call: AccessCall, input: any, { action, key }: Need): Promise<boolean> {
  const inContext = GRANTABLE_IN_CONTEXT.has(action)
  if (!key.row || !(inContext || GRANTABLE.has(action) || action === 'CreateGrant')) return false
  const grants = await grantsTo(call.tx, key.key_id, call.principal)
  return grants.some(grant => {
    if (!grant.operations.some(operation => operation === action)) return false
    if (action === 'CreateGrant') return covers(grant, input.Operations ?? [], input.Constraints)
    return !inContext || constraintsHold(grant.constraints, contextOf(action, input))
  })
}

// AWS: an alias needs the permission on the alias (identity policies only) and on each key that it leaves or joins [alias-access].
async function aliasAccess(call: AccessCall, operation: string, input: any): Promise<Access[]> {
  const { tx, scope } = call
  const name = String(input.AliasName)
  const keys: Need[] = []
  if (operation !== 'DeleteAlias') {
    keys.push({ action: operation, key: await named(call, input.TargetKeyId), named: input.TargetKeyId })
  }
  if (operation !== 'CreateAlias' && /^alias\/[a-zA-Z0-9/_-]+$/.test(name)) {
    const row = await findKey(tx, scope, { account: scope.account, by: 'alias', value: name })
    if (row) keys.push({ action: operation, key: { ...row, row } })
  }
  const own: Access = { action: `kms:${operation}`, resource: aliasArn(scope, name), context: callerKeys(call) }
  return [own, ...(await Promise.all(keys.map(need => weigh(call, input, need))))]
}

/** AWS: a grant's retiring principal may retire it, and its grantee if RetireGrant is among the operations; policies may allow others. */
async function retiring(call: AccessCall, input: any): Promise<Access> {
  const token = input.GrantToken === undefined ? undefined : openGrantToken(call.config, input.GrantToken)
  const key = token
    ? await byId(call, token.keyId)
    : await named(
        call,
        input.KeyId ?? fail('ValidationException', 'You must specify either a grant token or a key ID and a grant ID.'),
      )
  const weighed = await weigh(call, input, { action: 'RetireGrant', key })
  const grant = await findGrant(call.tx, key.key_id, token?.grantId ?? String(input.GrantId))
  const names = namesOf(call.principal)
  const mine =
    grant !== undefined &&
    ((grant.retiring !== null && names.includes(grant.retiring)) ||
      (names.includes(grant.grantee) && grant.operations.includes('RetireGrant')))
  return { ...weighed, granted: mine }
}

async function byId({ tx, scope }: AccessCall, keyId: string): Promise<KeyLike> {
  const row = await findByIdAnywhere(tx, scope.region, keyId)
  return row ? { ...row, row } : fail('InvalidGrantTokenException', 'The grant token is invalid.')
}
