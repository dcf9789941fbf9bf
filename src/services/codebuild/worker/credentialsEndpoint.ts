// The container credentials endpoint of running builds, on addresses that only this machine and its containers reach: the AWS SDKs ask it
// again before each session ends, so builds of 36 hours work and no key is in their environment. Git comes the same way to the repositories.

import { createHmac } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import type { RoleCredentials } from './credentials.ts'
import { gitAuthorization } from './gitAuthorization.ts'

/** AWS: where the SDKs look when AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is set, always on port 80. */
const CONTAINER_ADDRESS = '169.254.170.2'
const RETRY_MS = 5_000

/** What a build may have as long as it runs. */
export interface Grant {
  readonly roleArn: string
  readonly region: string
  /** Where this process reaches the house over HTTP. */
  readonly endpoint: string
  /** Where the clone URLs of CodeCommit lead that commands may use. */
  readonly cloneUrls: readonly string[]
  credentials(): Promise<RoleCredentials>
}

export interface CredentialsEndpoint {
  /** From now on `token` is good for `grant`; the answer ends that. */
  admit(token: string, grant: Grant): () => void
  /**
   * Variables by which SDKs and git in the sandbox come here; undefined where nothing in the sandbox can. `endpointInside` is what the
   * house is called in there.
   */
  variables(kind: Sandbox['kind'], token: string, endpointInside?: string): Promise<Record<string, string> | undefined>
  close(): Promise<void>
}

export interface EndpointOptions {
  /** Keeps the port: commands that run while this process is replaced come back to it. */
  readonly dataDir: string
  /** Makes CONTAINER_ADDRESS an address of this machine that containers reach; false where that can not be. */
  openToContainers(): Promise<boolean>
}

/** The unguessable word of a build, the same in every process of the house. */
export const buildToken = (secret: string, build: string) =>
  createHmac('sha256', secret).update(`build ${build}`).digest('base64url')

export async function openCredentialsEndpoint(options: EndpointOptions): Promise<CredentialsEndpoint> {
  const grants = new Map<string, Grant>()
  const servers = new Set<Server>()
  const serve = (request: IncomingMessage, response: ServerResponse) =>
    void answer(grants, request, response).catch(error => refuse(response, 500, (error as Error).message))
  const listen = async (port: number, address: string) => {
    const server = createServer({ keepAliveTimeout: 1_000 }, serve)
    await new Promise<void>((listening, failed) => server.once('error', failed).listen(port, address, listening))
    server.unref()
    servers.add(server)
    return (server.address() as AddressInfo).port
  }
  const port = await listenWhereItWas(join(options.dataDir, 'build-credentials.port'), listen)
  let onPort80 = false
  let closed = false
  let timer: NodeJS.Timeout | undefined
  // Another process of this machine may hold port 80, and end; its builds that come to us then need it.
  const tryPort80 = async () => {
    try {
      await listen(80, CONTAINER_ADDRESS)
      onPort80 = true
    } catch {
      if (!closed) timer = setTimeout(tryPort80, RETRY_MS).unref()
    }
  }
  const openToContainers = async (): Promise<boolean> => {
    if (!(await options.openToContainers())) return false
    const own = await listen(port, CONTAINER_ADDRESS).then(
      () => true,
      () => false,
    )
    await tryPort80()
    return own || onPort80
  }
  const open = openToContainers().catch(() => false)
  return {
    admit(token, grant) {
      grants.set(token, grant)
      return () => {
        if (grants.get(token) === grant) grants.delete(token)
      }
    },
    async variables(kind, token, endpointInside) {
      const inContainer = kind === 'docker'
      if (inContainer && !(await open)) return undefined
      const host = inContainer ? (onPort80 ? CONTAINER_ADDRESS : `${CONTAINER_ADDRESS}:${port}`) : `127.0.0.1:${port}`
      const { region = '', cloneUrls = [] } = grants.get(token) ?? {}
      return {
        ...(inContainer && onPort80
          ? { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: `/v2/credentials/${token}` }
          : {
              AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${host}/v2/credentials`,
              AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
            }),
        ...gitVariables(`http://${host}/git/${token}/v1/repos/`, region, [
          ...cloneUrls,
          ...(endpointInside ? [endpointInside] : []),
        ]),
      }
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await open
      for (const server of servers) {
        server.closeAllConnections()
        await new Promise(done => server.close(done))
      }
    },
  }
}

