// `codeyard build DIR`: the same engine as the service's, without a server; the directory is copied in, artifacts come out.

import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { failureLines, reportLine } from '../reports/summary.ts'
import type { Sandbox, SandboxProvider } from '../sandbox/sandbox.ts'
import type { Buildspec } from '../specs/buildspec/buildspec.ts'
import { anySandbox } from './anySandbox.ts'
import { type BuildFile, tarOfDirectory } from './archives.ts'
import { BuildFailure, type BuildPorts, type BuildReport, type Progress } from './build.ts'
import { imageOf, isCurated } from './curatedImages.ts'
import { directoryCache } from './directoryCache.ts'
import { defined, documentedEnvironment } from './environment.ts'
import { localProviders, localSandbox } from './localSandboxes.ts'
import { agentLine } from './logLines.ts'
import type { EndStatus, PhaseRecord } from './phases.ts'
import { runBuild } from './runBuild.ts'

export interface LocalBuildOptions {
  /** What is built; copied, never changed. */
  readonly directory: string
  /** A path, relative to the directory; `buildspec.yml` without it. */
  readonly buildspec?: string
  readonly image?: string
  readonly env: Readonly<Record<string, string>>
  /** Where artifacts are written: the primary's files, secondary ones in a directory of their identifier. */
  readonly artifactsDir?: string
  /** Where what the buildspec caches is kept for the next build. */
  readonly cacheDir?: string
  readonly sandbox: 'auto' | 'docker' | 'host'
  /** This machine's without them. */
  readonly providers?: { readonly docker: SandboxProvider; readonly host: SandboxProvider }
  /** The log, then a line per phase with its duration. */
  readonly out: Writable
  /** Aborted with reason 'STOPPED' by Ctrl-C: everything is killed. */
  readonly signal?: AbortSignal
  readonly region?: string
  /** A failed build leaves its sandbox. */
  readonly keepOnFailure?: boolean
  /** Has the sandbox at each `codebuild-breakpoint`, until it resolves; without it breakpoints are ignored. */
  paused?(sandbox: Sandbox): Promise<void>
}

export interface LocalBuildResult {
  /** 0 for SUCCEEDED, the exit status of the command that failed, else 1. */
  readonly exitCode: number
  readonly status: EndStatus
  readonly phases: readonly PhaseRecord[]
  /** The sandbox that a failed build left. */
  readonly kept?: Sandbox
}

export async function runLocalBuild(options: LocalBuildOptions): Promise<LocalBuildResult> {
  const directory = resolve(options.directory)
  const id = `${basename(directory) || 'local'}:${randomUUID()}`
  const startTime = new Date()
  const artifactsDir = options.artifactsDir ? resolve(options.artifactsDir) : undefined
  const buildspec = await localBuildspec(directory, options.buildspec ?? 'buildspec.yml')
  const spec = await readBuildspec(buildspec, directory)
  const write = async (text: string) => {
    if (!options.out.write(text)) await new Promise(drained => options.out.once('drain', drained))
  }
  const reports: BuildReport[] = []
  let failed = false
  let artifactFiles = 0
  const ports: BuildPorts = {
    now: () => new Date(),
    log: write,
    async download(sandbox, directories) {
      // What builds before wrote is no part of the source.
      const written = [artifactsDir, options.cacheDir].flatMap(path =>
        path ? [relative(directory, resolve(path))] : [],
      )
      await sandbox.put(
        directories.primary,
        tarOfDirectory(directory, path => written.includes(path)),
      )
      const commit = await headCommit(directory)
      return { resolvedVersion: commit, environment: defined({ CODEBUILD_RESOLVED_SOURCE_VERSION: commit }) }
    },
    environment: async (_sandbox, sourceDirectory) => ({
      documented: documentedEnvironment(
        {
          scope: { account: '000000000000', region: options.region ?? process.env.AWS_REGION ?? 'us-east-1' },
          id,
          number: 1,
          image: options.image ?? '',
          initiator: userInfo().username,
          projectUuid: randomUUID(),
          startTime,
        },
        sourceDirectory,
      ),
      secrets: [],
    }),
    async resolve({ parameterStore, secretsManager }) {
      const missing = [...Object.keys(parameterStore), ...Object.keys(secretsManager)].filter(
        name => !(name in options.env),
      )
      if (missing.length === 0) return {}
      throw new BuildFailure(
        'CLIENT_ERROR',
        `parameter-store and secrets-manager are not there in a local build: give ${missing.join(', ')} with --env`,
      )
    },
    async upload({ identifier, files }) {
      let count = 0
      for await (const file of files()) {
        count++
        if (artifactsDir) await writeFile(join(artifactsDir, identifier), file)
        else file.content.resume()
      }
      artifactFiles += count
      return count
    },
    report: async report => void reports.push(report),
    ...(options.cacheDir && { cache: directoryCache(resolve(options.cacheDir), options.cacheDir) }),
    save: async progress => {
      failed = progress.state.status !== undefined
    },
    ...(options.keepOnFailure && {
      remove: async removal => {
        if (!failed) await removal()
      },
    }),
    ...(options.paused && { paused: options.paused }),
    signal: options.signal ?? new AbortController().signal,
  }
  const chosen = (reason: string) => write(agentLine(new Date(), reason))
  const provider = anySandbox({ kind: options.sandbox, providers: options.providers ?? localProviders(), chosen })
  const image = options.image === undefined ? undefined : imageOf(options.image)
  const plan = {
    sandbox: {
      ...localSandbox(id.split(':')[1]!, options.keepOnFailure ?? false),
      ...(image && { image: image.name }),
    },
    buildspec,
    projectEnvironment: {},
    startBuildEnvironment: options.env,
    // All secondary artifacts: a local build wants every one.
    artifacts: ['', ...Object.keys(spec?.artifacts?.secondary ?? {})],
    curatedImage: isCurated(options.image),
    greeting: [
      ...(image?.note ? [image.note] : []),
      ...(spec?.cache?.paths.length && !options.cacheDir ? ['The cache is not used without --cache DIR'] : []),
    ],
    debugSession: options.paused !== undefined,
  }
  const from: Progress = {
    state: { phase: 'PROVISIONING', retries: 0 },
    phases: [{ phase: 'PROVISIONING', start: startTime }],
    exported: [],
  }
  const { status, progress } = await runBuild(plan, provider, ports, from)
  await write(reportSummary(reports) + artifactLine(artifactFiles, artifactsDir) + summary(progress.phases, status))
  const failure = progress.commands?.firstExitCode
  const kept = options.keepOnFailure && failed ? await provider.attach(plan.sandbox.name) : undefined
  const exitCode = status === 'SUCCEEDED' ? 0 : (failure ?? 1)
  return { exitCode, status, phases: progress.phases, ...(kept && { kept }) }
}

