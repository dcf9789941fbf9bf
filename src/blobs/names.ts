// What blobs are called: `owner-uuid`. The check is also the guard against names that would leave the directory.

import { randomUUID } from 'node:crypto'

const NAME = /^([a-z0-9]+)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const newName = (owner: string): string => `${owner}-${randomUUID()}`

/** The owner and the two characters after it, which spread blobs over folders; ENOENT for what is no blob's name. */
export function partsOf(id: string): { owner: string; spread: string } {
  const owner = NAME.exec(id)?.[1]
  if (!owner) throw noSuchBlob(id)
  return { owner, spread: id.slice(owner.length + 1, owner.length + 3) }
}

export const noSuchBlob = (id: string) => Object.assign(new Error(`there is no blob ${id}`), { code: 'ENOENT' })
