// What an operation is given: everything it may touch, explicit and immutable.

import type { BlobStore } from '../blobs/blobStore.ts'
import type { Config } from '../core/config.ts'
import type { Ids } from '../core/ids.ts'
import type { Log } from '../core/log.ts'
import type { Scope } from '../core/scope.ts'
import type { Tx } from '../store/tx.ts'
import type { Principal } from './principal.ts'
import type { Invoke } from './sdks.ts'

/** What every call knows, inside and outside of a transaction. */
export interface CallContext {
  readonly scope: Scope
  readonly principal: Principal
  readonly now: Date
  readonly requestId: string
  readonly ids: Ids
  readonly log: Log
  readonly config: Config
  readonly blobs: BlobStore
  /** Where the request came from; in-process calls have `sourceIp` = the calling service's host name, as CloudTrail shows it. */
  readonly origin: Origin
  /** Other services with the caller's own permissions. */
  readonly invoke: Invoke
  /** The same in another region: what belongs to a bucket is in the bucket's region, whichever the caller speaks to. */
  inRegion(region: string): { readonly invoke: Invoke }
  /**
   * Other services as a role that this service assumes (the role's trust policy must name `<service>.amazonaws.com`).
   * Fails like AWS does when it may not be assumed: AccessDenied.
   */
  as(roleArn: string, sessionName?: string): RoleSession
  /** Other services as this service's own principal, for example to assume a role with sts AssumeRole. */
  readonly asService: { readonly invoke: Invoke }
}

/** Calls with a role's permissions, in the role's account. */
export interface RoleSession {
  readonly invoke: Invoke
  /** Assumes a further role with this one's permissions, by sts AssumeRole: it may be another account's. */
  as(roleArn: string, sessionName?: string): RoleSession
}

export interface Origin {
  readonly sourceIp: string
  readonly userAgent: string
  /** The request came over TLS. */
  readonly secure: boolean
}

/** A call in one transaction (or, for `read` operations, on one plain connection): rows, events and jobs commit together. */
export interface Call extends CallContext {
  readonly tx: Tx
  /** Announces a state change: recorded, routed to rules and to the services that subscribed, when the transaction commits. */
  emit(event: ServiceEvent): Promise<void>
  /** Enqueues one of this service's own tasks, to run when the transaction commits (or at `runAt`). */
  addJob(task: string, payload: JobPayload, options?: JobOptions): Promise<void>
}

/** A call that opens transactions itself: streams, long polls, tasks and workers. Keep each transaction short. */
export interface OpenCall extends CallContext {
  transaction<T>(work: (call: Call) => Promise<T>): Promise<T>
  read<T>(work: (call: Call) => Promise<T>): Promise<T>
  /** The same service at work in another account or region: for tasks that an event of elsewhere moved. */
  inScope(scope: Scope): OpenCall
  /** Hears notifications sent with `notify(tx, channel, payload)`; call the answer to stop. */
  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>
  /** Aborted when the client hangs up or the process stops. */
  readonly signal: AbortSignal
}

/** An EventBridge event; account, region, time and id are filled in from the call. */
export interface ServiceEvent {
  /** `aws.codebuild` */
  readonly source: string
  /** `CodeBuild Build State Change` */
  readonly detailType: string
  readonly resources: readonly string[]
  readonly detail: Readonly<Record<string, unknown>>
}

/** What a subscribed task receives: the event as EventBridge shows it. */
export interface EventRecord {
  readonly version: '0'
  readonly id: string
  readonly 'detail-type': string
  readonly source: string
  readonly account: string
  /** ISO 8601 with seconds. */
  readonly time: string
  readonly region: string
  readonly resources: readonly string[]
  readonly detail: Readonly<Record<string, any>>
}

export type JobPayload = Readonly<Record<string, unknown>>

export interface JobOptions {
  readonly runAt?: Date
  /** At most one waiting job has this key: a later one replaces its payload and time. */
  readonly jobKey?: string
  /** Default 25, with exponential backoff. */
  readonly maxAttempts?: number
}
