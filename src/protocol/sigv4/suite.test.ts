// Pins the AWS SigV4 test suite: canonical form and signature of every vector.

import { describe, expect, test } from 'vitest'
import { canonicalRequest, headerMap } from './canonicalRequest.ts'
import { sha256 } from './signature.ts'
import { SUITE } from './suite.vectors.ts'
import { verifyRequest } from './verifyRequest.ts'

const NOW = new Date('2015-08-30T12:36:00Z')
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'

describe('the AWS SigV4 test suite', () => {
  for (const vector of SUITE) {
    const headers = [...vector.headers, ['Authorization', vector.authorization] as const].flat()
    const token = vector.headers.find(([name]) => name === 'X-Amz-Security-Token')?.[1]
    const find = async (accessKeyId: string) => ({
      accessKeyId,
      secretAccessKey: SECRET,
      active: true,
      principal: 'someone',
      ...(token ? { sessionToken: token } : {}),
    })
    const request = { ...vector, headers, body: Buffer.from(vector.body), now: NOW, service: 'service' }

    test(`${vector.name} has the canonical form`, () => {
      const signedHeaders = /SignedHeaders=([^,]+)/.exec(vector.authorization)![1]!.split(';')
      const parts = { signedHeaders, payloadHash: sha256(vector.body), s3: false, presigned: false }
      expect(canonicalRequest(request, headerMap(headers), parts)).toBe(vector.canonicalRequest)
    })
    test(`${vector.name} is accepted`, async () => {
      expect(await verifyRequest(request, find)).toMatchObject({ principal: 'someone', region: 'us-east-1' })
    })
    test(`${vector.name} is refused when one digit of the signature is another`, async () => {
      const wrong = headers.map(value => value.replace(/.$/, last => (last === '0' ? '1' : '0')))
      const spoilt = headers.map((value, i) => (headers[i - 1] === 'Authorization' ? wrong[i]! : value))
      await expect(verifyRequest({ ...request, headers: spoilt }, find)).rejects.toMatchObject({
        code: 'InvalidSignatureException',
      })
    })
  }
})
