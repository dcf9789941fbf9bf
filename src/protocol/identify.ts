// Which service, operation and protocol a request means, from what clients put where: X-Amz-Target, an rpcV2 path, a form's
// Action, the service in the signature's credential scope, a REST path; what nothing else claims is S3.

import { ServiceError } from '../core/serviceError.ts'
import {
  loadModelNow,
  type ModelName,
  type OperationModel,
  type ProtocolName,
  type ServiceModel,
  services,
} from '../model/index.ts'
import { protocols } from './protocols.ts'
import { queryParams, queryServices } from './query/awsQuery.ts'
import { findRoute } from './rest/routes.ts'
import { s3Address } from './rest/s3Address.ts'
import type { Labels, ServerProtocol } from './serverProtocol.ts'
import { header, type WireRequest } from './wire.ts'

/** An operation that AWS has; whether the house has it, the gateway says. */
export interface Target {
  readonly service: ModelName
  readonly model: ServiceModel
  readonly operation: OperationModel
  readonly protocol: ServerProtocol
  readonly labels?: Labels
}

/** A request that means no operation, and the protocol in which to say so. */
export interface Refusal {
  readonly error: ServiceError
  readonly protocol: ServerProtocol
  readonly model: ServiceModel | undefined
}

const byTarget = index(facts => facts.targetPrefixes)
const bySigningName = index(facts => facts.signingNames)
const byHost = index(facts => facts.hostPrefixes)

function index(keysOf: (facts: (typeof services)[ModelName]) => readonly string[]): ReadonlyMap<string, ModelName> {
  return new Map(
    Object.entries(services).flatMap(([name, facts]) => keysOf(facts).map(key => [key, name as ModelName] as const)),
  )
}

/** Everything but S3 signs the hash of its body, so `bytes` must be there before the signature is verified and before `identify`. */
export function wantsWholeBody(request: WireRequest): boolean {
  const { headers } = request
  if (headers['x-amz-target'] !== undefined || headers['smithy-protocol'] !== undefined) return true
  const signed = signedService(request)
  if (signed !== undefined) return bySigningName.get(signed) !== 's3'
  return isForm(request)
}

/** Needs `bytes` where `wantsWholeBody` says so. Loads the service's model if it is the first request. */
export function identify(request: WireRequest, hosts: readonly string[] = []): Target | Refusal {
  try {
    return find(request, hosts)
  } catch (error) {
    if (error instanceof ServiceError) return { error, protocol: protocols.awsQuery, model: undefined }
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return notInstalled(request)
    throw error
  }
}

function find(request: WireRequest, hosts: readonly string[]): Target | Refusal {
  const target = header(request, 'x-amz-target')
  if (target !== undefined) return byTargetHeader(target, request)
  const rpc = /\/service\/([^/]+)\/operation\/([^/]+)$/.exec(request.path)
  if (rpc && request.headers['smithy-protocol'] !== undefined) return byRpcPath(rpc[1]!, rpc[2]!)
  const signed = signedService(request)
  const name = signed === undefined ? serviceOfHost(request) : bySigningName.get(signed)
  if (name === undefined) {
    if (isForm(request) || isQueryGet(request)) return byAction(undefined, request)
    if (signed !== undefined) return unknownService(signed, 'restJson')
  }
  const service = name ?? 's3'
  const spoken: readonly ProtocolName[] = services[service].protocols
  if (spoken.includes('restXml') || spoken.includes('restJson')) return byPath(service, request, hosts)
  if (spoken.includes('awsQuery') || spoken.includes('ec2Query')) return byAction(service, request)
  return refuse(service, spoken[0]!, 'The request names no operation: X-Amz-Target is missing.')
}

function byTargetHeader(target: string, request: WireRequest): Target | Refusal {
  const dot = target.lastIndexOf('.')
  const asked = /json-1\.0/.test(header(request, 'content-type') ?? '') ? 'awsJson1_0' : 'awsJson1_1'
  const service = byTarget.get(target.slice(0, Math.max(dot, 0)))
  if (service === undefined) return unknownService(target, asked)
  return operationOf(service, target.slice(dot + 1), asked)
}

function byRpcPath(servicePart: string, operation: string): Target | Refusal {
  const service = byTarget.get(servicePart.slice(servicePart.lastIndexOf('.') + 1))
  return service === undefined ? unknownService(servicePart, 'rpcV2Cbor') : operationOf(service, operation, 'rpcV2Cbor')
}

function byAction(signed: ModelName | undefined, request: WireRequest): Target | Refusal {
  const params = queryParams(request)
  const paramOf = (name: string) => params.find(([one]) => one === name)?.[1]
  const action = paramOf('Action')
  const version = paramOf('Version')
  const service =
    signed ??
    queryServices.find(
      ([name, facts]) => facts.apiVersion === version && action !== undefined && loadModelNow(name).operation(action),
    )?.[0]
  const protocol =
    service && (services[service].protocols as readonly string[]).includes('ec2Query') ? 'ec2Query' : 'awsQuery'
  if (action === undefined) {
    const error = new ServiceError('MissingAction', 'The request is missing an action or a required parameter.', {
      status: 400,
    })
    return { error, protocol: protocols[protocol], model: service && loadModelNow(service) }
  }
  if (service === undefined) {
    const text = `Could not find operation ${action} for version ${version ?? '(none)'}`
    return {
      error: new ServiceError('InvalidAction', text, { status: 400 }),
      protocol: protocols[protocol],
      model: undefined,
    }
  }
  return operationOf(service, action, protocol)
}

