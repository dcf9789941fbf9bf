// A tar that runs in a container and whose archive this process gives or takes by the very pipe that is its standard input. Through the engine
// each byte is copied several times more, which takes longer than all that tar does. Only where this process may look at those of the engine
// (as root of the same machine, or as the owner of a rootless engine), and where the image has GNU tar; elsewhere there are the archive calls.

import { randomBytes } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import { within } from '../../core/bounded.ts'
import { signalGroup } from '../../core/processes.ts'
import { SYSTEM_PATH } from '../supervisor.ts'
import { stdoutFrames } from './dockerRun.ts'
import { CALL_TIMEOUT_MS } from './engine.ts'
import { type PipeThread, pipeThread } from './pipeThread.ts'
import { sendPieces } from './socketPieces.ts'

/**
 * As root: `sh -c SCRIPT codeyard TOKEN in` unpacks below `/`, `... out DIRECTORY` packs what is in there. A word on standard output says what
 * comes next; nothing is done before a line is read, so that an end without one leaves nothing behind.
 */
const SCRIPT = `
PATH=${SYSTEM_PATH}
case $(tar --version 2>/dev/null) in *'GNU tar'*) ;; *) exit 1;; esac
echo ready; read -r cy_go || exit 1
case $2 in
in) cy_said=$(tar -b 128 --no-same-owner -xpf - -C / 2>&1) ;;
out)
  exec 3>/proc/self/fd/0 </dev/null; echo begun
  cy_said=$(tar -b 128 -cf - -C "$3" . 2>&1 >&3 3>&-) ;;
esac
printf 'end %s %s\\n' "$?" "$cy_said"
`
const PIECE = 1024 * 1024
/** So long either side may stand still. */
const STILL_MS = 300_000
const LONGEST_WORDS = 64 * 1024
/** Of GNU tar: a file changed while it was read, which the engine does not even see. */
const TAR_CHANGED = 1

/**
 * Unpacks what `archive` makes, pieces that are good until the one after the next is asked for, below `/`. False, and it was not asked, where
 * that can not be.
 */
export async function unpackByPipe(
  container: Docker.Container,
  archive: () => AsyncIterable<Uint8Array>,
): Promise<boolean> {
  const tar = await openTar(container, ['in'])
  const pipe = tar && inputOf(tar, 'write')
  if (!pipe) return false
  const { stream, line, close } = tar!
  try {
    await pipe.move(Buffer.from('go\n'))
    // The only writer left is this one.
    stream.end()
    // The engine holds the other side open also when nobody reads.
    const ended = line().finally(() => pipe.close())
    ended.catch(() => {}) // awaited below
    const whole = await sendPieces(archive(), async piece => (await moved(pipe, piece)) === piece.length)
    pipe.close()
    checkEnd(await within(STILL_MS, 'tar does not end', ended))
    // Of nothing at all tar makes nothing, and is content.
    if (!whole) throw new Error('tar ended before its archive did')
    return true
  } finally {
    pipe.close()
    close()
  }
}

/** A tar of what is in `directory`, in pieces that are good until the next is asked for; undefined where it can not be had so. */
export async function packByPipe(
  container: Docker.Container,
  directory: string,
): Promise<{ readonly pieces: AsyncIterable<Buffer>; close(): void } | undefined> {
  const tar = await openTar(container, ['out', directory])
  const pipe = tar && inputOf(tar, 'read')
  if (!pipe) return undefined
  const { stream, line } = tar!
  const close = () => {
    pipe.close()
    tar!.close()
  }
  try {
    stream.write('go\n')
    const begun = await within(CALL_TIMEOUT_MS, 'tar does not begin', line())
    if (begun !== 'begun') throw new Error(begun || 'tar does not begin')
    // The only writer left is the script.
    stream.end()
  } catch (error) {
    close()
    throw error
  }
  async function* pieces() {
    try {
      yield* filled(pipe!)
      checkEnd(await within(CALL_TIMEOUT_MS, 'tar does not end', line()), TAR_CHANGED)
    } finally {
      close()
    }
  }
  return { pieces: pieces(), close }
}

