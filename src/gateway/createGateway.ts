// Puts a call through its steps: validate, authorize, run in one transaction, audit. In-process calls pass the same way.

import type { BlobStore } from '../blobs/blobStore.ts'
import type { Clock } from '../core/clock.ts'
import type { Config } from '../core/config.ts'
import type { Ids } from '../core/ids.ts'
import type { Log } from '../core/log.ts'
import type { Scope } from '../core/scope.ts'
import { isServiceError, ServiceError } from '../core/serviceError.ts'
import { addJob } from '../jobs/addJob.ts'
import { joinViolations, loadModel, validate } from '../model/index.ts'
import type { Call, CallContext, EventRecord, OpenCall, RoleSession, ServiceEvent } from '../operation/call.ts'
import type { Principal } from '../operation/principal.ts'
import type { Invoke } from '../operation/sdks.ts'
import type { Operation, Service } from '../operation/service.ts'
import type { Store, Tx } from '../store/tx.ts'
import type { Audit } from './audit.ts'
import { authorize } from './authorize.ts'
import type { Gateway, Request } from './gateway.ts'
import type { IdentityDirectory } from './identity.ts'
import { findNul } from './nul.ts'

export interface Parts {
  readonly services: readonly Service[]
  readonly store: Store
  readonly blobs: BlobStore
  readonly config: Config
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly identity: IdentityDirectory
  readonly audit: Audit
  /** Tests watch here what was emitted. */
  readonly onEvent?: (event: EventRecord) => void
}

export interface House extends Gateway {
  /** A service acting for itself in a scope: what tasks and workers are given. */
  openCall(service: Service, scope: Scope, signal?: AbortSignal): OpenCall
}

/** Where a call runs: `tx` is the transaction it was made in, if it was made in one. */
interface Frame {
  readonly request: Request
  readonly service: Service
  readonly tx?: Tx
  /** ARNs that permission was asked for, told to the audit. */
  readonly resources?: string[]
}

