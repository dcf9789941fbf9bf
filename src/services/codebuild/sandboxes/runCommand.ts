// One command execution in a held environment: output to its log as it comes, at its end what is kept of both streams. The command runs in
// the sandbox on its own; whoever attaches later reads on from the byte where the last one stopped.

import { StringDecoder } from 'node:string_decoder'
import { tarOfTexts } from '../../../build/archives.ts'
import { type KeptEnvironment, runDirectory } from '../../../build/breakpoint.ts'
import { createMask } from '../../../build/mask.ts'
import { LONG_LINE, openAfter } from '../../../build/openLine.ts'
import { readTextFile } from '../../../build/readTextFile.ts'
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import { isSandboxError } from '../../../sandbox/sandboxError.ts'
import type { LogSink } from '../worker/logSink.ts'
import type { CommandEnd, CommandRow } from './commands.ts'
import { commandStatus } from './machine.ts'

/** Of each stream the last so many bytes are kept; the log has all. */
const KEPT_BYTES = 65_536
const SAVE_EVERY_MS = 1_000

// `tee`s that a daemon keeps open are left behind: what it writes goes on to the log, not to the result.
const WRAP = `
dir=$1
PATH=$PATH:\${dir%/commands/*}; export PATH
mkfifo "$dir/1" "$dir/2" || exit 125
tee "$dir/out" <"$dir/1" & one=$!
tee "$dir/err" <"$dir/2" & two=$!
/bin/sh "$dir/command.sh" >"$dir/1" 2>"$dir/2"
status=$? i=0
while [ $i -lt 100 ] && { kill -0 $one || kill -0 $two; } 2>/dev/null; do i=$((i+1)); sleep 0.02 2>/dev/null || sleep 1; done
tail -c ${KEPT_BYTES} "$dir/out" >"$dir/out.tail"
tail -c ${KEPT_BYTES} "$dir/err" >"$dir/err.tail"
exit $status
`

export interface CommandPorts {
  readonly sandbox: Sandbox
  readonly kept: KeptEnvironment
  readonly sink: LogSink
  /** So many bytes are in the log; called when it begins, too. */
  saved(readTo: number): Promise<void>
  now(): Date
  /** This process lets go of the command. */
  readonly signal: AbortSignal
}

/** How it ended; undefined when this process let go, or the sandbox ended around it. */
export async function runCommand(row: CommandRow, ports: CommandPorts): Promise<CommandEnd | undefined> {
  const { sandbox, kept, sink } = ports
  const directory = `${runDirectory(sandbox)}/commands/${row.id}`
  const { secrets, environment: env } = kept
  try {
    // Again is fine: a command that began is not begun again.
    await sandbox.put(directory, tarOfTexts({ 'command.sh': `${row.command}\n` }))
    const argv = ['/bin/sh', '-c', WRAP, 'codeyard', directory]
    const run = await sandbox.run(`command-${row.id}`, { argv, cwd: `${sandbox.workspace}/00`, env }, row.read_to)
    const letGo = () => run.output.destroy()
    ports.signal.addEventListener('abort', letGo, { once: true })
    let readTo = row.read_to
    /** Bytes of a line that is not ended. */
    let open = 0
    let saved = ports.now().getTime()
    await ports.saved(readTo)
    const mask = createMask(secrets)
    const decoder = new StringDecoder('utf8')
    try {
      for await (const chunk of run.output as AsyncIterable<Buffer>) {
        await sink.write(mask.write(decoder.write(chunk)))
        readTo += chunk.length
        open = openAfter(open, chunk)
        if (ports.now().getTime() - saved < SAVE_EVERY_MS) continue
        saved = ports.now().getTime()
        await sink.flush()
        await ports.saved(readTo - (open > LONG_LINE ? 0 : open))
      }
    } catch (error) {
      if (!ports.signal.aborted) throw error
    } finally {
      ports.signal.removeEventListener('abort', letGo)
    }
    await sink.write(mask.end())
    await sink.end()
    if (ports.signal.aborted) return undefined
    const { exitCode } = await run.result
    const tail = async (name: string) => {
      const masked = createMask(secrets)
      return masked.write((await readTextFile(sandbox, `${directory}/${name}`)) ?? '') + masked.end()
    }
    // PostgreSQL keeps no NUL.
    const text = async (name: string) => (await tail(name)).replaceAll('\0', '\uFFFD')
    return {
      status: commandStatus({ exitCode }),
      exitCode,
      output: await text('out.tail'),
      error: await text('err.tail'),
    }
  } catch (error) {
    if (ports.signal.aborted || isSandboxError(error, 'DESTROYED')) return undefined
    if (!isSandboxError(error)) throw error
    return { status: 'FAULT', error: error.message }
  }
}
