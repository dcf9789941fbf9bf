// A command on the host: a supervisor in a session of its own writes output and end into a file that anyone may follow, also after us.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { signalAll } from '../../core/processes.ts'
import { resultOf, runOutput } from '../runOutput.ts'
import type { Run } from '../sandbox.ts'
import type { SandboxError } from '../sandboxError.ts'
import { HOST_SUPERVISOR } from '../supervisor.ts'
import type { Account } from './accounts.ts'
import { followFile } from './follow.ts'
import { readRecord, writeRecord } from './layout.ts'
import { isAlive, killUntilGone, type ProcessId, parseStat, sessionProcesses, statOf } from './processes.ts'

/** Everything is decided: what to execute (with whatever enters a box in front), as whom, with which complete environment. */
export interface HostCommand {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Taken on by the supervisor already; a box takes it on inside instead. */
  readonly account: Account | undefined
  /** Owner of the output pipe, `uid:gid`, where the command is somebody else than the supervisor. */
  readonly pipeOwner: string
  /** The first process is only the door of a box: it is not signalled, since it ends with what is inside. */
  readonly boxed: boolean
}

/** The supervisor, and the secret of its end mark. */
interface RunRecord extends ProcessId {
  readonly nonce: string
}

/** Starts the run of `directory`; `prepare` is called with the pid before the command begins. */
export async function startRun(
  directory: string,
  command: HostCommand,
  prepare: (pid: number) => Promise<void>,
): Promise<RunRecord> {
  await mkdir(directory, { mode: 0o700 })
  const nonce = randomBytes(16).toString('hex')
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_APPEND
  const out = await open(join(directory, 'out'), flags, 0o600)
  try {
    const child = spawn('/bin/sh', ['-c', HOST_SUPERVISOR, 'codeyard', nonce, command.pipeOwner, ...command.argv], {
      cwd: '/',
      env: { ...command.env },
      detached: true,
      stdio: ['pipe', out.fd, 'ignore'],
      ...(command.account && { uid: command.account.uid, gid: command.account.gid }),
    })
    child.stdin!.on('error', () => {})
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    const stat = statOf(child.pid!)
    if (!stat) throw new Error('the supervisor ended at once')
    const record = { pid: stat.pid, startTime: stat.startTime, nonce }
    await writeRecord(join(directory, 'run.json'), record)
    await prepare(record.pid)
    // Until here a crash of ours ends the supervisor by the end of its stdin: nothing has run.
    child.stdin!.end('go\n')
    child.unref()
    return record
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  } finally {
    await out.close()
  }
}

/** The record of an earlier start, or undefined when its starter died before the command began (its traces are removed). */
export async function findRun(directory: string): Promise<RunRecord | undefined> {
  let record: RunRecord | undefined
  for (let attempt = 0; attempt < 50; attempt++) {
    record = await readRecord<RunRecord>(join(directory, 'run.json'))
    if (record && (isAlive(record) || headLine(directory) !== undefined)) return record
    if (record) break
    await delay(20) // its starter may be about to write it
  }
  await rm(directory, { recursive: true, force: true })
  return undefined
}

/** Follows a started run from byte `from`. `lost` makes the error for a run whose end nobody saw. */
export function followRun(
  directory: string,
  record: RunRecord,
  from: number,
  boxed: boolean,
  lost: () => SandboxError,
): Run {
  const { output, ended } = runOutput(bytesFrom(directory, record, from), record.nonce)
  const result = ended.then(exitCode => {
    if (exitCode === undefined) throw lost()
    return resultOf(exitCode)
  })
  result.catch(() => {})
  return { output, result, kill: graceMs => killRun(directory, record, boxed, { result, graceMs: graceMs ?? 5_000 }) }
}

async function* bytesFrom(directory: string, record: RunRecord, from: number): AsyncGenerator<Buffer> {
  const path = join(directory, 'out')
  const isOver = () => {
    const writer = writerOf(directory)
    return !isAlive(record) || (writer !== undefined && !isAlive(writer))
  }
  let head = Buffer.alloc(0)
  let start = 0
  for await (const chunk of followFile(path, 0, isOver)) {
    head = Buffer.concat([head, chunk])
    start = head.indexOf('\n') + 1
    if (start > 0) break
  }
  if (start > 0) yield* followFile(path, start + from, isOver)
}

/** The first line of the output file is the /proc stat of the process that will write the end mark. */
function writerOf(directory: string): ProcessId | undefined {
  const line = headLine(directory)
  return line === undefined ? undefined : parseStat(line.slice(1))
}

function headLine(directory: string): string | undefined {
  let file: number | undefined
  try {
    file = openSync(join(directory, 'out'), constants.O_RDONLY | constants.O_NOFOLLOW)
    const buffer = Buffer.alloc(1_024)
    const text = buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0))
    const end = text.indexOf('\n')
    return end < 0 ? undefined : text.slice(0, end)
  } catch {
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

async function killRun(
  directory: string,
  record: RunRecord,
  boxed: boolean,
  run: { result: Run['result']; graceMs: number },
) {
  if (!isAlive(record)) return
  const writer = writerOf(directory)
  // The supervisor and its two helpers stay: they report the end. Their other processes are the command's.
  const find = () =>
    sessionProcesses(record.pid, ({ pid, parent }) => {
      return pid === record.pid || parent === record.pid || (boxed && parent === writer?.pid)
    })
  signalAll(find(), 'SIGTERM')
  const timer = new AbortController()
  const over = run.result.then(
    () => undefined,
    () => undefined,
  )
  await Promise.race([over, delay(run.graceMs, undefined, { signal: timer.signal }).catch(() => {})])
  timer.abort()
  await killUntilGone(find)
}
