// How git says to CodeCommit who it is: a signature of the repository's path instead of a password.

import { createHash, createHmac } from 'node:crypto'
import type { RoleCredentials } from './credentials.ts'

/** HTTP basic credentials of CodeCommit: the access key with its token, and a signature of the path with method GIT. */
export function gitAuthorization(credentials: RoleCredentials, url: URL, region: string): string {
  const time = credentials.signedAt.toISOString().replace(/[-:]|\.\d+Z$/g, '')
  const day = time.slice(0, 8)
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  const mac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const request = `GIT\n${url.pathname}\n\nhost:${url.hostname}\n\nhost\n`
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${day}/${region}/codecommit/aws4_request\n${hash(request)}`
  const key = [day, region, 'codecommit', 'aws4_request'].reduce<string | Buffer>(
    mac,
    `AWS4${credentials.secretAccessKey}`,
  )
  const signature = mac(key, toSign).toString('hex')
  const user = `${credentials.accessKeyId}%${credentials.sessionToken}`
  return `Basic ${Buffer.from(`${user}:${time}Z${signature}`).toString('base64')}`
}
