// GetObject: finds the version on a plain connection, then streams its blobs without any.

import { Readable } from 'node:stream'
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'
import type { OpenHandler } from '../../../../operation/handler.ts'
import { openKey } from '../../dataKeys.ts'
import { cut, readSegments } from '../../ranges.ts'
import { describeRead } from '../../readVersion.ts'

/**
 * In process, `Body` is a Node Readable and nothing more: it has no transformToByteArray and transformToString, which the
 * SDK's client adds. Read it to its end or destroy it.
 */
export const getObject: OpenHandler<'s3', 'GetObject'> = async (call, input) => {
  const { bucket, version, range, answer } = await call.read(({ tx }) => describeRead(tx, input))
  const key = await openKey(call, bucket, version)
  const pieces = cut(version.segments, range)
  const [only, ...more] = pieces
  const body =
    only && more.length === 0 && !key
      ? await call.blobs.get(only[0], { start: only[1], end: only[1] + only[2] - 1 })
      : Readable.from(readSegments(pieces, call.blobs.get, key), { objectMode: false })
  return { ...answer, Body: body as GetObjectCommandOutput['Body'] }
}