export function createGateway(parts: Parts): House {
  const { store, clock, ids, log, config, blobs, identity, audit } = parts
  const services = new Map(parts.services.map(service => [service.name, service]))
  const subscriptions = parts.services.flatMap(service =>
    (service.subscriptions ?? []).map(subscription => ({
      ...subscription,
      job: `${service.name}.${subscription.task}`,
    })),
  )

  const never = new AbortController().signal

  const context = ({ request, service, tx }: Frame): CallContext => {
    const inner = (principal: Principal, scope: Scope = request.scope): Invoke =>
      ((name: string, operation: string, input: unknown) =>
        dispatch(
          {
            service: name,
            operation,
            input,
            principal,
            scope,
            origin: { sourceIp: service.principal, userAgent: service.principal, secure: true },
            requestId: ids.uuid(),
            signal: request.signal,
          },
          tx,
        )) as Invoke
    const itself: Principal = { type: 'service', account: request.scope.account, service: service.principal }
    const session = (assume: () => Promise<Principal>): RoleSession => ({
      invoke: (async (name: any, operation: any, input: any) => {
        const principal = await assume()
        return inner(principal, { ...request.scope, account: principal.account })(
          name,
          operation as never,
          input as never,
        )
      }) as Invoke,
      as(roleArn, sessionName = service.name) {
        let assumed: Promise<Principal> | undefined
        const chain = async () => {
          const { Credentials } = await session(assume).invoke('sts', 'AssumeRole', {
            RoleArn: roleArn,
            RoleSessionName: sessionName,
          })
          const found = await identity.findCredential(Credentials!.AccessKeyId!, Credentials!.SessionToken!)
          return found!.principal
        }
        return session(() => {
          assumed ??= chain()
          return assumed
        })
      },
    })
    return {
      scope: request.scope,
      principal: request.principal,
      now: clock.now(),
      requestId: request.requestId,
      ids,
      log,
      config,
      blobs,
      origin: request.origin,
      invoke: inner(request.principal),
      inRegion: region => ({ invoke: inner(request.principal, { ...request.scope, region }) }),
      asService: { invoke: inner(itself) },
      as: (roleArn, sessionName = service.name) =>
        session(() => identity.assumeAsService(request.scope, service.principal, roleArn, sessionName)),
    }
  }

  const call = (frame: Frame, tx: Tx): Call => {
    const around = context({ ...frame, tx })
    const { scope } = frame.request
    const enqueue = (task: string, payload: object, options: object = {}) =>
      addJob(tx, { task, payload: { scope, payload }, now: around.now, ...options })
    return {
      ...around,
      tx,
      addJob: (task, payload, options) => enqueue(`${frame.service.name}.${task}`, payload, options),
      emit: async event => {
        const record = eventRecord(event, around)
        parts.onEvent?.(record)
        for (const { source, detailType, job } of subscriptions) {
          if (source !== '*' && source !== record.source) continue
          if (detailType !== '*' && detailType !== record['detail-type']) continue
          await enqueue(job, record)
        }
      },
    }
  }

  /** Inside a transaction an open operation takes part in it; outside it opens its own. */
  const openCall = (frame: Frame): OpenCall => {
    const { tx } = frame
    return {
      ...context(frame),
      signal: frame.request.signal,
      transaction: work =>
        tx ? tx.nested(() => work(call(frame, tx))) : store.transaction(inner => work(call(frame, inner))),
      read: work => (tx ? work(call(frame, tx)) : store.read(inner => work(call(frame, inner)))),
      inScope: scope => {
        const { principal } = frame.request
        return openCall({
          ...frame,
          request: { ...frame.request, scope, principal: { ...principal, account: scope.account } },
        })
      },
      listen: (channel, heard) => store.listen(channel, heard),
    }
  }

  const permit = async ({ request, service, resources }: Frame, tx: Tx) => {
    const { scope, principal, origin, operation, input } = request
    const access = await service.access({ tx, scope, principal, origin, config }, operation, input)
    resources?.push(...access.map(one => one.resource))
    await authorize({ ...request, access, service, tx }, identity, clock)
  }

  const run = async (frame: Frame, operation: Operation): Promise<unknown> => {
    const { request, tx, resources } = frame
    const changed = (inner: Tx, output: unknown) =>
      audit.change(inner, { request, readOnly: false, now: clock.now(), output, resources })
    switch (operation.kind) {
      case 'notSupported':
        throw new ServiceError(
          'NotImplemented',
          `Codeyard does not support ${request.service}:${request.operation}: ${operation.why}`,
          { status: 501 },
        )
      case 'write': {
        const work = async (inner: Tx) => {
          await permit(frame, inner)
          const output = await operation.handler(call(frame, inner), request.input)
          await changed(inner, output)
          return output
        }
        return tx ? tx.nested(() => work(tx)) : store.transaction(work)
      }
      case 'read': {
        const work = async (inner: Tx) => {
          await permit(frame, inner)
          return operation.handler(call(frame, inner), request.input)
        }
        const output = await (tx ? work(tx) : store.read(work))
        audit.later({ request, readOnly: true, now: clock.now(), resources })
        return output
      }
      case 'open': {
        await (tx ? permit(frame, tx) : store.read(inner => permit(frame, inner)))
        const output = await operation.handler(openCall(frame), request.input)
        audit.later({ request, readOnly: !operation.changes, now: clock.now(), output, resources })
        return output
      }
    }
  }

  const dispatch = async (request: Request, tx?: Tx): Promise<unknown> => {
    const service = services.get(request.service)
    const operation = service?.operations[request.operation]
    if (!service || !operation) {
      throw new ServiceError('UnknownOperationException', `Unknown operation: ${request.service}:${request.operation}`)
    }
    const resources: string[] = []
    try {
      if (operation.kind !== 'notSupported') await checkInput(service, request)
      return await run({ request, service, tx, resources }, operation)
    } catch (error) {
      const answer = forCaller(error, request)
      const readOnly = operation.kind === 'read' || (operation.kind === 'open' && !operation.changes)
      audit.later({ request, readOnly, now: clock.now(), error: answer, resources })
      throw answer
    }
  }

  const forCaller = (error: unknown, { service, operation, requestId }: Request): ServiceError => {
    if (isServiceError(error)) return error
    log.error({ err: error, service, operation, requestId }, 'an operation failed unexpectedly')
    return new ServiceError(
      'InternalFailure',
      `The request processing has failed because of an internal error (request ${requestId}).`,
      {
        status: 500,
        cause: error,
      },
    )
  }

  return {
    call: request => dispatch(request),
    authorize: (principal, scope, origin, access) =>
      store.read(tx => {
        const service = services.get(access[0]?.action.split(':')[0] ?? '')
        return authorize({ principal, scope, origin, access, service, tx }, identity, clock)
      }),
    openCall: (service, scope, signal = never) =>
      openCall({
        service,
        request: {
          service: service.name,
          operation: '',
          input: {},
          principal: { type: 'service', account: scope.account, service: service.principal },
          scope,
          origin: { sourceIp: service.principal, userAgent: service.principal, secure: true },
          requestId: ids.uuid(),
          signal,
        },
      }),
  }
}

async function checkInput(service: Service, request: Request): Promise<void> {
  const model = await loadModel(service.name)
  const broken = validate(model, request.operation, request.input)
  const nul = broken.length > 0 || service.takesNul?.includes(request.operation) ? undefined : findNul(request.input)
  const violations = nul ? [nul] : broken
  const [first] = violations
  if (!first) return
  throw (
    service.constraintError?.(request.operation, first) ??
    new ServiceError('ValidationException', joinViolations(violations), { status: 400 })
  )
}

function eventRecord(event: ServiceEvent, { ids, scope, now }: CallContext): EventRecord {
  return {
    version: '0',
    id: ids.uuid(),
    'detail-type': event.detailType,
    source: event.source,
    account: scope.account,
    time: now.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: scope.region,
    resources: event.resources,
    detail: event.detail,
  }
}
