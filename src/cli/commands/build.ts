// Runs a directory's buildspec now, with the engine of the service and without a server; the exit code is the result.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runLocalBuild } from '../../build/localBuild.ts'
import { createDockerProvider } from '../../sandbox/docker/dockerProvider.ts'
import { createHostProvider } from '../../sandbox/host/hostProvider.ts'
import type { Command } from '../command.ts'
import { pairs, UsageError } from '../options.ts'

const command: Command = {
  summary: "run a directory's buildspec now; the exit code is the result",
  arguments: '[DIR]',
  most: 1,
  options: {
    buildspec: { type: 'string', value: 'FILE', help: 'buildspec, relative to DIR (default buildspec.yml)' },
    image: { type: 'string', value: 'NAME', help: 'Docker image to build in' },
    env: { type: 'string', value: 'K=V', multiple: true, help: 'environment variable' },
    artifacts: { type: 'string', value: 'DIR', help: 'where artifacts are written' },
    sandbox: { type: 'string', value: 'KIND', help: 'auto, docker or host (default auto)' },
  },
  async run({ positionals: [directory = '.'], text, list }) {
    const sandbox = text.sandbox ?? 'auto'
    if (sandbox !== 'auto' && sandbox !== 'docker' && sandbox !== 'host') {
      throw new UsageError(`--sandbox takes auto, docker or host, not '${sandbox}'`)
    }
    const root = await mkdtemp(join(tmpdir(), 'codeyard-build-'))
    const stopped = new AbortController()
    const stop = () => stopped.abort('STOPPED')
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    try {
      const { exitCode } = await runLocalBuild({
        directory: resolve(directory),
        ...(text.buildspec ? { buildspec: text.buildspec } : {}),
        ...(text.image ? { image: text.image } : {}),
        env: pairs(list.env ?? [], '--env'),
        ...(text.artifacts ? { artifactsDir: resolve(text.artifacts) } : {}),
        sandbox,
        providers: { docker: createDockerProvider(), host: createHostProvider({ root }) },
        out: process.stdout,
        signal: stopped.signal,
      })
      return exitCode
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  },
}
export default command
