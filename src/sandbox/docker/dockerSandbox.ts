// One container as a sandbox. Everything a later process needs (output, exit status, who to kill) is kept inside of the container.

import { createHash, randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import type Docker from 'dockerode'
import { retryFor, within } from '../../core/bounded.ts'
import type { Sandbox } from '../sandbox.ts'
import { checkCommand, checkName, checkPath, isSandboxError, SandboxError } from '../sandboxError.ts'
import { getPath, putPath } from './dockerArchive.ts'
import { startRun } from './dockerRun.ts'
import { openDockerTerminal } from './dockerTerminal.ts'
import { OUT_OF_MEMORY, outOfMemoryIn, usageOf, writtenBytes } from './dockerUsage.ts'
import { CALL_TIMEOUT_MS, engineFailure, engineMessage, engineStatus } from './engine.ts'

/** Where runs keep their output, inside of the container. */
export const RUNS = '/codebuild/.runs'

/** AWS: `/codebuild/output/src<digits>/src`; the digits come from the name, so that no image has anything there. */
export function workspaceOf(name: string): string {
  const digits = createHash('sha256').update(name).digest().readUInt32BE(0)
  return `/codebuild/output/src${digits}/src`
}

export function createDockerSandbox(
  container: Docker.Container,
  name: string,
  workspace: string,
  freeDisk: () => Promise<number | undefined>,
): Sandbox {
  let destroyed = false

  /** Runs `work`; a container that is gone means the sandbox is destroyed, one that stopped (the engine was restarted) is started again. */
  async function inContainer<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (destroyed) throw gone()
    let stopped = false
    try {
      return await retryFor(10_000, isStopped, async () => {
        if (stopped) await container.start().catch(ignoreStarted)
        stopped = true
        return await work()
      })
    } catch (error) {
      if (engineStatus(error) === 404 && /no such container/i.test(engineMessage(error))) throw gone()
      throw engineFailure(`${what} in the container of ${name}`, error)
    }
  }
  const gone = () => new SandboxError('DESTROYED', `the sandbox ${name} was destroyed`)

  return {
    kind: 'docker',
    name,
    workspace,
    async run(id, command, from = 0) {
      checkName('the run', id)
      checkCommand(command)
      const place = { directory: `${RUNS}/${id}`, workspace, from }
      return await inContainer(`run ${command.argv[0]}`, () => startRun(container, command, place))
    },
    async runPrepared(id, command, preparation) {
      checkName('the run', id)
      checkCommand(command)
      for (const path of [...preparation.directories, ...Object.keys(preparation.files)]) checkPath(path)
      const place = { directory: `${RUNS}/${id}`, workspace, from: 0, preparation }
      return await inContainer(`run ${command.argv[0]}`, () => startRun(container, command, place))
    },
    async put(path, tar, transfer) {
      checkPath(path)
      await inContainer(`unpack into ${path}`, () => putPath(container, path, tar, transfer))
    },
    async get(path, transfer) {
      checkPath(path)
      return await inContainer(`read ${path}`, () => getPath(container, path, transfer))
    },
    async terminal(command, size) {
      checkCommand(command)
      return await inContainer('open a terminal', () => openDockerTerminal(container, command, { workspace, size }))
    },
    usage: () => inContainer('measure', () => usageOf(container)),
    freeDisk,
    usedDisk: () => inContainer('measure the disk', () => writtenBytes(container)),
    async outOfMemory() {
      const { State } = await inContainer('look', () => within(CALL_TIMEOUT_MS, 'no answer', container.inspect()))
      if (!State.Running) return State.OOMKilled ? 1 : 0
      const argv = ['/bin/sh', '-c', OUT_OF_MEMORY]
      const run = await this.run(`oom-${randomBytes(4).toString('hex')}`, { argv, cwd: '/', user: '0:0' })
      return outOfMemoryIn(await text(run.output))
    },
    async destroy() {
      destroyed = true
      const removal = retryFor(CALL_TIMEOUT_MS, isPassing, async () => {
        try {
          await container.remove({ force: true, v: true })
        } catch (error) {
          if (engineStatus(error) !== 404) throw error
        }
      })
      try {
        await within(CALL_TIMEOUT_MS, 'it was not gone within a minute', removal)
      } catch (error) {
        throw engineFailure(`remove the container of ${name}`, error)
      }
    },
  }
}

/**
 * The container has stopped or is about to: the engine says so, or fails to enter it in one of many ways. To try again is harmless: a run
 * begins once, however often it is asked for. Not what will fail the same way the next time: an image without sh, a full disk.
 */
function isStopped(error: unknown): boolean {
  const message = engineMessage(error)
  if (isSandboxError(error)) {
    return (
      error.code === 'ENGINE' && !/no such file|executable file not found|permission denied|codeyard: /.test(message)
    )
  }
  return /is not running|is paused/.test(message)
}

function ignoreStarted(error: unknown) {
  if (engineStatus(error) !== 304) throw error
}

/** Somebody else is removing it: 409 until it is gone; or a mount is still busy. */
function isPassing(error: unknown): boolean {
  return engineStatus(error) === 409 || /busy|in progress|did not receive an exit event/i.test(engineMessage(error))
}
