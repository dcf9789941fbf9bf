// What the engine is given and what it reports: the build, its ports to the world, and the progress that survives a crash.

import type { CollectedReport } from '../reports/collectReport.ts'
import type { Sandbox, SandboxSpec } from '../sandbox/sandbox.ts'
import type { ArtifactSpec, Buildspec, BuildspecEnv } from '../specs/buildspec/buildspec.ts'
import type { BuildFile } from './archives.ts'
import type { CacheState, CacheStore } from './cache.ts'
import type { PhaseState } from './machine.ts'
import type { EndStatus, PhaseContext, PhaseRecord } from './phases.ts'

export interface BuildPlan {
  /** The sandbox's name, image, limits, labels. Its name is made from the build's id. */
  readonly sandbox: Omit<SandboxSpec, 'env'>
  /** Where the buildspec is: text, or a path below the primary source. */
  readonly buildspec: { readonly text: string } | { readonly path: string }
  readonly projectEnvironment: Readonly<Record<string, string>>
  readonly startBuildEnvironment: Readonly<Record<string, string>>
  /** The artifacts that the project wants: identifiers, '' for the primary; empty for none. */
  readonly artifacts: readonly string[]
  /** The image is one of AWS's own, from which runtimes are selected. */
  readonly curatedImage?: boolean
  /** The log's first lines: what runs here. */
  readonly greeting: readonly string[]
  /** `codebuild-breakpoint` pauses; else it is ignored. */
  readonly debugSession?: boolean
  /** No commands are run: the environment, with sources and variables, is held until the signal ends it. */
  readonly held?: boolean
}

export interface Source {
  /** Commit of the primary source, where the source has commits. */
  readonly resolvedVersion?: string
  /** CODEBUILD_RESOLVED_SOURCE_VERSION, CODEBUILD_SRC_DIR_x ... */
  readonly environment: Readonly<Record<string, string>>
}

/** Where the sources go in the sandbox. */
export interface SourceDirectories {
  readonly primary: string
  secondary(identifier: string): string
}

export interface Artifact {
  /** '' for the primary one. */
  readonly identifier: string
  readonly spec: ArtifactSpec
  /** The buildspec's name after evaluation. */
  readonly name?: string
  files(): AsyncIterable<BuildFile>
}

export interface RawFile {
  readonly path: string
  /** Where it is on this machine while `BuildPorts.report` runs. */
  readonly file: string
  readonly size: number
}

export interface BuildReport {
  /** As in the buildspec: a report group's name within the project, or its ARN. */
  readonly name: string
  readonly collected: CollectedReport
  readonly files: readonly RawFile[]
}

export interface Environment {
  readonly documented: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
}

/** A failure of the build's own making: it ends a phase as FAILED with this context, and nothing is wrong with the house. */
export class BuildFailure extends Error {
  readonly context: PhaseContext
  constructor(statusCode: string, message: string) {
    super(message)
    this.context = { statusCode, message }
  }
}

export interface BuildPorts {
  now(): Date
  /** Text for the log, as it comes; resolves when there is room for more. */
  log(text: string): void | Promise<void>
  /** The same for what commands write, as bytes that need not be UTF-8; without it `log` gets them as text. */
  logBytes?(bytes: Buffer): void | Promise<void>
  /** Puts the sources into the sandbox. Throws BuildFailure. */
  download(sandbox: Sandbox, directories: SourceDirectories): Promise<Source>
  /** CODEBUILD_ variables, credentials and endpoint for the commands. */
  environment(
    sandbox: Sandbox,
    sourceDirectory: string,
    env: Pick<BuildspecEnv, 'gitCredentialHelper'>,
  ): Promise<Environment>
  /**
   * The values of parameters and secrets by variable name: the buildspec's that no variable of the project or of StartBuild
   * hides, and those of the project and of StartBuild themselves. `say` is for the log. Throws BuildFailure.
   */
  resolve(
    env: Pick<BuildspecEnv, 'parameterStore' | 'secretsManager'>,
    say: (line: string) => Promise<void>,
  ): Promise<Readonly<Record<string, string>>>
  /** Stores one artifact; answers how many files there were. Throws BuildFailure. */
  upload(artifact: Artifact): Promise<number>
  /** Stores one report; without it reports are only read, and said in the log. Throws BuildFailure. */
  report?(report: BuildReport): Promise<void>
  /** Where the build's cache is kept; none without it. */
  readonly cache?: CacheStore
  /** Called at every change of phase, and now and then between; when it resolves, a crash costs nothing before it. */
  save(progress: Progress): Promise<void>
  /**
   * Is given the removal of the sandbox of a build that is over, to carry it out soon; resolves when there is room for more. Without it the
   * build waits for the removal. A removal that gets lost is made up for by whoever reaps.
   */
  remove?(removal: () => Promise<void>): Promise<void>
  /** The build stands at a breakpoint of `sandbox`; nothing of its output is read until this resolves. */
  paused?(sandbox: Sandbox): Promise<void>
  /** Hears of an error that is nobody's but the house's; the build has ended as FAULT. */
  failed?(error: unknown): void
  /**
   * Ends the build early: `reason` is 'STOPPED', 'TIMED_OUT' or a BuildFailure (everything is killed, the build ends), or 'DETACHED'
   * (this process lets go; the sandbox lives on for the next one), or 'CUT_OFF' (everything is killed, and nobody is told).
   */
  readonly signal: AbortSignal
}

/** Plain data (dates aside): what a later process needs to go on. */
export interface Progress {
  readonly state: PhaseState
  readonly phases: readonly PhaseRecord[]
  readonly resolvedVersion?: string
  readonly commands?: CommandProgress
  readonly exported: readonly { readonly name: string; readonly value: string }[]
  /** It ended because nothing was left of its sandbox: the build may be run again. */
  readonly environmentLost?: true
  /** Bytes of the log that its keeper had put aside at the time; not the engine's. */
  readonly keptLog?: number
}

export interface CommandProgress {
  readonly spec: Buildspec
  readonly nonce: string
  /** Bytes of the commands' output that were read, logged and accounted for. */
  readonly offset: number
  /** The shell said that all commands are over. */
  readonly done: boolean
  readonly artifactNames: Readonly<Record<string, string>>
  /** The command that failed first in the current phase. */
  readonly failure?: { readonly step: number; readonly exitCode: number; readonly outOfMemory?: true }
  /** Once the cache was looked for. */
  readonly cache?: CacheState
  /** Of the build's first command that failed. */
  readonly firstExitCode?: number
}

export interface BuildResult {
  readonly status: EndStatus
  readonly progress: Progress
}

/** Thrown by the engine when its process lets go of a living build. */
export class Detached extends Error {}
