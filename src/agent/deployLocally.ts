// A deployment on this host without a server, like AWS's codedeploy-local: all events of an appspec in their order.

import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Ids, randomIds, UPPER_ALPHANUMERIC } from '../core/ids.ts'
import type { BundleType, DeploymentSpec } from './deploymentSpec.ts'
import { ScriptError } from './diagnostics.ts'
import { createExecutor } from './executor.ts'
import { layoutOf } from './layout.ts'

/** AWS: the order of codedeploy-local [deployer.rb]. */
export const LOCAL_EVENTS = [
  'BeforeBlockTraffic',
  'AfterBlockTraffic',
  'ApplicationStop',
  'DownloadBundle',
  'BeforeInstall',
  'Install',
  'AfterInstall',
  'ApplicationStart',
  'ValidateService',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
] as const

export interface LocalDeployment {
  /** A directory, or a tar, tgz or zip file. */
  readonly directory: string
  /** All of LOCAL_EVENTS by default; DownloadBundle and Install are added when missing. */
  readonly events?: readonly string[]
  /** Where the agent's files are kept. */
  readonly root: string
  /** Hears what happens, one line at a time, without the newline. */
  readonly out: (line: string) => void
  readonly fileExists?: 'DISALLOW' | 'OVERWRITE' | 'RETAIN'
  readonly appspecFilename?: string
  readonly applicationName?: string
  readonly groupName?: string
  /** Deployments of one group remove what its earlier ones installed. AWS: `default-local-deployment-group`. */
  readonly groupId?: string
  readonly signal?: AbortSignal
  readonly now?: () => Date
  readonly ids?: Ids
}

/** Answers the exit code: 0 when every event succeeded. */
export async function deployLocally(local: LocalDeployment): Promise<number> {
  const { out, now = () => new Date(), ids = randomIds } = local
  const spec = specOf(local, ids)
  const layout = layoutOf(local.root)
  const { directory, scriptsLog } = layout.deployment(spec.groupId, spec.deploymentId)
  out(`Starting to execute deployment from within folder ${directory}`)
  const executor = createExecutor({
    layout,
    now,
    heard: entry => out(`  ${entry.trimEnd()}`),
    fetchBundle: () => Promise.reject(new Error('A local deployment has nothing to download.')),
    ...(local.signal ? { signal: local.signal } : {}),
  })
  for (const event of eventsOf(local.events)) {
    const started = performance.now()
    const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`
    try {
      local.signal?.throwIfAborted()
      const noop = executor.isNoop(event, spec)
      if (!noop) await executor.execute(event, spec)
      out(noop ? `${event}: nothing to run` : `${event}: succeeded in ${seconds()}`)
    } catch (error) {
      out(`${event}: failed after ${seconds()}: ${(error as Error).message}`)
      if (error instanceof ScriptError)
        out(`Your local deployment failed while trying to execute your script ${error.script}`)
      out(`See the deployment log at ${scriptsLog} for more details`)
      return 1
    }
  }
  out(`See the deployment log at ${scriptsLog} for more details`)
  return 0
}

/** DownloadBundle before Install, both always there. */
export function eventsOf(events: readonly string[] = LOCAL_EVENTS): readonly string[] {
  const all = [...['DownloadBundle', 'Install'].filter(event => !events.includes(event)), ...events]
  const [download, installs] = [all.indexOf('DownloadBundle'), all.indexOf('Install')]
  if (installs < download) {
    all[download] = 'Install'
    all[installs] = 'DownloadBundle'
  }
  return all
}

function specOf(local: LocalDeployment, ids: Ids): DeploymentSpec {
  const location = resolve(local.directory)
  const bundleType = bundleTypeOf(location)
  return {
    deploymentId: `d-${ids.text(9, UPPER_ALPHANUMERIC)}-local`,
    groupId: local.groupId ?? 'default-local-deployment-group',
    groupName: local.groupName ?? 'LocalFleet',
    applicationName: local.applicationName ?? location,
    creator: 'user',
    type: 'IN_PLACE',
    appspecFilename: local.appspecFilename ?? 'appspec.yml',
    fileExistsBehavior: local.fileExists ?? 'DISALLOW',
    revision: bundleType ? { type: 'Local File', location, bundleType } : { type: 'Local Directory', location },
  }
}

function bundleTypeOf(location: string): BundleType | undefined {
  const stat = statSync(location, { throwIfNoEntry: false })
  if (!stat) throw new Error(`${location} does not exist`)
  if (stat.isDirectory()) return undefined
  if (location.endsWith('.zip')) return 'zip'
  return /\.(tgz|tar\.gz)$/.test(location) ? 'tgz' : 'tar'
}
