// Values of SecureString parameters: sealed in the rows, opened for those who ask for decryption.

import { loadMasterKey } from '../../core/masterKey.ts'
import type { CallContext } from '../../operation/call.ts'
import { fail } from './errors.ts'
import type { VersionRow } from './parameters.ts'

/** The key of SecureString parameters; there is no other without KMS. */
export const DEFAULT_KEY = 'alias/aws/ssm'

const purpose = ({ account, region }: CallContext['scope'], name: string, version: number) =>
  `ssm/${account}/${region}/${name}/${version}`

export const sealValue = (call: CallContext, name: string, version: number, value: string) =>
  loadMasterKey(call.config.dataDir).seal(purpose(call.scope, name, version), value)

/** As the caller sees it: a SecureString without decryption is its ciphertext. */
export function shownValue(call: CallContext, row: VersionRow, decrypt: boolean | undefined): string {
  if (row.type !== 'SecureString' || !decrypt) return row.value
  const plain = loadMasterKey(call.config.dataDir).open(purpose(call.scope, row.name, row.version), row.value)
  return plain?.toString('utf8') ?? fail('InvalidKeyId', `${row.name} was encrypted with another master key`)
}