/** What comes out of `pipe`, in pieces that are good until the next is asked for: that one is filled meanwhile. */
async function* filled(pipe: PipeThread): AsyncGenerator<Buffer> {
  const [first, second] = [0, 1].map(() => Buffer.from(new SharedArrayBuffer(PIECE)))
  let next = moved(pipe, first!)
  for (let now = first!, later = second!; ; [now, later] = [later, now]) {
    const count = await next
    if (count === 0) return
    next = moved(pipe, later)
    next.catch(() => {}) // seen by the next await
    yield now.subarray(0, count)
  }
}

const moved = (pipe: PipeThread, piece: Uint8Array) =>
  within(STILL_MS, `nothing moved for ${STILL_MS / 1000} s`, pipe.move(piece))

function checkEnd(line: string, allowed = 0): void {
  const [, status, said] = /^end (\d+) ?(.*)/s.exec(line) ?? []
  if (status === undefined) throw new Error(`tar was ended: ${line}`)
  if (Number(status) > allowed) throw new Error(said || `tar ended with status ${status}`)
}

interface Tar {
  /** Of the script, as the engine numbers its processes. */
  readonly pid: number
  readonly token: string
  /** The next line that the script says. */
  line(): Promise<string>
  /** To its standard input through the engine. */
  readonly stream: Duplex
  /** Ends what still runs: the engine holds the pipe open on both sides, so that a tar would wait for ever for a reader that is gone. */
  close(): void
}

/** The script, ready; undefined without GNU tar. */
async function openTar(
  container: Docker.Container,
  args: readonly ['in'] | readonly ['out', string],
): Promise<Tar | undefined> {
  const token = randomBytes(16).toString('hex')
  const exec = await container.exec({
    Cmd: ['/bin/sh', '-c', SCRIPT, 'codeyard', token, ...args],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    User: '0:0',
    WorkingDir: '/',
  })
  const stream: Duplex = await exec.start({ hijack: true, stdin: true })
  stream.on('error', () => {}) // the reader hears it
  const line = lineReader(stdoutFrames(stream))
  let pid = 0
  const close = () => {
    if (isScript(pid, token)) signalGroup(pid, 'SIGKILL')
    stream.end()
    stream.destroy()
  }
  try {
    if ((await within(CALL_TIMEOUT_MS, 'the container does not answer', line())) === 'ready') {
      pid = await pidOf(exec)
      return { pid, token, line, stream, close }
    }
  } catch (error) {
    close()
    throw error
  }
  close()
  return undefined
}

/** A command may have spoken before the engine knows its number. Zero when it never does. */
async function pidOf(exec: Docker.Exec): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const { Pid } = await within(CALL_TIMEOUT_MS, 'no answer', exec.inspect())
    if (Pid || attempt === 50) return Pid
    await delay(20)
  }
}

/** The script's standard input; undefined, and the script is ended, where it is no process of this machine or not to be looked into. */
function inputOf(tar: Tar, direction: 'read' | 'write'): PipeThread | undefined {
  let both: number | undefined
  try {
    if (isScript(tar.pid, tar.token)) {
      // Opened for both it waits for nobody, and neither does the other then.
      both = openSync(`/proc/${tar.pid}/fd/0`, constants.O_RDWR | constants.O_NONBLOCK)
      if (fstatSync(both).isFIFO()) {
        const flags = direction === 'read' ? constants.O_RDONLY : constants.O_WRONLY
        return pipeThread(openSync(`/proc/self/fd/${both}`, flags), direction)
      }
    }
  } catch {
    // Not to be looked into.
  } finally {
    if (both !== undefined) closeSync(both)
  }
  tar.close()
  return undefined
}

/** The engine's number of a process may be another one's here. */
function isScript(pid: number, token: string): boolean {
  try {
    return pid > 1 && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(token)
  } catch {
    return false // over, or not on Linux
  }
}

/** The lines of `frames`; what comes from `end` on is one. */
function lineReader(frames: AsyncGenerator<Buffer>): () => Promise<string> {
  let held = ''
  return async () => {
    for (;;) {
      const end = held.startsWith('end ') ? -1 : held.indexOf('\n')
      if (end >= 0) {
        const line = held.slice(0, end)
        held = held.slice(end + 1)
        return line
      }
      const next = await frames.next()
      if (next.done) return held.trim()
      if (held.length < LONGEST_WORDS) held += next.value.toString()
    }
  }
}
