// A git provider for tests, on a free port: repositories over git's own HTTP backend, and the few REST calls of GitHub, GitLab and
// Bitbucket that CodeBuild makes. It remembers hooks and statuses, and delivers events as the providers sign them.

import { execFileSync, spawn } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export type Dialect = 'github' | 'gitlab' | 'bitbucket'

export interface FakeHook {
  readonly id: string
  readonly dialect: Dialect
  readonly path: string
  url: string
  secret: string
  events: readonly string[]
}

export interface FakeStatus {
  readonly dialect: Dialect
  readonly path: string
  readonly sha: string
  readonly state: string
  readonly context: string
  readonly targetUrl?: string
  readonly authorization: string
}

export interface FakeRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: any
}

export type FakeProvider = Awaited<ReturnType<typeof openFakeProvider>>

/** `token` is what it wants to see of whoever calls; repositories named private need it for git as well. */
export async function openFakeProvider({ token = 'the-token' }: { token?: string } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'codeyard-provider-'))
  const backend = join(git(root, '--exec-path'), 'git-http-backend')
  const hooks: FakeHook[] = []
  const statuses: FakeStatus[] = []
  const requests: FakeRequest[] = []
  /** What GET answers, by path of the API. */
  const answers = new Map<string, unknown>()
  /** How often statuses, or git, are answered with 503 before they work. */
  const troubles = { statuses: 0, git: 0 }
  /** Called with each request. */
  const watch: { seen?: () => void } = {}
  let number = 0

  const server = createServer((request, response) => {
    watch.seen?.()
    const url = new URL(request.url!, 'http://x')
    if (/\/(?:info\/refs|git-upload-pack)$/.test(url.pathname)) return serveGit(request, response, url)
    const parts: Buffer[] = []
    request.on('data', part => parts.push(part))
    request.on('end', () => {
      const text = Buffer.concat(parts).toString()
      const body = text ? JSON.parse(text) : undefined
      requests.push({ method: request.method!, path: request.url!, headers: request.headers, body })
      const { status, answer } = api(request, decodeURIComponent(url.pathname), body)
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(answer === undefined ? '' : JSON.stringify(answer))
    })
  })

  function serveGit(request: IncomingMessage, response: ServerResponse, url: URL) {
    requests.push({ method: request.method!, path: request.url!, headers: request.headers, body: undefined })
    if (troubles.git-- > 0) return response.writeHead(503).end()
    if (url.pathname.includes('private') && !isKnown(request)) {
      return response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
    }
    const child = spawn(backend, {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: join(root, 'repos'),
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: url.pathname.replace(/(?:\.git)?\/(info\/refs|git-upload-pack)$/, '.git/$1'),
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
    })
    child.stdin.on('error', () => {})
    request.pipe(child.stdin)
    const parts: Buffer[] = []
    child.stdout.on('data', part => parts.push(part))
    child.on('close', () => {
      const all = Buffer.concat(parts)
      const end = all.indexOf('\r\n\r\n')
      for (const line of all.subarray(0, end).toString().split('\r\n')) {
        const [name, value] = line.split(': ')
        if (name === 'Status') response.statusCode = Number.parseInt(value!, 10)
        else if (name && value) response.setHeader(name, value)
      }
      response.end(all.subarray(end + 4))
    })
  }

  const isKnown = ({ headers }: IncomingMessage) => {
    const { authorization = '', 'private-token': own } = headers
    const basic = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString()
    return own === token || authorization === `Bearer ${token}` || basic.endsWith(`:${token}`)
  }

  function api(request: IncomingMessage, path: string, body: any): { status: number; answer?: unknown } {
    if (!isKnown(request)) return { status: 401, answer: { message: 'Bad credentials' } }
    const [, dialect, rest] = split(path)
    if (!dialect) return { status: 404, answer: { message: 'Not Found' } }
    const hook = /^(?:\/repos|\/projects|\/repositories|\/orgs|\/groups)\/(.+?)\/hooks(?:\/(.+))?$/.exec(rest)
    if (hook) return serveHooks(request.method!, dialect, hook[1]!, hook[2], body)
    const status =
      /^\/repos\/(.+)\/statuses\/(\w+)$/.exec(rest) ??
      /^\/projects\/(.+)\/statuses\/(\w+)$/.exec(rest) ??
      /^\/repositories\/(.+)\/commit\/(\w+)\/statuses\/build$/.exec(rest)
    if (status) {
      if (troubles.statuses-- > 0) return { status: 503 }
      statuses.push({
        dialect,
        path: status[1]!,
        sha: status[2]!,
        state: body.state,
        context: body.context ?? body.name,
        targetUrl: body.target_url ?? body.url,
        authorization: String(request.headers.authorization ?? request.headers['private-token']),
      })
      return { status: 201, answer: {} }
    }
    if (answers.has(rest)) return { status: 200, answer: answers.get(rest) }
    if (rest === '/user' || rest === '/repositories') return { status: 200, answer: {} }
    return { status: 404, answer: { message: 'Not Found' } }
  }

  function serveHooks(method: string, dialect: Dialect, path: string, id: string | undefined, body: any) {
    const details = () => ({
      url: (body.config?.url ?? body.url) as string,
      secret: (body.config?.secret ?? body.token ?? body.secret) as string,
      events: (body.events ?? Object.keys(body).filter(key => body[key] === true)) as string[],
    })
    if (method === 'POST') {
      if (path.includes('forbidden')) return { status: 404, answer: { message: 'Not Found' } }
      const made: FakeHook = {
        id: dialect === 'bitbucket' ? `{${randomUUID()}}` : String(++number),
        dialect,
        path,
        ...details(),
      }
      hooks.push(made)
      return { status: 201, answer: { id: made.id, uuid: made.id, url: `${base()}/hook/${made.id}` } }
    }
    const at = hooks.findIndex(one => one.id === id)
    if (at < 0) return { status: 404, answer: { message: 'Not Found' } }
    if (method === 'DELETE') hooks.splice(at, 1)
    else Object.assign(hooks[at]!, details())
    return { status: method === 'DELETE' ? 204 : 200, answer: method === 'DELETE' ? undefined : {} }
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  /** A commit on `branch` of the repository, which is made when it is not there; answers its id. */
  function commit(
    path: string,
    files: Readonly<Record<string, string>>,
    branch = 'main',
    message = 'a change',
  ): string {
    const work = join(root, 'work', path)
    const bare = join(root, 'repos', `${path}.git`)
    const known = git(root, 'ls-remote', bare, '--heads', branch)
    if (!exists(bare)) {
      mkdirSync(work, { recursive: true })
      git(work, 'init', '-q', '-b', 'main')
      mkdirSync(dirname(bare), { recursive: true })
      git(root, 'init', '-q', '--bare', '-b', 'main', bare)
      git(bare, 'config', 'uploadpack.allowAnySHA1InWant', 'true')
      git(work, 'remote', 'add', 'origin', bare)
    }
    if (git(work, 'branch', '--show-current') !== branch) {
      git(work, 'checkout', '-q', ...(known ? [branch] : ['-b', branch]))
    }
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(work, name)), { recursive: true })
      writeFileSync(join(work, name), text)
    }
    git(work, 'add', '-A')
    git(work, '-c', 'user.name=Ada', '-c', 'user.email=a@example.com', 'commit', '-q', '--allow-empty', '-m', message)
    git(work, 'push', '-q', 'origin', branch)
    return git(work, 'rev-parse', 'HEAD')
  }

  return {
    root,
    token,
    hooks,
    statuses,
    requests,
    answers,
    troubles,
    watch,
    /** Requests that came to another server, a TLS one. */
    serve: (request: IncomingMessage, response: ServerResponse) => void server.emit('request', request, response),
    get url() {
      return base()
    },
    commit,
    /** Git in the working copy of a repository. */
    git: (path: string, ...args: string[]) => git(join(root, 'work', path), ...args),
    bare: (path: string) => join(root, 'repos', `${path}.git`),
    /** `providers.json` for this server as GitHub, GitLab and Bitbucket. */
    table: () => ({
      GITHUB: { url: base(), api: `${base()}/api/v3` },
      GITLAB: { url: base(), api: `${base()}/api/v4` },
      BITBUCKET: { url: base(), api: `${base()}/2.0` },
    }),
    async close() {
      server.closeAllConnections()
      await new Promise(done => server.close(done))
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function split(path: string): [boolean, Dialect | undefined, string] {
  for (const [prefix, dialect] of [
    ['/api/v3', 'github'],
    ['/api/v4', 'gitlab'],
    ['/2.0', 'bitbucket'],
  ] as const) {
    if (path.startsWith(`${prefix}/`)) return [true, dialect, path.slice(prefix.length)]
  }
  return [false, undefined, path]
}

const EVENT_HEADER = { github: 'x-github-event', gitlab: 'x-gitlab-event', bitbucket: 'x-event-key' } as const
const AGENT = {
  github: 'GitHub-Hookshot/951dca1',
  gitlab: 'GitLab/17.1.0',
  bitbucket: 'Bitbucket-Webhooks/2.0',
} as const

/** Headers and body of a delivery as the provider makes them. */
export function signedDelivery(
  dialect: Dialect,
  { event, payload, secret, id = randomUUID() }: { event: string; payload: unknown; secret: string; id?: string },
): { headers: Record<string, string>; body: string } {
  const body = JSON.stringify(payload)
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  const own: Record<string, string> =
    dialect === 'github'
      ? { 'x-github-delivery': id, 'x-hub-signature-256': signature }
      : dialect === 'gitlab'
        ? { 'x-gitlab-event-uuid': id, 'x-gitlab-token': secret }
        : { 'x-request-uuid': id, 'x-hub-signature': signature }
  return {
    headers: {
      'content-type': 'application/json',
      'user-agent': AGENT[dialect],
      [EVENT_HEADER[dialect]]: event,
      ...own,
    },
    body,
  }
}

export function git(cwd: string, ...args: string[]): string {
  const env = { PATH: process.env.PATH, HOME: cwd, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' }
  try {
    return execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch (error) {
    if (args[0] === 'ls-remote') return ''
    throw error
  }
}

const exists = (bare: string) => {
  try {
    git(bare, 'rev-parse', '--git-dir')
    return true
  } catch {
    return false
  }
}
