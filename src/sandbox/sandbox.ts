// Where commands of users run. Docker, the host or a script of a test: one contract, one suite that all three pass.

import type { Readable } from 'node:stream'

export interface SandboxSpec {
  /** Unique and stable (made from a build's id): creating the same name again re-attaches to what is there. */
  readonly name: string
  /** Image reference; docker only. */
  readonly image?: string
  /** Environment of every command, on top of the image's. */
  readonly env?: Readonly<Record<string, string>>
  readonly limits?: { readonly cpus?: number; readonly memoryBytes?: number; readonly processes?: number }
  /** Docker inside the container. */
  readonly privileged?: boolean
  /** Who made it: written as labels, so that leftovers of a crash are found and reaped. */
  readonly labels: Readonly<Record<string, string>>
}

export interface Command {
  readonly argv: readonly string[]
  /** Absolute inside the sandbox; the workspace by default. */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly user?: string
}

export interface Sandbox {
  readonly kind: 'docker' | 'host' | 'scripted'
  readonly name: string
  /** Absolute path inside of an empty directory that belongs to this sandbox alone. */
  readonly workspace: string
  /**
   * Runs `command` under `id`, or attaches to it when that id was started before, also by a process that is dead:
   * output is kept inside the sandbox and read again from byte `from`.
   */
  run(id: string, command: Command, from?: number): Promise<Run>
  /** Unpacks a tar stream into directory `path` (made when missing). Entries that leave it are refused. */
  put(path: string, tar: Readable): Promise<void>
  /** A tar stream of file or directory `path`; rejects with code ENOENT. */
  get(path: string): Promise<Readable>
  /** Ends every process that ever started here and removes everything. Again is fine. */
  destroy(): Promise<void>
}

export interface Run {
  /** Standard output and error, interleaved as written, from the asked byte on; ends when the command is over. */
  readonly output: Readable
  readonly result: Promise<{ readonly exitCode: number; readonly signal?: string }>
  /** SIGTERM to the command's whole process group, SIGKILL after `graceMs` (default 5,000). */
  kill(graceMs?: number): Promise<void>
}

export interface SandboxProvider {
  readonly kind: Sandbox['kind']
  /** Why it can not be used here (no engine answers ...), or undefined when it can. */
  unavailable(): Promise<string | undefined>
  create(spec: SandboxSpec): Promise<Sandbox>
  /** The sandbox of an earlier process, or undefined when nothing of it is left. */
  attach(name: string): Promise<Sandbox | undefined>
  /** Names of the living sandboxes whose labels include all of `labels`: to reap what a crash left. */
  list(labels: Readonly<Record<string, string>>): Promise<readonly string[]>
}