function byPath(service: ModelName, request: WireRequest, hosts: readonly string[]): Target | Refusal {
  const model = loadModelNow(service)
  const query = new Map(queryNames(request.rawQuery))
  const { method, headers } = request
  if (service !== 's3') {
    const segments = request.path.split('/').slice(1)
    const route = findRoute(model, { method, segments, query, headers })
    if (route) return { service, model, protocol: protocols.restJson, ...route }
    return refuse(service, 'restJson', `No operation answers ${method} ${request.path}.`, 404)
  }
  const { bucket, segments } = s3Address(header(request, 'host'), request.path, hosts)
  const path = segments.length === 0 ? [''] : segments
  const route = findRoute(model, { method, segments: path, query, headers }, operation =>
    NOT_ROUTED.includes(operation.name) ? false : (bucket === undefined) === (operation.name === 'ListBuckets'),
  )
  if (!route) {
    const badUri = segments.some(part => /%(?![0-9A-Fa-f]{2})/.test(part))
    const error = badUri
      ? new ServiceError('InvalidURI', "Couldn't parse the specified URI.", { status: 400 })
      : new ServiceError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
          status: 405,
          fields: { Method: method, ResourceType: segments.length > 0 ? 'OBJECT' : bucket ? 'BUCKET' : 'SERVICE' },
        })
    return { error, protocol: protocols.restXml, model }
  }
  const labels = bucket === undefined ? route.labels : { ...route.labels, Bucket: bucket }
  return { service, model, protocol: protocols.restXml, operation: route.operation, labels }
}

/** Operations of hosts of their own: directory buckets and object lambdas. */
const NOT_ROUTED = ['ListDirectoryBuckets', 'WriteGetObjectResponse']

function operationOf(service: ModelName, name: string, asked: ProtocolName): Target | Refusal {
  const model = loadModelNow(service)
  const operation = model.operation(name)
  const spoken: readonly ProtocolName[] = model.protocols
  const json = asked === 'awsJson1_0' || asked === 'awsJson1_1'
  const protocol = spoken.includes(asked) ? asked : spoken.find(one => json && one.startsWith('awsJson'))
  if (operation && protocol) return { service, model, operation, protocol: protocols[protocol] }
  return refuse(
    service,
    asked,
    protocol ? `${service} has no operation ${name}.` : `${service} does not speak ${asked}.`,
  )
}

function refuse(service: ModelName, protocol: ProtocolName, text: string, status = 400): Refusal {
  const error = new ServiceError('UnknownOperationException', text, { status })
  return { error, protocol: protocols[protocol], model: loadModelNow(service) }
}

function unknownService(name: string, protocol: ProtocolName): Refusal {
  const error = new ServiceError(
    'UnknownOperationException',
    `Codeyard has no AWS service for ${name.slice(0, 200)}.`,
    {
      status: protocol === 'restJson' ? 404 : 400,
    },
  )
  return { error, protocol: protocols[protocol], model: undefined }
}

/** Models of services that only tests of the protocols use (EC2, Lambda) are not there in production. */
function notInstalled(request: WireRequest): Refusal {
  const name = signedService(request) ?? ''
  const service = bySigningName.get(name)
  return unknownService(name || 'this request', service ? services[service].protocols[0] : 'awsQuery')
}

const SCOPE = /Credential=[^/,\s]+\/\d{8}\/[^/,\s]*\/([^/,\s]+)\/aws4_request/
const SCOPE_IN_QUERY =
  /(?:^|&)X-Amz-Credential=[^&]*?(?:%2F|\/)\d{8}(?:%2F|\/)[^&/%]*(?:%2F|\/)([^&/%]+)(?:%2F|\/)aws4_request/i

/** The service in the credential scope: in the Authorization header, or in a presigned query. Not verified yet. */
function signedService(request: WireRequest): string | undefined {
  const { authorization } = request.headers
  if (authorization !== undefined) return SCOPE.exec(authorization)?.[1]
  return request.rawQuery.includes('X-Amz-Credential') ? SCOPE_IN_QUERY.exec(request.rawQuery)?.[1] : undefined
}

/** `sts.localhost`, `sts.us-east-1.amazonaws.com`: for requests without a signature. */
function serviceOfHost(request: WireRequest): ModelName | undefined {
  const host = header(request, 'host') ?? ''
  const name = byHost.get(host.slice(0, Math.max(host.indexOf('.'), 0)).toLowerCase())
  return name === 's3' ? undefined : name
}

function isForm({ method, path, headers }: WireRequest): boolean {
  const type = headers['content-type'] ?? ''
  return method === 'POST' && path === '/' && type.toLowerCase().startsWith('application/x-www-form-urlencoded')
}

function isQueryGet({ method, path, rawQuery }: WireRequest): boolean {
  return method === 'GET' && path === '/' && /(?:^|&)Action=/.test(rawQuery)
}

function queryNames(rawQuery: string): [string, string][] {
  if (rawQuery === '') return []
  return rawQuery.split('&').map(part => {
    const equals = part.indexOf('=')
    return equals < 0 ? [plain(part), ''] : [plain(part.slice(0, equals)), plain(part.slice(equals + 1))]
  })
}

function plain(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
