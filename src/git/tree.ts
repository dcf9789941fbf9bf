// A tree object taken apart and put together. Names are bytes to git: here they are latin1 strings, so that nothing is lost.

export type EntryMode = '100644' | '100755' | '120000' | '40000' | '160000' | (string & {})

export interface RawEntry {
  readonly mode: EntryMode
  readonly id: string
}

/** Name (latin1) -> entry, in git's order. */
export function parseTree(content: Buffer): Map<string, RawEntry> {
  const entries = new Map<string, RawEntry>()
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at)
    const zero = content.indexOf(0, space)
    if (space === -1 || zero === -1) throw new Error('a broken tree object')
    entries.set(content.toString('latin1', space + 1, zero), {
      mode: content.toString('latin1', at, space),
      id: content.toString('hex', zero + 1, zero + 21),
    })
    at = zero + 21
  }
  return entries
}

export function treeContent(entries: ReadonlyMap<string, RawEntry>): Buffer {
  // Directories sort as if their name ended in a slash.
  const key = ([name, { mode }]: [string, RawEntry]) => (isDirectory(mode) ? `${name}/` : name)
  const sorted = [...entries].sort((a, b) => (key(a) < key(b) ? -1 : 1))
  return Buffer.concat(
    sorted.flatMap(([name, { mode, id }]) => [Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(id, 'hex')]),
  )
}

export const isDirectory = (mode: EntryMode) => mode === '40000' || mode === '040000'
export const isSubmodule = (mode: EntryMode) => mode === '160000'
export const isSymlink = (mode: EntryMode) => mode === '120000'

export const bytesOf = (name: string) => Buffer.from(name, 'utf8').toString('latin1')
export const textOf = (bytes: string) => Buffer.from(bytes, 'latin1').toString('utf8')
