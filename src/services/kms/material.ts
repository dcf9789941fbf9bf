// Key material: making it, and keeping it sealed with the master key of the data directory.

import { createHash, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { loadMasterKey } from '../../core/masterKey.ts'
import type { CallContext } from '../../operation/call.ts'
import { fail } from './errors.ts'
import type { factsOf } from './keySpecs.ts'

type MaterialFacts = ReturnType<typeof factsOf>['material']

export interface Material {
  /** The secret, or the private key in PKCS #8. */
  readonly secret: Buffer
  /** SubjectPublicKeyInfo. */
  readonly publicKey?: Buffer
}

const pairOf = promisify(generateKeyPair) as unknown as (
  kind: 'rsa' | 'ec',
  options: object,
) => Promise<{ publicKey: KeyObject; privateKey: KeyObject }>

export async function makeMaterial(facts: MaterialFacts): Promise<Material> {
  if (facts.kind === 'secret') return { secret: randomBytes(facts.bytes) }
  const { publicKey, privateKey } = await (facts.kind === 'rsa'
    ? pairOf('rsa', { modulusLength: facts.bits })
    : pairOf('ec', { namedCurve: facts.curve }))
  return {
    secret: privateKey.export({ format: 'der', type: 'pkcs8' }),
    publicKey: publicKey.export({ format: 'der', type: 'spki' }),
  }
}

/** Names a material without revealing it: the same material in the same key has the same id. */
export const materialIdOf = (keyId: string, secret: Uint8Array): string =>
  createHash('sha256').update(`codeyard/kms/${keyId}/`).update(secret).digest('hex')

const purpose = (keyId: string, materialId: string) => `kms/${keyId}/${materialId}`

export const sealMaterial = (config: CallContext['config'], keyId: string, materialId: string, secret: Uint8Array) =>
  loadMasterKey(config.dataDir).seal(purpose(keyId, materialId), secret)

export function openMaterial(config: CallContext['config'], keyId: string, materialId: string, sealed: string): Buffer {
  const secret = loadMasterKey(config.dataDir).open(purpose(keyId, materialId), sealed)
  return secret ?? fail('KeyUnavailableException', `The key ${keyId} was sealed with another master key`)
}