/** The commit that is checked out, where the directory is a git repository. */
async function headCommit(directory: string): Promise<string | undefined> {
  if (!existsSync(join(directory, '.git'))) return undefined
  try {
    return (await promisify(execFile)('git', ['-C', directory, 'rev-parse', 'HEAD'], { timeout: 10_000 })).stdout.trim()
  } catch {
    return undefined // a repository without a commit
  }
}

/** A buildspec outside of the directory is read here; one inside is a path in the sandbox. */
async function localBuildspec(directory: string, path: string): Promise<{ text: string } | { path: string }> {
  const full = isAbsolute(path) ? path : resolve(directory, path)
  if (full.startsWith(directory + sep)) return { path: full.slice(directory.length + 1) }
  return { text: await readFile(full, 'utf8') }
}

/** As far as it can be read before the build. */
async function readBuildspec(
  where: { text: string } | { path: string },
  directory: string,
): Promise<Buildspec | undefined> {
  const { parseBuildspec } = await import('../specs/buildspec/parseBuildspec.ts')
  const text = 'text' in where ? where.text : await readFile(join(directory, where.path), 'utf8').catch(() => '')
  return parseBuildspec(text).buildspec
}

async function writeFile(directory: string, file: BuildFile): Promise<void> {
  const target = resolve(directory, file.path)
  if (!target.startsWith(directory + sep))
    throw new BuildFailure('CLIENT_ERROR', `${file.path} leaves the artifacts directory`)
  await mkdir(dirname(target), { recursive: true })
  if (file.linkname !== undefined) await symlink(file.linkname, target)
  else await pipeline(file.content, createWriteStream(target, { mode: file.mode & 0o777 }))
}

/** `3 tests, 1 failed` of each report, and the names of the failed with what they say. */
function reportSummary(reports: readonly BuildReport[]): string {
  return reports
    .map(({ name, collected }) => {
      const incomplete = collected.problems.map(problem => `  INCOMPLETE ${problem}`)
      return `\n${[`${name}: ${reportLine(collected)}`, ...failureLines(collected), ...incomplete].join('\n')}\n`
    })
    .join('')
}

function artifactLine(count: number, directory: string | undefined): string {
  if (count === 0) return ''
  const files = `${count} file${count === 1 ? '' : 's'}`
  return `\nArtifacts: ${files}${directory === undefined ? ', not kept without --artifacts DIR' : ` in ${directory}`}\n`
}

function summary(phases: readonly PhaseRecord[], status: EndStatus): string {
  const lines = phases.flatMap(({ phase, start, end, status: ended, contexts }) => {
    if (!end) return []
    const duration = `${((end.getTime() - start.getTime()) / 1000).toFixed(2)} s`
    const context = contexts?.[0] && ended !== 'SUCCEEDED' ? `  ${contexts[0].statusCode}: ${contexts[0].message}` : ''
    return [`${phase.padEnd(16)} ${(ended ?? '').padEnd(9)} ${duration.padStart(9)}${context}`]
  })
  return `\n${lines.join('\n')}\n${'BUILD'.padEnd(16)} ${status}\n`
}
