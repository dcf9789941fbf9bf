// Sandboxes for tests: nothing runs, a table says what each command answers, and what was asked for is remembered.

import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { assertNever } from '../../core/assertNever.ts'
import { resultOf } from '../runOutput.ts'
import type { Command, Run, Sandbox, SandboxProvider, SandboxSpec } from '../sandbox.ts'
import { checkCommand, checkName, checkPath, SandboxError } from '../sandboxError.ts'
import { createScriptedFiles, type ScriptedFiles } from './scriptedFiles.ts'

/** What one command does. Without `act` it writes `output` and ends with `exitCode`. */
export interface ScriptedAnswer {
  /** The exact argv, or an expression over argv joined by spaces, or a question. */
  readonly match: readonly string[] | RegExp | ((command: Command) => boolean)
  readonly output?: readonly (string | Buffer)[] | ((stage: ScriptedStage) => string)
  readonly exitCode?: number
  /** The command ends (after its output) only when this resolves: a test's own promise or injected clock. */
  readonly until?: () => Promise<unknown>
  /** SIGTERM does nothing to it. */
  readonly ignoresTerm?: boolean
  /** Anything else; resolves with the exit code. */
  readonly act?: (stage: ScriptedStage) => Promise<number>
}

export interface ScriptedStage {
  readonly command: Command
  /** The sandbox's environment and the command's. */
  readonly env: Readonly<Record<string, string>>
  /** Where it runs. */
  readonly cwd: string
  readonly files: ScriptedFiles
  write(chunk: string | Buffer): void
  /** Resolves with what `kill` sends. */
  readonly terminated: Promise<'SIGTERM'>
}

/** What was run, in order. */
export interface ScriptedRecord {
  readonly sandbox: string
  readonly id: string
  readonly command: Command
}

/** What outlives a provider as a Docker Engine outlives a server: give two providers the same one to play a restart. */
export interface ScriptedWorld {
  readonly sandboxes: Map<
    string,
    { readonly spec: SandboxSpec; readonly runs: Map<string, LiveRun>; readonly files: ScriptedFiles }
  >
  readonly records: ScriptedRecord[]
}

interface LiveRun {
  readonly chunks: Buffer[]
  result: { exitCode: number; signal?: string } | undefined
  readonly finished: Promise<{ exitCode: number; signal?: string }>
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
  readonly waiting: Set<() => void>
}

export function createScriptedWorld(): ScriptedWorld {
  return { sandboxes: new Map(), records: [] }
}

export function createScriptedProvider(options: {
  /** The first that matches answers; a command that none matches says so and exits with 127. */
  readonly answers: readonly ScriptedAnswer[]
  readonly world?: ScriptedWorld
  /** Plays a provider that can not be used. */
  readonly unavailable?: string
}): SandboxProvider & { readonly kind: 'scripted'; readonly records: readonly ScriptedRecord[] } {
  const world = options.world ?? createScriptedWorld()
  return {
    kind: 'scripted',
    records: world.records,
    unavailable: async () => options.unavailable,
    async create(spec) {
      checkName('the sandbox', spec.name)
      if (!world.sandboxes.has(spec.name)) {
        world.sandboxes.set(spec.name, { spec, runs: new Map(), files: createScriptedFiles() })
      }
      return scriptedSandbox(world, options.answers, spec.name)
    },
    async attach(name) {
      return world.sandboxes.has(name) ? scriptedSandbox(world, options.answers, name) : undefined
    },
    async list(labels) {
      const wanted = Object.entries(labels)
      const all = [...world.sandboxes.values()].map(({ spec }) => spec)
      return all.filter(spec => wanted.every(([key, value]) => spec.labels[key] === value)).map(spec => spec.name)
    },
  }
}

