import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { contentOfSignedData } from '../../../agent/pkcs7.ts'
import { createSigner } from './signedData.ts'

const NOW = new Date()
const spec = JSON.stringify({ DeploymentId: 'd-1', Text: 'grüße '.repeat(2000) })

test('OpenSSL verifies the message and finds the content in it', () => {
  const pem = createSigner('codedeploy-signer-us-east-1.amazonaws.com', NOW).sign(spec)
  const content = execFileSync('openssl', ['smime', '-verify', '-noverify', '-inform', 'PEM'], {
    input: pem,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  expect(content.toString('utf8')).toBe(spec)
})

test('OpenSSL reads the certificate in it: self-signed, valid now, named as the signer of AWS', () => {
  const pem = createSigner('codedeploy-signer-us-east-1.amazonaws.com', NOW).sign(spec)
  const certificate = execFileSync('openssl', ['pkcs7', '-print_certs', '-inform', 'PEM'], { input: pem })
  const text = execFileSync('openssl', ['x509', '-noout', '-text', '-checkend', '0'], { input: certificate }).toString()
  expect(text).toMatch(/Subject: CN ?= ?codedeploy-signer-us-east-1.amazonaws.com/)
  expect(text).toContain('Certificate will not expire')
})

test('a changed content no longer verifies', () => {
  const pem = createSigner('x', NOW).sign('{"a":1}')
  const der = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64')
  der[der.indexOf('{"a":1}') + 5] = 0x32
  const changed = `-----BEGIN PKCS7-----\n${der.toString('base64')}\n-----END PKCS7-----\n`
  expect(() =>
    execFileSync('openssl', ['smime', '-verify', '-noverify', '-inform', 'PEM'], { input: changed, stdio: 'pipe' }),
  ).toThrow()
})

test('our agent reads what we and what OpenSSL signed', () => {
  expect(contentOfSignedData(createSigner('x', NOW).sign(spec)).toString('utf8')).toBe(spec)
  expect(() => contentOfSignedData('nonsense')).toThrow('not a PKCS7 message')
})
