// Opaque page tokens over keyset pagination: the last key of the page before, never an offset.

/** The token for the page after `key` (the last row's ordering columns). */
export function pageToken(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** The key inside a token, or undefined for one that we never gave out: the service answers its own InvalidToken error. */
export function readPageToken(token: string): (string | number)[] | undefined {
  try {
    const key: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
    const valid = Array.isArray(key) && key.every(part => typeof part === 'string' || typeof part === 'number')
    return valid ? (key as (string | number)[]) : undefined
  } catch {
    return undefined
  }
}

/** Cuts `limit + 1` fetched rows into a page and the token for the next one, if there is one. */
export function page<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => readonly (string | number)[]) {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextToken: rows.length > limit && last ? pageToken(keyOf(last)) : undefined }
}
