// Looks at the environment of a running build from outside: what it uses, for CloudWatch, and that it does not take the machine's disk.

import { BuildFailure } from '../../../build/build.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import type { OpenCall } from '../../../operation/call.ts'
import type { Sandbox, SandboxLimits, SandboxProvider } from '../../../sandbox/sandbox.ts'
import { isSandboxError } from '../../../sandbox/sandboxError.ts'
import type { BuildRow } from '../builds.ts'
import type { DiskGuard } from './diskGuard.ts'
import { MEASURE_MS, measure } from './measure.ts'

export interface WatchParts {
  call(): OpenCall
  readonly limits: SandboxLimits
  readonly disk: DiskGuard | undefined
  readonly measureMs: number | undefined
}

export interface Watch {
  /** `provider` that lets the watch see what it makes. */
  seen(provider: SandboxProvider): SandboxProvider
  /** Aborted with a BuildFailure when the build has to end. */
  readonly signal: AbortSignal
  stop(): void
}

export function watchBuild(row: BuildRow, { call, limits, disk, measureMs = MEASURE_MS }: WatchParts): Watch {
  const control = new AbortController()
  let sandbox: Sandbox | undefined
  let stopMeasuring: (() => void) | undefined
  let over = false
  const failed = (error: unknown) => {
    // The environment went in the middle of it.
    if (!over && !isSandboxError(error)) call().log.warn({ err: error, build: row.id }, 'a build could not be measured')
  }
  const take = (found: Sandbox, fresh: boolean) => {
    sandbox = found
    if (over || !found.usage || stopMeasuring) return
    stopMeasuring = measure(row, {
      usage: async () => await sandbox?.usage?.(),
      limits,
      now: () => call().now,
      everyMs: measureMs,
      fresh,
      failed,
      put: async MetricData => {
        try {
          await call().asService.invoke('cloudwatch', 'PutMetricData', { Namespace: 'AWS/CodeBuild', MetricData })
        } catch (error) {
          // A house without CloudWatch has no metrics.
          if (!isServiceError(error, 'UnknownOperationException')) throw error
        }
      },
    })
  }
  const stopGuarding = disk?.watch({
    sandbox: () => sandbox,
    limit: limits.diskBytes ?? Number.POSITIVE_INFINITY,
    end: message => control.abort(new BuildFailure('DISK_SPACE_EXCEEDED', message)),
    failed,
  })
  return {
    signal: control.signal,
    seen: provider => ({
      ...provider,
      async create(spec) {
        const made = await provider.create(spec)
        take(made, true)
        return made
      },
      async attach(name) {
        const found = await provider.attach(name)
        if (found) take(found, false)
        return found
      },
    }),
    stop() {
      over = true
      stopMeasuring?.()
      stopGuarding?.()
    },
  }
}
