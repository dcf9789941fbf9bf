// The name that git gives an object is the hash of its type, size and content.

import { createHash } from 'node:crypto'

/** The name that git gives an object. */
export function objectId(type: 'commit' | 'tree' | 'blob', content: Uint8Array): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex')
}
