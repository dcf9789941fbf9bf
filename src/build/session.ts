// One engine's hold on one build: the progress so far, the log, and how phases begin and end.

import { StringDecoder } from 'node:string_decoder'
import { type BuildPlan, type BuildPorts, Detached, type Progress } from './build.ts'
import { createByteMask } from './byteMask.ts'
import { agentLine, phaseCompleteLines } from './logLines.ts'
import { nextPhase, type PhaseOutcome } from './machine.ts'
import { createMask } from './mask.ts'
import { isCommandPhase, type PhaseContext, type PhaseRecord, type PhaseType } from './phases.ts'

/** Progress between phases is saved at most this often. */
const SAVE_EVERY_MS = 1000

export type Session = ReturnType<typeof openSession>

/** How far the commands' output is accounted for. */
export interface Passed {
  readonly offset: number
  readonly done?: boolean
}

export function openSession(plan: BuildPlan, ports: BuildPorts, from: Progress) {
  let progress: Progress = from
  let mask = createMask([])
  let outputMask = createByteMask([])
  const decoder = new StringDecoder('utf8')
  let lineIsOpen = false
  let commandWrote = false
  let saved = 0
  let closed = false
  let saving: Promise<void> = Promise.resolve()
  let waiting: Promise<void> | undefined
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => {})
  const write = async (text: string) => {
    if (text === '' || closed) return
    lineIsOpen = !text.endsWith('\n')
    await ports.log(text)
  }
  const writeBytes = async (bytes: Buffer) => {
    if (bytes.length === 0 || closed) return
    lineIsOpen = bytes.at(-1) !== 10
    if (ports.logBytes) await ports.logBytes(bytes)
    else await ports.log(decoder.write(bytes))
  }
  /** What was held back of a command's output. */
  const closeOutput = async () => {
    await writeBytes(outputMask.end())
    const cut = decoder.end()
    if (cut !== '' && !closed) await ports.log(cut)
  }
  const say = async (text: string) => {
    await closeOutput()
    const space = `${lineIsOpen ? '\n' : ''}${commandWrote ? '\n' : ''}`
    commandWrote = false
    await write(space + mask.write(agentLine(ports.now(), text)) + mask.end())
  }
  const saveNow = async () => {
    waiting = undefined
    if (closed) return
    saved = ports.now().getTime()
    try {
      await ports.save(progress)
    } catch (cause) {
      // Without a place for its progress this process must not go on: another one, or this one later, takes the build up.
      closed = true
      const detached = new Detached('the progress of the build could not be saved', { cause })
      lost.reject(detached)
      throw detached
    }
  }
  /**
   * One save at a time; all that changes during one goes with the next, and so does all that comes in one piece of output: phases that take
   * no time are one transaction. After a failed one every other fails as well.
   */
  const save = (): Promise<void> => {
    if (waiting) return waiting
    waiting = saving.then(() => new Promise(setImmediate)).then(saveNow)
    waiting.catch(() => {}) // seen by whoever waits for this save or a later one
    saving = waiting
    return waiting
  }
  const changeCommands = (change: Partial<NonNullable<Progress['commands']>>) => {
    if (progress.commands) progress = { ...progress, commands: { ...progress.commands, ...change } }
  }
  return {
    plan,
    ports,
    sourceDirectory: '',
    get progress() {
      return progress
    },
    /** Rejects when progress could not be saved. */
    lost: lost.promise,
    /** From now on these values are `***` in the log. */
    hide(secrets: readonly string[]) {
      mask = createMask(secrets)
      outputMask = createByteMask(secrets)
    },
    /** Writes one line of the build itself. */
    say,
    /** How many of the last bytes of output are not written yet, since they may be the beginning of a secret. */
    get heldBack() {
      return outputMask.held
    },
    /** Ends a line that a command left open, as the line said next would. */
    async closeLine() {
      await closeOutput()
      if (lineIsOpen) await write('\n')
    },
    /** Writes output of a user's command. */
    async commandOutput(bytes: Buffer) {
      commandWrote ||= bytes.length > 0
      await writeBytes(outputMask.write(bytes))
    },
    /** Ends the current phase and begins the next, as the machine says. */
    async end(outcome: PhaseOutcome & { readonly context?: PhaseContext; readonly passed?: Passed }) {
      if (closed || progress.state.phase === 'COMPLETED') return
      const now = ports.now()
      const { phase } = progress.state
      const state = nextPhase(progress.state, outcome)
      const contexts = outcome.context ? [outcome.context] : []
      // The log before the progress: what is saved has been said.
      if (isCommandPhase(phase) || phase === 'DOWNLOAD_SOURCE' || phase === 'UPLOAD_ARTIFACTS') {
        for (const line of phaseCompleteLines(phase, outcome.status, outcome.context)) await say(line)
        if (closed) return
      }
      const records = progress.phases.map(
        (record, index): PhaseRecord =>
          index === progress.phases.length - 1 ? { ...record, status: outcome.status, end: now, contexts } : record,
      )
      changeCommands(outcome.passed ?? {})
      progress = { ...progress, state, phases: [...records, { phase: state.phase, start: now }] }
      const stored = save()
      if (!canBeRepeated(phase, state.phase)) await stored
    },
    /** The current phase is tried again. */
    async retry(context: PhaseContext | undefined, attempt: number, passed: Passed) {
      await say(`Phase context status code: ${context?.statusCode ?? ''} Message: ${context?.message ?? ''}`)
      await say(`Retrying phase ${progress.state.phase}, retry ${attempt}`)
      changeCommands(passed)
      progress = { ...progress, state: { ...progress.state, retries: attempt } }
      await save()
    },
    /** What will run; saved with the end of the phase, before any of it does. */
    began(commands: NonNullable<Progress['commands']>) {
      progress = { ...progress, commands }
    },
    /** Output up to `offset` is in the log. Saved now and then; `end` saves for good. */
    async passed(change: Passed) {
      changeCommands(change)
      if (ports.now().getTime() - saved >= SAVE_EVERY_MS) await save()
    },
    failure(failure: NonNullable<Progress['commands']>['failure']) {
      changeCommands({ failure, firstExitCode: progress.commands?.firstExitCode ?? failure?.exitCode })
    },
    exported(name: string, value: string) {
      progress = { ...progress, exported: [...progress.exported.filter(known => known.name !== name), { name, value }] }
    },
    artifactName(identifier: string, name: string) {
      changeCommands({ artifactNames: { ...progress.commands?.artifactNames, [identifier]: name } })
    },
    resolved(version: string | undefined) {
      progress = { ...progress, resolvedVersion: version }
    },
    /** Nothing is left of the sandbox: the end that follows says so. */
    environmentLost() {
      progress = { ...progress, environmentLost: true }
    },
    /** Writes what was held back of the log. */
    async closeLog() {
      await closeOutput()
      closed = true
    },
    /** From now on nothing is written or saved: another process may be at it. */
    close() {
      closed = true
    },
    open() {
      closed = false
    },
  }
}

/**
 * Whether a process that knows nothing of `next` yet can do all of it again: make the sandbox anew before anything ran in it,
 * read the output of the commands from where it was, or store from a sandbox that lives until the build is over. Then the build does not
 * wait until the end of `phase` is saved.
 */
const canBeRepeated = (phase: PhaseType, next: PhaseType) => {
  if (phase === 'PROVISIONING') return next === 'DOWNLOAD_SOURCE'
  return (isCommandPhase(phase) && next !== 'COMPLETED') || phase === 'UPLOAD_ARTIFACTS'
}
