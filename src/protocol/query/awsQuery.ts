// AWS Query and EC2 Query: form parameters in, XML out.

import { type ModelName, type OperationModel, type ServiceModel, services } from '../../model/index.ts'
import { errorFacts } from '../errorFacts.ts'
import type { ServerProtocol } from '../serverProtocol.ts'
import { dateTimeText } from '../timestamps.ts'
import type { WireRequest, WireResponse } from '../wire.ts'
import { escapeText, xmlWriter } from '../xml/writeXml.ts'
import { paramTree, parseForm } from './params.ts'
import { queryReader } from './readParams.ts'

const write = xmlWriter({ timeText: dateTimeText })
/** AWS: EC2 writes milliseconds always, `2026-01-02T03:04:05.000Z`. */
const writeEc2 = xmlWriter({ timeText: date => date.toISOString() })
const readQuery = queryReader('awsQuery')
const readEc2 = queryReader('ec2Query')

const parsed = new WeakMap<WireRequest, [string, string][]>()

/** Name and value pairs of a Query request: of its query string (GET) and of its form. Parsed once a request. */
export function queryParams(request: WireRequest): [string, string][] {
  let params = parsed.get(request)
  if (!params) {
    params = parseForm(request.rawQuery).filter(([name]) => !name.startsWith('X-Amz-'))
    if (request.bytes?.length) params = params.concat(parseForm(request.bytes.toString('utf8')))
    parsed.set(request, params)
  }
  return params
}

function xml(status: number, requestId: string, text: string): WireResponse {
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: Buffer.from(text),
  }
}

const namespaceOf = (model: ServiceModel | undefined) => (model?.xmlNamespace ? ` xmlns="${model.xmlNamespace}"` : '')
const hasMembers = (operation: OperationModel) => operation.output.name !== 'Unit'

export const awsQuery: ServerProtocol = {
  name: 'awsQuery',
  readInput: (_model, operation, request) => readQuery(operation.input, paramTree(queryParams(request))),
  writeOutput(model, operation, output, requestId) {
    const { name } = operation
    const result = hasMembers(operation)
      ? `<${name}Result>${write(operation.output, output).content}</${name}Result>`
      : ''
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`
    return xml(200, requestId, `<${name}Response${namespaceOf(model)}>${result}${metadata}</${name}Response>`)
  },
  writeError(model, error, { requestId }) {
    const facts = errorFacts(model, error)
    const type = facts.fault === 'client' ? 'Sender' : 'Receiver'
    const body = `<Error><Type>${type}</Type><Code>${escapeText(facts.queryCode)}</Code><Message>${escapeText(error.message)}</Message>${fieldsOf(facts, error.fields, write)}</Error>`
    const text = `<ErrorResponse${namespaceOf(model)}>${body}<RequestId>${requestId}</RequestId></ErrorResponse>`
    return xml(facts.queryStatus, requestId, text)
  },
}

export const ec2Query: ServerProtocol = {
  name: 'ec2Query',
  readInput: (_model, operation, request) => readEc2(operation.input, paramTree(queryParams(request))),
  writeOutput(model, operation, output, requestId) {
    const name = `${operation.name}Response`
    const content = writeEc2(operation.output, output).content
    return xml(
      200,
      requestId,
      `${DECLARATION}<${name}${namespaceOf(model)}><requestId>${requestId}</requestId>${content}</${name}>`,
    )
  },
  writeError(model, error, { requestId }) {
    const facts = errorFacts(model, error)
    const body = `<Error><Code>${escapeText(facts.queryCode)}</Code><Message>${escapeText(error.message)}</Message></Error>`
    return xml(
      facts.queryStatus,
      requestId,
      `${DECLARATION}<Response><Errors>${body}</Errors><RequestID>${requestId}</RequestID></Response>`,
    )
  },
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

function fieldsOf({ declared }: ReturnType<typeof errorFacts>, fields: object, writer: typeof write): string {
  if (!declared || Object.keys(fields).length === 0) return ''
  try {
    return writer(declared.shape, { ...fields, message: undefined, Message: undefined }).content
  } catch {
    return ''
  }
}

/** The services that speak Query, to be found by the `Version` of a request that no credential scope names. */
export const queryServices = (Object.keys(services) as ModelName[])
  .filter(name => services[name].protocols.some(one => one === 'awsQuery' || one === 'ec2Query'))
  .map(name => [name, services[name]] as const)
