// Whether a delivery comes from who knows the webhook's secret, compared in constant time.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { ProviderType } from '../providers/hosts.ts'

export function isSigned(type: ProviderType, secret: string, headers: IncomingHttpHeaders, body: Buffer): boolean {
  if (type === 'GITLAB' || type === 'GITLAB_SELF_MANAGED') return same(text(headers['x-gitlab-token']), secret)
  const given = text(headers[type === 'BITBUCKET' ? 'x-hub-signature' : 'x-hub-signature-256'])
  return same(given, `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`)
}

const text = (header: string | string[] | undefined) => (typeof header === 'string' ? header : '')

/** Digests have the same length, whatever was given. */
function same(given: string, expected: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest()
  return timingSafeEqual(digest(given), digest(expected)) && given !== ''
}
