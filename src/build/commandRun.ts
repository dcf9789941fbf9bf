// Follows the commands of a build in its sandbox: output to the log, markers to phases, from any byte on.

import { StringDecoder } from 'node:string_decoder'
import { assertNever } from '../core/assertNever.ts'
import type { Run, Sandbox } from '../sandbox/sandbox.ts'
import type { CommandProgress, Progress } from './build.ts'
import { commandFailed } from './logLines.ts'
import { markerReader } from './markers.ts'
import { LONG_LINE, openAfter } from './openLine.ts'
import { type CommandPhaseType, isCommandPhase, type PhaseContext, specPhase } from './phases.ts'
import { compileBuild, type Step } from './script.ts'
import type { Session } from './session.ts'

/** Bytes of a command's output that an on-failure pattern can match. */
const TAIL = 64 * 1024
/** Of a process that got SIGKILL, as a shell says it. */
const KILLED = 137
/** Of the processes that there may be. */
const CROWDED = 0.9
const OUT_OF_MEMORY = 'ran out of memory'

/** Runs or re-attaches to the commands; when it resolves, the session's phase is behind them. */
export async function followCommands(
  session: Session,
  sandbox: Sandbox,
  run: Run,
  runDirectory: string,
): Promise<void> {
  const { commands } = session.progress as { commands: CommandProgress }
  const { steps } = compileBuild({
    ...scriptInput(session.progress, runDirectory),
    sourceDirectory: session.sourceDirectory,
  })
  const reader = markerReader(commands.nonce)
  const from = commands.offset
  const follower = new Follower(session, steps, sandbox, runDirectory)
  for await (const chunk of run.output) {
    for (const part of reader.read(chunk as Buffer)) {
      if (part.kind === 'bytes') await follower.output(part.bytes)
      else await follower.marker(part.words, from + part.end)
    }
    // In the middle of a value it would be lost to the process after this one, and be in the log.
    if (!follower.readsValue) await session.passed({ offset: from + reader.consumed - follower.unsettled })
  }
  for (const part of reader.end()) if (part.kind === 'bytes') await follower.output(part.bytes)
  const { exitCode, signal } = await run.result
  if (session.progress.commands?.done) return
  // AWS: `Build container found dead before completing the build` [troubleshooting].
  const how = signal ? `signal ${signal}` : `exit status ${exitCode}`
  const why = (await follower.outOfMemory())
    ? 'Build container died because it was out of memory.'
    : `The build's shell ended with ${how}.`
  // What it left running would go on while the build is said to be over.
  await sandbox.destroy()
  await session.end({
    status: 'FAULT',
    context: {
      statusCode: 'INTERNAL_ERROR',
      message: `Build container found dead before completing the build. ${why}`,
    },
  })
}

export function scriptInput({ commands }: Progress, directory: string) {
  const { spec, nonce } = commands!
  const { artifacts } = spec
  const names = Object.entries({ '': artifacts, ...artifacts?.secondary }).flatMap(([id, artifact]) =>
    artifact?.name ? [[id, artifact.name] as const] : [],
  )
  return {
    spec,
    directory,
    nonce,
    exported: spec.env.exportedVariables.filter(name => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)),
    artifactNames: Object.fromEntries(names),
  }
}

class Follower {
  readonly #session: Session
  readonly #steps: ReadonlyMap<number, Step>
  readonly #sandbox: Sandbox
  readonly #directory: string
  /** Processes that were ended for want of memory. */
  #killed = 0
  /** Where output goes: the log, or the value that is being read. */
  #value: { readonly name: string; text: string; readonly decoder: StringDecoder } | undefined
  #tail: Buffer = Buffer.alloc(0)
  /** Bytes of the line that a command has not ended yet. */
  #open = 0

  constructor(session: Session, steps: ReadonlyMap<number, Step>, sandbox: Sandbox, directory: string) {
    this.#session = session
    this.#steps = steps
    this.#sandbox = sandbox
    this.#directory = directory
  }

  get readsValue(): boolean {
    return this.#value !== undefined
  }

  /**
   * How many of the last bytes a process after this one has to read again: an unfinished line is not kept by logs yet, unless it is a long
   * one, and half of a secret would not be known as one.
   */
  get unsettled(): number {
    return this.#open > LONG_LINE ? this.#session.heldBack : this.#open
  }

