// A house with a real HTTP server in front, for tests with real S3 clients.

import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { SignatureV4 } from '@smithy/signature-v4'
import { randomIds } from '../../../core/ids.ts'
import { createLog } from '../../../core/log.ts'
import type { Principal } from '../../../operation/principal.ts'
import { verifyRequest } from '../../../protocol/sigv4/verifyRequest.ts'
import { ACCOUNT, openHouse, REGION, root } from '../../../testing/house.ts'
import { type Authenticate, createHttpServer } from '../../../transports/http/index.ts'
import { s3 } from '../index.ts'

export const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
const anonymous: Principal = { type: 'anonymous', account: 'anonymous' }

/** What the signer asks of a hash. */
class Sha256 {
  private readonly hash: Hash | Hmac
  constructor(secret?: any) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret)
  }
  update(data: any): void {
    this.hash.update(data)
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest()
  }
  reset(): void {}
}

export type WireHouse = Awaited<ReturnType<typeof openWireHouse>>

/** Clients with KEYS are the account's root; requests without a signature are anonymous. */
export async function openWireHouse() {
  const house = await openHouse({ services: [s3], now: new Date().toISOString() })
  const authenticate: Authenticate = async (wire, service) => {
    const { method, path, rawQuery, rawHeaders, bytes } = wire as typeof wire & { rawHeaders: readonly string[] }
    const asked = { method, path, rawQuery, headers: rawHeaders, now: new Date(), service, anonymous }
    const verified = await verifyRequest(bytes ? { ...asked, body: bytes } : asked, async id =>
      id === KEYS.accessKeyId ? { ...KEYS, active: true, principal: root } : undefined,
    )
    return {
      principal: verified.principal,
      scope: { account: ACCOUNT, region: verified.region ?? REGION },
      body: bytes ? wire.body : verified.decode(wire.body),
      trailers: verified.trailers,
    }
  }
  const server = createHttpServer({
    gateway: house.gateway,
    authenticate,
    ids: randomIds,
    log: createLog(process.env.CODEYARD_LOG ?? 'silent'),
  })
  const { port } = await server.listen(0, '127.0.0.1')
  const endpoint = `http://127.0.0.1:${port}`
  return {
    house,
    endpoint,
    port,
    client: (config: S3ClientConfig = {}) =>
      new S3Client({ endpoint, region: REGION, credentials: KEYS, forcePathStyle: true, maxAttempts: 1, ...config }),
    /** Path and query of a link that is good for a minute. */
    async presigned(method: string, path: string, query: Record<string, string> = {}): Promise<string> {
      const signer = new SignatureV4({
        service: 's3',
        region: REGION,
        credentials: KEYS,
        sha256: Sha256,
        uriEscapePath: false,
      })
      const encoded = encodeURI(path)
      const asked = {
        method,
        protocol: 'http:',
        hostname: '127.0.0.1',
        port,
        path: encoded,
        query,
        headers: { host: `127.0.0.1:${port}`, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      }
      const signed = await signer.presign(asked, { expiresIn: 60 })
      return `${encoded}?${new URLSearchParams(signed.query as Record<string, string>).toString().replaceAll('+', '%20')}`
    },
    async close() {
      await server.close(0)
      await house.close()
    },
  }
}
