// HeadObject: what GetObject would answer, without the bytes.

import type { Handler } from '../../../../operation/handler.ts'
import { describeRead } from '../../readVersion.ts'

export const headObject: Handler<'s3', 'HeadObject'> = async ({ tx }, input) => {
  const { answer } = await describeRead(tx, input)
  return answer
}