  async output(bytes: Buffer): Promise<void> {
    if (this.#value) {
      this.#value.text += this.#value.decoder.write(bytes)
      return
    }
    if (this.#wantsTail()) {
      const tail = bytes.length >= TAIL ? bytes : Buffer.concat([this.#tail, bytes])
      this.#tail = Buffer.from(tail.subarray(-TAIL))
    }
    this.#open = openAfter(this.#open, bytes)
    await this.#session.commandOutput(bytes)
  }

  async marker(words: readonly string[], offset: number): Promise<void> {
    const session = this.#session
    const [kind, first = '', second = ''] = words
    if (this.#open > 0) {
      this.#open = 0
      await session.closeLine()
    }
    switch (kind) {
      case 'enter':
        session.failure(undefined)
        await session.say(`Entering phase ${this.#phase(first)}`)
        return
      case 'begin': {
        const step = this.#step(first)
        this.#tail = Buffer.alloc(0)
        await session.say(`Running command ${step.command.trimEnd()}`)
        return
      }
      case 'end': {
        const exitCode = Number(second)
        if (exitCode === 0) return
        const step = this.#step(first)
        const outOfMemory = exitCode === KILLED && (await this.outOfMemory())
        if (!session.progress.commands?.failure)
          session.failure({ step: step.step, exitCode, ...(outOfMemory && { outOfMemory: true }) })
        await session.say(`Command did not exit successfully ${step.command.trimEnd()} exit status ${exitCode}`)
        if (outOfMemory) await session.say(`The command was killed: the build environment ${OUT_OF_MEMORY}`)
        await this.#sayCrowded()
        return
      }
      case 'ask':
        await this.#answer(this.#phase(first), second)
        return
      case 'retry':
        await session.retry(this.#context(), Number(second), { offset })
        return
      case 'leave': {
        const phase = this.#phase(first)
        const failed = second !== '0'
        // One step with the end of the phase: a process that took up the build between them would be a phase behind the shell.
        await session.end({
          passed: { offset },
          status: failed ? 'FAILED' : 'SUCCEEDED',
          context: failed ? this.#context() : undefined,
          onFailure: withoutRetry(session.progress.commands?.spec.phases[specPhase(phase)]?.onFailure),
        })
        return
      }
      case 'paused':
        await session.say('Build is paused at codebuild-breakpoint: enter it, then resume it with codebuild-resume')
        await session.passed({ offset })
        await session.ports.paused?.(this.#sandbox)
        return
      case 'resumed':
        await session.say('Build is resumed')
        return
      case 'broken':
        await session.end({
          passed: { offset, done: true },
          status: 'FAILED',
          context: { statusCode: 'CLIENT_ERROR', message: words.slice(1).join(' ') },
        })
        return
      case 'var':
      case 'name':
        this.#value = { name: first, text: '', decoder: new StringDecoder('utf8') }
        return
      case 'endvar':
        if (this.#value) session.exported(this.#value.name, this.#value.text)
        this.#value = undefined
        return
      case 'endname':
        if (this.#value) session.artifactName(this.#value.name === '-' ? '' : this.#value.name, this.#value.text)
        this.#value = undefined
        return
      case 'done':
        await session.passed({ offset, done: true })
        return
      default:
        assertNever(kind as never)
    }
  }

  // The pattern is matched against the error's message and what the failed command wrote.
  async #answer(phase: CommandPhaseType, attempt: string): Promise<void> {
    const onFailure = this.#session.progress.commands?.spec.phases[specPhase(phase)]?.onFailure
    const pattern = onFailure?.action === 'RETRY' ? onFailure.pattern : '.*'
    const matches =
      new RegExp(pattern).test(this.#context()?.message ?? '') || new RegExp(pattern).test(this.#tail.toString())
    const script = 'if [ -p "$1" ]; then printf "%s\\n" "$2" > "$1"; fi'
    const argv = ['/bin/sh', '-c', script, 'codeyard', `${this.#directory}/answer`, matches ? 'retry' : 'stop']
    const run = await this.#sandbox.run(`answer-${phase}-${attempt}`, { argv })
    run.output.resume()
    await run.result
  }

  /** Whether what a command writes may be asked for. */
  #wantsTail(): boolean {
    const { state, commands } = this.#session.progress
    if (!isCommandPhase(state.phase)) return false
    return commands?.spec.phases[specPhase(state.phase)]?.onFailure?.action === 'RETRY'
  }

  /** Whether the kernel has ended something of the build for want of memory since this was asked before. */
  async outOfMemory(): Promise<boolean> {
    const before = this.#killed
    // Nothing more can be run in a sandbox that is full or gone.
    this.#killed = (await this.#sandbox.outOfMemory?.().catch(() => before)) ?? before
    return this.#killed > before
  }

  /** What a command says that could not begin another process is often not much. */
  async #sayCrowded(): Promise<void> {
    const { processes } = (await this.#sandbox.usage?.().catch(() => undefined)) ?? {}
    if (processes && processes.count > CROWDED * processes.limit)
      await this.#session.say(
        `The build environment has ${processes.count} processes, of ${processes.limit} that it may have`,
      )
  }

  #context(): PhaseContext | undefined {
    const failure = this.#session.progress.commands?.failure
    if (!failure) return undefined
    const context = commandFailed(this.#step(String(failure.step)).command.trimEnd(), failure.exitCode)
    return failure.outOfMemory ? { ...context, message: `${context.message}: it ${OUT_OF_MEMORY}` } : context
  }

  #phase(text: string): CommandPhaseType {
    const { phase } = this.#session.progress.state
    if (phase !== text || !isCommandPhase(phase))
      throw new Error(`the build's shell is in ${text}, the engine in ${phase}`)
    return phase
  }

  #step(text: string): Step {
    const step = this.#steps.get(Number(text))
    if (!step) throw new Error(`the build has no step ${text}`)
    return step
  }
}

/** The shell has done its retries by the time it leaves a phase. */
const withoutRetry = <T extends { action: string }>(onFailure: T | undefined) =>
  onFailure?.action === 'RETRY' ? undefined : (onFailure as { action: 'ABORT' | 'CONTINUE' } | undefined)
