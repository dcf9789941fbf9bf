// Makes a key with its first material and its policy.

import type { CreateKeyRequest, KeySpec, KeyUsageType } from '@aws-sdk/client-kms'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail, invalid } from '../../errors.ts'
import { factsOf } from '../../keySpecs.ts'
import { addMaterial, insertKey, type KeyRow } from '../../keys.ts'
import { makeMaterial } from '../../material.ts'
import { checkPolicy, defaultPolicy } from '../../policies.ts'
import { metadataOf } from '../../shape.ts'
import { withTags } from '../../tags.ts'

export const createKey: Handler<'kms', 'CreateKey'> = async (call, input) => {
  refuseUnsupported(input)
  const spec: KeySpec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT'
  const origin = input.Origin ?? 'AWS_KMS'
  const facts = factsOf(spec)
  const key: KeyRow = {
    ...call.scope,
    key_id: call.ids.uuid(),
    created_at: call.now,
    description: input.Description ?? '',
    spec,
    usage: usageOf(spec, input.KeyUsage),
    origin,
    manager: 'CUSTOMER',
    state: origin === 'EXTERNAL' ? 'PendingImport' : 'Enabled',
    deletes_at: null,
    policy: input.Policy ?? defaultPolicy(call.scope),
    tags: withTags({}, input.Tags),
    rotation_days: null,
    rotates_at: null,
    material_id: null,
    expires_at: null,
    public_key: null,
  }
  if (input.Policy !== undefined) checkPolicy(call, key, input.Policy, input.BypassPolicyLockoutSafetyCheck)
  return { KeyMetadata: metadataOf(origin === 'EXTERNAL' ? await store(call, key) : await storeMade(call, key, facts)) }
}

async function store(call: Call, key: KeyRow): Promise<KeyRow> {
  await insertKey(call.tx, key)
  return key
}

async function storeMade(call: Call, key: KeyRow, facts: ReturnType<typeof factsOf>): Promise<KeyRow> {
  const { secret, publicKey } = await makeMaterial(facts.material)
  const made = { ...key, public_key: publicKey ?? null }
  await insertKey(call.tx, made)
  const material_id = await addMaterial(call, key, secret, null)
  await call.tx.run`update kms.keys set material_id = ${material_id} where key_id = ${key.key_id}`
  return { ...made, material_id }
}

function usageOf(spec: KeySpec, wanted: KeyUsageType | undefined): KeyUsageType {
  // AWS: both sentences as recorded on AWS [localstack, test_kms.snapshot.json].
  if (wanted === undefined)
    return spec === 'SYMMETRIC_DEFAULT'
      ? 'ENCRYPT_DECRYPT'
      : invalid('You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.')
  if (!factsOf(spec).usages.includes(wanted)) invalid(`KeyUsage ${wanted} is not compatible with KeySpec ${spec}`)
  return wanted
}

function refuseUnsupported(input: CreateKeyRequest): void {
  const unsupported = (what: string) => fail('UnsupportedOperationException', `${what} are not supported by Codeyard`)
  if (input.CustomKeyStoreId !== undefined || input.XksKeyId !== undefined) unsupported('Custom key stores')
  if (input.Origin === 'AWS_CLOUDHSM' || input.Origin === 'EXTERNAL_KEY_STORE') unsupported('Custom key stores')
  if (input.MultiRegion) unsupported('Multi-Region keys')
  if (
    input.Origin === 'EXTERNAL' &&
    (input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT') !== 'SYMMETRIC_DEFAULT'
  )
    unsupported('Imported materials of asymmetric and HMAC keys')
  if (input.KeySpec && input.CustomerMasterKeySpec && input.KeySpec !== input.CustomerMasterKeySpec)
    invalid('You cannot specify KeySpec and CustomerMasterKeySpec in the same request.')
}
