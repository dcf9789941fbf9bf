// KMS: keys that never leave, who may use them, and what is done with them. Every operation of its model, and why some are not there.

import { parseArn } from '../../core/arn.ts'
import { allNotSupported, defineService, notSupported, read, write } from '../../operation/service.ts'
import { access } from './access.ts'
import { managedKeyById } from './managedKeys.ts'
import { createAlias, deleteAlias, listAliases, updateAlias } from './operations/aliases/aliases.ts'
import { generateDataKey, generateDataKeyWithoutPlaintext } from './operations/dataKeys/generateDataKey.ts'
import { generateDataKeyPair, generateDataKeyPairWithoutPlaintext } from './operations/dataKeys/generateDataKeyPair.ts'
import { generateRandom } from './operations/dataKeys/generateRandom.ts'
import { decrypt } from './operations/encryption/decrypt.ts'
import { encrypt } from './operations/encryption/encrypt.ts'
import { reEncrypt } from './operations/encryption/reEncrypt.ts'
import { createGrant } from './operations/grants/createGrant.ts'
import { retireGrant, revokeGrant } from './operations/grants/endGrant.ts'
import { listGrants, listRetirableGrants } from './operations/grants/listGrants.ts'
import {
  deleteImportedKeyMaterial,
  getParametersForImport,
  importKeyMaterial,
} from './operations/import/importKeyMaterial.ts'
import { createKey } from './operations/keys/createKey.ts'
import { describeKey } from './operations/keys/describeKey.ts'
import { disableKey, enableKey, updateKeyDescription } from './operations/keys/enableKey.ts'
import { listKeys } from './operations/keys/listKeys.ts'
import { cancelKeyDeletion, scheduleKeyDeletion } from './operations/keys/scheduleKeyDeletion.ts'
import { getKeyPolicy, listKeyPolicies, putKeyPolicy } from './operations/policies/keyPolicies.ts'
import {
  disableKeyRotation,
  enableKeyRotation,
  getKeyRotationStatus,
  listKeyRotations,
  rotateKeyOnDemand,
} from './operations/rotation/rotation.ts'
import { generateMac, verifyMac } from './operations/signatures/mac.ts'
import { deriveSharedSecret, getPublicKey } from './operations/signatures/publicKeys.ts'
import { sign, verify } from './operations/signatures/sign.ts'
import { listResourceTags, tagResource, untagResource } from './operations/tags/tags.ts'
import { tasks } from './rotation.ts'

export const kms = defineService<'kms'>({
  name: 'kms',
  principal: 'kms.amazonaws.com',
  access,
  async resourcePolicy(tx, arn) {
    const { account, region, resource } = parseArn(arn) ?? {}
    const [, keyId] = /^key\/(.+)$/.exec(resource ?? '') ?? []
    if (!account || !region || !keyId) return undefined
    const row = await tx.one<{ policy: string }>`select policy from kms.keys where key_id = ${keyId}`
    return row?.policy ?? managedKeyById({ account, region }, keyId)?.policy
  },
  migrations: new URL('./migrations/', import.meta.url),
  tasks,
  operations: {
    CreateKey: write(createKey),
    DescribeKey: read(describeKey),
    ListKeys: read(listKeys),
    EnableKey: write(enableKey),
    DisableKey: write(disableKey),
    UpdateKeyDescription: write(updateKeyDescription),
    ScheduleKeyDeletion: write(scheduleKeyDeletion),
    CancelKeyDeletion: write(cancelKeyDeletion),
    CreateAlias: write(createAlias),
    UpdateAlias: write(updateAlias),
    DeleteAlias: write(deleteAlias),
    ListAliases: read(listAliases),
    GetKeyPolicy: read(getKeyPolicy),
    PutKeyPolicy: write(putKeyPolicy),
    ListKeyPolicies: read(listKeyPolicies),
    CreateGrant: write(createGrant),
    ListGrants: read(listGrants),
    ListRetirableGrants: read(listRetirableGrants),
    RevokeGrant: write(revokeGrant),
    RetireGrant: write(retireGrant),
    Encrypt: read(encrypt),
    Decrypt: read(decrypt),
    ReEncrypt: read(reEncrypt),
    GenerateDataKey: read(generateDataKey),
    GenerateDataKeyWithoutPlaintext: read(generateDataKeyWithoutPlaintext),
    GenerateDataKeyPair: read(generateDataKeyPair),
    GenerateDataKeyPairWithoutPlaintext: read(generateDataKeyPairWithoutPlaintext),
    GenerateRandom: read(generateRandom),
    Sign: read(sign),
    Verify: read(verify),
    GenerateMac: read(generateMac),
    VerifyMac: read(verifyMac),
    GetPublicKey: read(getPublicKey),
    DeriveSharedSecret: read(deriveSharedSecret),
    EnableKeyRotation: write(enableKeyRotation),
    DisableKeyRotation: write(disableKeyRotation),
    GetKeyRotationStatus: read(getKeyRotationStatus),
    RotateKeyOnDemand: write(rotateKeyOnDemand),
    ListKeyRotations: read(listKeyRotations),
    TagResource: write(tagResource),
    UntagResource: write(untagResource),
    ListResourceTags: read(listResourceTags),
    GetParametersForImport: read(getParametersForImport),
    ImportKeyMaterial: write(importKeyMaterial),
    DeleteImportedKeyMaterial: write(deleteImportedKeyMaterial),
    ...allNotSupported(['Encapsulate', 'Decapsulate'], 'there are no ML-KEM keys'),
    GetKeyLastUsage: notSupported('uses of keys are in the event history: CloudTrail LookupEvents'),
    ...allNotSupported(['ReplicateKey', 'UpdatePrimaryRegion'], 'keys are not replicated to other regions'),
    ...allNotSupported(
      [
        'CreateCustomKeyStore',
        'ConnectCustomKeyStore',
        'DescribeCustomKeyStores',
        'DisconnectCustomKeyStore',
        'UpdateCustomKeyStore',
        'DeleteCustomKeyStore',
      ],
      'there are no custom key stores: key material is kept in the database, sealed with the master key of the data directory',
    ),
  },
})
