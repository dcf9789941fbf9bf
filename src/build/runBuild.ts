// The build engine: takes a build from PROVISIONING to COMPLETED in any sandbox, and goes on where a dead process left it.

import { randomBytes } from 'node:crypto'
import { within } from '../core/bounded.ts'
import type { Preparation, Sandbox, SandboxProvider } from '../sandbox/sandbox.ts'
import { isSandboxError } from '../sandbox/sandboxError.ts'
import type { Buildspec } from '../specs/buildspec/buildspec.ts'
import { parseBuildspec } from '../specs/buildspec/parseBuildspec.ts'
import { NO_ACTIONS } from '../specs/buildspec/phases.ts'
import { diagnosticLine } from '../specs/diagnostic.ts'
import { breakpointFiles, KEPT, type KeptEnvironment } from './breakpoint.ts'
import { BuildFailure, type BuildPlan, type BuildPorts, type BuildResult, Detached, type Progress } from './build.ts'
import { type CacheContext, restoreCache, saveCache } from './cache.ts'
import { followCommands, scriptInput } from './commandRun.ts'
import { checkSize, mergeEnvironment, sourceVariable } from './environment.ts'
import { holdEnvironment } from './hold.ts'
import { buildStatus } from './machine.ts'
import { isCommandPhase, type PhaseContext } from './phases.ts'
import { readTextFile } from './readTextFile.ts'
import { checkRuntimes } from './runtimes.ts'
import { compileBuild } from './script.ts'
import { openSession, type Session } from './session.ts'
import { shardFiles } from './shards.ts'
import { startCommands } from './startCommands.ts'
import { uploadArtifacts } from './uploadArtifacts.ts'
import { uploadReports } from './uploadReports.ts'

const COMMANDS_RUN = 'commands'
/** How long an interrupted step (a pull, a download) may take to notice. */
const SETTLE_MS = 30_000

/** Where things are in a sandbox; no path has a character that a shell reads. */
const layout = (sandbox: Sandbox) => ({
  primary: `${sandbox.workspace}/00`,
  secondary: (identifier: string) => `${sandbox.workspace}/${sourceVariable('src', identifier)}`,
  run: `${sandbox.workspace}/run`,
})

/**
 * Runs a build whose progress is in PROVISIONING or later. Resolves when it is COMPLETED and its sandbox is gone, or given to `ports.remove`; throws
 * Detached when `ports.signal` says so (the sandbox lives on), or whatever a port threw that is no BuildFailure after the
 * build has ended as FAULT.
 */
export async function runBuild(
  plan: BuildPlan,
  provider: SandboxProvider,
  ports: BuildPorts,
  from: Progress,
): Promise<BuildResult> {
  const session = openSession(plan, ports, from)
  const engine: Engine = { session, provider, sandbox: undefined }
  const aborted = Promise.withResolvers<never>()
  aborted.promise.catch(() => {})
  // From the abort on the step that runs can not write or save any more.
  const onAbort = () => {
    session.close()
    aborted.reject(new Aborted(ports.signal.reason))
  }
  if (ports.signal.aborted) onAbort()
  else ports.signal.addEventListener('abort', onAbort, { once: true })
  let working: Promise<void> = Promise.resolve()
  try {
    while (session.progress.state.phase !== 'COMPLETED') {
      working = step(engine)
      working.catch(() => {}) // when the race is lost to an abort, its failure is the abort's
      await Promise.race([working, aborted.promise, session.lost])
    }
  } catch (error) {
    if (error instanceof Aborted && error.reason === 'DETACHED')
      throw new Detached('the build goes on without this process')
    if (error instanceof Detached) throw error
    // First nothing runs any more, then the build says so.
    await destroyAll(engine, working)
    if (error instanceof Aborted && error.reason === 'CUT_OFF')
      throw new Detached('the build was ended, and nobody can be told')
    session.open()
    await endEarly(session, error)
  } finally {
    ports.signal.removeEventListener('abort', onAbort)
  }
  await session.closeLog()
  return { status: buildStatus(session.progress.state), progress: session.progress }
}

/** Destroys the sandbox, and the one that a step under way may still be making. */
async function destroyAll({ session, provider, sandbox }: Engine, working: Promise<void>): Promise<void> {
  const { name } = session.plan.sandbox
  await (sandbox ?? (await provider.attach(name)))?.destroy()
  const settled = working.catch(() => {})
  await within(SETTLE_MS, 'the step did not end', settled).catch(() => {})
  await (await provider.attach(name))?.destroy()
}

