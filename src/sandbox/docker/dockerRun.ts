// A command in a container: one exec whose attached output is the live stream while `tee` keeps it inside for whoever attaches later.

import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import { within } from '../../core/bounded.ts'
import { resultOf, runOutput } from '../runOutput.ts'
import type { Command, Preparation, Run } from '../sandbox.ts'
import { SandboxError } from '../sandboxError.ts'
import { CONTAINER_KILL, CONTAINER_SUPERVISOR, enterAndExec } from '../supervisor.ts'
import { CALL_TIMEOUT_MS, engineMessage } from './engine.ts'

/** Where the run keeps its files in the container, where the command runs by default, the byte to read from, what is made before it begins. */
interface Place {
  readonly directory: string
  readonly workspace: string
  readonly from: number
  readonly preparation?: Preparation
}

/** Starts `command`, or attaches to it when its directory is there already; resolves as soon as its supervisor has answered. */
export async function startRun(container: Docker.Container, command: Command, place: Place): Promise<Run> {
  const argv = enterAndExec(command.cwd ?? place.workspace, command.argv)
  const own = randomBytes(16).toString('hex')
  const supervisor = [
    '/bin/sh',
    '-c',
    CONTAINER_SUPERVISOR,
    'codeyard',
    place.directory,
    own,
    String(place.from),
    ...argv,
  ]
  const exec = await container.exec({
    Cmd: supervisor,
    Env: [
      ...Object.entries(command.env ?? {}).map(([key, value]) => `${key}=${value}`),
      ...(place.preparation ? [`CODEYARD_PREPARE=${prepareScript(place.preparation)}`] : []),
    ],
    AttachStdout: true,
    AttachStderr: true,
    WorkingDir: '/',
    ...(command.user !== undefined && { User: command.user }),
  })
  const stream = (await exec.start({})) as unknown as Readable
  const frames = stdoutFrames(stream)
  let greeting: Greeting
  try {
    greeting = await within(CALL_TIMEOUT_MS, 'the supervisor did not answer within a minute', readGreeting(frames))
  } catch (error) {
    stream.destroy()
    throw error
  }
  if (greeting.kind === 'refused') throw refusal(greeting.text, command)
  const { rest, nonce, attached } = greeting
  async function* source() {
    if (rest.length > 0) yield rest
    yield* frames
  }
  const { output, ended } = runOutput(source(), nonce, attached ? 0 : place.from)
  const result = ended.then(async exitCode => resultOf(exitCode ?? (await statusWithoutMark(exec, attached))))
  result.catch(() => {})
  return { output, result, kill: graceMs => killRun(container, place.directory, { result, graceMs }) }
}

