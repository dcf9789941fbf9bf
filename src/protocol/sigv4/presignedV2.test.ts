import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { verifyRequest } from './verifyRequest.ts'

const NOW = new Date('2026-03-01T12:00:00Z')
const SOON = String(NOW.getTime() / 1000 + 60)
const find = async (id: string) =>
  id === 'AKIAEXAMPLE'
    ? { accessKeyId: id, secretAccessKey: 'topsecret', active: true, principal: 'alice' }
    : id === 'ASIAEXAMPLE'
      ? {
          accessKeyId: id,
          secretAccessKey: 'topsecret',
          sessionToken: 'to/k==',
          expires: new Date(NOW.getTime() + 30_000),
          active: true,
          principal: 'session',
        }
      : undefined

const sign = (text: string) => encodeURIComponent(createHmac('sha1', 'topsecret').update(text).digest('base64'))

/** A link for GET /bucket/key whose parts may be replaced after it was signed. */
function link({ id = 'AKIAEXAMPLE', expires = SOON, signed = '', signature = '', more = '', now = NOW } = {}) {
  const resource = `/bucket/key${signed ? `?${signed}` : ''}`
  const own = signature || sign(`GET\n\n\n${expires}\n${resource}`)
  const rawQuery = [signed, `AWSAccessKeyId=${id}&Expires=${expires}&Signature=${own}`, more].filter(Boolean).join('&')
  return verifyRequest(
    { method: 'GET', path: '/bucket/key', rawQuery, headers: ['Host', 'localhost:4566'], now, service: 's3' },
    find,
  )
}

describe('a link presigned with signature version 2', () => {
  test('is the work of who signed it', async () => {
    expect(await link()).toMatchObject({ principal: 'alice', accessKeyId: 'AKIAEXAMPLE', presigned: true })
    expect(await link({ signed: 'acl' })).toMatchObject({ principal: 'alice' })
    expect(await link({ signed: 'response-content-type=text/x&versionId=1' })).toMatchObject({ principal: 'alice' })
  })

  test.each([
    ['another signature', { signature: sign('other') }, 'SignatureDoesNotMatch', 403],
    ['no base64', { signature: 'x' }, 'SignatureDoesNotMatch', 403],
    ['a sub-resource that was not signed', { more: 'acl' }, 'SignatureDoesNotMatch', 403],
    ['an answer that was not signed', { more: 'response-content-type=text/html' }, 'SignatureDoesNotMatch', 403],
    ['a header that was not signed', { more: 'x-amz-acl=public-read' }, 'SignatureDoesNotMatch', 403],
    [
      'a later end than was signed',
      { expires: SOON, more: '', signature: sign('GET\n\n\n1\n/bucket/key') },
      'SignatureDoesNotMatch',
      403,
    ],
    ['a key that is not there', { id: 'AKIANOBODY' }, 'InvalidAccessKeyId', 403],
    ['a temporary key without its token', { id: 'ASIAEXAMPLE' }, 'InvalidAccessKeyId', 403],
    ['a wrong token', { id: 'ASIAEXAMPLE', more: 'x-amz-security-token=x' }, 'InvalidToken', 400],
    ['an end in words', { expires: 'tomorrow' }, 'AccessDenied', 403],
    ['two signatures', { more: 'X-Amz-Algorithm=AWS4-HMAC-SHA256' }, 'InvalidArgument', 400],
    ['an operation that is newer than this signature', { more: 'retention' }, 'InvalidRequest', 400],
  ])('is refused with %s', async (_what, options, code, status) => {
    await expect(link(options)).rejects.toMatchObject({ code, status })
  })

  test('says when it has expired', async () => {
    const past = String(NOW.getTime() / 1000 - 1)
    await expect(link({ expires: past })).rejects.toMatchObject({
      code: 'AccessDenied',
      message: 'Request has expired',
      fields: { Expires: '2026-03-01T11:59:59Z', ServerTime: '2026-03-01T12:00:00Z' },
    })
  })

  test('says what it lacks', async () => {
    const rawQuery = 'AWSAccessKeyId=AKIAEXAMPLE'
    await expect(
      verifyRequest({ method: 'GET', path: '/b/k', rawQuery, headers: ['Host', 'x'], now: NOW, service: 's3' }, find),
    ).rejects.toMatchObject({
      code: 'AccessDenied',
      message: 'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
    })
  })

  test('ends with the session that signed it', async () => {
    const later = new Date(NOW.getTime() + 40_000)
    const token = 'x-amz-security-token=to%2Fk%3D%3D'
    const signature = sign(`GET\n\n\n${SOON}\nx-amz-security-token:to/k==\n/bucket/key`)
    const good = { id: 'ASIAEXAMPLE', more: token, signature }
    expect(await link(good)).toMatchObject({ principal: 'session' })
    await expect(link({ ...good, now: later })).rejects.toMatchObject({ code: 'ExpiredToken' })
  })

  test('is nothing for services other than S3', async () => {
    const rawQuery = `AWSAccessKeyId=AKIAEXAMPLE&SignatureVersion=2&Expires=${SOON}&Signature=x`
    await expect(
      verifyRequest({ method: 'GET', path: '/', rawQuery, headers: ['Host', 'x'], now: NOW, service: 'sts' }, find),
    ).rejects.toMatchObject({ code: 'IncompleteSignatureException' })
  })
})
