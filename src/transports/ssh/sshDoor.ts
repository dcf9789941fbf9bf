// Git over SSH: the user is the id of an IAM SSH public key, the key proves it, the only commands are git's two.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import ssh2 from 'ssh2'
import type { Config } from '../../core/config.ts'
import type { Ids } from '../../core/ids.ts'
import type { Log } from '../../core/log.ts'
import { isServiceError } from '../../core/serviceError.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import type { IdentityDirectory } from '../../gateway/identity.ts'
import { advertisement, type Git } from '../../git/index.ts'
import type { Principal } from '../../operation/principal.ts'
import { type GitCaller, type GitService, gitService } from '../git/index.ts'
import { readCommand } from './command.ts'

export interface SshDoorParts {
  readonly gateway: Gateway
  readonly identity: IdentityDirectory
  readonly git: Git
  readonly config: Config
  readonly ids: Ids
  readonly log: Log
  /** OpenSSH private key of this host. */
  readonly hostKey: string
}

export interface SshDoor {
  listen(port: number, host: string): Promise<AddressInfo>
  close(): Promise<void>
}

/** A client has so long to prove who it is. */
const LOGIN_TIMEOUT = 30_000
const MOST_CONNECTIONS = 200
const MOST_ATTEMPTS = 6

export function sshDoor(parts: SshDoorParts): SshDoor {
  const { config, log } = parts
  const service = gitService(parts)
  const open = new Set<ssh2.Connection>()

  const server = new ssh2.Server({ hostKeys: [parts.hostKey], ident: 'codeyard' }, (client, info) => {
    if (open.size >= MOST_CONNECTIONS) return client.end()
    open.add(client)
    const gone = new AbortController()
    const late = setTimeout(() => client.end(), LOGIN_TIMEOUT)
    let principal: Principal | undefined
    client.on('error', error => log.debug({ err: error }, 'an SSH client broke off'))
    client.on('close', () => {
      clearTimeout(late)
      open.delete(client)
      gone.abort()
    })
    const login = authenticator(parts.identity)
    client.on('authentication', async attempt => {
      principal = (await login(attempt)) ?? principal
    })
    client.on('ready', () => {
      clearTimeout(late)
      client.on('session', accept => {
        const caller: GitCaller = {
          principal: principal!,
          scope: { account: principal!.account, region: config.region },
          origin: { sourceIp: info.ip.replace(/^::ffff:/, ''), userAgent: info.header.versions.software, secure: true },
          signal: gone.signal,
        }
        serveSession(accept(), caller, service, log)
      })
    })
  })

  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => resolve(server.address() as AddressInfo))
      }),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const client of open) client.end()
      }),
  }
}

/** Accepts the signature of a key that IAM knows under this user name; a bounded number of tries. */
function authenticator(identity: IdentityDirectory) {
  let attempts = 0
  return async (attempt: ssh2.AuthContext): Promise<Principal | undefined> => {
    if (++attempts > MOST_ATTEMPTS || attempt.method !== 'publickey') {
      attempt.reject(['publickey'])
      return undefined
    }
    try {
      const known = await identity.findSshKey?.(attempt.username)
      const key = known && ssh2.utils.parseKey(known.body)
      const matches = key && !(key instanceof Error) && sameBytes(key.getPublicSSH(), attempt.key.data)
      const proven =
        matches && (!attempt.signature || key.verify(attempt.blob!, attempt.signature, attempt.hashAlgo) === true)
      if (!proven) {
        attempt.reject(['publickey'])
        return undefined
      }
      attempt.accept()
      return attempt.signature ? known.principal : undefined // the first try only asks whether the key would do
    } catch {
      attempt.reject(['publickey'])
      return undefined
    }
  }
}

/** Hashed first, so that also the lengths take the same time. */
function sameBytes(a: Buffer, b: Buffer): boolean {
  const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest()
  return timingSafeEqual(digest(a), digest(b))
}

function serveSession(session: ssh2.Session, caller: GitCaller, service: GitService, log: Log): void {
  let protocol: string | undefined
  session.on('env', (accept, _reject, { key, val }) => {
    if (key === 'GIT_PROTOCOL') protocol = val
    accept?.()
  })
  const refuse = (accept: () => ssh2.ServerChannel) => {
    const channel = accept()
    // AWS: what CodeCommit says to `ssh git-codecommit...`.
    channel.stderr.write(
      'You have successfully authenticated over SSH. You can use Git to interact with AWS CodeCommit. Interactive shells are not supported.\r\n',
    )
    finish(channel, 1)
  }
  session.on('pty', accept => accept?.())
  session.on('shell', refuse)
  session.on('exec', (accept, _reject, { command }) => {
    const git = readCommand(command)
    if (!git) return refuse(accept)
    const channel = accept()
    carryOut(channel, git, caller, service, protocol).then(
      () => finish(channel, 0),
      error => {
        if (!isServiceError(error)) log.warn({ err: error, command: git.service }, 'a git command over SSH failed')
        channel.stderr.write(isServiceError(error) ? `${error.message}\n` : 'The server failed: try again.\n')
        finish(channel, 1)
      },
    )
  })
}

async function carryOut(
  channel: ssh2.ServerChannel,
  { service: name, repositoryName }: { service: string; repositoryName: string },
  caller: GitCaller,
  service: GitService,
  protocol: string | undefined,
): Promise<void> {
  const { signal } = caller
  if (name === 'git-upload-pack') {
    const repository = await service.openPull(caller, repositoryName)
    return repository.uploadPack({
      mode: 'stateful',
      input: channel,
      output: channel,
      signal,
      ...(protocol ? { protocol } : {}),
    })
  }
  const { repository, references, owner } = await service.openPush(caller, repositoryName)
  for await (const lines of Readable.from(advertisement(references, protocol === 'version=1'))) channel.write(lines)
  await repository.receivePack({ input: channel, output: channel, owner, signal, drain: false })
}

function finish(channel: ssh2.ServerChannel, code: number): void {
  channel.exit(code)
  channel.end()
}
