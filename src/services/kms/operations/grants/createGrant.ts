// Gives a principal some operations of a key. The same grant under the same name again is the same grant.

import { isDeepStrictEqual } from 'node:util'
import type { Handler } from '../../../../operation/handler.ts'
import { dryRun, fail, invalid } from '../../errors.ts'
import { countGrants, findGrantNamed, type GrantRow, insertGrant } from '../../grants.ts'
import { sealGrantToken } from '../../grantTokens.ts'
import { factsOf } from '../../keySpecs.ts'
import { requireKey } from '../../keys.ts'
import { checkState } from '../../usable.ts'

/** AWS: 50,000 grants a key [resource-limits]. */
const MOST = 50_000
const PRINCIPAL = /^(arn:aws:(iam|sts)::\d{12}:\S+|\d{12}|[a-z0-9.-]+\.amazonaws\.com)$/

export const createGrant: Handler<'kms', 'CreateGrant'> = async (call, input) => {
  const key = await requireKey(call, input.KeyId, { lock: true })
  checkState(key)
  const grantee = input.GranteePrincipal ?? invalid('You must specify a grantee principal.')
  if (input.GranteeServicePrincipal ?? input.RetiringServicePrincipal ?? input.Constraints?.SourceArn)
    fail('UnsupportedOperationException', 'Grants to service principals are not supported by Codeyard')
  for (const principal of [input.GranteePrincipal, input.RetiringPrincipal]) {
    if (principal !== undefined && !PRINCIPAL.test(principal))
      fail('InvalidArnException', `Invalid principal: ${principal}`)
  }
  const { EncryptionContextEquals, EncryptionContextSubset } = input.Constraints ?? {}
  if (EncryptionContextEquals && EncryptionContextSubset) invalid('You can specify only one of the grant constraints.')
  if (input.Constraints && key.spec !== 'SYMMETRIC_DEFAULT')
    invalid('Grant constraints are not applied to asymmetric KMS keys and HMAC KMS keys.')
  checkOperations(key.usage, factsOf(key.spec).material.kind, input.Operations)
  const wanted: GrantRow = {
    key_id: key.key_id,
    grant_id: `${call.ids.uuid()}${call.ids.uuid()}`.replaceAll('-', ''),
    account: key.account,
    region: key.region,
    name: input.Name ?? null,
    grantee,
    retiring: input.RetiringPrincipal ?? null,
    issuing_account: call.principal.account,
    operations: [...new Set(input.Operations)],
    constraints: input.Constraints ?? {},
    created_at: call.now,
  }
  const same =
    wanted.name === null ? undefined : (await findGrantNamed(call.tx, key.key_id, wanted.name)).find(alike(wanted))
  if (input.DryRun) return dryRun()
  if (!same) {
    if ((await countGrants(call.tx, key.key_id)) >= MOST)
      fail('LimitExceededException', `The key has ${MOST} grants, which is the most it can have.`)
    await insertGrant(call.tx, wanted)
  }
  const { grant_id } = same ?? wanted
  return { GrantId: grant_id, GrantToken: sealGrantToken(call.config, { keyId: key.key_id, grantId: grant_id }) }
}

const alike =
  (wanted: GrantRow) =>
  (grant: GrantRow): boolean =>
    grant.grantee === wanted.grantee &&
    grant.retiring === wanted.retiring &&
    isDeepStrictEqual([...grant.operations].sort(), [...wanted.operations].sort()) &&
    isDeepStrictEqual(grant.constraints, wanted.constraints)

const ALWAYS = ['CreateGrant', 'RetireGrant', 'DescribeKey']
const SYMMETRIC = [
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
]
const ENCRYPT = ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo']

/** AWS: "You cannot include an operation in the grant that is not supported by the KMS key" [CreateGrant]. */
function checkOperations(usage: string, kind: string, operations: readonly string[]): void {
  const possible = new Set([
    ...ALWAYS,
    ...(kind === 'secret' ? [] : ['GetPublicKey']),
    ...(usage === 'ENCRYPT_DECRYPT' ? ENCRYPT : []),
    ...(usage === 'ENCRYPT_DECRYPT' && kind === 'secret' ? SYMMETRIC : []),
    ...(usage === 'SIGN_VERIFY' ? ['Sign', 'Verify'] : []),
    ...(usage === 'GENERATE_VERIFY_MAC' ? ['GenerateMac', 'VerifyMac'] : []),
    ...(usage === 'KEY_AGREEMENT' ? ['DeriveSharedSecret'] : []),
  ])
  const wrong = operations.filter(operation => !possible.has(operation))
  if (wrong.length > 0) invalid(`The operations ${wrong.join(', ')} are not supported by this KMS key`)
}
