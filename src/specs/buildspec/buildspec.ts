// What a buildspec says, typed: the tree that the engine runs and that `codeyard validate buildspec` checks.

import type { Diagnostic } from '../diagnostic.ts'

export const COMMAND_PHASES = ['install', 'pre_build', 'build', 'post_build'] as const
export type CommandPhase = (typeof COMMAND_PHASES)[number]

export interface Buildspec {
  readonly version: '0.1' | '0.2'
  readonly runAs?: string
  readonly env: BuildspecEnv
  readonly proxy: { readonly uploadArtifacts: boolean; readonly logs: boolean }
  /** For batch builds. */
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
  /** It has GitHub Actions instead of commands. */
  readonly steps?: boolean
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
  /** One failed build stops those that run. */
  readonly fastFail: boolean
  readonly kind?: 'build-list' | 'build-graph' | 'build-matrix' | 'build-fanout'
  /** In the order of the buildspec; empty without a kind. */
  readonly builds: readonly BatchBuild[]
}

/** One build of a batch. */
export interface BatchBuild {
  readonly identifier: string
  /** Instead of the batch's own. */
  readonly buildspec?: string
  readonly dependsOn: readonly string[]
  readonly ignoreFailure: boolean
  readonly debugSession: boolean
  readonly env: BatchEnv
  /** Which part of the tests `codebuild-tests-run` takes, counted from 0. */
  readonly shard?: { readonly index: number; readonly count: number }
}

/** What differs from the environment of the project. */
export interface BatchEnv {
  readonly computeType?: string
  readonly fleet?: string
  readonly image?: string
  readonly type?: string
  readonly privilegedMode?: boolean
  readonly variables: Readonly<Record<string, string>>
}

export interface ParsedBuildspec {
  /** Absent when a diagnostic is an error. */
  readonly buildspec?: Buildspec
  readonly diagnostics: readonly Diagnostic[]
}
