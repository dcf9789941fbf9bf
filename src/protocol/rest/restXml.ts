// REST XML, which S3 speaks: path, query and headers carry most of an input, bodies are XML or the object's bytes.

import { Readable } from 'node:stream'
import { ServiceError } from '../../core/serviceError.ts'
import type { Member, OperationModel, ServiceModel, StructureShape } from '../../model/index.ts'
import { errorFacts } from '../errorFacts.ts'
import { readBody } from '../readBody.ts'
import type { Answer, ServerProtocol } from '../serverProtocol.ts'
import { dateTimeText } from '../timestamps.ts'
import type { WireRequest, WireResponse } from '../wire.ts'
import { parseXml, XmlError } from '../xml/parseXml.ts'
import { readXmlStructure } from '../xml/readXml.ts'
import { escapeText, xmlWriter } from '../xml/writeXml.ts'
import { bindingsOf } from './bindings.ts'
import { readBindings } from './readBindings.ts'
import { safeHeader, writeHeaders } from './writeBindings.ts'

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
const MAX_XML = 10 * 1024 * 1024
/** AWS: S3 writes milliseconds always, `2026-01-02T03:04:05.000Z`. */
const write = { s3: xmlWriter({ timeText: date => date.toISOString() }), other: xmlWriter({ timeText: dateTimeText }) }

export const restXml: ServerProtocol = {
  name: 'restXml',

  async readInput(model, operation, request, labels) {
    const bindings = bindingsOf(operation.input)
    const input = readBindings(bindings, request, labels, malformedArgument)
    if (model.name === 's3') plainEncoding(operation, input, request)
    const { payload, body } = bindings
    if (payload) {
      const value = await readPayload(payload, operation, request)
      if (value !== undefined) input[payload.name] = value
    } else if (body) {
      const bytes = await wholeBody(request)
      if (bytes.length > 0) Object.assign(input, readXml(body, body.traits.xmlName ?? body.name, bytes))
    }
    return input
  },

  writeOutput(model, operation, output, requestId) {
    const bindings = bindingsOf(operation.output)
    const fields = (output ?? {}) as Record<string, any>
    const headers: Record<string, string> = requestIds(model, requestId)
    writeHeaders(bindings, fields, headers)
    const usual = partial(model, fields) ? 206 : (operation.http?.status ?? 200)
    const status = Number((bindings.status && fields[bindings.status.name]) ?? usual)
    const { payload, body } = bindings
    if (payload) return { status, headers, body: payloadBody(model, payload, fields[payload.name], headers) }
    if (!body) return { status, headers, body: undefined }
    headers['content-type'] ??= 'application/xml'
    return { status, headers, body: Buffer.from(DECLARATION + document(model, body, rootName(body), fields)) }
  },

  writeError(model, error, answer) {
    return model?.name === 's3' || model === undefined ? s3Error(model, error, answer) : restError(model, error, answer)
  },
}

function requestIds(model: ServiceModel | undefined, requestId: string): Record<string, string> {
  return model?.name === 's3' || !model
    ? { 'x-amz-request-id': requestId, 'x-amz-id-2': hostId(requestId) }
    : { 'x-amzn-requestid': requestId }
}

/** AWS: an opaque text that support asks for, beside the request id. */
const hostId = (requestId: string) => Buffer.from(`codeyard/${requestId}`).toString('base64')

// ---- Reading

async function readPayload(payload: Member, operation: OperationModel, request: WireRequest): Promise<unknown> {
  const { shape } = payload
  if (shape.kind === 'blob' && shape.streaming) return request.body
  const bytes = await wholeBody(request)
  if (bytes.length === 0) {
    if (shape.kind === 'structure' && operation.http?.required.includes(payload.name)) {
      throw new ServiceError('MissingRequestBodyError', 'Request Body is empty', { status: 400 })
    }
    return undefined
  }
  if (shape.kind === 'blob') return bytes
  if (shape.kind !== 'structure') return bytes.toString('utf8')
  return readXml(shape, payload.traits.xmlName ?? shape.name, bytes)
}

async function wholeBody(request: WireRequest): Promise<Buffer> {
  if (request.bytes) return request.bytes
  try {
    return await readBody(request.body, MAX_XML)
  } catch (error) {
    if (!(error instanceof ServiceError) || error.status !== 413) throw error
    throw new ServiceError('MaxMessageLengthExceeded', 'Your request was too big.', { status: 400 })
  }
}

function readXml(shape: StructureShape, root: string, bytes: Buffer): Record<string, unknown> {
  try {
    const element = parseXml(bytes.toString('utf8'))
    if (element.name !== root) throw new XmlError(`<${root}> was expected`)
    return readXmlStructure(shape, element)
  } catch (error) {
    if (!(error instanceof XmlError)) throw error
    // AWS: S3's text; which rule was broken goes into a field, because AWS does not say.
    throw new ServiceError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
      { status: 400, fields: { Detail: error.message } },
    )
  }
}