class Aborted extends Error {
  readonly reason: 'STOPPED' | 'TIMED_OUT' | 'CUT_OFF' | 'DETACHED' | BuildFailure
  constructor(reason: unknown) {
    super(String(reason))
    const known =
      reason === 'STOPPED' || reason === 'TIMED_OUT' || reason === 'CUT_OFF' || reason instanceof BuildFailure
    this.reason = known ? reason : 'DETACHED'
  }
}

interface Engine {
  readonly session: Session
  readonly provider: SandboxProvider
  sandbox: Sandbox | undefined
  /** Of the commands, when this process made it; else it is read from the sandbox. */
  kept?: KeptEnvironment
  /** What the commands are started with, by the process that got everything ready for them. */
  preparation?: Preparation
}

/** Works on the current phase until it is behind. */
async function step(engine: Engine): Promise<void> {
  const { session } = engine
  const { phase } = session.progress.state
  try {
    switch (phase) {
      case 'PROVISIONING':
        return await provision(engine)
      case 'DOWNLOAD_SOURCE':
        return await download(engine)
      case 'UPLOAD_ARTIFACTS': {
        const sandbox = await attached(engine)
        // A process that died behind the last command has not read what the shell says after it: exported variables, names.
        if (session.progress.commands?.done === false) await runCommands(engine)
        if (session.progress.state.phase !== phase) return
        await keepCache(engine, sandbox)
        const reported = await uploadReports(session, sandbox)
        const context = (await uploadArtifacts(session, sandbox)) ?? reported
        return await session.end({ status: context ? 'FAILED' : 'SUCCEEDED', context })
      }
      case 'FINALIZING':
        return await finish(engine)
      default:
        if (!isCommandPhase(phase)) throw new Error(`no work in phase ${phase}`)
        return await runCommands(engine)
    }
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error
    await session.end({ status: 'FAILED', context: error.context })
  }
}

async function provision(engine: Engine): Promise<void> {
  const { session, provider } = engine
  const { plan } = session
  for (const line of plan.greeting) await session.say(line)
  // What an earlier process left before the source was there is thrown away: nothing of the user ran in it.
  await (await provider.attach(plan.sandbox.name))?.destroy()
  try {
    engine.sandbox = await provider.create(plan.sandbox)
  } catch (error) {
    throw provisioningFailure(error)
  }
  for (const note of engine.sandbox.notes ?? []) await session.say(note)
  await session.say('Waiting for agent ping')
  await session.end({ status: 'SUCCEEDED' })
}

// AWS: `BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE: Unable to pull customer's container image. ...` [troubleshooting].
function provisioningFailure(error: unknown): unknown {
  if (isSandboxError(error, 'NO_IMAGE')) {
    const reason = `CannotPullContainerError: ${error.message}`
    return new BuildFailure(
      'BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE',
      `Unable to pull customer's container image. ${reason}`,
    )
  }
  return isSandboxError(error, 'UNAVAILABLE') ? new BuildFailure('PROVISIONING_ERROR', error.message) : error
}

async function download(engine: Engine): Promise<void> {
  await prepare(engine)
  await engine.session.end({ status: 'SUCCEEDED' })
}

/** Gets everything ready that the commands need. Once more is fine as long as they have not begun. */
async function prepare(engine: Engine): Promise<void> {
  const { session } = engine
  const { ports, plan } = session
  const sandbox = await attached(engine)
  const directories = layout(sandbox)
  session.sourceDirectory = directories.primary
  await session.say('Waiting for DOWNLOAD_SOURCE')
  const source = await ports.download(sandbox, directories)
  session.resolved(source.resolvedVersion)
  await session.say('Phase is DOWNLOAD_SOURCE')
  await session.say(`CODEBUILD_SRC_DIR=${directories.primary}`)
  for (const [name, value] of Object.entries(source.environment)) {
    if (name.startsWith('CODEBUILD_SRC_DIR_')) await session.say(`${name}=${value}`)
  }
  const spec = await readBuildspec(session, sandbox, directories.primary)
  await session.say('Processing environment variables')
  const { env } = spec
  const hidden = await ports.resolve(env, line => session.say(line))
  const { documented, secrets } = await ports.environment(sandbox, directories.primary, env)
  const environment = mergeEnvironment({
    // AWS: HOME is always /root [build-env-ref-env-vars]. DEVIATES: on the host it is the sandbox's own directory.
    documented: { ...(sandbox.kind === 'docker' && { HOME: '/root' }), ...documented, ...source.environment },
    buildspec: env.variables,
    project: plan.projectEnvironment,
    startBuild: plan.startBuildEnvironment,
    resolved: hidden,
  })
  checkSize(environment)
  const kept: KeptEnvironment = { environment, secrets: [...secrets, ...Object.values(hidden)] }
  engine.kept = kept
  session.hide(kept.secrets)
  await session.say(`Moving to directory ${directories.primary}`)
  await selectRuntimes(session, sandbox, spec, environment)
  if (!plan.held) await describePhases(session, spec, environment.CODEBUILD_BATCH_BUILD_IDENTIFIER !== undefined)
  const cached = cacheOf(session, sandbox, spec, environment)
  const cache = cached && (await restoreCache(cached))
  if (!session.progress.commands) {
    session.began({
      spec: withoutSecretExports(spec, hidden),
      nonce: randomBytes(12).toString('hex'),
      offset: 0,
      done: false,
      artifactNames: {},
      ...(cache && { cache }),
    })
  }
  const script = compileBuild({
    ...scriptInput(session.progress, directories.run),
    sourceDirectory: directories.primary,
  })
  const { nonce } = scriptInput(session.progress, directories.run)
  const files = {
    ...script.files,
    ...breakpointFiles(directories.run, nonce, plan.debugSession ?? false),
    ...shardFiles,
    [KEPT]: JSON.stringify(kept),
  }
  engine.preparation = {
    directories: [directories.primary, directories.run],
    files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`${directories.run}/${name}`, text])),
  }
}

