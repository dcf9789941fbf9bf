// GetObjectAcl and PutObjectAcl: the bucket's owner has full control and that cannot be changed.

import type { Handler } from '../../../../operation/handler.ts'
import { checkAcl, ownersAcl } from '../../accessControlLists.ts'
import { requireVersion } from '../../readVersion.ts'

export const getObjectAcl: Handler<'s3', 'GetObjectAcl'> = async ({ tx }, input) => {
  const { bucket } = await requireVersion(tx, input)
  return ownersAcl(bucket.account)
}

export const putObjectAcl: Handler<'s3', 'PutObjectAcl'> = async ({ tx }, input) => {
  const { bucket } = await requireVersion(tx, input)
  checkAcl(input, bucket.account)
  return {}
}
