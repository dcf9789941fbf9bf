// Parameters and answers as a record shows them: CloudTrail's spelling, no secrets, no bytes, bounded. Pure.

/** AWS: what stands for a value that must not be read later. */
export const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS'

const MOST_DEPTH = 8
const MOST_ITEMS = 100
const MOST_TEXT = 2048
/** AWS: parameters above 100 KB are left out (CloudTrail record contents, requestParameters). */
const MOST_BYTES = 102_400

// Names, in lower case. Identifiers of secrets (secretId, secretArn) are no secrets.
const SECRET =
  /password|^passwd$|^secret(?!s?(id|arn|name|arns|ids|list)$)|secretaccesskey|privatekey|oauthtoken|^token$|^plaintext$|webhooksecret/
const SECRET_IN_ANSWERS = /token/

type Direction = 'request' | 'response'

/** JSON for `requestParameters` or `responseElements`; null when there is nothing to show. */
export function shownParameters(value: unknown, direction: Direction): unknown {
  const shown = show(value, direction, 0)
  if (typeof shown !== 'object' || shown === null || Object.keys(shown).length === 0) return null
  const size = JSON.stringify(shown).length
  return size <= MOST_BYTES ? shown : { omitted: true, originalSize: size, reason: 'The parameters were too large.' }
}

function show(value: unknown, direction: Direction, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return value.length <= MOST_TEXT ? value : `${value.slice(0, MOST_TEXT)}...`
    case 'number':
    case 'boolean':
      return value
    case 'bigint':
      return value.toString()
    case 'object':
      return value === null ? null : showObject(value, direction, depth)
    default:
      return undefined
  }
}

function showObject(value: object, direction: Direction, depth: number): unknown {
  if (value instanceof Date) return value.toISOString()
  if (depth >= MOST_DEPTH) return '...'
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST_ITEMS).map(item => show(item, direction, depth + 1))
    return value.length > MOST_ITEMS ? [...items, `... ${value.length - MOST_ITEMS} more`] : items
  }
  // Bytes, streams and other objects of classes are contents, not parameters.
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return undefined
  const sealed = (value as { Type?: unknown; type?: unknown }).Type === 'SecureString'
  const entries: [string, unknown][] = []
  for (const [name, inner] of Object.entries(value).slice(0, MOST_ITEMS)) {
    if (inner === undefined || name === '$metadata') continue
    const hidden = isSecret(name, direction) || (sealed && name === 'Value')
    const shown =
      hidden && inner !== null
        ? HIDDEN
        : /EncryptionContext$/.test(name)
          ? asGiven(inner)
          : show(inner, direction, depth + 1)
    if (shown !== undefined) entries.push([spelled(name), shown])
  }
  return Object.fromEntries(entries)
}

/** AWS: an encryption context is shown with the caller's own names, since it is no secret [services-parameter-store]. */
const asGiven = (context: unknown) =>
  Object.fromEntries(
    Object.entries(context ?? {})
      .slice(0, MOST_ITEMS)
      .map(([name, text]) => [name, String(text).slice(0, MOST_TEXT)]),
  )

function isSecret(name: string, direction: Direction): boolean {
  const lower = name.toLowerCase()
  return SECRET.test(lower) || (direction === 'response' && SECRET_IN_ANSWERS.test(lower))
}

// AWS: records begin names with a small letter, whatever the API does: `TopicArn` is `topicArn`, `SSEAlgorithm` `sSEAlgorithm`.
const spelled = (name: string) =>
  /^[A-Z][A-Za-z0-9]*$/.test(name) && !/^[A-Z0-9]+$/.test(name) ? name[0]!.toLowerCase() + name.slice(1) : name
