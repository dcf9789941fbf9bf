// The exceptions of CloudTrail.

import { failWith } from '../../operation/fail.ts'

export const fail = failWith<'cloudtrail'>()
