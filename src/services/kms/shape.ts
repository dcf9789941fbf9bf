// How keys and grants look in answers.

import type { GrantListEntry, KeyMetadata } from '@aws-sdk/client-kms'
import type { GrantRow } from './grants.ts'
import { factsOf } from './keySpecs.ts'
import type { KeyRow } from './keys.ts'
import { keyArn } from './references.ts'

export function metadataOf(key: KeyRow): KeyMetadata {
  const facts = factsOf(key.spec)
  const agrees = key.usage === 'KEY_AGREEMENT'
  return {
    AWSAccountId: key.account,
    KeyId: key.key_id,
    Arn: keyArn(key),
    CreationDate: key.created_at,
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.state,
    ...(key.deletes_at && { DeletionDate: key.deletes_at }),
    Origin: key.origin,
    ...(key.origin === 'EXTERNAL' &&
      key.state !== 'PendingImport' && {
        ExpirationModel: key.expires_at ? 'KEY_MATERIAL_EXPIRES' : 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      }),
    ...(key.expires_at && { ValidTo: key.expires_at }),
    KeyManager: key.manager,
    ...(!/^ML_DSA|EDWARDS/.test(key.spec) && {
      CustomerMasterKeySpec: key.spec as KeyMetadata['CustomerMasterKeySpec'],
    }),
    KeySpec: key.spec,
    ...(key.usage === 'ENCRYPT_DECRYPT' && { EncryptionAlgorithms: [...facts.encryption] }),
    ...(key.usage === 'SIGN_VERIFY' && { SigningAlgorithms: [...facts.signing] }),
    ...(key.usage === 'GENERATE_VERIFY_MAC' && { MacAlgorithms: [...facts.mac] }),
    ...(agrees && { KeyAgreementAlgorithms: ['ECDH'] as const satisfies readonly string[] as ['ECDH'] }),
    MultiRegion: false,
    ...(key.spec === 'SYMMETRIC_DEFAULT' && key.material_id && { CurrentKeyMaterialId: key.material_id }),
  }
}

export const grantShape = (
  key: { account: string; region: string; key_id: string },
  grant: GrantRow,
): GrantListEntry => ({
  KeyId: keyArn(key),
  GrantId: grant.grant_id,
  Name: grant.name ?? '',
  CreationDate: grant.created_at,
  GranteePrincipal: grant.grantee,
  ...(grant.retiring && { RetiringPrincipal: grant.retiring }),
  IssuingAccount: `arn:aws:iam::${grant.issuing_account}:root`,
  Operations: grant.operations,
  ...(Object.keys(grant.constraints).length > 0 && { Constraints: grant.constraints }),
})
