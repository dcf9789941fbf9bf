// Random bytes.

import { randomBytes } from 'node:crypto'
import type { Handler } from '../../../../operation/handler.ts'
import { fail, invalid } from '../../errors.ts'
import { refuseRecipient } from '../../usable.ts'

export const generateRandom: Handler<'kms', 'GenerateRandom'> = async (_call, input) => {
  refuseRecipient(input)
  if (input.CustomKeyStoreId !== undefined)
    fail('UnsupportedOperationException', 'Custom key stores are not supported by Codeyard')
  const bytes = input.NumberOfBytes ?? invalid('NumberOfBytes is required.')
  return { Plaintext: randomBytes(bytes) }
}
