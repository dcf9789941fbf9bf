// How a variable names a value in Secrets Manager: `id:json-key:version-stage:version-id`, later parts optional, the id also an ARN.
// AWS: [build-spec-ref, env/secrets-manager].

export interface SecretReference {
  readonly id: string
  /** Of the JSON object that the secret is; the whole text without it. */
  readonly jsonKey?: string
  readonly stage?: string
  readonly versionId?: string
}

const ARN_PARTS = 7

export function readSecretReference(text: string): SecretReference {
  const parts = text.split(':')
  const idParts = parts[0] === 'arn' ? ARN_PARTS : 1
  const [jsonKey, stage, versionId] = parts.slice(idParts)
  return {
    id: parts.slice(0, idParts).join(':'),
    ...(jsonKey && { jsonKey }),
    ...(stage && { stage }),
    ...(versionId && { versionId }),
  }
}

/** Which version of which secret: references that share it are fetched once. */
export const versionKey = ({ id, stage, versionId }: SecretReference) => JSON.stringify([id, stage, versionId])

/** The value under `key` of a JSON object; undefined when there is none. Other values than texts are their JSON. */
export function jsonValue(text: string, key: string): string | undefined {
  let value: unknown
  try {
    const object: unknown = JSON.parse(text)
    value = typeof object === 'object' && object && Object.hasOwn(object, key) ? Reflect.get(object, key) : undefined
  } catch {
    return undefined
  }
  return typeof value === 'string' || value === undefined ? value : JSON.stringify(value)
}
