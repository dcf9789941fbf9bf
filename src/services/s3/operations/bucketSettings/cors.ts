// GetBucketCors, PutBucketCors, DeleteBucketCors: kept for those who read it; browsers' preflight requests are the transport's.

import type { CORSRule } from '@aws-sdk/client-s3'
import type { Handler } from '../../../../operation/handler.ts'
import { deleteSetting, getSetting, putSetting, requireBucket } from '../../buckets.ts'
import { fail } from '../../errors.ts'

const METHODS = ['GET', 'PUT', 'HEAD', 'POST', 'DELETE']

export const getBucketCors: Handler<'s3', 'GetBucketCors'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  const rules = await getSetting(tx, name, 'cors')
  return rules ? { CORSRules: [...rules] } : fail('NoSuchCORSConfiguration', { fields: { BucketName: name } })
}

export const putBucketCors: Handler<'s3', 'PutBucketCors'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  const rules = input.CORSConfiguration?.CORSRules ?? []
  if (rules.length === 0 || rules.length > 100) fail('MalformedXML')
  for (const rule of rules) checkRule(rule)
  await putSetting(tx, name, 'cors', rules)
  return {}
}

function checkRule({ AllowedMethods = [], AllowedOrigins = [] }: CORSRule): void {
  if (AllowedMethods.length === 0 || AllowedOrigins.length === 0) fail('MalformedXML')
  const unknown = AllowedMethods.find(method => !METHODS.includes(method))
  if (unknown !== undefined) {
    fail('InvalidRequest', {
      message: `Found unsupported HTTP method in CORS config. Unsupported method is ${unknown}`,
    })
  }
  const wild = AllowedOrigins.find(origin => origin.split('*').length > 2)
  if (wild !== undefined)
    fail('InvalidRequest', { message: `AllowedOrigin "${wild}" can not have more than one wildcard.` })
}

export const deleteBucketCors: Handler<'s3', 'DeleteBucketCors'> = async ({ tx }, input) => {
  const { name } = await requireBucket(tx, input)
  await deleteSetting(tx, name, 'cors')
  return {}
}
