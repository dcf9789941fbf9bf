// What a buildspec says, typed: the tree that the engine runs and that `codeyard validate buildspec` checks.

import type { Diagnostic } from '../diagnostic.ts'

export const COMMAND_PHASES = ['install', 'pre_build', 'build', 'post_build'] as const
export type CommandPhase = (typeof COMMAND_PHASES)[number]

export interface Buildspec {
  readonly version: '0.1' | '0.2'
  readonly runAs?: string
  readonly env: BuildspecEnv
  readonly proxy: { readonly uploadArtifacts: boolean; readonly logs: boolean }
  /** The batch section as plain data, for batch builds. */
  readonly batch?: Batch
  readonly phases: Readonly<Partial<Record<CommandPhase, PhaseSpec>>>
  readonly reports: Readonly<Record<string, ReportSpec>>
  readonly artifacts?: Artifacts
  readonly cache?: CacheSpec
}

export interface BuildspecEnv {
  readonly shell?: string
  readonly variables: Readonly<Record<string, string>>
  readonly parameterStore: Readonly<Record<string, string>>
  readonly secretsManager: Readonly<Record<string, string>>
  readonly exportedVariables: readonly string[]
  readonly gitCredentialHelper: boolean
}

export interface PhaseSpec {
  readonly runAs?: string
  readonly onFailure?: OnFailure
  /** Name of a runtime -> version; `install` only. */
  readonly runtimeVersions: Readonly<Record<string, string>>
  readonly commands: readonly string[]
  readonly finally: readonly string[]
}

export type OnFailure =
  | { readonly action: 'ABORT' }
  | { readonly action: 'CONTINUE' }
  /** Again at most `count` times while the error message matches `pattern`. */
  | { readonly action: 'RETRY'; readonly count: number; readonly pattern: string }

export interface FileSelection {
  readonly files: readonly string[]
  readonly baseDirectory?: string
  readonly discardPaths: boolean
  readonly excludePaths: readonly string[]
}

export interface ReportSpec extends FileSelection {
  /** Upper case: JUNITXML when the buildspec names none. */
  readonly fileFormat: string
}

export interface ArtifactSpec extends FileSelection {
  /** Evaluated by the shell; used where the project says overrideArtifactName. */
  readonly name?: string
  readonly enableSymlinks: boolean
  readonly s3Prefix?: string
}

export interface Artifacts extends ArtifactSpec {
  /** By artifact identifier. */
  readonly secondary: Readonly<Record<string, ArtifactSpec>>
}

export interface CacheSpec {
  readonly paths: readonly string[]
  readonly key?: string
  readonly fallbackKeys: readonly string[]
  readonly action?: 'restore' | 'save'
}

export interface Batch {
  readonly fastFail: boolean
  readonly kind?: 'build-list' | 'build-graph' | 'build-matrix' | 'build-fanout'
  /** The members of `kind`, as written. */
  readonly definition: unknown
}

export interface ParsedBuildspec {
  /** Absent when a diagnostic is an error. */
  readonly buildspec?: Buildspec
  readonly diagnostics: readonly Diagnostic[]
}
