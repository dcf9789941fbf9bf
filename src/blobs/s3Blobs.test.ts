// Blobs in a bucket: the contract, against our own S3 over HTTP, and a store that is away.

import { CreateBucketCommand, CreateMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KEYS, openWireHouse, type WireHouse } from '../services/s3/testing/wireHouse.ts'
import { blobStoreContract } from './blobStore.suite.ts'
import { s3Blobs } from './s3Blobs.ts'

let wire: WireHouse
beforeAll(async () => {
  wire = await openWireHouse()
})
afterAll(() => wire.close())

let count = 0
async function bucket(): Promise<string> {
  const Bucket = `blobs-${++count}`
  await wire.client().send(new CreateBucketCommand({ Bucket }))
  return Bucket
}
const config = () => ({ endpoint: wire.endpoint, region: 'us-east-1', credentials: KEYS, maxAttempts: 1 })

blobStoreContract('s3Blobs', async () => s3Blobs(`s3://${await bucket()}`, config()))
blobStoreContract('s3Blobs below a prefix', async () => s3Blobs(`s3://${await bucket()}/some/where/`, config()))

describe('s3Blobs', () => {
  test('ends uploads that a crashed process left open a day ago', async () => {
    const Bucket = await bucket()
    const client = wire.client()
    await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'left' }))
    const open = async () => (await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.length ?? 0
    await s3Blobs(`s3://${Bucket}`, config()).put(Buffer.from('x'))
    expect(await open()).toBe(1)
    const tomorrow = { now: () => new Date(Date.now() + 25 * 3600_000) }
    await s3Blobs(`s3://${Bucket}`, config(), tomorrow).put(Buffer.from('x'))
    expect(await open()).toBe(0)
  })

  test('a store that does not answer is a 503, which clients try again', async () => {
    const away = s3Blobs('s3://blobs', { ...config(), endpoint: 'http://127.0.0.1:9' })
    await expect(away.put(Buffer.from('x'))).rejects.toMatchObject({ code: 'ServiceUnavailable', status: 503 })
  })
})
