// What an action provider is: one file each. Adding one is writing that file and naming it in index.ts.

import type { OpenCall } from '../../../operation/call.ts'
import type { Invoke } from '../../../operation/sdks.ts'
import type { ActionDeclaration, PipelineDeclaration } from '../../../specs/pipeline/declaration.ts'
import type { Artifact, Revision, SourceOverride } from '../executions.ts'

/** One run of an action, ready to be started. */
export interface ActionRun {
  /** The action execution's id: the natural idempotency token for the provider. */
  readonly id: string
  readonly executionId: string
  readonly pipeline: PipelineDeclaration
  readonly stage: string
  readonly action: ActionDeclaration
  /** Variables resolved. */
  readonly configuration: Readonly<Record<string, string>>
  readonly inputs: readonly Artifact[]
  /** What the execution's source actions fetched. */
  readonly revisions: readonly Revision[]
  /** Where the outputs have to go: names and places are given. */
  readonly outputs: readonly Artifact[]
  /** The KMS key that the artifact store names: outputs are encrypted with it, else with S3's managed one. */
  readonly encryptionKey?: string
  /** A revision that the start of the execution asked for, for sources. */
  readonly override?: SourceOverride
  /** Set once the provider has told what it started. */
  readonly externalId?: string
}

export type Progress =
  | {
      readonly status: 'running'
      readonly externalId?: string
      readonly externalUrl?: string
      readonly summary?: string
      readonly token?: string
    }
  | {
      readonly status: 'succeeded'
      readonly externalId?: string
      readonly externalUrl?: string
      readonly summary?: string
      readonly outputs?: readonly Artifact[]
      readonly variables?: Readonly<Record<string, string>>
      readonly revision?: Revision
    }
  | {
      readonly status: 'failed'
      readonly externalId?: string
      readonly externalUrl?: string
      readonly code: FailureCode
      readonly message: string
    }

/** AWS's failure types of actions. */
export type FailureCode =
  | 'JobFailed'
  | 'ConfigurationError'
  | 'PermissionError'
  | 'RevisionOutOfSync'
  | 'RevisionUnavailable'
  | 'SystemUnavailable'
  | 'TimeoutError'

export interface Port {
  /** The open call of the task. */
  readonly call: OpenCall
  /** Other services as the action's role, else the pipeline's. */
  readonly invoke: Invoke
}

export interface ActionProvider {
  readonly category: string
  readonly provider: string
  /** How long it may take, in minutes; AWS's default for the provider. */
  readonly timeoutMinutes: number
  /**
   * Starts the work. `atOnce` providers are called in the transaction that also keeps what they answer, so that a crash never
   * starts anything twice; the others (copying bytes) may be called again after a crash and must do the same thing again.
   */
  readonly atOnce: boolean
  start(port: Port, run: ActionRun): Promise<Progress>
  /** How the work outside stands, after an event said that it changed. Providers without outside work have none. */
  inspect?(port: Port, run: ActionRun & { externalId: string }): Promise<Progress>
}

// AWS: "If this is undefined, the default key for Amazon S3 is used" [CodePipeline API reference, ArtifactStore].
/** The headers with which an output is put into the artifact store. */
export const artifactEncryption = ({ encryptionKey }: Pick<ActionRun, 'encryptionKey'>) => ({
  ServerSideEncryption: 'aws:kms' as const,
  ...(encryptionKey ? { SSEKMSKeyId: encryptionKey } : {}),
})

/** Where an artifact of this run goes. AWS: the folder names are cut to 20 and 10 characters; the last part is random and 7 long. */
export function artifactKey(pipeline: string, artifact: string, runId: string): string {
  return `${pipeline.slice(0, 20)}/${artifact.slice(0, 10)}/${runId.replaceAll('-', '').slice(0, 7)}`
}
