// Runs an event's scripts: which revision supplies them, with which environment, as whom and for how long.

import { randomUUID } from 'node:crypto'
import { accessSync, chmodSync, constants, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Script, ServerAppspec } from '../specs/appspec/appspec.ts'
import { parseAppspec } from '../specs/appspec/parseAppspec.ts'
import type { DeploymentSpec } from './deploymentSpec.ts'
import { ERROR_CODES, ScriptError } from './diagnostics.ts'
import { deploymentLayout, type Layout } from './layout.ts'
import { MARK, processStart } from './orphans.ts'
import { runScript } from './runScript.ts'
import { openScriptLog, type ScriptLog } from './scriptLog.ts'

export interface HookContext {
  readonly layout: Layout
  readonly now: () => Date
  /** On top of the agent's own environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Hears each line of the script log. */
  readonly heard?: (entry: string) => void
  /** Longest time of one event. AWS: 3,600 s. */
  readonly eventTimeoutMs?: number
  readonly signal?: AbortSignal
}

/** The scripts of `event` and where they are, or undefined when there are none: then the event is a no-op. */
export interface Hook {
  readonly archive: string
  readonly scripts: readonly Script[]
}

type Source = 'current' | 'lastSuccessful' | 'mostRecent'

/** Which revision's scripts run at `event` [hook_executor.rb]. */
export function sourceOf(event: string, spec: Pick<DeploymentSpec, 'creator' | 'type'>): Source {
  const rollback = spec.creator === 'codeDeployRollback' && spec.type === 'BLUE_GREEN'
  switch (event) {
    case 'BeforeBlockTraffic':
    case 'AfterBlockTraffic':
      return rollback ? 'mostRecent' : 'lastSuccessful'
    case 'ApplicationStop':
      return 'lastSuccessful'
    case 'BeforeAllowTraffic':
    case 'AfterAllowTraffic':
      return rollback ? 'lastSuccessful' : 'current'
    default:
      return 'current'
  }
}

export function findHook(layout: Layout, spec: DeploymentSpec, event: string): Hook | undefined {
  const current = layout.deployment(spec.groupId, spec.deploymentId)
  const source = sourceOf(event, spec)
  let { archive } = current
  if (source !== 'current' && !existsSync(archive)) {
    const group = layout.group(spec.groupId)
    const pointer = source === 'mostRecent' ? group.mostRecent : group.lastSuccessful
    if (!existsSync(pointer)) return undefined
    archive = deploymentLayout(readFileSync(pointer, 'utf8').trimEnd()).archive
  }
  const scripts = readAppspec(archive, join(archive, spec.appspecFilename), spec.appspecFilename).hooks.get(event) ?? []
  return scripts.length === 0 ? undefined : { archive, scripts }
}

/** Reads and checks an unpacked revision's appspec; throws the agent's sentence for what is wrong first. */
export function readAppspec(archive: string, path: string, name: string): ServerAppspec {
  if (!existsSync(path)) {
    // AWS: the agent's text for a missing AppSpec file.
    throw new Error(
      `The CodeDeploy agent did not find an AppSpec file within the unpacked revision directory at revision-relative path "${name}". ` +
        `The revision was unpacked to directory "${archive}", and the AppSpec file was expected but not found at path "${path}". ` +
        'Consult the AWS CodeDeploy Appspec documentation for more information at http://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html',
    )
  }
  const { appspec, diagnostics } = parseAppspec(readFileSync(path, 'utf8'), name)
  const problem = diagnostics.find(diagnostic => diagnostic.severity === 'error')
  if (problem) throw new Error(`${problem.message} (${name}:${problem.line}:${problem.column})`)
  if (appspec?.platform !== 'server' || appspec.os !== 'linux') {
    throw new Error(
      `The deployment failed because the application specification file specifies an unsupported operating system (${appspec?.platform === 'server' ? appspec.os : appspec?.platform}). Specify either "linux" or "windows" in the os section of the AppSpec file, and then try again.`,
    )
  }
  return appspec
}

/** Runs the scripts of `event` one after the other; throws ScriptError at the first that fails. */
export async function runHook(context: HookContext, spec: DeploymentSpec, event: string): Promise<void> {
  const hook = findHook(context.layout, spec, event)
  if (!hook) return
  const current = context.layout.deployment(spec.groupId, spec.deploymentId)
  const log = openScriptLog({
    scriptsLog: current.scriptsLog,
    deploymentsLog: context.layout.deploymentsLog,
    deploymentId: spec.deploymentId,
    now: context.now,
    ...(context.heard ? { heard: context.heard } : {}),
  })
  const end = performance.now() + (context.eventTimeoutMs ?? 3_600_000)
  try {
    log.add([`LifecycleEvent - ${event}\n`])
    for (const script of hook.scripts) {
      makeExecutable(hook.archive, script, log)
      log.add([`Script - ${script.location}\n`])
      await runOne(context, spec, event, { script, archive: hook.archive, log, leftMs: end - performance.now() })
    }
  } finally {
    log.close()
    rmSync(current.process, { force: true })
  }
}

