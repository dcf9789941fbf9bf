// A shell, or one command, in the sandbox of a local build.

import { pipeline } from 'node:stream/promises'
import { enterCommand, isPaused, resumeBuild } from '../build/breakpoint.ts'
import { localProviders } from '../build/localSandboxes.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { passKeys, windowSize } from './keys.ts'

/** The kept sandbox of that name. Throws a sentence when nothing of it is left. */
export async function findKept(name: string): Promise<Sandbox> {
  for (const provider of Object.values(localProviders())) {
    if (await provider.unavailable()) continue
    const sandbox = await provider.attach(name)
    if (sandbox) return sandbox
  }
  throw new Error(`there is no ${name} on this machine: it was removed, or another user made it`)
}

/** Answers the exit code. */
export async function shellIn(sandbox: Sandbox, line?: string): Promise<number> {
  const command = await enterCommand(sandbox, line)
  if (line !== undefined) {
    const run = await sandbox.run(`shell-${process.pid}-${Date.now()}`, command)
    const stop = () => void run.kill()
    process.once('SIGINT', stop).once('SIGTERM', stop)
    await pipeline(run.output, process.stdout, { end: false })
    process.off('SIGINT', stop).off('SIGTERM', stop)
    return (await run.result).exitCode
  }
  if (!sandbox.terminal) throw new Error(`${sandbox.kind} sandboxes have no terminals`)
  const terminal = await sandbox.terminal(command, windowSize())
  try {
    const shown = pipeline(terminal.output, process.stdout, { end: false })
    return await passKeys(
      terminal,
      shown.then(() => terminal.result.then(({ exitCode }) => exitCode)),
    )
  } finally {
    await terminal.close()
  }
}

let resumed = 0

/** At a breakpoint of a build that runs in this terminal. */
export async function shellAtBreakpoint(sandbox: Sandbox): Promise<void> {
  process.stdout.write('\nA shell in the build: codebuild-resume or leaving it goes on with the build.\n')
  await shellIn(sandbox)
  if (await isPaused(sandbox)) await resumeBuild(sandbox, `resume-${process.pid}-${resumed++}`)
}
