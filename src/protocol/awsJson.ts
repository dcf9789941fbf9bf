// AWS JSON 1.0 and 1.1: one POST, X-Amz-Target names the operation, bodies are JSON objects.

import type { ServiceError } from '../core/serviceError.ts'
import { errorFacts, queryErrorHeader } from './errorFacts.ts'
import type { ServerProtocol } from './serverProtocol.ts'
import { serializationError, treeReader } from './treeReader.ts'
import { treeWriter } from './treeWriter.ts'
import type { WireResponse } from './wire.ts'

const read = treeReader({ nameOf: member => member.name, blobs: 'base64', timestamps: 'epochSeconds' })
export const jsonTree = treeWriter({
  nameOf: member => member.name,
  blob: bytes => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
  timestamp: date => date.getTime() / 1000,
  textForNonFinite: true,
})

/** A JSON value; SerializationException for text that is none. */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw serializationError(`The request body is not valid JSON: ${(error as Error).message.slice(0, 200)}`)
  }
}

function awsJson(version: '1.0' | '1.1'): ServerProtocol {
  const contentType = `application/x-amz-json-${version}`
  const respond = (status: number, requestId: string, tree: object, more?: Record<string, string>): WireResponse => ({
    status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': requestId, ...more },
    body: Buffer.from(JSON.stringify(tree)),
  })
  return {
    name: version === '1.0' ? 'awsJson1_0' : 'awsJson1_1',
    readInput: (_model, operation, { bytes }) => read(operation.input, bytes?.length ? parseJson(bytes) : {}),
    writeOutput: (_model, operation, output, requestId) => respond(200, requestId, jsonTree(operation.output, output)),
    writeError(model, error, { requestId }) {
      const facts = errorFacts(model, error)
      const tree = { __type: facts.name, ...errorMembers(error, facts, jsonTree) }
      return respond(facts.status, requestId, tree, { ...error.headers, ...queryErrorHeader(model, facts) })
    },
  }
}

/** The error's members, the message under the name that the model gives it: `message`, or `Message` where it says so. */
export function errorMembers(
  error: ServiceError,
  { declared }: ReturnType<typeof errorFacts>,
  write: typeof jsonTree,
): Record<string, unknown> {
  if (!declared) return { message: error.message }
  const name = declared.shape.members.find(member => member.name.toLowerCase() === 'message')?.name ?? 'message'
  try {
    return { ...write(declared.shape, error.fields), [name]: error.message }
  } catch {
    return { [name]: error.message } // fields that do not fit the model must not hide the error
  }
}

export const awsJson1_0 = awsJson('1.0')
export const awsJson1_1 = awsJson('1.1')
