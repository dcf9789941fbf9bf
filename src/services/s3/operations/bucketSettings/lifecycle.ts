// GetBucketLifecycleConfiguration, PutBucketLifecycleConfiguration, DeleteBucketLifecycle: rules that a daily job carries out.

import type { LifecycleRule } from '@aws-sdk/client-s3'
import type { Handler } from '../../../../operation/handler.ts'
import { deleteSetting, getSetting, putSetting, requireBucket } from '../../buckets.ts'
import { fail } from '../../errors.ts'
import { planExpiry } from '../../expire.ts'
import { checkRules } from '../../lifecycleRules.ts'

export const getBucketLifecycleConfiguration: Handler<'s3', 'GetBucketLifecycleConfiguration'> = async (
  { tx },
  input,
) => {
  const { name } = await requireBucket(tx, input)
  const rules = await getSetting(tx, name, 'lifecycle')
  if (!rules) return fail('NoSuchLifecycleConfiguration', { fields: { BucketName: name } })
  return { Rules: rules.map(withDates), TransitionDefaultMinimumObjectSize: 'all_storage_classes_128K' }
}

export const putBucketLifecycleConfiguration: Handler<'s3', 'PutBucketLifecycleConfiguration'> = async (
  call,
  input,
) => {
  const { name } = await requireBucket(call.tx, input)
  const rules = input.LifecycleConfiguration?.Rules ?? []
  checkRules(rules)
  const named = rules.map(rule => ({ ...rule, ID: rule.ID ?? call.ids.uuid() }))
  await putSetting(call.tx, name, 'lifecycle', named)
  await planExpiry(call, name)
  return { TransitionDefaultMinimumObjectSize: 'all_storage_classes_128K' }
}

export const deleteBucketLifecycle: Handler<'s3', 'DeleteBucketLifecycle'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  await deleteSetting(tx, name, 'lifecycle')
  return {}
}

/** Dates are texts in the stored document. */
function withDates(rule: LifecycleRule): LifecycleRule {
  const { Expiration, Transitions } = rule
  return {
    ...rule,
    ...(Expiration?.Date ? { Expiration: { ...Expiration, Date: new Date(Expiration.Date) } } : {}),
    ...(Transitions
      ? { Transitions: Transitions.map(one => (one.Date ? { ...one, Date: new Date(one.Date) } : one)) }
      : {}),
  }
}
