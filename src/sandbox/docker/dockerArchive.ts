// Files into and out of a container by the engine's archive calls, or by a tar that runs in it where much is to be moved; entry names are
// rewritten on the way so that every provider means the same by them.

import type { IncomingMessage } from 'node:http'
import { basename } from 'node:path/posix'
import type { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { rewriteArchive, transientPieces } from '../rewriteArchive.ts'
import type { Transfer } from '../sandbox.ts'
import { SandboxError } from '../sandboxError.ts'
import { engineStatus } from './engine.ts'
import { engineBytes } from './engineBytes.ts'
import { engineUpload } from './engineUpload.ts'
import { packByPipe, unpackByPipe } from './tarPipe.ts'

// Go's os.FileMode
const IS_DIRECTORY = 2 ** 31
const IS_SYMLINK = 2 ** 27

/** Unpacks `tar` into `path`. The archive goes to the root with prefixed names: so directories on the way are made, and links mean the same. */
export async function putPath(
  container: Docker.Container,
  path: string,
  tar: Readable,
  { large = false }: Transfer = {},
): Promise<void> {
  const exists = (await stat(container, path))?.kind
  if (exists === 'file') throw new SandboxError('EUNSAFE', `${path} is a file`)
  const prefix = path.split('/').filter(Boolean).join('/')
  const inside = (name: string) => [prefix, name].filter(Boolean).join('/')
  const directory = { name: prefix, type: 'directory' as const, mode: 0o755, size: 0, mtime: undefined, linkname: '' }
  const prefixed = rewriteArchive(
    tar,
    entry => {
      if (entry.name === '') return undefined
      const linkname = entry.type === 'link' ? inside(entry.linkname) : entry.linkname
      return { ...entry, name: inside(entry.name), linkname }
    },
    { first: exists === undefined && prefix !== '' ? directory : undefined },
  )
  let refused: unknown
  prefixed.once('error', error => {
    refused = error
  })
  const socketPath = await socketOf(container)
  try {
    if (large && socketPath !== undefined && (await unpackByPipe(container, () => transientPieces(prefixed)))) return
    if (socketPath === undefined) await container.putArchive(prefixed, { path: '/' })
    else await engineUpload(socketPath, `/containers/${container.id}/archive?path=%2F`, transientPieces(prefixed))
  } catch (error) {
    // The upload broke because the archive was refused: that is the reason to tell.
    await new Promise(resolve => setImmediate(resolve))
    throw refused ?? error
  } finally {
    tar.destroy()
  }
}

/** A tar of `path`: a directory's content by names relative to it, or one file by its base name. */
export async function getPath(
  container: Docker.Container,
  path: string,
  { large = false }: Transfer = {},
): Promise<Readable> {
  let at = path
  let found = await stat(container, at)
  for (let hops = 0; found?.kind === 'symlink' && hops < 40; hops++) {
    at = found.target
    found = await stat(container, at)
  }
  if (found === undefined) throw new SandboxError('ENOENT', `${path} does not exist`)
  const isDirectory = found.kind === 'directory'
  // `/.` makes the engine look into a directory that is reached by a link.
  const wanted = isDirectory ? `${at}/.` : at
  const socketPath = await socketOf(container)
  const url = `/containers/${container.id}/archive?path=${encodeURIComponent(wanted)}`
  const piped = large && isDirectory && socketPath !== undefined ? await packByPipe(container, at) : undefined
  const local = piped ?? (socketPath === undefined ? undefined : await engineBytes(socketPath, url))
  const usual = local ? undefined : ((await container.getArchive({ path: wanted })) as unknown as Readable)
  const stream = rewriteArchive(
    local?.pieces ?? usual!,
    entry => {
      const name = isDirectory ? entry.name : basename(path)
      return name === '' ? undefined : { ...entry, name }
    },
    { transient: local !== undefined },
  )
  stream.once('close', () => (local ? local.close() : usual!.destroy()))
  return stream
}

/** Undefined for an engine that is reached in another way. */
async function socketOf(container: Docker.Container): Promise<string | undefined> {
  const { socketPath } = container.modem as { socketPath?: string | (() => Promise<string>) }
  return typeof socketPath === 'function' ? await socketPath() : socketPath
}

type Found = { kind: 'file' | 'directory' } | { kind: 'symlink'; target: string }

async function stat(container: Docker.Container, path: string): Promise<Found | undefined> {
  try {
    const response = (await container.infoArchive({ path })) as IncomingMessage
    response.resume()
    const header = String(response.headers['x-docker-container-path-stat'])
    const { mode, linkTarget } = JSON.parse(Buffer.from(header, 'base64').toString()) as {
      mode: number
      linkTarget: string
    }
    if (mode & IS_SYMLINK) return { kind: 'symlink', target: linkTarget }
    return { kind: mode >= IS_DIRECTORY ? 'directory' : 'file' }
  } catch (error) {
    // A HEAD's answer has no text: whether the path or the container is missing is asked separately.
    if (engineStatus(error) !== 404) throw error
    await container.inspect()
    return undefined
  }
}
