// KMS's condition keys: what policies may ask about the caller's way, the request and the key.

import { principalArn } from '../../operation/principal.ts'
import type { AccessCall } from '../../operation/service.ts'
import type { Tx } from '../../store/tx.ts'
import type { KeyRow } from './keys.ts'

type Keys = Record<string, string | readonly string[]>

/** AWS: kms:ViaService is `s3.us-east-1.amazonaws.com` when S3 asks on the caller's behalf, and absent when the caller asks. */
export function callerKeys({ principal, origin, scope }: AccessCall): Keys {
  const [, service] = /^([a-z0-9-]+)\.amazonaws\.com$/.exec(origin.sourceIp) ?? []
  const onBehalf = service !== undefined && principalArn(principal) !== origin.sourceIp
  return {
    // AWS: a service that calls for itself is of an account of its own, so the policies of AWS-managed keys let none in [sns-key-management].
    ...(principal.type === 'service' ? {} : { 'kms:CallerAccount': principal.account }),
    ...(onBehalf ? { 'kms:ViaService': `${service}.${scope.region}.amazonaws.com` } : {}),
  }
}

/** The encryption context that one action of a request is about. */
export function contextOf(action: string, input: any): Readonly<Record<string, string>> {
  if (action === 'ReEncryptFrom') return input.SourceEncryptionContext ?? {}
  if (action === 'ReEncryptTo') return input.DestinationEncryptionContext ?? {}
  return input.EncryptionContext ?? {}
}

export function requestKeys(action: string, input: any): Keys {
  const context = contextOf(action, input)
  const names = Object.keys(context)
  const tags: { TagKey?: string; TagValue?: string }[] = input.Tags ?? []
  const tagKeys = [...tags.map(({ TagKey }) => TagKey ?? ''), ...(input.TagKeys ?? [])]
  return {
    ...Object.fromEntries(names.map(name => [`kms:EncryptionContext:${name}`, context[name]!])),
    ...(names.length > 0 ? { 'kms:EncryptionContextKeys': names } : {}),
    ...Object.fromEntries(tags.map(({ TagKey, TagValue }) => [`aws:RequestTag/${TagKey}`, TagValue ?? ''])),
    ...(tagKeys.length > 0 ? { 'aws:TagKeys': tagKeys } : {}),
    ...present({
      'kms:EncryptionAlgorithm': ENCRYPTS.has(action)
        ? (input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT')
        : action === 'ReEncryptFrom'
          ? (input.SourceEncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT')
          : action === 'ReEncryptTo'
            ? (input.DestinationEncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT')
            : undefined,
      'kms:SigningAlgorithm': input.SigningAlgorithm,
      'kms:MacAlgorithm': input.MacAlgorithm,
      'kms:KeyAgreementAlgorithm': input.KeyAgreementAlgorithm,
      'kms:MessageType': action === 'Sign' || action === 'Verify' ? (input.MessageType ?? 'RAW') : undefined,
      'kms:DataKeyPairSpec': input.KeyPairSpec,
      'kms:ScheduleKeyDeletionPendingWindowInDays': input.PendingWindowInDays,
      'kms:RotationPeriodInDays': input.RotationPeriodInDays,
      'kms:BypassPolicyLockoutSafetyCheck': input.BypassPolicyLockoutSafetyCheck,
      'kms:WrappingAlgorithm': input.WrappingAlgorithm,
      'kms:WrappingKeySpec': input.WrappingKeySpec,
      'kms:ExpirationModel': input.ExpirationModel,
    }),
    ...(action === 'CreateGrant' ? grantKeys(input) : {}),
    ...(action === 'CreateKey'
      ? present({
          'kms:KeySpec': input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT',
          'kms:KeyUsage': input.KeyUsage ?? 'ENCRYPT_DECRYPT',
          'kms:KeyOrigin': input.Origin ?? 'AWS_KMS',
          'kms:MultiRegion': input.MultiRegion ?? false,
        })
      : {}),
  }
}

const ENCRYPTS = new Set([
  'Encrypt',
  'Decrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
])

function grantKeys(input: any): Keys {
  const [constraint] = Object.keys(input.Constraints ?? {})
  return {
    'kms:GrantOperations': input.Operations ?? [],
    // DEVIATES: no service of Codeyard makes grants for resources of its own, so this is never true.
    'kms:GrantIsForAWSResource': 'false',
    ...present({
      'kms:GranteePrincipal': input.GranteePrincipal,
      'kms:RetiringPrincipal': input.RetiringPrincipal,
      'kms:GrantConstraintType': constraint,
    }),
  }
}

/** What policies may ask about the key itself. */
export async function keyKeys(tx: Tx, key: KeyRow): Promise<Keys> {
  const aliases = await tx.rows<{
    name: string
  }>`select name from kms.aliases where key_id = ${key.key_id} order by name`
  return {
    'kms:KeySpec': key.spec,
    'kms:KeyUsage': key.usage,
    'kms:KeyOrigin': key.origin,
    'kms:MultiRegion': 'false',
    ...(aliases.length > 0 ? { 'kms:ResourceAliases': aliases.map(({ name }) => name) } : {}),
    ...Object.fromEntries(Object.entries(key.tags).map(([name, value]) => [`aws:ResourceTag/${name}`, value])),
  }
}

const present = (values: Readonly<Record<string, unknown>>): Keys =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  )
