// The server's side of an AWS protocol: requests into inputs, outputs and errors into responses. One implementation each.

import type { ServiceError } from '../core/serviceError.ts'
import type { OperationModel, ProtocolName, ServiceModel } from '../model/index.ts'
import type { WireRequest, WireResponse } from './wire.ts'

export interface ServerProtocol {
  readonly name: ProtocolName
  /**
   * The operation's input, typed as the SDK types it (Dates, Uint8Arrays, a Readable for a streaming blob). Throws
   * ServiceError (SerializationException, MalformedXML ...) for what can not be read. `labels` are the decoded parts of a
   * REST path, by member name.
   */
  readInput(model: ServiceModel, operation: OperationModel, request: WireRequest, labels?: Labels): unknown
  /** Throws for an output that does not fit the model: a bug of the handler. */
  writeOutput(model: ServiceModel, operation: OperationModel, output: any, requestId: string): WireResponse
  /** An error in this protocol's form. Never throws. `model` is undefined when no service could be told. */
  writeError(model: ServiceModel | undefined, error: ServiceError, answer: Answer): WireResponse
}

export type Labels = Readonly<Record<string, string>>

export interface Answer {
  readonly requestId: string
  /** Of the failing request: HEAD is answered without a body, S3 names the path in its errors. */
  readonly method?: string
  readonly path?: string
}
