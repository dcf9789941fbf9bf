// What a key can do, by its spec: usages, algorithms, sizes. Facts of AWS ("Key spec reference" of the KMS developer guide).

import type {
  DataKeyPairSpec,
  EncryptionAlgorithmSpec,
  KeySpec,
  KeyUsageType,
  MacAlgorithmSpec,
  SigningAlgorithmSpec,
} from '@aws-sdk/client-kms'
import { fail } from './errors.ts'

interface Facts {
  readonly usages: readonly KeyUsageType[]
  readonly signing: readonly SigningAlgorithmSpec[]
  readonly encryption: readonly EncryptionAlgorithmSpec[]
  readonly mac: readonly MacAlgorithmSpec[]
  readonly material:
    | { readonly kind: 'secret'; readonly bytes: number }
    | { readonly kind: 'rsa'; readonly bits: number }
    | { readonly kind: 'ec'; readonly curve: Curve }
}

/** OpenSSL's names. */
export type Curve = 'prime256v1' | 'secp384r1' | 'secp521r1' | 'secp256k1'

const rsa = (bits: number): Facts => ({
  usages: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'],
  encryption: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'],
  signing: [
    'RSASSA_PKCS1_V1_5_SHA_256',
    'RSASSA_PKCS1_V1_5_SHA_384',
    'RSASSA_PKCS1_V1_5_SHA_512',
    'RSASSA_PSS_SHA_256',
    'RSASSA_PSS_SHA_384',
    'RSASSA_PSS_SHA_512',
  ],
  mac: [],
  material: { kind: 'rsa', bits },
})

const ec = (curve: Curve, algorithm: SigningAlgorithmSpec, agrees: boolean): Facts => ({
  usages: agrees ? ['SIGN_VERIFY', 'KEY_AGREEMENT'] : ['SIGN_VERIFY'],
  encryption: [],
  signing: [algorithm],
  mac: [],
  material: { kind: 'ec', curve },
})

const hmac = (bytes: number, algorithm: MacAlgorithmSpec): Facts => ({
  usages: ['GENERATE_VERIFY_MAC'],
  encryption: [],
  signing: [],
  mac: [algorithm],
  material: { kind: 'secret', bytes },
})

const SPECS: Readonly<Partial<Record<KeySpec, Facts>>> = {
  SYMMETRIC_DEFAULT: {
    usages: ['ENCRYPT_DECRYPT'],
    encryption: ['SYMMETRIC_DEFAULT'],
    signing: [],
    mac: [],
    material: { kind: 'secret', bytes: 32 },
  },
  RSA_2048: rsa(2048),
  RSA_3072: rsa(3072),
  RSA_4096: rsa(4096),
  ECC_NIST_P256: ec('prime256v1', 'ECDSA_SHA_256', true),
  ECC_NIST_P384: ec('secp384r1', 'ECDSA_SHA_384', true),
  ECC_NIST_P521: ec('secp521r1', 'ECDSA_SHA_512', true),
  ECC_SECG_P256K1: ec('secp256k1', 'ECDSA_SHA_256', false),
  HMAC_224: hmac(28, 'HMAC_SHA_224'),
  HMAC_256: hmac(32, 'HMAC_SHA_256'),
  HMAC_384: hmac(48, 'HMAC_SHA_384'),
  HMAC_512: hmac(64, 'HMAC_SHA_512'),
}

/** Fails for the specs that Codeyard does not make. */
export function factsOf(spec: KeySpec | DataKeyPairSpec): Facts {
  return SPECS[spec] ?? fail('UnsupportedOperationException', `Keys of the spec ${spec} are not supported by Codeyard`)
}

/** The digest of an algorithm's name: `RSASSA_PSS_SHA_256` -> `sha256`. */
export const digestOf = (algorithm: string): string => `sha${/SHA_(\d+)$/.exec(algorithm)![1]}`
