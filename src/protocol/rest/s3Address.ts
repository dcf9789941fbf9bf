// Which bucket a request means: the host's first part (virtual host) or the path's first segment (path style).

export interface S3Address {
  readonly bucket: string | undefined
  /** Encoded segments of the key; empty for the bucket itself. */
  readonly segments: readonly string[]
}

/** `hosts`: names of this server besides localhost, below which buckets are virtual hosts. */
export function s3Address(host: string | undefined, path: string, hosts: readonly string[] = []): S3Address {
  const virtual = bucketOfHost(host, hosts)
  const segments = path.split('/').slice(1)
  if (virtual !== undefined) return { bucket: virtual, segments: path === '/' || path === '' ? [] : segments }
  const [bucket = '', ...key] = segments
  if (bucket === '') return { bucket: undefined, segments: [] }
  return { bucket: decodeBucket(bucket), segments: key.length === 1 && key[0] === '' ? [] : key }
}

/** `bucket.localhost`, `bucket.s3.localhost`, `bucket.s3.amazonaws.com`, `bucket.s3.eu-west-1.amazonaws.com` ... */
export function bucketOfHost(host: string | undefined, hosts: readonly string[] = []): string | undefined {
  const name = host?.replace(/:\d+$/, '').toLowerCase()
  if (name === undefined || !name.includes('.')) return undefined
  const amazon = AMAZON.exec(name)
  if (amazon) return amazon[1]
  for (const own of ['localhost', ...hosts]) {
    if (!name.endsWith(`.${own}`)) continue
    const rest = name.slice(0, -own.length - 1)
    const s3 = /^(?:(.+)\.)?s3(?:\.[a-z]{2}(?:-[a-z]+)+-\d)?$/.exec(rest)
    return s3 ? s3[1] : rest
  }
  return undefined
}

const AMAZON = /^(?:(.+)\.)?s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$/

function decodeBucket(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // no bucket has such a name: NoSuchBucket is the answer
  }
}
