// The source of CopyObject and UploadPartCopy: `/bucket/key?versionId=id`, percent-encoded.

import type { Tx } from '../../store/tx.ts'
import { checkCopySource } from './conditions.ts'
import { failArgument } from './errors.ts'
import { requireVersion } from './readVersion.ts'

export interface CopySource {
  readonly Bucket: string
  readonly Key: string
  readonly VersionId?: string
}

export function parseCopySource(header: string): CopySource {
  const [path = '', query] = split(header)
  const text = decoded(path.replace(/^\//, ''), header)
  const slash = text.indexOf('/')
  if (slash <= 0 || slash === text.length - 1) {
    failArgument(
      'x-amz-copy-source',
      header,
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    )
  }
  if (text.startsWith('arn:')) failArgument('x-amz-copy-source', header, 'Codeyard has no access points to copy from.')
  return { Bucket: text.slice(0, slash), Key: text.slice(slash + 1), VersionId: query }
}

/** The query is only what follows the last `?versionId=`: keys may contain question marks. */
function split(header: string): [string, string?] {
  const at = header.lastIndexOf('?versionId=')
  return at < 0 ? [header] : [header.slice(0, at), header.slice(at + '?versionId='.length)]
}

function decoded(text: string, header: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return failArgument('x-amz-copy-source', header, 'Copy Source must be URL encoded')
  }
}

export interface CopyInput {
  readonly CopySource?: string
  readonly CopySourceIfMatch?: string
  readonly CopySourceIfNoneMatch?: string
  readonly CopySourceIfModifiedSince?: Date
  readonly CopySourceIfUnmodifiedSince?: Date
  readonly ExpectedSourceBucketOwner?: string
}

/** The version to copy, after its conditions. */
export async function requireSource(tx: Tx, input: CopyInput) {
  const source = parseCopySource(input.CopySource!)
  const found = await requireVersion(tx, { ...source, ExpectedBucketOwner: input.ExpectedSourceBucketOwner })
  const conditions = {
    IfMatch: input.CopySourceIfMatch,
    IfNoneMatch: input.CopySourceIfNoneMatch,
    IfModifiedSince: input.CopySourceIfModifiedSince,
    IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  }
  checkCopySource(conditions, found.version)
  return { ...found, source }
}