function scriptedSandbox(world: ScriptedWorld, answers: readonly ScriptedAnswer[], name: string): Sandbox {
  const workspace = '/codebuild/output/src/src'
  function place() {
    const found = world.sandboxes.get(name)
    if (!found) throw new SandboxError('DESTROYED', `the sandbox ${name} was destroyed`)
    return found
  }
  return {
    kind: 'scripted',
    name,
    workspace,
    async run(id, command, from = 0) {
      checkName('the run', id)
      checkCommand(command)
      const { runs, files, spec } = place()
      let run = runs.get(id)
      if (!run) {
        world.records.push({ sandbox: name, id, command })
        const env = { ...spec.env, ...command.env }
        run = play(findAnswer(answers, command), { command, env, files, cwd: command.cwd ?? workspace })
        runs.set(id, run)
      }
      return facadeOf(run, from)
    },
    async put(path, tar) {
      await place().files.put(checkPath(path), tar)
    },
    async get(path) {
      return place().files.get(checkPath(path))
    },
    async destroy() {
      const found = world.sandboxes.get(name)
      world.sandboxes.delete(name)
      for (const run of found?.runs.values() ?? []) run.kill('SIGKILL')
    },
  }
}

function findAnswer(answers: readonly ScriptedAnswer[], command: Command): ScriptedAnswer {
  const found = answers.find(({ match }) => {
    if (typeof match === 'function') return match(command)
    if (match instanceof RegExp) return match.test(command.argv.join(' '))
    return match.length === command.argv.length && match.every((part, index) => part === command.argv[index])
  })
  return found ?? { match: [], output: [`codeyard: not in the script: ${command.argv.join(' ')}\n`], exitCode: 127 }
}

function play(answer: ScriptedAnswer, scene: Omit<ScriptedStage, 'write' | 'terminated'>): LiveRun {
  const { promise: killed, resolve: kill } = Promise.withResolvers<'SIGKILL'>()
  const { promise: terminated, resolve: terminate } = Promise.withResolvers<'SIGTERM'>()
  const { promise: finished, resolve: finish } = Promise.withResolvers<{ exitCode: number; signal?: string }>()
  const run: LiveRun = {
    chunks: [],
    result: undefined,
    finished,
    waiting: new Set(),
    kill(signal) {
      switch (signal) {
        case 'SIGTERM':
          return terminate(signal)
        case 'SIGKILL':
          return kill(signal)
        default:
          assertNever(signal)
      }
    },
  }
  const wake = () => {
    for (const one of run.waiting) one()
  }
  const write = (chunk: string | Buffer) => {
    if (run.result) return
    run.chunks.push(Buffer.from(chunk as string))
    wake()
  }
  async function act() {
    const stage = { ...scene, write, terminated }
    if (answer.act) return await answer.act(stage)
    const { output = [] } = answer
    for (const chunk of typeof output === 'function' ? [output(stage)] : output) write(chunk)
    await answer.until?.()
    return answer.exitCode ?? 0
  }
  const byTerm = answer.act || answer.ignoresTerm ? [] : [terminated.then(() => 143)]
  void Promise.race([act(), killed.then(() => 137), ...byTerm]).then(
    exitCode => {
      run.result = resultOf(exitCode)
      finish(run.result)
      wake()
    },
    error => {
      write(`codeyard: the script failed: ${error}\n`)
      run.result = { exitCode: 70 }
      finish(run.result)
      wake()
    },
  )
  return run
}

function facadeOf(run: LiveRun, from: number): Run {
  return {
    output: Readable.from(chunksFrom(run, from), { objectMode: false }),
    result: run.finished,
    async kill(graceMs = 5_000) {
      run.kill('SIGTERM')
      const timer = new AbortController()
      await Promise.race([run.finished, delay(graceMs, undefined, { signal: timer.signal }).catch(() => {})])
      timer.abort()
      run.kill('SIGKILL')
      await run.finished
    },
  }
}

async function* chunksFrom(run: LiveRun, from: number): AsyncGenerator<Buffer> {
  let toSkip = from
  for (let index = 0; ; ) {
    const chunk = run.chunks[index]
    if (chunk) {
      index++
      const skipped = Math.min(toSkip, chunk.length)
      toSkip -= skipped
      if (skipped < chunk.length) yield chunk.subarray(skipped)
    } else if (run.result) {
      return
    } else {
      const { promise, resolve } = Promise.withResolvers<void>()
      run.waiting.add(resolve)
      await promise
      run.waiting.delete(resolve)
    }
  }
}
