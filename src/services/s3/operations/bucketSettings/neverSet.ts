// Settings that can not be made here: reading them tells the truth (there are none), removing them changes nothing, as on AWS.

import type { Call } from '../../../../operation/call.ts'
import type { BucketInput } from '../../buckets.ts'
import { requireBucket } from '../../buckets.ts'
import { fail, type S3ErrorCode } from '../../errors.ts'

/** Answers `answer` for every bucket that is there. */
export const always =
  <Answer>(answer: Answer) =>
  async ({ tx }: Call, input: BucketInput): Promise<Answer> => {
    await requireBucket(tx, input)
    return answer
  }

/** Fails with `code` for every bucket that is there. */
export const none =
  (code: S3ErrorCode) =>
  async ({ tx }: Call, input: BucketInput): Promise<never> => {
    const { name } = await requireBucket(tx, input)
    return fail(code, { fields: { BucketName: name } })
  }
