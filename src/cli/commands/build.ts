// Runs a directory's buildspec now, with the engine of the service and without a server; the exit code is the result.

import { resolve } from 'node:path'
import { type LocalBuildOptions, type LocalBuildResult, runLocalBuild } from '../../build/localBuild.ts'
import { localProviders, removeLeftovers } from '../../build/localSandboxes.ts'
import { within } from '../../core/bounded.ts'
import type { Command, Given } from '../command.ts'
import { shellAtBreakpoint } from '../localShell.ts'
import { pairs, UsageError } from '../options.ts'
import { runOnChange } from '../runOnChange.ts'

/** A build that is over waits so long for what earlier ones left. */
const CLEANING_MS = 10_000

const command: Command = {
  summary: "run a directory's buildspec now; the exit code is the result",
  arguments: '[DIR]',
  most: 1,
  options: {
    buildspec: { type: 'string', value: 'FILE', help: 'buildspec, relative to DIR (default buildspec.yml)' },
    image: {
      type: 'string',
      value: 'NAME',
      help: 'Docker image to build in; aws/codebuild/... stands for the public one',
    },
    env: { type: 'string', value: 'K=V', multiple: true, help: 'environment variable' },
    artifacts: { type: 'string', value: 'DIR', help: 'where artifacts are written' },
    cache: { type: 'string', value: 'DIR', help: "where the buildspec's cache is kept; not used without it" },
    sandbox: { type: 'string', value: 'KIND', help: 'auto, docker or host (default auto)' },
    'keep-on-failure': { type: 'boolean', help: 'keep the environment of a failed build, and say how to enter it' },
    watch: { type: 'boolean', help: 'build again when a file of DIR changes; Ctrl-C ends' },
  },
  details: `DIR is copied into the environment and never changed. The exit code is 0, or that of the first command that
failed. --watch passes over what .gitignore names and the artifacts; a change ends a build that runs.
At codebuild-breakpoint the build opens a shell here when it runs in a terminal (not with --watch); else it goes on.
What --keep-on-failure keeps is entered with 'codeyard shell local-...' and goes with its --remove. What a build
that was killed left goes with the next build.`,
  async run(given) {
    const { positionals, text, flag } = given
    const directory = resolve(positionals[0] ?? '.')
    const keep = flag['keep-on-failure'] ?? false
    if (keep && flag.watch) throw new UsageError('--keep-on-failure and --watch do not go together')
    const options = readBuild(given, directory)
    const stopped = new AbortController()
    const stop = () => stopped.abort('STOPPED')
    // SIGHUP: the terminal was closed.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
    const providers = localProviders()
    const cleaning = removeLeftovers(Object.values(providers)).catch(() => {}) // the next build tries it again
    const build = (signal: AbortSignal) =>
      runLocalBuild({
        ...options,
        providers,
        keepOnFailure: keep,
        signal,
        ...(atTerminal(flag) && { paused: shellAtBreakpoint }),
      })
    try {
      if (flag.watch) {
        const except = [text.artifacts, text.cache].flatMap(path => (path ? [resolve(path)] : []))
        const say = (line: string) => void process.stdout.write(`\n${line}\n`)
        await runOnChange({ directory, except, run: build, say, signal: stopped.signal })
        return 0
      }
      const result = await build(stopped.signal)
      sayKept(result)
      return result.exitCode
    } finally {
      await within(CLEANING_MS, 'it takes too long', cleaning).catch(() => {})
    }
  },
}
export default command

function readBuild({ text, list }: Given, directory: string): Omit<LocalBuildOptions, 'signal'> {
  const sandbox = text.sandbox ?? 'auto'
  if (sandbox !== 'auto' && sandbox !== 'docker' && sandbox !== 'host') {
    throw new UsageError(`--sandbox takes auto, docker or host, not '${sandbox}'`)
  }
  return {
    directory,
    ...(text.buildspec ? { buildspec: text.buildspec } : {}),
    ...(text.image ? { image: text.image } : {}),
    env: pairs(list.env ?? [], '--env'),
    ...(text.artifacts ? { artifactsDir: resolve(text.artifacts) } : {}),
    ...(text.cache ? { cacheDir: resolve(text.cache) } : {}),
    sandbox,
    out: process.stdout,
  }
}

const atTerminal = ({ watch }: Given['flag']) => !watch && process.stdin.isTTY === true && process.stdout.isTTY === true

function sayKept({ kept }: LocalBuildResult) {
  if (!kept) return
  const lines = [
    `The environment of the build is kept as ${kept.name}.`,
    `  enter it:  codeyard shell ${kept.name}`,
    ...(kept.kind === 'docker' ? [`         or  docker exec -it codeyard-${kept.name} sh`] : []),
    `  remove it: codeyard shell ${kept.name} --remove`,
  ]
  process.stdout.write(`\n${lines.join('\n')}\n`)
}
