// REST JSON: path, query and headers carry part of an input, the rest is a JSON body or a payload of bytes.

import { Readable } from 'node:stream'
import { ServiceError } from '../../core/serviceError.ts'
import type { Member } from '../../model/index.ts'
import { errorMembers, parseJson } from '../awsJson.ts'
import { errorFacts } from '../errorFacts.ts'
import { readBody } from '../readBody.ts'
import type { ServerProtocol } from '../serverProtocol.ts'
import { treeReader } from '../treeReader.ts'
import { treeWriter } from '../treeWriter.ts'
import type { WireRequest, WireResponse } from '../wire.ts'
import { bindingsOf } from './bindings.ts'
import { readBindings } from './readBindings.ts'
import { writeHeaders } from './writeBindings.ts'

const nameOf = (member: Member) => member.own.jsonName ?? member.name
const read = treeReader({ nameOf, blobs: 'base64', timestamps: 'epochSeconds' })
const write = treeWriter({
  nameOf,
  blob: bytes => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
  timestamp: date => date.getTime() / 1000,
  textForNonFinite: true,
})

const bodyOf = async (request: WireRequest) => request.bytes ?? (await readBody(request.body))

export const restJson: ServerProtocol = {
  name: 'restJson',

  async readInput(_model, operation, request, labels) {
    const bindings = bindingsOf(operation.input)
    const input = readBindings(bindings, request, labels, malformed)
    const { payload, body } = bindings
    if (payload) {
      const { shape } = payload
      if (shape.kind === 'blob' && shape.streaming) {
        input[payload.name] = request.body
        return input
      }
      const bytes = await bodyOf(request)
      if (bytes.length === 0) return input
      if (shape.kind === 'blob') input[payload.name] = bytes
      else if (shape.kind === 'structure') input[payload.name] = read(shape, parseJson(bytes))
      else input[payload.name] = shape.kind === 'document' ? parseJson(bytes) : bytes.toString('utf8')
    } else if (body) {
      const bytes = await bodyOf(request)
      if (bytes.length > 0) Object.assign(input, read(body, parseJson(bytes)))
    }
    return input
  },

  writeOutput(_model, operation, output, requestId): WireResponse {
    const bindings = bindingsOf(operation.output)
    const fields = (output ?? {}) as Record<string, any>
    const headers: Record<string, string> = { 'x-amzn-requestid': requestId }
    writeHeaders(bindings, fields, headers)
    const status = Number((bindings.status && fields[bindings.status.name]) ?? operation.http?.status ?? 200)
    const { payload, body } = bindings
    if (payload) return { status, headers, body: payloadBody(payload, fields[payload.name], headers) }
    if (status === 204) return { status, headers, body: undefined }
    headers['content-type'] = 'application/json'
    return { status, headers, body: Buffer.from(JSON.stringify(body ? write(body, fields) : {})) }
  },

  writeError(model, error, { requestId }) {
    const facts = errorFacts(model, error)
    return {
      status: facts.status,
      headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId, 'x-amzn-errortype': facts.name },
      body: Buffer.from(JSON.stringify(errorMembers(error, facts, write))),
    }
  },
}

function payloadBody(payload: Member, value: any, headers: Record<string, string>): WireResponse['body'] {
  if (value === undefined || value === null) return undefined
  const { shape } = payload
  if (shape.kind === 'structure' || shape.kind === 'document') {
    headers['content-type'] ??= 'application/json'
    return Buffer.from(JSON.stringify(shape.kind === 'structure' ? write(shape, value) : value))
  }
  if (value instanceof Readable) return value
  headers['content-type'] ??= typeof value === 'string' ? 'text/plain' : 'application/octet-stream'
  return Buffer.from(value)
}

function malformed(member: string, kind: string): ServiceError {
  return new ServiceError('SerializationException', `${member} must be a ${kind}`, { status: 400 })
}