function cacheOf(
  session: Session,
  sandbox: Sandbox,
  spec: Buildspec,
  environment: Readonly<Record<string, string>>,
): CacheContext | undefined {
  const { cache: store } = session.ports
  if (!store || !spec.cache) return undefined
  return { sandbox, store, spec: spec.cache, sourceDirectory: session.sourceDirectory, environment, say: session.say }
}

/** Only of builds that went well: what a broken one left behind would break the next. */
async function keepCache(engine: Engine, sandbox: Sandbox): Promise<void> {
  const { session } = engine
  const { state, commands } = session.progress
  if (state.status !== undefined || !commands?.cache) return
  const context = cacheOf(session, sandbox, commands.spec, (await keptOf(engine, sandbox))?.environment ?? {})
  if (context) await saveCache(context, commands.cache)
}

async function keptOf(engine: Engine, sandbox: Sandbox): Promise<KeptEnvironment | null> {
  if (engine.kept) return engine.kept
  const text = await readTextFile(sandbox, `${layout(sandbox).run}/${KEPT}`)
  return JSON.parse(text ?? 'null') as KeptEnvironment | null
}

// AWS: parameters, secrets and variables that start with AWS_ can not be exported [build-spec-ref, exported-variables].
function withoutSecretExports(spec: Buildspec, hidden: Readonly<Record<string, string>>): Buildspec {
  const exportedVariables = spec.env.exportedVariables.filter(
    name => !Object.hasOwn(hidden, name) && !name.startsWith('AWS_'),
  )
  return { ...spec, env: { ...spec.env, exportedVariables } }
}

async function readBuildspec(session: Session, sandbox: Sandbox, directory: string): Promise<Buildspec> {
  const { buildspec: where } = session.plan
  const file = 'path' in where ? where.path : 'buildspec.yml'
  const location = 'path' in where ? `${directory}/${file}` : `${sandbox.workspace}/readonly/buildspec.yml`
  const text = 'text' in where ? where.text : await readTextFile(sandbox, location)
  if (text === undefined) {
    // AWS: `YAML_FILE_ERROR Message: stat /codebuild/.../build.yml: no such file or directory`; for the default name
    // `YAML file does not exist`.
    const message =
      file === 'buildspec.yml' ? 'YAML file does not exist' : `stat ${location}: no such file or directory`
    throw new BuildFailure('YAML_FILE_ERROR', message)
  }
  await session.say(`YAML location is ${location}`)
  const { buildspec, diagnostics } = parseBuildspec(text, file)
  for (const warning of diagnostics.filter(diagnostic => diagnostic.severity === 'warning')) {
    await session.say(`Warning: ${diagnosticLine(warning).replace(': warning:', ':')}`)
  }
  const errors = diagnostics.filter(diagnostic => diagnostic.severity === 'error')
  for (const error of errors) await session.say(diagnosticLine(error))
  if (!buildspec) throw new BuildFailure('YAML_FILE_ERROR', errors[0]!.message)
  const withSteps = Object.entries(buildspec.phases).find(([, phase]) => phase.steps)
  if (withSteps) throw new BuildFailure('YAML_FILE_ERROR', `phases/${withSteps[0]}/steps: ${NO_ACTIONS}`)
  const { shell } = buildspec.env
  if (shell && /powershell|pwsh|cmd(\.exe)?$/i.test(shell)) {
    throw new BuildFailure(
      'YAML_FILE_ERROR',
      `env/shell ${shell} is for Windows builds, which are not supported here; use bash or /bin/sh`,
    )
  }
  return buildspec
}

