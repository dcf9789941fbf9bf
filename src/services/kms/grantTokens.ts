// Grant tokens: a grant's name, sealed, so that nobody can make one up.

import type { Config } from '../../core/config.ts'
import { loadMasterKey } from '../../core/masterKey.ts'
import { fail } from './errors.ts'

export interface GrantName {
  readonly keyId: string
  readonly grantId: string
}

const PURPOSE = 'kms/grant-token'

export const sealGrantToken = (config: Config, name: GrantName): string =>
  loadMasterKey(config.dataDir).seal(PURPOSE, JSON.stringify(name))

export function openGrantToken(config: Config, token: string): GrantName {
  const plain = loadMasterKey(config.dataDir).open(PURPOSE, token)
  return plain ? JSON.parse(plain.toString('utf8')) : fail('InvalidGrantTokenException', 'The grant token is invalid.')
}
