// What the house knows of an AWS service's API, loaded on its first request: operations, errors, constraints.

import type { SchemaRef } from '@smithy/types'
import { codedeployCommandsSchemas } from './codedeployCommands.ts'
import type { Constraints } from './constraints.ts'
import { loadConstraints } from './loadConstraints.ts'
import { loadSdkSchemas } from './sdkSchemas.ts'
import { factsOf, type ModelName, type ServiceFacts } from './services.ts'
import { type StructureShape, structureOf } from './shape.ts'

export interface ServiceModel extends ServiceFacts {
  readonly name: ModelName
  readonly operationNames: readonly string[]
  /** Undefined when AWS has no such operation. */
  operation(name: string): OperationModel | undefined
  /** The declared error, by the SDK's exception name or by its code on the Query wire (`NoSuchEntity`). */
  error(code: string): ErrorModel | undefined
  readonly constraints: Constraints
}

export interface OperationModel {
  readonly name: string
  readonly input: StructureShape
  readonly output: StructureShape
  readonly http: HttpTrait | undefined
}

export interface HttpTrait {
  readonly method: string
  /** `/{Key+}?uploads` */
  readonly uri: string
  readonly status: number
  /** Names of required input members. */
  readonly required: readonly string[]
}

export interface ErrorModel {
  /** The shape's name, which JSON protocols send: `NoSuchEntityException`. */
  readonly name: string
  /** What Query protocols send: `NoSuchEntity`. */
  readonly queryCode: string
  readonly fault: 'client' | 'server'
  readonly status: number
  readonly queryStatus: number
  readonly shape: StructureShape
}

const models = new Map<string, ServiceModel>()

/** Loads a service's model, or gives the one already loaded. Throws for a name that is not in services.ts. */
export async function loadModel(name: string): Promise<ServiceModel> {
  return models.get(name) ?? loadModelNow(name)
}

/** The same without the promise: loading reads files and blocks for 5 to 25 ms (EC2: 150 ms), once. */
export function loadModelNow(name: string): ServiceModel {
  let model = models.get(name)
  if (!model) {
    model = readModel(name)
    models.set(name, model)
  }
  return model
}

function readModel(name: string): ServiceModel {
  const facts = factsOf(name)
  if (!facts) throw new Error(`no model of a service named ${name}`)
  const schemas = Object.values(facts.sdk ? loadSdkSchemas(facts.sdk) : codedeployCommandsSchemas)
  const operations = new Map<string, OperationModel | (() => OperationModel)>()
  const errors = new Map<string, ErrorModel>()
  for (const schema of schemas) {
    if (!Array.isArray(schema)) continue
    if (schema[0] === OPERATION) operations.set(schema[2], () => readOperation(schema as StaticOperation))
    if (schema[0] === ERROR && !String(schema[1]).startsWith('smithy.ts.')) addError(errors, schema as StaticError)
  }
  return {
    ...facts,
    name: name as ModelName,
    operationNames: [...operations.keys()].sort(),
    operation(operationName) {
      const found = operations.get(operationName)
      if (typeof found !== 'function') return found
      const operation = found()
      operations.set(operationName, operation)
      return operation
    },
    error: code => errors.get(code),
    constraints: loadConstraints(name),
  }
}

// Places in the SDK's static schemas, see StaticOperationSchema and StaticErrorSchema of @smithy/types.
const OPERATION = 9
const ERROR = -3
type StaticOperation = [9, string, string, Readonly<Record<string, any>> | number, SchemaRef, SchemaRef]
type StaticError = [-3, string, string, Readonly<Record<string, any>>, string[], SchemaRef[]]

function readOperation(schema: StaticOperation): OperationModel {
  const [, , name, traits, input, output] = schema
  const http = typeof traits === 'object' ? traits.http : undefined
  return {
    name,
    input: structureOf(input),
    output: structureOf(output),
    http: http && { method: http[0], uri: http[1], status: http[2], required: requiredMembers(input) },
  }
}

/** A static structure's required members are its first ones; how many stands last. */
function requiredMembers(ref: unknown): string[] {
  const schema = typeof ref === 'function' ? ref() : ref
  return Array.isArray(schema) ? (schema[4] as string[]).slice(0, Number(schema[6] ?? 0)) : []
}

function addError(errors: Map<string, ErrorModel>, schema: StaticError): void {
  const [, , name, traits] = schema
  const fault = traits.error === 'server' ? 'server' : 'client'
  const status: number = traits.httpError ?? (fault === 'server' ? 500 : 400)
  const [queryCode, queryStatus]: [string, number] = traits.awsQueryError ?? [name, status]
  const error = { name, queryCode, fault, status, queryStatus, shape: structureOf(schema as SchemaRef) } as const
  errors.set(name, error)
  if (!errors.has(queryCode)) errors.set(queryCode, error)
}