async function selectRuntimes(
  session: Session,
  sandbox: Sandbox,
  spec: Buildspec,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const wanted = spec.phases.install?.runtimeVersions ?? {}
  if (Object.keys(wanted).length === 0) return
  if (sandbox.kind === 'host' || session.plan.curatedImage) {
    await checkRuntimes(sandbox, wanted, environment, session.say)
    return
  }
  // AWS: the sentence for images without runtime selection [build-spec-ref, runtime-versions].
  await session.say('Skipping install of runtimes. Runtime version selection is not supported by this build image')
}

async function describePhases(session: Session, spec: Buildspec, inBatch: boolean): Promise<void> {
  const { say } = session
  const phases = Object.entries(spec.phases)
  await say('Registering with agent')
  await say(`Phases found in YAML: ${phases.length}`)
  for (const [name, phase] of phases) {
    const count = phase.commands.length + phase.finally.length
    await say(` ${name.toUpperCase()}: ${count} command${count === 1 ? '' : 's'}`)
  }
  if (spec.batch && !inBatch) await say('The batch section is not used by a single build')
  if (spec.proxy.logs || spec.proxy.uploadArtifacts)
    await say('proxy: logs and artifacts do not pass through a proxy here')
}

async function runCommands(engine: Engine): Promise<void> {
  const { session } = engine
  const sandbox = await attached(engine)
  const { run: directory, primary } = layout(sandbox)
  session.sourceDirectory = primary
  let kept = await keptOf(engine, sandbox)
  if (!kept) {
    // The process before ended between its word that the commands begin and their beginning.
    await prepare(engine)
    kept = engine.kept ?? null
  }
  session.hide(kept?.secrets ?? [])
  const env = kept?.environment ?? {}
  const command = { argv: ['/bin/sh', `${directory}/drive.sh`], cwd: primary, env }
  const { preparation } = engine
  if (session.plan.held) return await holdEnvironment(session, sandbox, preparation)
  const run = preparation
    ? await startCommands(sandbox, COMMANDS_RUN, command, preparation)
    : await sandbox.run(COMMANDS_RUN, command, session.progress.commands?.offset ?? 0)
  await followCommands(session, sandbox, run, directory)
}

async function finish(engine: Engine): Promise<void> {
  const { session } = engine
  const sandbox = engine.sandbox ?? (await engine.provider.attach(session.plan.sandbox.name))
  const { remove } = session.ports
  if (!remove) await sandbox?.destroy()
  engine.sandbox = undefined
  await session.end({ status: 'SUCCEEDED' })
  // Nobody waits for it: the build is over, and what is left of it is known by its name.
  if (sandbox && remove) await remove(() => sandbox.destroy())
}

/** The build's sandbox, attached to when an earlier process made it. */
async function attached(engine: Engine): Promise<Sandbox> {
  const { session, provider } = engine
  if (!engine.sandbox) {
    engine.sandbox = await provider.attach(session.plan.sandbox.name)
    if (!engine.sandbox) throw new LostSandbox()
    session.sourceDirectory = layout(engine.sandbox).primary
  }
  return engine.sandbox
}

class LostSandbox extends Error {
  constructor() {
    super('the process that ran this build ended, and nothing is left of its build environment')
  }
}

/** Its environment is gone: what would come after the phase that failed can not be done. */
async function endFailed(session: Session, { message, context }: BuildFailure): Promise<void> {
  await session.say(message)
  await session.end({ status: 'FAILED', context, onFailure: { action: 'ABORT' } })
  while (session.progress.state.phase !== 'COMPLETED') {
    const left = session.progress.state.phase === 'UPLOAD_ARTIFACTS'
    const gone = { ...context, message: 'Nothing is left of the build environment' }
    await session.end(left ? { status: 'FAILED', context: gone } : { status: 'SUCCEEDED' })
  }
}

async function endEarly(session: Session, error: unknown): Promise<void> {
  const { phase } = session.progress.state
  if (error instanceof Aborted) {
    if (error.reason instanceof BuildFailure) return await endFailed(session, error.reason)
    const status = error.reason as 'STOPPED' | 'TIMED_OUT'
    // AWS: a build that took too long has the context `BUILD_TIMED_OUT`, a stopped one none.
    const context: PhaseContext | undefined =
      status === 'TIMED_OUT' ? { statusCode: 'BUILD_TIMED_OUT', message: 'Build has timed out. ' } : undefined
    await session.end({ status, context })
    return
  }
  const { message } = error as Error
  if (error instanceof LostSandbox || isSandboxError(error, 'LOST')) session.environmentLost()
  await session.end({
    status: 'FAULT',
    context: { statusCode: 'INTERNAL_SERVICE_ERROR', message: `${phase}: ${message}` },
  })
  if (!(error instanceof LostSandbox)) session.ports.failed?.(error)
}
