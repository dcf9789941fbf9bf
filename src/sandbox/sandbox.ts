// Where commands of users run. Docker, the host or a script of a test: one contract, one suite that all three pass.

import type { Readable } from 'node:stream'
import type { Terminal, TerminalSize } from './terminal.ts'

export interface SandboxSpec {
  /** Unique and stable (made from a build's id): creating the same name again re-attaches to what is there. */
  readonly name: string
  /** Image reference; docker only. */
  readonly image?: string
  /** For the image's registry, when it must be pulled; docker only. */
  readonly registry?: RegistryCredentials
  /** `always`: pulled although one of that name is there; docker only. */
  readonly pull?: 'missing' | 'always'
  /** Environment of every command, on top of the image's. */
  readonly env?: Readonly<Record<string, string>>
  readonly limits?: SandboxLimits
  /** Docker inside the container; docker only. */
  readonly privileged?: boolean
  /** Whose Docker layers a privileged sandbox keeps for the next one with the same key, on the same engine; docker only. */
  readonly layers?: string | undefined
  /** Who made it: written as labels, so that leftovers of a crash are found and reaped. */
  readonly labels: Readonly<Record<string, string>>
}

export interface SandboxLimits {
  readonly cpus?: number
  readonly memoryBytes?: number
  readonly processes?: number
  /** No sandbox keeps it by itself: whoever made it looks at `usedDisk`. */
  readonly diskBytes?: number
}

/** What the processes of a sandbox use now, and what they have used since it began. */
export interface SandboxUsage {
  readonly cpuSeconds: number
  readonly memoryBytes: number
  /** From and to storage; not what the kernel's cache answered. */
  readonly readBytes: number
  readonly writtenBytes: number
  /** Of the machine; the limits may give less. */
  readonly cpus: number
  readonly totalMemoryBytes: number
  /** Where their number is limited. */
  readonly processes?: { readonly count: number; readonly limit: number }
}

export interface RegistryCredentials {
  readonly username: string
  readonly password: string
}

export interface Command {
  readonly argv: readonly string[]
  /** Absolute inside the sandbox; the workspace by default. The exit code is 126 when it does not exist, 127 when the program does not. */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly user?: string
}

/** What a command finds when it begins. */
export interface Preparation {
  /** Absolute; made when they are missing, with those above. */
  readonly directories: readonly string[]
  /** Absolute path -> text. Their directories are among `directories`. */
  readonly files: Readonly<Record<string, string>>
}

export interface Sandbox {
  readonly kind: 'docker' | 'host' | 'scripted'
  readonly name: string
  /** Absolute path inside of an empty directory that belongs to this sandbox alone. */
  readonly workspace: string
  /** What is not as the spec asked for, or was found here: for the log of whoever asked; only from `create`. */
  readonly notes?: readonly string[]
  /**
   * Runs `command` under `id`, or attaches to it when that id was started before, also by a process that is dead:
   * output is kept inside the sandbox and read again from byte `from`. Rejects (SandboxError) with UNKNOWN_USER, INVALID, DESTROYED.
   */
  run(id: string, command: Command, from?: number): Promise<Run>
  /**
   * `run` of a command that has not begun, after what `preparation` says was made, in one call of an engine: small texts only
   * (`MOST_PREPARED` bytes in all). Nothing of it is done again when the command was started before. Where it is not there, `put` does.
   */
  runPrepared?(id: string, command: Command, preparation: Preparation): Promise<Run>
  /**
   * Unpacks a tar stream into directory `path` (made when missing). Entries that leave it, devices and pipes are refused (EUNSAFE; entries
   * before may be there). Owners and setuid bits are not taken over: files belong to the sandbox's default user.
   */
  put(path: string, tar: Readable, transfer?: Transfer): Promise<void>
  /**
   * A tar stream of `path`: a directory's content (names relative to it, so that `put(x, get(y))` copies), or one file under its base name.
   * Links inside stay links, `path` itself may be one. Rejects with code ENOENT.
   */
  get(path: string, transfer?: Transfer): Promise<Readable>
  /** Runs `command` in a terminal of its own, for a person; absent where sandboxes have none. */
  terminal?(command: Command, size: TerminalSize): Promise<Terminal>
  /** Absent where it can not be known, as are the next ones. */
  usage?(): Promise<SandboxUsage>
  /** Bytes that are free where its files are; costs nothing. Undefined when they are on a machine that can not be looked at. */
  freeDisk?(): Promise<number | undefined>
  /** Bytes of its own files, by counting them. */
  usedDisk?(): Promise<number>
  /** How often the kernel has ended a process here because there was no memory left. */
  outOfMemory?(): Promise<number>
  /** Ends every process that ever started here and removes everything. Again is fine. */
  destroy(): Promise<void>
}

export interface Transfer {
  /** Hundreds of megabytes may come: worth a tenth of a second to begin with, where it goes faster then. */
  readonly large?: boolean
}

export interface Run {
  /**
   * Standard output and error, interleaved as written, from the asked byte on; ends when the command is over, whatever it left running.
   * Must be read, `resume()`d or destroyed (the rest is then thrown away): a reader that stands still may make the command wait.
   */
  readonly output: Readable
  /**
   * `signal` (`SIGKILL` ...) when it was ended by one, `exitCode` is 128 + its number then; a shell's convention, so `exit 137` reads the same.
   * Rejects with LOST when nobody can know it any more (supervisor killed, container gone), with DESTROYED after `destroy`.
   */
  readonly result: Promise<{ readonly exitCode: number; readonly signal?: string }>
  /** SIGTERM to the command's whole session, SIGKILL to what is left after `graceMs` (default 5,000). Resolves when that is done. */
  kill(graceMs?: number): Promise<void>
}

/** Linux passes strings of at most 128 KiB to a program. */
export const MOST_PREPARED = 100_000

export interface SandboxProvider {
  readonly kind: Sandbox['kind']
  /** Why it can not be used here (no engine answers ...), or undefined when it can. */
  unavailable(): Promise<string | undefined>
  create(spec: SandboxSpec): Promise<Sandbox>
  /** The sandbox of an earlier process, or undefined when nothing of it is left. */
  attach(name: string): Promise<Sandbox | undefined>
  /** Why `image` can not be had, or undefined when it is there now (pulled if need be). Absent where sandboxes have no images. */
  missingImage?(image: string, registry?: RegistryCredentials): Promise<string | undefined>
  /** Names of the living sandboxes whose labels include all of `labels`: to reap what a crash left. */
  list(labels: Readonly<Record<string, string>>): Promise<readonly string[]>
}
