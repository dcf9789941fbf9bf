// Which URLs are git's: /v1/repos/NAME/... as CodeCommit has them.

export type GitRoute =
  | { readonly kind: 'advertise'; readonly service: 'git-upload-pack' | 'git-receive-pack' }
  | { readonly kind: 'upload' }
  | { readonly kind: 'receive' }
  /** The dumb protocol, LFS, a browser: there is no such thing here. */
  | { readonly kind: 'nothing'; readonly why: string }

export interface GitUrl {
  readonly repositoryName: string
  /** `/v1/repos/NAME` as it was sent: what clients sign. */
  readonly signedPath: string
  readonly route: GitRoute
}

const PREFIX = /^\/v1\/repos\/([^/]+)(\/.*)?$/

export function gitUrl(method: string, target: string): GitUrl | undefined {
  const [path = '', query = ''] = target.replace(/^https?:\/\/[^/]*/i, '').split('?', 2)
  const [, name, rest = ''] = PREFIX.exec(path) ?? []
  if (name === undefined) return undefined
  return {
    repositoryName: decode(name),
    signedPath: path.slice(0, path.length - rest.length),
    route: routeOf(method, rest.replace(/\/{2,}/g, '/'), new URLSearchParams(query).get('service')),
  }
}

function routeOf(method: string, rest: string, service: string | null): GitRoute {
  if (method === 'GET' && rest === '/info/refs') {
    if (service === 'git-upload-pack' || service === 'git-receive-pack') return { kind: 'advertise', service }
    return { kind: 'nothing', why: 'this server speaks the smart git protocol only: update git' }
  }
  if (method === 'POST' && rest === '/git-upload-pack') return { kind: 'upload' }
  if (method === 'POST' && rest === '/git-receive-pack') return { kind: 'receive' }
  return { kind: 'nothing', why: `git asks for nothing at ${rest || 'this address'}: use it as the URL of a remote` }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
