// Archives into and out of a host sandbox. The server may be root and a user's command may swap directories for links at any moment, so no path
// is walked by name: each directory is opened without following links, and its entries are reached through /proc/self/fd, as openat would.

import fs from 'node:fs'
import { realpath } from 'node:fs/promises'
import { basename, relative } from 'node:path/posix'
import type { Readable } from 'node:stream'
import type { Pack } from 'tar-stream'
import { type ArchiveEntry, addEntry, packArchive, readArchive } from '../archive.ts'
import { SandboxError } from '../sandboxError.ts'
import type { Layout } from './layout.ts'

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants

/** Calls with few system calls are synchronous: a trip to the thread pool costs more than they do. */
export async function unpackInto(layout: Layout, path: string, tar: Readable, seenTmp?: string): Promise<void> {
  const place = locate(layout, path, seenTmp)
  const target = openDirectory(place.root, place.parts, true)
  try {
    for await (const entry of readArchive(tar)) {
      if (entry.name !== '') await unpackEntry(target, entry)
    }
  } finally {
    fs.closeSync(target)
    tar.destroy()
  }
}

async function unpackEntry(target: number, entry: ArchiveEntry) {
  const parts = entry.name.split('/')
  const base = parts.pop()!
  const parent = openDirectory(`/proc/self/fd/${target}`, parts, true)
  const path = `/proc/self/fd/${parent}/${base}`
  try {
    switch (entry.type) {
      case 'directory':
        fs.closeSync(openDirectory(`/proc/self/fd/${parent}`, [base], true, entry.mode | 0o700))
        return
      case 'symlink':
        fs.rmSync(path, { force: true })
        fs.symlinkSync(entry.linkname, path)
        return
      case 'link': {
        const source = entry.linkname.split('/')
        const name = source.pop()!
        const from = openDirectory(`/proc/self/fd/${target}`, source, false)
        try {
          fs.rmSync(path, { force: true })
          fs.linkSync(`/proc/self/fd/${from}/${name}`, path)
        } finally {
          fs.closeSync(from)
        }
        return
      }
      case 'file':
        await writeFile(path, entry)
    }
  } finally {
    fs.closeSync(parent)
  }
}

async function writeFile(path: string, entry: ArchiveEntry) {
  fs.rmSync(path, { force: true })
  const file = fs.openSync(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, entry.mode)
  try {
    for await (const chunk of entry.content) {
      for (let at = 0; at < chunk.length; ) at += fs.writeSync(file, chunk, at)
    }
    fs.fchmodSync(file, entry.mode)
    if (entry.mtime) fs.futimesSync(file, entry.mtime, entry.mtime)
  } finally {
    fs.closeSync(file)
  }
}

/** A tar of `path`: see the contract. Pipes, sockets and devices are left out. */
export async function packPath(layout: Layout, path: string, seenTmp?: string): Promise<Readable> {
  const asked = locate(layout, path, seenTmp)
  let real: string
  try {
    real = await realpath([asked.root, ...asked.parts].join('/'))
  } catch (error) {
    throw new SandboxError('ENOENT', `${path} does not exist`, { cause: error })
  }
  const place = locate(layout, real)
  const base = place.parts.pop()
  const parent = openDirectory(place.root, place.parts, false)
  if (base === undefined) return packArchive(pack => packDirectory(pack, parent, ''))
  const inside = `/proc/self/fd/${parent}/${base}`
  try {
    if (fs.lstatSync(inside).isDirectory()) {
      const directory = openDirectory(`/proc/self/fd/${parent}`, [base], false)
      return packArchive(pack => packDirectory(pack, directory, ''))
    }
    const file = fs.openSync(inside, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    return packArchive(pack => packFile(pack, file, basename(path)))
  } finally {
    fs.closeSync(parent)
  }
}

/** Closes `directory` when all of it is packed. */
async function packDirectory(pack: Pack, directory: number, prefix: string): Promise<void> {
  try {
    for (const base of fs.readdirSync(`/proc/self/fd/${directory}`).sort()) {
      const path = `/proc/self/fd/${directory}/${base}`
      const name = prefix + base
      const stat = fs.lstatSync(path, { throwIfNoEntry: false })
      if (!stat) continue
      const facts = { name, mode: stat.mode & 0o777, size: 0, mtime: stat.mtime, linkname: '' }
      if (stat.isSymbolicLink()) {
        await addEntry(pack, { ...facts, type: 'symlink', linkname: fs.readlinkSync(path) })
      } else if (stat.isDirectory()) {
        await addEntry(pack, { ...facts, type: 'directory' })
        await packDirectory(pack, openDirectory(`/proc/self/fd/${directory}`, [base], false), `${name}/`)
      } else if (stat.isFile()) {
        await packFile(pack, fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK), name)
      }
    }
  } finally {
    fs.closeSync(directory)
  }
}

/** Closes `file` when it is packed: exactly the bytes it has now, also when it grows meanwhile. */
async function packFile(pack: Pack, file: number, name: string) {
  const { mode, size, mtime } = fs.fstatSync(file)
  async function* content() {
    for (let at = 0; at < size; ) {
      const buffer = Buffer.allocUnsafe(Math.min(262_144, size - at))
      const count = await new Promise<number>((resolve, reject) => {
        fs.read(file, buffer, 0, buffer.length, at, (error, read) => (error ? reject(error) : resolve(read)))
      })
      if (count === 0) throw new Error(`${name} became shorter while it was read`)
      at += count
      yield buffer.subarray(0, count)
    }
  }
  try {
    await addEntry(pack, { name, type: 'file', mode: mode & 0o777, size, mtime, linkname: '', content: content() })
  } finally {
    fs.closeSync(file)
  }
}

/** Which of the sandbox's directories `path` is in, and the way from there. Commands may see the private directory as `seenTmp`. */
function locate(layout: Layout, path: string, seenTmp = layout.tmp): { root: string; parts: string[] } {
  const places: [string, string][] = [
    [layout.workspace, layout.workspace],
    [layout.homes, layout.homes],
    [layout.tmp, layout.tmp],
    [seenTmp, layout.tmp],
  ]
  const place = places.find(([seen]) => path === seen || path.startsWith(`${seen}/`))
  if (!place) throw new SandboxError('EUNSAFE', `${path} is outside of the sandbox`)
  return {
    root: place[1],
    parts: relative(place[0], path)
      .split('/')
      .filter(part => part !== '' && part !== '.'),
  }
}

/** A file descriptor of the directory `parts` below `root`; no part may be a link. */
function openDirectory(root: string, parts: readonly string[], make: boolean, mode = 0o755): number {
  let directory = fs.openSync(root, O_RDONLY | O_DIRECTORY)
  for (const part of parts) {
    const path = `/proc/self/fd/${directory}/${part}`
    try {
      if (make) {
        try {
          fs.mkdirSync(path, { mode })
        } catch (error) {
          if (!hasCode(error, 'EEXIST')) throw error
        }
      }
      const next = fs.openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      fs.closeSync(directory)
      directory = next
    } catch (error) {
      fs.closeSync(directory)
      if (hasCode(error, 'ENOENT')) throw new SandboxError('ENOENT', `${parts.join('/')} does not exist`)
      if (hasCode(error, 'ELOOP') || hasCode(error, 'ENOTDIR')) {
        throw new SandboxError('EUNSAFE', `${parts.join('/')} goes through ${part}, which is a link or a file`)
      }
      throw error
    }
  }
  return directory
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
