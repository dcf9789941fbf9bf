// One port for plain HTTP and TLS: the first byte of a connection says which it is, and the same HTTP server answers both.

import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createSecureContext, createServer as createTlsServer, type SecureContext } from 'node:tls'
import type { Log } from '../../core/log.ts'
import type { Certificates } from './certificates.ts'

export interface TlsParts {
  readonly certificates: Certificates
  /** Asked when `renewAt` of the ones in use is over. */
  readonly renew: (now: Date) => Promise<Certificates>
  readonly now: () => Date
  readonly log: Log
}

/** TLS records of a handshake start with it; no HTTP method does. */
const HANDSHAKE = 0x16
const FIRST_BYTE_TIMEOUT = 30_000
const HANDSHAKE_TIMEOUT = 30_000
const NAMES_KEPT = 200

export interface TwoWays {
  /** Ends connections that have not said anything yet. */
  closeSilent(): void
  /** Ends all TLS connections, also those that have not finished their handshake: the HTTP server does not know these. */
  closeSecure(): void
}

/** Puts itself before `server`'s own handling of connections. `patienceMs` bounds the wait for the first byte. */
export function speakBoth(
  server: Server,
  { certificates, renew, now, log }: TlsParts,
  patienceMs = FIRST_BYTE_TIMEOUT,
): TwoWays {
  const [serveHttp] = server.listeners('connection') as ((socket: Socket) => void)[]
  server.removeAllListeners('connection')
  let current = certificates
  let renewing = false
  const contexts = new Map<string, SecureContext>()

  // OpenSSL takes no wildcard directly below a top-level name: bucket.localhost gets a certificate of its own.
  const contextFor = (name: string): SecureContext | undefined => {
    if (!/^([a-z0-9_-]{1,63}\.)+localhost$/i.test(name) || name.length > 253) return undefined
    const known = contexts.get(name)
    if (known) return known
    const made = createSecureContext(current.forName(name, now()))
    if (contexts.size >= NAMES_KEPT) contexts.delete(contexts.keys().next().value!)
    contexts.set(name, made)
    return made
  }

  const secure = createTlsServer({
    ...current.server,
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: HANDSHAKE_TIMEOUT,
    SNICallback: (name, done) => done(null, contextFor(name)),
  })
  secure.on('secureConnection', socket => serveHttp!.call(server, socket))
  secure.on('tlsClientError', (error, socket) => {
    log.debug({ err: error }, 'a TLS handshake failed')
    socket.destroy()
  })

  const renewNow = () => {
    if (renewing) return
    renewing = true
    void renew(now())
      .then(next => {
        current = next
        contexts.clear()
        secure.setSecureContext(next.server)
      })
      .catch(error => log.error({ err: error }, 'the TLS certificate can not be renewed'))
      .finally(() => {
        renewing = false
      })
  }

  const silent = new Set<Socket>()
  const encrypted = new Set<Socket>()
  const accept = (socket: Socket) => {
    silent.add(socket)
    const timer = setTimeout(() => socket.destroy(), patienceMs)
    const end = () => socket.destroy()
    const leave = () => {
      clearTimeout(timer)
      silent.delete(socket)
      socket.off('data', first).off('end', end).off('error', ignore).off('close', leave)
    }
    const first = (bytes: Buffer) => {
      leave()
      socket.pause()
      socket.unshift(bytes)
      if (bytes[0] !== HANDSHAKE) {
        serveHttp!.call(server, socket)
        socket.resume()
        return
      }
      if (now() >= current.renewAt) renewNow()
      encrypted.add(socket)
      socket.once('close', () => encrypted.delete(socket))
      secure.emit('connection', socket)
    }
    socket.once('data', first).once('end', end).on('error', ignore).once('close', leave)
  }
  server.on('connection', accept)
  return {
    closeSilent() {
      for (const socket of silent) socket.destroy()
    },
    closeSecure() {
      for (const socket of encrypted) socket.destroy()
    },
  }
}

const ignore = () => {}
