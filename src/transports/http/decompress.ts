// Compressed requests: SDKs send large PutMetricData with gzip. The signature covers the bytes as sent, protocols read what they mean.

import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { ServiceError } from '../../core/serviceError.ts'
import { MAX_BODY, tooLarge } from '../../protocol/index.ts'
import type { Incoming } from './incoming.ts'

const unpack = promisify(gunzip)

/** Only bodies that were read whole. Throws for what is no gzip, and for bombs. */
export async function decompress(wire: Incoming): Promise<void> {
  const { bytes, headers } = wire
  if (!bytes?.length || headers['content-encoding']?.trim().toLowerCase() !== 'gzip') return
  try {
    wire.bytes = await unpack(bytes, { maxOutputLength: MAX_BODY })
    wire.signedBytes = bytes
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(MAX_BODY)
    throw new ServiceError('SerializationException', 'The request body is not valid gzip.', {
      status: 400,
      cause: error,
    })
  }
}
