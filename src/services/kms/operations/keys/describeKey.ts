// One key's metadata; naming an AWS-managed key by its alias makes it, as on AWS.

import type { Handler } from '../../../../operation/handler.ts'
import { requireKey } from '../../keys.ts'
import { metadataOf } from '../../shape.ts'

export const describeKey: Handler<'kms', 'DescribeKey'> = async (call, input) => ({
  KeyMetadata: metadataOf(await requireKey(call, input.KeyId)),
})
