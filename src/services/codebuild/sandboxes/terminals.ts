// Terminals in builds and sandboxes that run on this machine, for Session Manager.

import { randomUUID } from 'node:crypto'
import { enterCommand } from '../../../build/breakpoint.ts'
import type { OpenCall } from '../../../operation/call.ts'
import type { Run, SandboxProvider } from '../../../sandbox/sandbox.ts'
import type { Terminal, TerminalSize } from '../../../sandbox/terminal.ts'
import { sandboxName } from '../worker/buildRun.ts'

export interface Wish {
  readonly size: TerminalSize
  /** A command line instead of a shell. */
  readonly line?: string
  /** With a person at the keys. */
  readonly interactive: boolean
}

/** `target` is `codebuild:` and the id of a build or a sandbox. Rejects with a sentence for who waits. */
export function terminalsIn(sandboxes: (call: OpenCall) => SandboxProvider) {
  return async (call: OpenCall, target: string, { size, line, interactive }: Wish): Promise<Terminal> => {
    const uuid = target.split(':').at(-1)!
    const sandbox = await sandboxes(call).attach(sandboxName(uuid))
    if (!sandbox)
      throw new Error(`${target} is not connected: its environment is not on the machine of this server, or it is over`)
    const command = await enterCommand(sandbox, line)
    if (!interactive) return withoutKeys(await sandbox.run(`session-${randomUUID()}`, command))
    if (!sandbox.terminal) throw new Error(`${sandbox.kind} sandboxes have no terminals`)
    return await sandbox.terminal(command, size)
  }
}

/** A command that nobody types into. */
function withoutKeys(run: Run): Terminal {
  return {
    output: run.output,
    isTerminal: false,
    write() {},
    end() {},
    async resize() {},
    result: run.result,
    close: () => run.kill(1_000),
  }
}
