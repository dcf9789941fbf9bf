// DescribeSecret: all but the value, also of a secret that waits for its deletion.

import type { Handler } from '../../../../operation/handler.ts'
import { requireSecret } from '../../secrets.ts'
import { describedSecret, versionStages } from '../../shape.ts'
import { listVersions } from '../../versions.ts'

export const describeSecret: Handler<'secretsmanager', 'DescribeSecret'> = async (call, input) => {
  const secret = await requireSecret(call.tx, call.scope, input.SecretId)
  const versions = await listVersions(call.tx, secret)
  return {
    ...describedSecret(secret),
    ...(versions.length > 0 && { VersionIdsToStages: versionStages(versions) }),
  }
}