/** Built-ins of a shell but for mkdir. */
function prepareScript({ directories, files }: Preparation): string {
  return [
    ...(directories.length > 0 ? [`mkdir -p -- ${directories.map(quoted).join(' ')}`] : []),
    ...Object.entries(files).map(([path, text]) => `printf %s ${quoted(text)} >${quoted(path)}`),
  ].join(' &&\n')
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

type Greeting =
  | { readonly kind: 'started'; readonly nonce: string; readonly attached: boolean; readonly rest: Buffer }
  | { readonly kind: 'refused'; readonly text: string }

/** The supervisor's first line; anything else is the engine (or the image's sh) saying why there is no supervisor. */
async function readGreeting(frames: AsyncGenerator<Buffer>): Promise<Greeting> {
  let seen = Buffer.alloc(0)
  for (;;) {
    const line = /^([SA])([0-9a-f]{32})\n/.exec(seen.toString('latin1', 0, 40))
    if (line)
      return { kind: 'started', attached: line[1] === 'A', nonce: line[2]!, rest: seen.subarray(line[0].length) }
    const next = await frames.next()
    if (next.done || seen.length > 4_096) return { kind: 'refused', text: seen.toString('utf8').trim() }
    seen = Buffer.concat([seen, next.value])
  }
}

function refusal(text: string, command: Command): SandboxError {
  if (command.user !== undefined && /unable to find (user|group)|no matching entries in passwd/i.test(text)) {
    return new SandboxError('UNKNOWN_USER', `the image has no user ${command.user}`)
  }
  return new SandboxError(
    'ENGINE',
    `the command could not be started: ${text || 'the supervisor ended without a word'}`,
  )
}

/** The supervisor ended without its mark. While we were there the engine knows its status; for one that we only followed nobody does. */
async function statusWithoutMark(exec: Docker.Exec, attached: boolean): Promise<number> {
  const lost = (why: string) =>
    new SandboxError('LOST', `the command's supervisor was killed; how the command ended is unknown (${why})`)
  if (attached) throw lost('it was gone when this process attached')
  try {
    const { ExitCode } = await within(CALL_TIMEOUT_MS, 'no answer', exec.inspect())
    if (typeof ExitCode !== 'number') throw new Error('the engine has no status')
    // 0 would be the collector's, and success that nobody saw.
    return ExitCode === 0 ? 137 : ExitCode
  } catch (error) {
    throw lost(engineMessage(error))
  }
}

/** Undoes the engine's framing (8 bytes: stream, 0, 0, 0, length). What the supervisor's own stderr says is nobody's output. */
export async function* stdoutFrames(stream: Readable): AsyncGenerator<Buffer> {
  let left = 0
  let isOutput = false
  let header = Buffer.alloc(0)
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let at = 0
      while (at < chunk.length) {
        if (left === 0) {
          const part = chunk.subarray(at, at + 8 - header.length)
          header = Buffer.concat([header, part])
          at += part.length
          if (header.length < 8) break
          isOutput = header[0] === 1
          left = header.readUInt32BE(4)
          header = Buffer.alloc(0)
          continue
        }
        const bytes = chunk.subarray(at, at + left)
        at += bytes.length
        left -= bytes.length
        if (isOutput) yield bytes
      }
    }
  } catch (error) {
    // The engine closes the connection when the container is removed.
    if (
      !(
        error instanceof Error &&
        'code' in error &&
        /^(ECONNRESET|ERR_STREAM_PREMATURE_CLOSE)$/.test(String(error.code))
      )
    )
      throw error
  }
}

async function killRun(
  container: Docker.Container,
  directory: string,
  run: { result: Run['result']; graceMs: number | undefined },
) {
  try {
    await signalRun(container, directory, 'TERM')
    const over = run.result.then(
      () => undefined,
      () => undefined,
    )
    const timer = new AbortController()
    await Promise.race([over, delay(run.graceMs ?? 5_000, undefined, { signal: timer.signal }).catch(() => {})])
    timer.abort()
    for (let attempt = 0; attempt < 5; attempt++) {
      if ((await signalRun(container, directory, 'KILL')) === 0) return
    }
  } catch {
    // No room for one more process, or no end of them: the restart below ends all there are.
  }
  // Files stay, and the container can be used again.
  await container.restart({ t: 0 }).catch(() => {})
}

/** How many processes got the signal. */
async function signalRun(container: Docker.Container, directory: string, signal: 'TERM' | 'KILL'): Promise<number> {
  const exec = await container.exec({
    Cmd: ['/bin/sh', '-c', CONTAINER_KILL, 'codeyard', directory, signal],
    AttachStdout: true,
    AttachStderr: true,
    User: '0:0',
    WorkingDir: '/',
  })
  const stream = (await exec.start({})) as unknown as Readable
  const collect = async () => {
    const parts: Buffer[] = []
    for await (const bytes of stdoutFrames(stream)) parts.push(bytes)
    return Buffer.concat(parts).toString().trim()
  }
  const text = await within(CALL_TIMEOUT_MS, 'no answer', collect()).finally(() => stream.destroy())
  if (text === '') return 0
  if (!/^\d+$/.test(text)) throw new Error(text)
  return Number(text)
}