async function listenWhereItWas(file: string, listen: (port: number, address: string) => Promise<number>) {
  let known = 0
  try {
    known = Number(readFileSync(file, 'utf8')) || 0
  } catch {
    // the first time
  }
  const port = await listen(known, '127.0.0.1').catch(() => listen(0, '127.0.0.1'))
  if (port !== known) writeFileSync(file, `${port}\n`, { mode: 0o600 })
  return port
}

// DEVIATES: AWS asks for `git-credential-helper: yes` and the aws CLI in the image; here git needs neither.
/** Git goes through the endpoint, which signs for it, whichever URL of CodeCommit it is given. */
function gitVariables(base: string, region: string, cloneUrls: readonly string[]): Record<string, string> {
  const prefixes = [
    ...cloneUrls.map(url => `${url.replace(/\/$/, '')}/v1/repos/`),
    `https://git-codecommit.${region}.amazonaws.com/v1/repos/`,
    `codecommit::${region}://`,
    'codecommit://',
  ]
  const entries = [...new Set(prefixes)].flatMap((prefix, at) => [
    [`GIT_CONFIG_KEY_${at}`, `url.${base}.insteadOf`] as const,
    [`GIT_CONFIG_VALUE_${at}`, prefix] as const,
  ])
  return { GIT_CONFIG_COUNT: String(entries.length / 2), ...Object.fromEntries(entries) }
}

async function answer(grants: ReadonlyMap<string, Grant>, request: IncomingMessage, response: ServerResponse) {
  const url = request.url ?? '/'
  const [, inPath] = /^\/v2\/credentials\/([\w-]+)$/.exec(url) ?? []
  const token = inPath ?? (url === '/v2/credentials' ? (request.headers.authorization ?? '') : undefined)
  if (token !== undefined) {
    const grant = grants.get(token)
    if (!grant) return refuse(response, 401, 'no build that runs here has this token')
    return await credentialsFor(grant, response)
  }
  const [, gitToken, path] = /^\/git\/([\w-]+)(\/v1\/repos\/[\w.-]+\/.*)$/.exec(url) ?? []
  const grant = gitToken === undefined ? undefined : grants.get(gitToken)
  if (!grant) return refuse(response, gitToken === undefined ? 404 : 401, 'no build that runs here has this token')
  await forwardGit(grant, path!, request, response)
}

async function credentialsFor(grant: Grant, response: ServerResponse) {
  try {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await grant.credentials()
    const body = {
      RoleArn: grant.roleArn,
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      Expiration: `${expiration.toISOString().slice(0, 19)}Z`,
    }
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(JSON.stringify(body))
  } catch (error) {
    refuse(response, 400, (error as Error).message)
  }
}

async function forwardGit(grant: Grant, path: string, request: IncomingMessage, response: ServerResponse) {
  const target = new URL(`${grant.endpoint.replace(/\/$/, '')}${path}`)
  const repository = new URL(/^\/v1\/repos\/[^/]+/.exec(path)![0], target)
  const headers = { ...request.headers }
  for (const name of ['host', 'authorization', 'connection', 'keep-alive', 'proxy-authorization']) delete headers[name]
  headers.authorization = gitAuthorization(await grant.credentials(), repository, grant.region)
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest
  const upstream = send(target, { method: request.method, headers }, answered => {
    const { connection: _, 'keep-alive': __, ...rest } = answered.headers
    response.writeHead(answered.statusCode!, rest)
    pipeline(answered, response, () => {})
  })
  pipeline(request, upstream, error => {
    if (error) refuse(response, 502, 'the repositories can not be reached')
  })
  response.once('close', () => upstream.destroy())
}

function refuse(response: ServerResponse, status: number, message: string) {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ code: status === 401 ? 'AccessDenied' : 'CredentialsError', message }))
}