function malformedArgument(member: string, kind: string, text: string): ServiceError {
  const message = kind === 'number' ? `Provided argument must be a number: ${member}` : `Invalid value for ${member}`
  return new ServiceError('InvalidArgument', message, {
    status: 400,
    fields: { ArgumentName: member, ArgumentValue: text.slice(0, 1000) },
  })
}

/** The transfer's own encoding is no part of the object: what is stored is what `x-amz-decoded-content-length` counts. */
function plainEncoding(operation: OperationModel, input: Record<string, unknown>, request: WireRequest): void {
  const decoded = request.headers['x-amz-decoded-content-length']
  if (typeof decoded === 'string' && /^\d{1,15}$/.test(decoded) && hasLength(operation))
    input.ContentLength = Number(decoded)
  if (typeof input.ContentEncoding !== 'string') return
  const rest = input.ContentEncoding.split(',')
    .map(part => part.trim())
    .filter(part => part !== 'aws-chunked' && part !== '')
  if (rest.length > 0) input.ContentEncoding = rest.join(',')
  else delete input.ContentEncoding
}

const hasLength = ({ input }: OperationModel) => bindingsOf(input).headers.some(([name]) => name === 'content-length')

// ---- Writing

/** AWS: GetObject and HeadObject of a range are 206; the model knows only 200. */
const partial = (model: ServiceModel, fields: Record<string, any>) =>
  model.name === 's3' && fields.ContentRange !== undefined

const rootName = (shape: StructureShape) => shape.traits.xmlName ?? shape.name

function payloadBody(
  model: ServiceModel,
  payload: Member,
  value: any,
  headers: Record<string, string>,
): WireResponse['body'] {
  if (value === undefined || value === null) return undefined
  const { shape } = payload
  if (shape.kind === 'structure') {
    headers['content-type'] ??= 'application/xml'
    return Buffer.from(DECLARATION + document(model, shape, payload.own.xmlName ?? rootName(shape), value))
  }
  if (value instanceof Readable) return value
  if (typeof value === 'string') return Buffer.from(value)
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  throw new TypeError(`the payload ${payload.name} must be bytes, text or a stream`)
}

function document(model: ServiceModel, shape: StructureShape, root: string, value: Record<string, any>): string {
  const namespace = model.xmlNamespace ? ` xmlns="${model.xmlNamespace}"` : ''
  // AWS: GetBucketLocation's root is its only member, and empty for us-east-1.
  if (root === 'LocationConstraint')
    return `<${root}${namespace}>${escapeText(String(value.LocationConstraint ?? ''))}</${root}>`
  const inside = (model.name === 's3' ? write.s3 : write.other)(shape, value)
  return `<${root}${namespace}${inside.attributes}>${inside.content}</${root}>`
}

/**
 * `<Error>` without namespace, with the error's fields as elements. Answers to HEAD, and 304, have headers only.
 */
function s3Error(
  model: ServiceModel | undefined,
  error: ServiceError,
  { requestId, method, path }: Answer,
): WireResponse {
  const facts = errorFacts(model, error)
  const { fields } = error
  const headers = requestIds(undefined, requestId)
  for (const [name, value] of Object.entries(error.headers)) headers[name] = safeHeader(value)
  if (method === 'HEAD' || facts.queryStatus === 304 || facts.queryStatus === 204)
    return { status: facts.queryStatus, headers, body: undefined }
  const elements = Object.entries(fields)
    .filter(([name, value]) => value !== undefined && value !== null && /^[A-Za-z_][\w.-]*$/.test(name))
    .map(
      ([name, value]) =>
        `<${name}>${escapeText(typeof value === 'object' ? JSON.stringify(value) : String(value))}</${name}>`,
    )
  const resource = 'Resource' in fields || path === undefined ? '' : `<Resource>${escapeText(path)}</Resource>`
  const text = `<Error><Code>${escapeText(facts.queryCode)}</Code><Message>${escapeText(error.message)}</Message>${elements.join('')}${resource}<RequestId>${requestId}</RequestId><HostId>${hostId(requestId)}</HostId></Error>`
  headers['content-type'] = 'application/xml'
  return { status: facts.queryStatus, headers, body: Buffer.from(DECLARATION + text) }
}

function restError(model: ServiceModel, error: ServiceError, { requestId }: Answer): WireResponse {
  const facts = errorFacts(model, error)
  const type = facts.fault === 'client' ? 'Sender' : 'Receiver'
  const namespace = model.xmlNamespace ? ` xmlns="${model.xmlNamespace}"` : ''
  const body = `<Error><Type>${type}</Type><Code>${escapeText(facts.queryCode)}</Code><Message>${escapeText(error.message)}</Message></Error>`
  return {
    status: facts.queryStatus,
    headers: { 'content-type': 'application/xml', 'x-amzn-requestid': requestId },
    body: Buffer.from(
      `${DECLARATION}<ErrorResponse${namespace}>${body}<RequestId>${requestId}</RequestId></ErrorResponse>`,
    ),
  }
}
