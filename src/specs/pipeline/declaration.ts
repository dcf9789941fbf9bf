// The pipeline structure as people write it: the shape of GetPipeline's JSON.

export interface ActionTypeId {
  readonly category: string
  readonly owner: string
  readonly provider: string
  readonly version: string
}

export interface ActionDeclaration {
  readonly name: string
  readonly actionTypeId: ActionTypeId
  readonly runOrder?: number
  readonly configuration?: Readonly<Record<string, string>>
  readonly inputArtifacts?: readonly { readonly name: string }[]
  readonly outputArtifacts?: readonly { readonly name: string }[]
  readonly roleArn?: string
  readonly region?: string
  readonly namespace?: string
  readonly timeoutInMinutes?: number
}

export interface StageDeclaration {
  readonly name: string
  readonly actions: readonly ActionDeclaration[]
  readonly blockers?: readonly unknown[]
}

export interface ArtifactStore {
  readonly type: string
  readonly location: string
  /** A key of KMS; without one S3's managed key is used. */
  readonly encryptionKey?: { readonly id: string; readonly type: string }
}

export interface PipelineDeclaration {
  readonly name: string
  readonly roleArn: string
  readonly artifactStore?: ArtifactStore
  readonly artifactStores?: Readonly<Record<string, ArtifactStore>>
  readonly stages: readonly StageDeclaration[]
  readonly version?: number
  readonly executionMode?: string
  readonly pipelineType?: string
  readonly variables?: readonly { readonly name: string; readonly defaultValue?: string }[]
  readonly triggers?: readonly unknown[]
}