function makeExecutable(archive: string, script: Script, log: ScriptLog): void {
  const path = join(archive, script.location)
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) {
    throw new ScriptError(
      ERROR_CODES.scriptMissing,
      `Script does not exist at specified location: ${path}`,
      script.location,
      log.tail(),
    )
  }
  try {
    accessSync(path, constants.X_OK)
  } catch {
    try {
      chmodSync(path, stat.mode | 0o111)
    } catch {
      throw new ScriptError(
        ERROR_CODES.scriptNotExecutable,
        `Unable to set script at specified location: ${script.location} as executable`,
        script.location,
        log.tail(),
      )
    }
  }
}

interface OneScript {
  readonly script: Script
  readonly archive: string
  readonly log: ScriptLog
  readonly leftMs: number
}

async function runOne(context: HookContext, spec: DeploymentSpec, event: string, one: OneScript): Promise<void> {
  const { script, log } = one
  const current = context.layout.deployment(spec.groupId, spec.deploymentId)
  const [command, ...args] = commandOf(script, join(one.archive, script.location))
  // Known by its mark until its pid is: an agent that is killed in between finds it all the same.
  const mark = randomUUID()
  writeFileSync(current.process, JSON.stringify({ mark }))
  const outcome = await runScript({
    command: command!,
    args,
    env: { ...process.env, ...context.env, ...environmentOf(spec, event), [MARK]: mark },
    timeoutMs: Math.min(script.timeout * 1000, Math.max(one.leftMs, 0)),
    onLines: (stream, lines) => log.add(lines.map(line => `[${stream}]${line}`)),
    onStart: pid => writeFileSync(current.process, JSON.stringify({ pid, started: processStart(pid) })),
    onOutputsHeld: () =>
      log.add([
        `[agent]${script.location} has ended, but a process that it started still holds its output open: the event waits for that process. Redirect its output, for example: command > /dev/null 2>&1 &\n`,
      ]),
    ...(context.signal ? { signal: context.signal } : {}),
  })
  const failed = (code: (typeof ERROR_CODES)[keyof typeof ERROR_CODES], message: string): never => {
    throw new ScriptError(code, message, script.location, log.tail())
  }
  const at = `Script at specified location: ${script.location}`
  const prefix = script.runas === undefined ? at : `${at} run as user ${script.runas}`
  switch (outcome.kind) {
    case 'exited':
      if (outcome.code !== 0) failed(ERROR_CODES.scriptFailed, `${prefix} failed with exit code ${outcome.code}`)
      return
    case 'killed':
      return failed(ERROR_CODES.scriptFailed, `${prefix} failed with exit code  (killed by ${outcome.signal})`)
    case 'timedOut':
      return failed(ERROR_CODES.scriptTimedOut, `${at} failed to complete in ${script.timeout} seconds`)
    case 'outputsLeftOpen':
      return failed(ERROR_CODES.outputsLeftOpen, `${at} failed to close ${outcome.stream}`)
    case 'aborted':
      return failed(
        ERROR_CODES.failedAfterRestart,
        'Failed: Failing in-progress lifecycle event because the agent was stopped.',
      )
    case 'notStarted':
      return failed(
        ERROR_CODES.scriptFailed,
        `${prefix} failed with error ${outcome.error.name} with message ${outcome.error.message}`,
      )
  }
}

/** The words to run; no shell but the one of `su -c`, for which the path is quoted. */
export function commandOf(script: Pick<Script, 'runas' | 'sudo'>, path: string, self = userInfo().username): string[] {
  const { runas } = script
  if (runas === undefined || runas === '') return script.sudo ? ['sudo', path] : [path]
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/.test(runas)) throw new Error(`runas names no user: ${JSON.stringify(runas)}`)
  const su = ['su', runas, '-c', `'${path.replaceAll("'", `'\\''`)}'`]
  if (script.sudo) return ['sudo', ...su]
  // DEVIATES: an agent without root rights may still run as itself; su would ask for a password.
  return runas === self ? [path] : su
}

function environmentOf(spec: DeploymentSpec, event: string): Record<string, string | undefined> {
  const { revision } = spec
  return {
    LIFECYCLE_EVENT: event,
    DEPLOYMENT_ID: spec.deploymentId,
    APPLICATION_NAME: spec.applicationName,
    DEPLOYMENT_GROUP_NAME: spec.groupName,
    DEPLOYMENT_GROUP_ID: spec.groupId,
    ...(revision.type === 'S3'
      ? {
          BUNDLE_BUCKET: revision.bucket,
          BUNDLE_KEY: revision.key,
          BUNDLE_VERSION: revision.version,
          BUNDLE_ETAG: revision.etag,
        }
      : {}),
  }
}
