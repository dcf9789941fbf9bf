// Carries out the service's commands on this host. It knows nothing of the network: the bundle is fetched by a function.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cp, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { HOOK_EVENTS } from '../specs/appspec/appspec.ts'
import type { BundleType, DeploymentSpec, Revision } from './deploymentSpec.ts'
import { findHook, type HookContext, readAppspec, runHook } from './hooks.ts'
import { install } from './install.ts'
import { unpack } from './unpack.ts'

export interface ExecutorOptions extends HookContext {
  /** Writes the bundle of an S3 revision to `file`, its ETag and version verified. */
  readonly fetchBundle: (
    revision: Extract<Revision, { type: 'S3' }>,
    file: string,
    signal?: AbortSignal,
  ) => Promise<void>
  /** Revisions kept for a group. AWS: 5. */
  readonly maxRevisions?: number
}

export interface Executor {
  /** True when `command` would run nothing here. DownloadBundle and Install always do something. */
  isNoop(command: string, spec: DeploymentSpec): boolean
  /** Throws ScriptError for a script's failure, Error for any other. */
  execute(command: string, spec: DeploymentSpec): Promise<void>
}

export function createExecutor(options: ExecutorOptions): Executor {
  return {
    isNoop(command, spec) {
      if (command === 'DownloadBundle' || command === 'Install') return false
      return !isHookEvent(command) || findHook(options.layout, spec, command) === undefined
    },
    async execute(command, spec) {
      if (command !== 'DownloadBundle' && command !== 'Install' && !isHookEvent(command)) {
        throw new Error(`Unsupported command type: ${command}.`)
      }
      mkdirSync(options.layout.deployment(spec.groupId, spec.deploymentId).directory, { recursive: true })
      if (command === 'DownloadBundle') await downloadBundle(options, spec)
      else if (command === 'Install') await installRevision(options, spec)
      else await runHook(options, spec, command)
    },
  }
}

const isHookEvent = (command: string) => (HOOK_EVENTS as readonly string[]).includes(command)

async function downloadBundle(options: ExecutorOptions, spec: DeploymentSpec): Promise<void> {
  const { layout } = options
  removeOldRevisions(options, spec)
  const { archive, archiveTemporary, bundle, directory } = layout.deployment(spec.groupId, spec.deploymentId)
  const { revision } = spec
  rmSync(archive, { recursive: true, force: true })
  switch (revision.type) {
    case 'S3':
      try {
        await options.fetchBundle(revision, bundle, options.signal)
        await unpackBundle(bundle, revision.bundleType, { archive, archiveTemporary })
      } catch (error) {
        // What filled the disk must not fill it for the next deployment.
        for (const left of [archive, archiveTemporary, bundle]) rmSync(left, { recursive: true, force: true })
        throw error
      }
      break
    case 'Local File':
      rmSync(bundle, { force: true })
      await symlink(revision.location, bundle)
      await unpackBundle(bundle, revision.bundleType, { archive, archiveTemporary })
      break
    case 'Local Directory':
      await cp(revision.location, archive, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
      break
  }
  mkdirSync(layout.instructions, { recursive: true })
  writeFileSync(layout.group(spec.groupId).mostRecent, directory)
}

/** An archive that holds one directory with the appspec in it loses that level. */
async function unpackBundle(
  bundle: string,
  type: BundleType,
  to: { archive: string; archiveTemporary: string },
): Promise<void> {
  await unpack(bundle, type, to.archive)
  const entries = readdirSync(to.archive)
  const only = entries.length === 1 ? join(to.archive, entries[0]!) : undefined
  if (!only || !statSync(only).isDirectory() || !readdirSync(only).some(name => /appspec/i.test(name))) return
  rmSync(to.archiveTemporary, { recursive: true, force: true })
  renameSync(to.archive, to.archiveTemporary)
  renameSync(join(to.archiveTemporary, entries[0]!), to.archive)
  rmSync(to.archiveTemporary, { recursive: true })
}

/** Keeps the newest, and always the last successful one: its scripts may still have to stop the application. */
function removeOldRevisions({ layout, maxRevisions = 5 }: ExecutorOptions, spec: DeploymentSpec): void {
  const group = layout.group(spec.groupId)
  const { directory } = layout.deployment(spec.groupId, spec.deploymentId)
  const others = readdirSync(group.directory)
    .map(name => join(group.directory, name))
    .filter(path => path !== directory)
  const extra = others.length - maxRevisions + 1
  if (extra <= 0) return
  const lastSuccessful = existsSync(group.lastSuccessful)
    ? readFileSync(group.lastSuccessful, 'utf8').trimEnd()
    : undefined
  const oldest = others
    .filter(path => path !== lastSuccessful)
    .map(path => ({ path, time: statSync(path).mtimeMs }))
    .sort((a, b) => a.time - b.time)
  for (const { path } of oldest.slice(0, extra)) rmSync(path, { recursive: true, force: true })
}

async function installRevision({ layout }: ExecutorOptions, spec: DeploymentSpec): Promise<void> {
  const { archive, directory } = layout.deployment(spec.groupId, spec.deploymentId)
  const group = layout.group(spec.groupId)
  mkdirSync(layout.instructions, { recursive: true })
  // AWS: Install alone also finds appspec.yaml when the named file is missing [command_executor.rb app_spec_real_path].
  const name =
    [spec.appspecFilename, 'appspec.yaml', 'appspec.yml'].find(candidate => existsSync(join(archive, candidate))) ??
    spec.appspecFilename
  const appspec = readAppspec(archive, join(archive, name), name)
  await install(group, archive, appspec, spec.fileExistsBehavior)
  writeFileSync(group.lastSuccessful, directory)
}
