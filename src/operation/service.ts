// How a service says what it is: every operation of its model by name, its tasks, what it listens to, what it runs.

import type { Config, Role } from '../core/config.ts'
import type { Scope } from '../core/scope.ts'
import type { ServiceError } from '../core/serviceError.ts'
import type { Tx } from '../store/tx.ts'
import type { Call, JobPayload, OpenCall, Origin } from './call.ts'
import type { Principal } from './principal.ts'
import type { Operations, ServiceName } from './sdks.ts'

/** One operation: how it runs, or why it does not. */
export type Operation<Input = any, Output = any> =
  | { readonly kind: 'write' | 'read'; readonly handler: (call: Call, input: Input) => Promise<Output> }
  | {
      readonly kind: 'open'
      readonly changes: boolean
      readonly handler: (call: OpenCall, input: Input) => Promise<Output>
    }
  | { readonly kind: 'notSupported'; readonly why: string }

/** Changes something: one transaction, audited in it. */
export const write = <I, O>(handler: (call: Call, input: I) => Promise<O>): Operation<I, O> => ({
  kind: 'write',
  handler,
})
/** Only reads: a plain connection, audited in batches. */
export const read = <I, O>(handler: (call: Call, input: I) => Promise<O>): Operation<I, O> => ({
  kind: 'read',
  handler,
})
/** Streams or waits: opens its own transactions. `changes` says whether the audit shows it as a write. */
export const open = <I, O>(
  handler: (call: OpenCall, input: I) => Promise<O>,
  { changes }: { changes: boolean },
): Operation<I, O> => ({ kind: 'open', changes, handler })
/** An operation that AWS has and Codeyard does not: callers get an error that says why, COVERAGE.md shows it. */
export const notSupported = (why: string): Operation<any, any> => ({ kind: 'notSupported', why })

/** One permission that the caller needs. An operation may need several; all must be allowed. */
export interface Access {
  /** `codecommit:GetBranch` */
  readonly action: string
  /** An ARN, or `*` where the operation has no resource. */
  readonly resource: string
  /** Service-specific condition keys, for example `{ 'codecommit:References': ['refs/heads/main'] }`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>
  /** The account that owns the resource, where the ARN does not say it (S3). */
  readonly owner?: string
  /** A grant on the resource allows it (KMS): enough in every account, unless a policy denies it. */
  readonly granted?: boolean
}

/** A broken constraint of the model, found before the handler runs. */
export interface Violation {
  /** Path of the member, for example `repositoryName` or `tags.1.member.key`. */
  readonly path: string
  readonly kind: 'required' | 'type' | 'length' | 'range' | 'pattern' | 'enum' | 'unknownUnion'
  readonly value: unknown
  /** AWS's sentence: `Value 'x' at 'repositoryName' failed to satisfy constraint: Member must ...`. */
  readonly message: string
}

export type Task = (call: OpenCall, payload: any) => Promise<void>

export interface Subscription {
  readonly source: string
  /** `*` hears all of the source. A source of `*` hears everything. */
  readonly detailType: string
  /** A task of the same service; its payload is the EventRecord. */
  readonly task: string
}

/** A loop that runs as long as the process has its role: builders, sweepers. */
export interface Worker {
  readonly role: Role
  /** Starts the loop; the answer stops it and resolves when it is still. `openCall(scope)` acts as the service itself. */
  start(openCall: (scope: Scope) => OpenCall): Promise<() => Promise<void>>
}

export interface Service {
  readonly name: string
  /** Host name of its principal, for example `codebuild.amazonaws.com`. */
  readonly principal: string
  readonly operations: Readonly<Record<string, Operation>>
  /** The permissions that a call needs; pure, or with a look into the service's own rows. */
  access(call: AccessCall, operation: string, input: any): readonly Access[] | Promise<readonly Access[]>
  /** The service's own exception for a broken constraint; undefined = AWS's ValidationException. */
  constraintError?(operation: string, violation: Violation): ServiceError | undefined
  /** What a refusal is called: AccessDeniedException by default; AccessDenied for S3, IAM and STS, AuthorizationError for SNS. */
  readonly accessDeniedCode?: string
  /** Actions that no resource policy takes from the root of the resource's account, for example `s3:PutBucketPolicy`. */
  readonly rootKeeps?: readonly string[]
  /** Operations whose texts may hold a NUL character; elsewhere it is refused, since PostgreSQL keeps none. */
  readonly takesNul?: readonly string[]
  /** Resource-based policy document that guards `arn` (a bucket's, a topic's), or undefined. */
  resourcePolicy?(tx: Tx, arn: string): Promise<string | undefined>
  /** Folder of 0001_name.sql ... that make the PostgreSQL schema named like the service. */
  readonly migrations?: URL
  readonly tasks?: Readonly<Record<string, Task>>
  readonly subscriptions?: readonly Subscription[]
  readonly workers?: readonly Worker[]
}

export interface AccessCall {
  readonly tx: Tx
  readonly scope: Scope
  readonly principal: Principal
  readonly origin: Origin
  readonly config: Config
}

type OperationTable<S extends ServiceName> = {
  [O in keyof Operations<S>]: Operations<S>[O] extends { input: infer I; output: infer R } ? Operation<I, R> : never
}

/** A service of the AWS SDK. Leaving out an operation of the SDK's model does not compile. */
export function defineService<S extends ServiceName>(
  definition: Omit<Service, 'name' | 'operations'> & { readonly name: S; readonly operations: OperationTable<S> },
): Service {
  return definition as unknown as Service
}

/** Every remaining operation of a service with one reason: `...allNotSupported(['A', 'B'], 'why')`. */
export function allNotSupported<N extends string>(names: readonly N[], why: string): Record<N, Operation<any, any>> {
  return Object.fromEntries(names.map(name => [name, notSupported(why)])) as Record<N, Operation<any, any>>
}

export type { JobPayload }
