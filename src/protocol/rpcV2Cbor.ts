// Smithy RPC v2 CBOR: POST /service/NAME/operation/NAME, bodies are CBOR maps. CloudWatch's clients speak it by default.

import { cbor, dateToTag } from '@smithy/core/cbor'
import { errorMembers } from './awsJson.ts'
import { errorFacts, queryErrorHeader } from './errorFacts.ts'
import type { ServerProtocol } from './serverProtocol.ts'
import { serializationError, treeReader } from './treeReader.ts'
import { treeWriter } from './treeWriter.ts'
import type { WireResponse } from './wire.ts'

const read = treeReader({ nameOf: member => member.name, blobs: 'bytes', timestamps: 'epochSeconds' })
const write = treeWriter({
  nameOf: member => member.name,
  blob: bytes => bytes,
  timestamp: date => dateToTag(date),
  textForNonFinite: false,
})

function respond(status: number, requestId: string, tree: object, more?: Record<string, string>): WireResponse {
  return {
    status,
    headers: {
      'content-type': 'application/cbor',
      'smithy-protocol': 'rpc-v2-cbor',
      'x-amzn-requestid': requestId,
      ...more,
    },
    body: Buffer.from(cbor.serialize(tree)),
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return cbor.deserialize(bytes)
  } catch {
    throw serializationError('The request body is not valid CBOR.')
  }
}

export const rpcV2Cbor: ServerProtocol = {
  name: 'rpcV2Cbor',
  readInput: (_model, operation, { bytes }) => read(operation.input, bytes?.length ? parse(bytes) : {}),
  writeOutput: (_model, operation, output, requestId) => respond(200, requestId, write(operation.output, output)),
  writeError(model, error, { requestId }) {
    const facts = errorFacts(model, error)
    const tree = { __type: facts.name, ...errorMembers(error, facts, write) }
    return respond(facts.status, requestId, tree, { ...error.headers, ...queryErrorHeader(model, facts) })
  },
}
