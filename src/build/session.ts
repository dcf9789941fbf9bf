// One engine's hold on one build: the progress so far, the log, and how phases begin and end.

import { type BuildPlan, type BuildPorts, Detached, type Progress } from './build.ts'
import { agentLine, phaseCompleteLines } from './logLines.ts'
import { nextPhase, type PhaseOutcome } from './machine.ts'
import { createMask } from './mask.ts'
import { isCommandPhase, type PhaseContext, type PhaseRecord } from './phases.ts'

/** Progress between phases is saved at most this often. */
const SAVE_EVERY_MS = 1000

export type Session = ReturnType<typeof openSession>

export function openSession(plan: BuildPlan, ports: BuildPorts, from: Progress) {
  let progress: Progress = from
  let mask = createMask([])
  let lineIsOpen = false
  let commandWrote = false
  let saved = 0
  let closed = false
  const write = async (text: string) => {
    if (text === '' || closed) return
    lineIsOpen = !text.endsWith('\n')
    await ports.log(text)
  }
  const say = async (text: string) => {
    const held = mask.end()
    await write(held)
    const space = `${lineIsOpen ? '\n' : ''}${commandWrote ? '\n' : ''}`
    commandWrote = false
    await write(space + mask.write(agentLine(ports.now(), text)) + mask.end())
  }
  const save = async () => {
    if (closed) return
    saved = ports.now().getTime()
    try {
      await ports.save(progress)
    } catch (cause) {
      // Without a place for its progress this process must not go on: another one, or this one later, takes the build up.
      closed = true
      throw new Detached('the progress of the build could not be saved', { cause })
    }
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
    /** From now on these values are `***` in the log. */
    hide(secrets: readonly string[]) {
      mask = createMask(secrets)
    },
    /** Writes one line of the build itself. */
    say,
    /** Writes output of a user's command. */
    async commandOutput(text: string) {
      commandWrote ||= text !== ''
      await write(mask.write(text))
    },
    /** Ends the current phase and begins the next, as the machine says. */
    async end(outcome: PhaseOutcome & { readonly context?: PhaseContext }) {
      if (closed || progress.state.phase === 'COMPLETED') return
      const now = ports.now()
      const { phase } = progress.state
      const state = nextPhase(progress.state, outcome)
      const contexts = outcome.context ? [outcome.context] : []
      const records = progress.phases.map(
        (record, index): PhaseRecord =>
          index === progress.phases.length - 1 ? { ...record, status: outcome.status, end: now, contexts } : record,
      )
      progress = { ...progress, state, phases: [...records, { phase: state.phase, start: now }] }
      if (isCommandPhase(phase) || phase === 'DOWNLOAD_SOURCE' || phase === 'UPLOAD_ARTIFACTS') {
        for (const line of phaseCompleteLines(phase, outcome.status, outcome.context)) await say(line)
      }
      await save()
    },
    /** The current phase is tried again. */
    async retry(context: PhaseContext | undefined, attempt: number) {
      progress = { ...progress, state: { ...progress.state, retries: attempt } }
      await say(`Phase context status code: ${context?.statusCode ?? ''} Message: ${context?.message ?? ''}`)
      await say(`Retrying phase ${progress.state.phase}, retry ${attempt}`)
      await save()
    },
    async began(commands: NonNullable<Progress['commands']>) {
      progress = { ...progress, commands }
      await save()
    },
    /** Output up to `offset` is in the log. Saved now and then; `end` saves for good. */
    async passed(change: { offset: number; done?: boolean }) {
      changeCommands(change)
      if (change.done || ports.now().getTime() - saved >= SAVE_EVERY_MS) await save()
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
    /** Writes what was held back of the log. */
    async closeLog() {
      await write(mask.end())
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
